import Foundation
import Subprocess
import SystemPackage

/// Runs a program to its end and gives what it printed.
public struct Program: Sendable {
    public var status: Int
    public var stdout: String
    public var stderr: String

    public init(status: Int, stdout: String, stderr: String) {
        self.status = status
        self.stdout = stdout
        self.stderr = stderr
    }

    /// - Parameter stdin: what the program may read, which is otherwise nothing. It comes from a file: into a pipe whose
    ///   reader has ended one writes no more, the signal for that ends the tests.
    /// - Parameter environment: added to the tests' own.
    public static func run(
        _ path: String, _ arguments: [String] = [], stdin: String = "", environment: [String: String] = [:],
        directory: String? = nil
    ) async throws -> Program {
        let result = try await Subprocess.run(
            path.contains("/") ? .path(FilePath(path)) : .name(path), arguments: Arguments(arguments),
            environment: .inherit.updating(
                Dictionary(uniqueKeysWithValues: environment.map { (Environment.Key(stringLiteral: $0), $1) })),
            workingDirectory: directory.map { FilePath($0) },
            input: .fileDescriptor(try input(stdin), closeAfterSpawningProcess: true), output: .string(limit: 1 << 26),
            error: .string(limit: 1 << 26))
        let status =
            switch result.terminationStatus {
            case .exited(let code): Int(code)
            case .signaled(let signal): 128 + Int(signal)
            }
        return Program(status: status, stdout: result.standardOutput, stderr: result.standardError)
    }

    /// A file that only its descriptor still names.
    private static func input(_ text: String) throws -> FileDescriptor {
        let path = FilePath(NSTemporaryDirectory() + "kubani-stdin-\(UUID().uuidString)")
        let file = try FileDescriptor.open(
            path, .readWrite, options: [.create, .exclusiveCreate, .closeOnExec], permissions: .ownerReadWrite)
        try FileManager.default.removeItem(atPath: path.string)
        try file.writeAll(text.utf8)
        try file.seek(offset: 0, from: .start)
        return file
    }
}
