import Foundation
import Model
import Shell
import TestSupport
import Testing

@Suite("a client that goes away", .timeLimit(.minutes(2)), Needs.root, Needs.program("busybox"))
struct ClientGoneTests {
    @Test("the running command comes to its end, and nothing that was queued is begun", arguments: TestShell.allCases)
    func midQueue(_ sh: TestShell) async throws {
        let scratch = try Scratch()
        let channel = try sh.channel()
        let shell = DriverShell(channel: channel, host: "here", holder: "a test", lockFolder: scratch("lock"))
        _ = try await Program.run("mkfifo", [scratch("go")])
        let running = Task {
            try await shell.perform([
                .run(
                    """
                    echo >\(scratch("begun")); read -r line <\(scratch("go"))
                    seq 100000; seq 100000 >&2; ls \(scratch("lock")) >\(scratch("ended"))
                    """, deadline: .seconds(60)),
                .run("echo >\(scratch("queued"))", deadline: .seconds(60)),
                .write(.init(path: scratch("file"), content: .bytes([1, 2, 3]))),
            ])
        }
        #expect(await eventually { scratch.names.contains("begun") })
        await channel.close()
        await #expect(throws: Failure.self) { try await running.value }
        // Only now may the command go on: its output meets a closed channel.
        try Data("\n".utf8).write(to: URL(filePath: scratch("go")))
        let id = channel.processID
        #expect(await eventually { kill(id, 0) != 0 })
        #expect(scratch.names == ["begun", "ended", "go"])
        #expect(try String(contentsOfFile: scratch("ended"), encoding: .utf8) == "lock\n")
    }

    @Test("a request that is cancelled says so, and later ones fail", arguments: TestShell.allCases)
    func cancelled(_ sh: TestShell) async throws {
        let scratch = try Scratch()
        let shell = try sh.open()
        let gate: Script = "while [ ! -e \(scratch("go")) ]; do sleep 0.1; done"
        let running = Task { try await shell.run("echo >\(scratch("begun")); \(gate)") }
        #expect(await eventually { scratch.names.contains("begun") })
        let waiting = Task { try await shell.run("echo >\(scratch("second"))") }
        waiting.cancel()
        await #expect { try await waiting.value } throws: { ($0 as? Failure)?.code == .cancelled }
        running.cancel()
        await #expect { try await running.value } throws: { ($0 as? Failure)?.code == .cancelled }
        await #expect { try await shell.run("echo") } throws: { ($0 as? Failure)?.code == .unreachable }
        #expect(scratch.names == ["begun"])
        // The command goes on without its client, and ends here.
        try Data().write(to: URL(filePath: scratch("go")))
    }

    @Test("a driver that does not answer in time is given up")
    func silent() async throws {
        let channel = try LocalChannel("sleep", ["30"])
        let shell = DriverShell(channel: channel, host: "here", grace: .milliseconds(100))
        await #expect { try await shell.run("echo", deadline: .milliseconds(100)) } throws: {
            ($0 as? Failure)?.code == .timedOut
        }
        kill(channel.processID, SIGKILL)
    }

    @Test("a driver that is killed is a lost connection")
    func killed() async throws {
        let channel = try TestShell.dash.channel()
        let shell = DriverShell(channel: channel, host: "here")
        _ = try await shell.run("true")
        await #expect { try await shell.run("kill -KILL -\(Int(channel.processID))") } throws: {
            ($0 as? Failure)?.code == .unreachable
        }
    }
}
