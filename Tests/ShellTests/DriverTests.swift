import Foundation
import Model
import Shell
import TestSupport
import Testing

@Suite(
    "the driver, under real shells", .timeLimit(.minutes(3)), Needs.root, Needs.program("busybox"),
    Needs.program("bash"))
struct DriverTests {
    @Test("a script's output, errors and status come back apart", arguments: TestShell.allCases)
    func threeThings(_ sh: TestShell) async throws {
        let shell = try sh.open()
        let outcome = try await shell.run("printf out; printf err >&2; exit 7")
        #expect(outcome == Outcome(status: 7, stdout: Array("out".utf8), stderr: Array("err".utf8)))
        await shell.close()
    }

    @Test("every byte passes, in any number of trailing newlines", arguments: TestShell.allCases)
    func bytes(_ sh: TestShell) async throws {
        let shell = try sh.open()
        let scratch = try Scratch()
        let all = (0...255).map { UInt8($0) } + [0, 0, 10, 10, 10] + Array("kubani".utf8) + [0x1E, 0x1F]
        _ = try await shell.perform([.write(.init(path: scratch("all"), content: .bytes(all)))])
        let outcome = try await shell.run("cat \(scratch("all")); cat \(scratch("all")) >&2")
        #expect(outcome.stdout == all)
        #expect(outcome.stderr == all)
        let written = try await shell.run("printf '\\000a\\n\\n'")
        #expect(written.stdout == [0, 97, 10, 10])
        await shell.close()
    }

    @Test(
        "a script is taken as it is: any text, no newline at its end, one that stops early",
        arguments: TestShell.allCases)
    func texts(_ sh: TestShell) async throws {
        let shell = try sh.open()
        for word in ["", "a'b", "$HOME `id` \\ \"", "é\u{1F600}", "a\nb\n", "-n", "%s\\n", "\u{81}\u{88}"] {
            #expect(try await shell.run("printf %s \(word)").output == word)
        }
        let long = Script(written: "echo first; exit 3\n" + String(repeating: "# nobody reads this\n", count: 20_000))
        let outcome = try await shell.run(long)
        #expect(outcome.status == 3)
        #expect(outcome.output == "first\n")
        #expect(try await shell.run("# nothing").status == 0)
        #expect(try await shell.run("").status == 0)
        #expect(try await shell.run("if").status == 2)
        #expect(try await shell.run("echo still here").output == "still here\n")
        #expect(await shell.roundTrips == 13)
        await shell.close()
    }

    @Test("a command that reads its standard input finds it empty", arguments: TestShell.allCases)
    func standardInput(_ sh: TestShell) async throws {
        let shell = try sh.open()
        let outcomes = try await shell.perform([
            .run("cat; echo read", deadline: .seconds(10)), .run("echo next", deadline: .seconds(10)),
        ])
        #expect(outcomes.map(\.output) == ["read\n", "next\n"])
        await shell.close()
    }

    @Test(
        "after the first failure the rest of a chain is not run, and the next chain is", arguments: TestShell.allCases)
    func chain(_ sh: TestShell) async throws {
        let shell = try sh.open()
        let scratch = try Scratch()
        let content = [UInt8](repeating: 65, count: 300_000)
        let outcomes = try await shell.perform([
            .run("echo one", deadline: .seconds(10)), .run("exit 4", deadline: .seconds(10)),
            .write(.init(path: scratch("a"), content: .bytes(content))),
            .run("echo three >\(scratch("b"))", deadline: .seconds(10)),
        ])
        #expect(outcomes.map(\.status) == [0, 4])
        #expect(scratch.names == [])
        #expect(try await shell.run("echo on").output == "on\n")
        #expect(await shell.roundTrips == 2)
        await shell.close()
    }

    @Test("what was done before a look ahead is done, though the look is never answered", arguments: TestShell.allCases)
    func lookAheadLost(_ sh: TestShell) async throws {
        let scratch = try Scratch()
        let channel = try sh.channel()
        let shell = DriverShell(channel: channel, host: "here")
        let (made, looking) = (scratch("made"), scratch("looking"))
        async let outcomes = shell.perform([
            .run("echo 1; : >\(made)", deadline: .seconds(5)),
            .lookAhead(": >\(looking); sleep 60", deadline: .seconds(50)),
        ])
        #expect(await eventually { FileManager.default.fileExists(atPath: looking) })
        kill(-channel.processID, SIGKILL)
        #expect(try await outcomes.map(\.output) == ["1\n"])
        #expect(await !shell.isOpen)
        await #expect(throws: Failure.self) { try await shell.run("echo 2") }
        await shell.close()
    }

    @Test("the node ends a script past its deadline, and all that it started", arguments: TestShell.allCases)
    func deadline(_ sh: TestShell) async throws {
        let shell = try sh.open()
        let scratch = try Scratch()
        let start = ContinuousClock.now
        let outcome = try await shell.run(
            "echo begun; sleep 1000 & echo $! >\(scratch("pid")); sleep 1000; echo never", deadline: .seconds(1))
        #expect(outcome.status == 124)
        #expect(outcome.output == "begun\n")
        #expect(ContinuousClock.now - start < .seconds(9))
        let pid = try String(contentsOfFile: scratch("pid"), encoding: .utf8).trimmingCharacters(in: .newlines)
        #expect(await eventually { !FileManager.default.fileExists(atPath: "/proc/\(pid)") })
        #expect(try await shell.run("echo on").output == "on\n")
        await shell.close()
    }

