import Foundation

/// A real HTTP server over a folder of its own, which gives files well and badly: see file_server.py. It ends with the
/// last that holds it.
public final class FileServer: Sendable {
    public let folder: TemporaryFolder
    /// `http://ADDRESS:PORT`.
    public let url: String
    private let process: Process
    private let input: Pipe

    /// - Parameter address: where it listens; lab machines reach this one at their network's first address.
    public init(at address: String = "127.0.0.1") throws {
        folder = try TemporaryFolder("kubani-files")
        process = Process()
        input = Pipe()
        let output = Pipe()
        process.executableURL = URL(filePath: Repository.python)
        process.arguments = [Repository.path("Tests/TestSupport/file_server.py"), folder.path, address]
        process.standardInput = input
        process.standardOutput = output
        try process.run()
        // The port comes once it listens; nothing at all where it could not start.
        let said = String(decoding: output.fileHandleForReading.availableData, as: UTF8.self)
        guard let port = Int(said.trimmingCharacters(in: .whitespacesAndNewlines)) else {
            throw CocoaError(.fileReadUnknown)
        }
        url = "http://\(address):\(port)"
    }

    deinit { try? input.fileHandleForWriting.close() }

    /// Puts a file there.
    public func put(_ bytes: [UInt8], at name: String) throws {
        let path = URL(filePath: folder.path).appending(path: name)
        try FileManager.default.createDirectory(
            at: path.deletingLastPathComponent(), withIntermediateDirectories: true)
        try Data(bytes).write(to: path)
    }

    /// What has been asked for so far: the path and the range.
    public func asked() async throws -> [String] {
        let log = try await Program.run("curl", ["-sS", "-f", "\(url)/log"])
        guard log.status == 0 else { throw CocoaError(.fileReadUnknown, userInfo: ["curl": log.stderr]) }
        return log.stdout.split(separator: "\n").map(String.init)
    }
}
