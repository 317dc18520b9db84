import Foundation
import Model
import Shell
import TestSupport
import Testing

@Suite("the node's lock", .timeLimit(.minutes(2)), Needs.root, Needs.program("busybox"))
struct LockTests {
    @Test(
        "one run holds it; another is refused with the holder's words; it goes with the shell",
        arguments: TestShell.allCases)
    func oneAtATime(_ sh: TestShell) async throws {
        let scratch = try Scratch()
        let folder = scratch("run")
        let channel = try sh.channel()
        let first = DriverShell(channel: channel, host: "here", holder: "ana on box\nsince noon", lockFolder: folder)
        #expect(try await first.run("stat -c %a \(folder)/lock").output == "600\n")
        #expect(await first.roundTrips == 1)

        let second = try sh.open(holder: "ben", lockFolder: folder)
        await #expect { try await second.run("touch \(scratch("never"))") } throws: {
            guard let failure = $0 as? Failure else { return false }
            return failure.code == .locked && failure.cause.contains("ana on box since noon")
        }
        await first.close()
        let id = channel.processID
        #expect(await eventually { kill(id, 0) != 0 })
        #expect(scratch.names == [])

        try await second.lock(owner: "ben")
        #expect(try String(contentsOfFile: folder + "/lock", encoding: .utf8).hasSuffix("\nben\n"))
        await second.close()
    }

    @Test("a lock whose process was killed is taken over", arguments: TestShell.allCases)
    func stale(_ sh: TestShell) async throws {
        let scratch = try Scratch()
        let channel = try sh.channel()
        let first = DriverShell(channel: channel, host: "here", holder: "gone", lockFolder: scratch("run"))
        _ = try await first.run("true")
        kill(-channel.processID, SIGKILL)
        await first.close()
        let id = channel.processID
        #expect(await eventually { kill(id, 0) != 0 })
        #expect(try FileManager.default.contentsOfDirectory(atPath: scratch("run")) == ["lock"])

        let second = try sh.open(holder: "next", lockFolder: scratch("run"))
        #expect(try await second.run("ls \(scratch("run"))").output == "lock\n")
        await second.close()
    }

    @Test("a lock of another process, of a reused number and of an earlier boot", arguments: TestShell.allCases)
    func whose(_ sh: TestShell) async throws {
        let scratch = try Scratch()
        let boot = try String(contentsOfFile: "/proc/sys/kernel/random/boot_id", encoding: .utf8)
            .trimmingCharacters(in: .newlines)
        let stat = try String(contentsOfFile: "/proc/self/stat", encoding: .utf8)
        let start = try #require(stat.split(separator: ")").last).split(separator: " ")[19]
        let me = "\(ProcessInfo.processInfo.processIdentifier)"
        let cases = [
            ("\(me) \(start) \(boot)", false), ("\(me) 1 \(boot)", true), ("\(me) \(start) 0-0", true),
            ("99999999 1 \(boot)", true),
        ]
        for (number, (line, isStale)) in cases.enumerated() {
            // A folder each: a driver that was closed may still be tidying up its own.
            let folder = scratch("run\(number)")
            try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
            try Data("\(line)\nsomebody\n".utf8).write(to: URL(filePath: "\(folder)/lock"))
            let shell = try sh.open(holder: "me", lockFolder: folder)
            let taken = try? await shell.run("true").succeeded
            #expect((taken == true) == isStale, "\(line)")
            await shell.close()
        }
    }

    @Test("of many that find a lock whose process is gone, one gets it", arguments: TestShell.allCases)
    func race(_ sh: TestShell) async throws {
        let scratch = try Scratch()
        try FileManager.default.createDirectory(atPath: scratch("run"), withIntermediateDirectories: true)
        try Data("99999999 1 0-0\nsomebody\n".utf8).write(to: URL(filePath: scratch("run/lock")))
        let shells = try (0..<8).map { try sh.open(holder: "\($0)", lockFolder: scratch("run")) }
        let taken = await withTaskGroup(of: Bool.self) { group in
            for shell in shells { group.addTask { (try? await shell.run("true").succeeded) ?? false } }
            return await group.reduce(into: 0) { $0 += $1 ? 1 : 0 }
        }
        #expect(taken == 1)
        for shell in shells { await shell.close() }
    }
}

extension LockTests {
    @Test(
        "a lock that is broken is another's: its run ends before the next request and leaves it alone",
        arguments: TestShell.allCases)
    func broken(_ sh: TestShell) async throws {
        let scratch = try Scratch()
        let folder = scratch("run")
        let first = try sh.open(holder: "ana", lockFolder: folder)
        _ = try await first.run("true")
        let second = try sh.open(lockFolder: folder)
        try await second.breakLock(of: "somebody else")
        await #expect { try await second.lock(owner: "ben") } throws: { ($0 as? Failure)?.holder == "ana" }
        try await second.breakLock(of: "ana")
        try await second.lock(owner: "ben")
        await #expect { try await first.run("touch \(scratch("never"))") } throws: {
            guard let failure = $0 as? Failure else { return false }
            return failure.code == .locked && failure.cause.contains("held by: ben")
        }
        await first.close()
        #expect(try String(contentsOfFile: folder + "/lock", encoding: .utf8).hasSuffix("\nben\n"))
        await second.close()
        #expect(await eventually { scratch.names == [] })
    }

    @Test("whoever closes a shell that held the lock finds it gone", arguments: TestShell.allCases)
    func letGo(_ sh: TestShell) async throws {
        let scratch = try Scratch()
        let first = try sh.open(holder: "ana", lockFolder: scratch("run"))
        _ = try await first.run("true")
        await first.close()
        #expect(scratch.names == [])
    }
}
