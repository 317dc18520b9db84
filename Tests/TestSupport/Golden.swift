import Foundation
import Testing

/// Texts the program prints, kept in Tests/Golden. `make golden` records them anew; a change shows in the diff.
public enum Golden {
    static var records: Bool { ProcessInfo.processInfo.environment["KUBANI_RECORD_GOLDEN"] != nil }

    /// The part of a document from a heading on, which is made by the program.
    public static func check(
        _ text: String, after heading: String, in path: String, sourceLocation: SourceLocation = #_sourceLocation
    ) throws {
        let whole = try String(contentsOfFile: Repository.path(path), encoding: .utf8)
        let start = try #require(whole.range(of: heading + "\n"), "no '\(heading)' in \(path)")
        if records {
            return try (whole[..<start.upperBound] + text).write(
                toFile: Repository.path(path), atomically: true, encoding: .utf8)
        }
        #expect(
            text == whole[start.upperBound...], "\(path) is out of date; see make golden",
            sourceLocation: sourceLocation)
    }

    public static func check(
        _ text: String, _ name: String, sourceLocation: SourceLocation = #_sourceLocation
    ) throws {
        try check(text, file: "Tests/Golden/\(name)", sourceLocation: sourceLocation)
    }

    /// A whole file of the repository that the program prints.
    public static func check(
        _ text: String, file: String, sourceLocation: SourceLocation = #_sourceLocation
    ) throws {
        let path = Repository.path(file)
        if records {
            try FileManager.default.createDirectory(
                atPath: Repository.path("Tests/Golden"), withIntermediateDirectories: true)
            return try text.write(toFile: path, atomically: true, encoding: .utf8)
        }
        let recorded = try String(contentsOfFile: path, encoding: .utf8)
        #expect(text == recorded, "differs from \(file); see make golden", sourceLocation: sourceLocation)
    }
}