    @Test("a script that does not heed TERM is killed", arguments: TestShell.allCases)
    func stubborn(_ sh: TestShell) async throws {
        let shell = try sh.open()
        let outcome = try await shell.run("trap '' TERM; while :; do sleep 0.2; done", deadline: .seconds(1))
        #expect(outcome.status == 124)
        await shell.close()
    }

    @Test("100 MB of output come through, to a handler and whole", arguments: TestShell.allCases)
    func muchOutput(_ sh: TestShell) async throws {
        let shell = try sh.open()
        let counter = Counter()
        let script: Script = "head -c 100000000 /dev/zero; printf end"
        let handled = try await shell.perform([.run(script, deadline: .seconds(100))]) { step, stream, bytes in
            if step == 0, stream == .stdout { counter.add(bytes.count) }
        }
        #expect(counter.value == 100_000_003)
        #expect(handled[0].stdout.count <= 2 << 20)
        #expect(handled[0].stdout.suffix(3) == Array("end".utf8)[...])
        let whole = try await shell.run("head -c 100000000 /dev/zero; printf end")
        #expect(whole.stdout.count == 100_000_003)
        await shell.close()
    }

    @Test(
        "a process left behind neither holds the driver up nor gets into another answer unnoticed",
        arguments: TestShell.allCases)
    func leftBehind(_ sh: TestShell) async throws {
        let shell = try sh.open()
        let scratch = try Scratch()
        let start = ContinuousClock.now
        // Until the child has become `sleep` it is a shell by name.
        let named: Script = "until [ \"$(cat /proc/$!/comm)\" = sleep ]; do sleep 0.01; done"
        let outcome = try await shell.run("sleep 300 & echo $! >\(scratch("pid")); \(named); echo left")
        #expect(outcome.output == "left\n")
        #expect(outcome.notes.count == 1)
        #expect(outcome.notes.first?.contains("sleep") == true)
        #expect(try await shell.run("echo on").output == "on\n")
        #expect(ContinuousClock.now - start < .seconds(20))
        let quiet = try await shell.run(
            "kill $(cat \(scratch("pid"))); while kill -0 $(cat \(scratch("pid"))); do sleep 0.01; done; sleep 300 >/dev/null 2>&1 & echo $! >\(scratch("pid")); \(named)"
        )
        #expect(quiet.notes.isEmpty)
        await shell.close()
        _ = try await Program.run("sh", ["-c", "kill $(cat \(scratch("pid")))"])
    }

    @Test("a shell with a process left behind still ends", arguments: TestShell.allCases)
    func endsAlone(_ sh: TestShell) async throws {
        let channel = try sh.channel()
        let shell = DriverShell(channel: channel, host: "here")
        let scratch = try Scratch()
        _ = try await shell.run("sleep 300 & echo $! >\(scratch("pid"))")
        await shell.close()
        let id = channel.processID
        #expect(await eventually { kill(id, 0) != 0 })
        _ = try await Program.run("sh", ["-c", "kill $(cat \(scratch("pid")))"])
    }

    @Test("a secret in a script is in no process's arguments and in no environment", arguments: TestShell.allCases)
    func secrets(_ sh: TestShell) async throws {
        let shell = try sh.open()
        let scratch = try Scratch()
        let secret = "s3cret" + "-\(UUID().uuidString)"
        let outcome = try await shell.run(
            """
            : \(secret)
            cat /proc/[0-9]*/cmdline /proc/[0-9]*/environ 2>/dev/null >\(scratch("seen")); echo looked
            """)
        #expect(outcome.output == "looked\n")
        let seen = try Data(contentsOf: URL(filePath: scratch("seen")))
        #expect(seen.range(of: Data(secret.utf8)) == nil)
        #expect(seen.range(of: Data("kubani-driver".utf8)) != nil, "the driver itself must have been seen")
        await shell.close()
    }

    @Test("callers take turns, and each gets its own answer", arguments: TestShell.allCases)
    func turns(_ sh: TestShell) async throws {
        let shell = try sh.open()
        let answers = try await withThrowingTaskGroup(of: (Int, String).self) { group in
            for number in 0..<20 {
                group.addTask { (number, try await shell.run("echo \(number)").output) }
            }
            return try await group.reduce(into: [:]) { $0[$1.0] = $1.1 }
        }
        #expect(answers == Dictionary(uniqueKeysWithValues: (0..<20).map { ($0, "\($0)\n") }))
        await shell.close()
    }
}

final class Counter: @unchecked Sendable {
    // Guarded by the lock.
    private var count = 0
    private let lock = NSLock()
    func add(_ number: Int) { lock.withLock { count += number } }
    var value: Int { lock.withLock { count } }
}
