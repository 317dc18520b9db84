import Foundation

/// A folder of a test's own, gone with the last that holds it.
public final class TemporaryFolder: Sendable {
    public let path: String

    public init(_ name: String = "kubani") throws {
        path = FileManager.default.temporaryDirectory.resolvingSymlinksInPath()
            .appending(path: "\(name)-\(UUID().uuidString)").path(percentEncoded: false)
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }
}
