import Foundation
import Testing

#if canImport(Glibc)
    import Glibc
#endif

/// A program that is under way: what it has said so far, and signals to it.
public final class RunningProgram: Sendable {
    private let process = Process()
    private let outputs: (stdout: String, stderr: String)

    /// - Parameter environment: added to the tests' own.
    public init(_ path: String, _ arguments: [String], environment: [String: String], directory: String) throws {
        func file(_ ending: String) throws -> String {
            let path = NSTemporaryDirectory() + "kubani-said-\(UUID().uuidString).\(ending)"
            try Data().write(to: URL(filePath: path))
            return path
        }
        outputs = (try file("out"), try file("err"))
        process.executableURL = URL(filePath: path)
        process.arguments = arguments
        process.currentDirectoryURL = URL(filePath: directory)
        process.environment = ProcessInfo.processInfo.environment.merging(environment) { $1 }
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = FileHandle(forWritingAtPath: outputs.stdout)
        process.standardError = FileHandle(forWritingAtPath: outputs.stderr)
        try process.run()
    }

    deinit { for path in [outputs.stdout, outputs.stderr] { try? FileManager.default.removeItem(atPath: path) } }

    public var processID: Int32 { process.processIdentifier }

    public func signal(_ number: Int32) { kill(processID, number) }

    /// Its exit status and all that it said; the status of one that a signal ended is 128 and the signal.
    public func end(within limit: Duration = .eventually, sourceLocation: SourceLocation = #_sourceLocation)
        async throws
        -> Program
    {
        let deadline = ContinuousClock.now + limit
        while process.isRunning, ContinuousClock.now < deadline { try await Task.sleep(for: .milliseconds(20)) }
        if process.isRunning {
            signal(SIGKILL)
            try #require(Bool(false), "it did not end within \(limit): \(said)", sourceLocation: sourceLocation)
        }
        let status = Int(process.terminationStatus) + (process.terminationReason == .uncaughtSignal ? 128 : 0)
        return Program(status: status, stdout: text(outputs.stdout), stderr: text(outputs.stderr))
    }

    /// Waits until it has said something.
    public func hear(_ text: String, sourceLocation: SourceLocation = #_sourceLocation) async throws {
        let deadline = ContinuousClock.now + .eventually
        while !said.contains(text) {
            try #require(
                process.isRunning && ContinuousClock.now < deadline, "it did not say '\(text)': \(said)",
                sourceLocation: sourceLocation)
            try await Task.sleep(for: .milliseconds(20))
        }
    }

    public var said: String { text(outputs.stdout) + text(outputs.stderr) }
    private func text(_ path: String) -> String { (try? String(contentsOfFile: path, encoding: .utf8)) ?? "" }
}
