import Foundation
import Model
import TestSupport
import Testing

@testable import Shell

@Suite("the heartbeat of whoever holds a lock", .timeLimit(.minutes(2)), Needs.root, Needs.program("busybox"))
struct HeartbeatTests {
    /// What a laptop sends that takes the lock and is never heard of again: its connection stays open.
    private func vanish(_ sh: TestShell, _ folder: String, then script: Script? = nil) async throws -> LocalChannel {
        let channel = try sh.channel()
        var frames = FrameWriter(marker: .random())
        let lock = frames.lock(folder: folder, holder: "ana", silence: .seconds(1), chain: frames.chain())
        var bytes = frames.opening() + lock.bytes
        if let script { bytes += frames.run(script, deadline: .seconds(60), chain: frames.chain()).bytes }
        try await channel.write(bytes)
        return channel
    }

    private func taken(_ sh: TestShell, _ folder: String) async throws -> DriverShell {
        let shell = try sh.open(lockFolder: folder)
        let end = ContinuousClock.now + .seconds(30)
        while true {
            do throws(Failure) {
                try await shell.lock(owner: "ben")
                return shell
            } catch {
                try #require(error.holder == "ana" && ContinuousClock.now < end, "\(error)")
                try await Task.sleep(for: .milliseconds(100))
            }
        }
    }

    @Test("a laptop that vanishes leaves no lock behind, though its connection stays", arguments: TestShell.allCases)
    func vanished(_ sh: TestShell) async throws {
        let scratch = try Scratch()
        let gone = try await vanish(sh, scratch("run"))
        #expect(await eventually { FileManager.default.fileExists(atPath: scratch("run/lock")) })
        let start = ContinuousClock.now
        let shell = try await taken(sh, scratch("run"))
        #expect(ContinuousClock.now - start < .seconds(15))
        await shell.close()
        #expect(await eventually { scratch.names == [] })
        await gone.close()
    }

    @Test("what it had begun comes to its end first", arguments: TestShell.allCases)
    func working(_ sh: TestShell) async throws {
        let scratch = try Scratch()
        let gone = try await vanish(sh, scratch("run"), then: "sleep 5; ls \(scratch("run")) >\(scratch("ended"))")
        #expect(await eventually { FileManager.default.fileExists(atPath: scratch("run/lock")) })
        let shell = try await taken(sh, scratch("run"))
        // Whoever waits for the lock may have a file of their own there.
        let seen = try String(contentsOfFile: scratch("ended"), encoding: .utf8).split(separator: "\n")
        #expect(seen.contains("lock"))
        await shell.close()
        await gone.close()
    }

    @Test("who is there and has nothing to ask keeps the lock", arguments: TestShell.allCases)
    func quiet(_ sh: TestShell) async throws {
        let scratch = try Scratch()
        let shell = DriverShell(
            channel: try sh.channel(), host: "here", holder: "ana", lockFolder: scratch("run"), silence: .seconds(8))
        _ = try await shell.run("true")
        // Longer than silence is borne, which only time can show.
        try await Task.sleep(for: .seconds(12))
        #expect(try await shell.run("cat \(scratch("run/lock"))").output.hasSuffix("\nana\n"))
        // While something long runs, the beats wait in the pipe; they are no requests.
        #expect(try await shell.run("sleep 10; echo done").output == "done\n")
        #expect(await shell.roundTrips == 3)
        await shell.close()
        #expect(await eventually { scratch.names == [] })
    }
}
