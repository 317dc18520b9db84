import Foundation
import Testing

/// Texts the program prints, kept in Tests/Golden. `make golden` records them anew; a change shows in the diff.
public enum Golden {
    public static func check(
        _ text: String, _ name: String, sourceLocation: SourceLocation = #_sourceLocation
    ) throws {
        let path = Repository.path("Tests/Golden/\(name)")
        if ProcessInfo.processInfo.environment["KUBANI_GOLDEN"] == "record" {
            try FileManager.default.createDirectory(
                atPath: Repository.path("Tests/Golden"), withIntermediateDirectories: true)
            return try text.write(toFile: path, atomically: true, encoding: .utf8)
        }
        let recorded = try String(contentsOfFile: path, encoding: .utf8)
        #expect(text == recorded, "differs from Tests/Golden/\(name); see make golden", sourceLocation: sourceLocation)
    }
}
