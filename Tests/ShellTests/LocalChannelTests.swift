import Foundation
import Model
import TestSupport
import Testing

@testable import Shell

@Suite("processes of this machine")
struct LocalChannelTests {
    @Test("hundreds of processes are open at once and answer, without a thread for each")
    func many() async throws {
        let channels = try (0..<300).map { _ in try LocalChannel("/bin/cat") }
        #expect(try FileManager.default.contentsOfDirectory(atPath: "/proc/self/task").count < 200)
        let answers = try await withThrowingTaskGroup(of: Bool.self) { group in
            for (number, channel) in channels.enumerated() {
                group.addTask {
                    try await channel.write(Array("\(number)".utf8))
                    guard let (_, bytes) = try await channel.read(deadline: .now + .seconds(120)) else { return false }
                    return bytes == Array("\(number)".utf8)
                }
            }
            return try await group.reduce(into: []) { $0.append($1) }
        }
        #expect(answers.count == 300 && answers.allSatisfy(\.self))
        for channel in channels { await channel.close() }
        for channel in channels { #expect(await channel.exitStatus() == 0) }
    }

    @Test("the status is told as a shell tells it, and to whoever asks late")
    func status() async throws {
        for (script, status) in [("exit 3", 3), ("kill -9 $$", 137), ("", 0)] as [(String, Int32)] {
            let channel = try LocalChannel("/bin/sh", ["-c", script])
            #expect(await channel.exitStatus() == status)
            #expect(!channel.isRunning)
            #expect(await channel.exitStatus() == status)
            await channel.close()
        }
    }

    @Test("what waits is woken when the channel is closed, and a process that is terminated ends with its children")
    func ends() async throws {
        let channel = try LocalChannel(
            "/bin/sh", ["-c", "trap '' TERM; echo $$; sleep 60 & sleep 60"], isDetached: true)
        _ = try await channel.read(deadline: .now + .seconds(20))
        async let reading = channel.read(deadline: .now + .seconds(60))
        await channel.terminate()
        let piece = try? await reading
        #expect(piece == nil)
        #expect(await channel.exitStatus() == 137)
    }

    @Test(
        "a far end that says nothing, or nothing of a shell, is left in time and said so",
        arguments: ["sleep 30", "echo welcome; sleep 30", "exec sleep 30 >&2"])
    func punctual(script: String) async throws {
        let channel = try LocalChannel("/bin/sh", ["-c", script], isDetached: true)
        let shell = DriverShell(
            channel: PunctualChannel(channel, host: "here", within: .milliseconds(500)), host: "here")
        let began = ContinuousClock.now
        let failure = await #expect(throws: Failure.self) { try await shell.run("echo in") }
        #expect(failure?.code == .unreachable)
        #expect(failure?.cause.contains("no shell begins within") == true, "\(failure as Any)")
        #expect(failure?.detail == (script.contains("welcome") ? "welcome\n" : nil))
        #expect(ContinuousClock.now - began < .seconds(10))
        await channel.terminate()
    }

    @Test("once a shell has begun, its commands have their own time")
    func begun() async throws {
        let settings = ConnectionSettings(host: "here")
        let channel = try LocalChannel("/bin/sh", ["-c", openShell(settings, login: "root").text])
        let shell = DriverShell(
            channel: PunctualChannel(channel, host: "here", within: .milliseconds(1500)), host: "here")
        #expect(try await shell.run("sleep 2; echo in").output == "in\n")
        await shell.close()
    }
}
