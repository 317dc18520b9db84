import Foundation
import Model
import Shell
import TestSupport
import Testing

/// Nodes that never stop talking.
@Suite("output without an end", .timeLimit(.minutes(2)), Needs.root, Needs.program("busybox"))
struct FloodTests {
    @Test(
        "head and tail are kept of what a command prints, with a count, and its deadline ends it",
        arguments: TestShell.allCases)
    func command(_ sh: TestShell) async throws {
        let shell = try sh.open()
        let start = ContinuousClock.now
        let outcomes = try await shell.perform(
            [.run("echo begun; exec yes", deadline: .seconds(8))], onOutput: { _, _, _ in })
        let outcome = try #require(outcomes.first)
        #expect(outcome.timedOut && ContinuousClock.now - start < .seconds(30))
        #expect(outcome.stdout.count < 4 << 20 && outcome.output.hasPrefix("begun\ny\ny\n"))
        #expect(outcome.output.contains("bytes are left out here"))
        #expect(outcome.notes.contains { $0.hasPrefix("of its stdout, ") })
        #expect(try await shell.run("echo on").output == "on\n")
        await shell.close()
    }

    @Test("what goes on talking past its deadline is not read on")
    func node() async throws {
        let channel = try LocalChannel("yes", ["no driver"])
        let shell = DriverShell(channel: channel, host: "n1", grace: .seconds(1))
        let start = ContinuousClock.now
        await #expect { try await shell.run("true", deadline: .seconds(1)) } throws: {
            ($0 as? Failure)?.code == .timedOut
        }
        #expect(ContinuousClock.now - start < .seconds(10))
        await shell.close()
    }

    @Test("a look that says more than anybody wants is refused, and not cut")
    func look() async throws {
        let shell = try TestShell.dash.open()
        await #expect { try await shell.run("exec yes", deadline: .seconds(60)) } throws: {
            ($0 as? Failure)?.cause.contains("the node said more than 256 MiB") == true
        }
        await shell.close()
    }
}
