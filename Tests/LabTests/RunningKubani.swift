import Foundation
import TestSupport
import Testing

#if canImport(Glibc)
    import Glibc
#endif

/// A run of kubani that is under way: what it has said so far, and signals to it.
final class RunningKubani: Sendable {
    private let process = Process()
    private let outputs: (stdout: String, stderr: String)

    init(_ lab: Lab, _ arguments: [String]) throws {
        outputs = (try lab.write("", to: "\(UUID().uuidString).out"), try lab.write("", to: "\(UUID().uuidString).err"))
        process.executableURL = URL(filePath: Lab.kubani)
        process.arguments = arguments
        process.currentDirectoryURL = URL(filePath: lab.folder)
        process.environment = ProcessInfo.processInfo.environment.merging(["NO_COLOR": "1"]) { $1 }
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = FileHandle(forWritingAtPath: outputs.stdout)
        process.standardError = FileHandle(forWritingAtPath: outputs.stderr)
        try process.run()
    }

    var processID: Int32 { process.processIdentifier }

    func signal(_ number: Int32) { kill(processID, number) }

    /// Its exit status and all that it said; the status of one that a signal ended is 128 and the signal.
    func end(within limit: Duration = .seconds(60), sourceLocation: SourceLocation = #_sourceLocation) async throws
        -> Program
    {
        let deadline = ContinuousClock.now + limit
        while process.isRunning {
            if ContinuousClock.now > deadline {
                signal(SIGKILL)
                Issue.record("kubani did not end within \(limit): \(said)", sourceLocation: sourceLocation)
            }
            try await Task.sleep(for: .milliseconds(20))
        }
        let status = Int(process.terminationStatus) + (process.terminationReason == .uncaughtSignal ? 128 : 0)
        return Program(status: status, stdout: text(outputs.stdout), stderr: text(outputs.stderr))
    }

    /// Waits until it has said something.
    func hear(_ text: String, sourceLocation: SourceLocation = #_sourceLocation) async throws {
        let deadline = ContinuousClock.now + .seconds(60)
        while !said.contains(text) {
            try #require(
                process.isRunning && ContinuousClock.now < deadline, "it did not say '\(text)': \(said)",
                sourceLocation: sourceLocation)
            try await Task.sleep(for: .milliseconds(20))
        }
    }

    private var said: String { text(outputs.stdout) + text(outputs.stderr) }
    private func text(_ path: String) -> String { (try? String(contentsOfFile: path, encoding: .utf8)) ?? "" }
}
