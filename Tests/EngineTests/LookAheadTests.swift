import Applier
import Foundation
import Model
import Planner
import TestSupport
import Testing

/// Looks that travel with an earlier task's change: fewer round trips, and the same verdicts as without.
@Suite(Needs.root) struct LookAheadTests {
    private let place: TemporaryFolder
    private var folder: String { place.path }

    init() throws { place = try TemporaryFolder("kubani-ahead") }

    private func file(_ position: Int, _ name: String, _ content: String = "x") -> HostTask {
        task("n1", "r", position, kind: "file", ["path": .string("\(folder)/\(name)"), "content": .string(content)])
    }

    private func command(_ position: Int, _ script: String, unless check: String = "false") -> HostTask {
        task("n1", "r", position, kind: "command", ["script": .string(script), "check": .string(check)])
    }

    /// - Returns: the results' names, and how many requests the node got once it was planned for.
    private func apply(_ tasks: [HostTask]) async throws -> (results: [String], requests: Int) {
        let run = LocalRun(tasks, folder: folder)
        let open = try await run.open()
        let planned = await open.shells["n1"]?.roundTrips ?? 0
        let results = await Applier(reach: open.reach, pendingHandlers: [:], owner: "a test", emit: { _ in })
            .apply(open.planning)
        let all = await open.shells["n1"]?.roundTrips ?? 0
        await run.close(open)
        return (results.map(\.name), all - planned)
    }

    @Test("what waits for a command is looked at together, with the command's own request")
    func together() async throws {
        let tasks = [command(0, ":")] + (1..<6).map { file($0, "f\($0)") }
        let (results, requests) = try await apply(tasks)
        #expect(results == Array(repeating: "changed", count: 6))
        // The lock, the look at what was planned for certain, and one a change.
        #expect(requests == 2 + 6)
    }

    @Test("what turns out unchanged costs no request")
    func unchanged() async throws {
        try Data("x".utf8).write(to: URL(filePath: "\(folder)/f1"))
        let (results, requests) = try await apply([command(0, ":"), file(1, "f1"), file(2, "f2")])
        #expect(results == ["changed", "unchanged", "changed"])
        #expect(requests == 2 + 2)
    }

    @Test("what a task would have looked ahead for, had it changed anything, is left to the next that does")
    func leftToTheNext() async throws {
        let (results, requests) = try await apply(
            [command(0, ":"), command(1, "exit 9", unless: "true")] + (2..<5).map { file($0, "f\($0)") })
        #expect(results == ["changed", "unchanged", "changed", "changed", "changed"])
        // One look of its own for the first file; the others' travels with its change.
        #expect(requests == 2 + 1 + 1 + 3)
    }

    @Test("a look that a change in between spoils is taken again")
    func spoiled() async throws {
        let edit = task(
            "n1", "r", 2, kind: "line",
            ["path": .string("\(folder)/f"), "line": "second", "create": true])
        let removal = task("n1", "r", 3, kind: "absent", ["path": .string("\(folder)/g")])
        let last = file(5, "g", "new")
        let (results, _) = try await apply([
            command(0, "echo old >\(folder)/g"), file(1, "f", "first\n"), edit, removal, command(4, ":"), last,
        ])
        #expect(results == Array(repeating: "changed", count: 6))
        #expect(try String(contentsOfFile: "\(folder)/f", encoding: .utf8) == "first\nsecond\n")
        #expect(try String(contentsOfFile: "\(folder)/g", encoding: .utf8) == "new")
    }

    @Test("a command that makes a later task needless is seen to have")
    func needless() async throws {
        let (results, _) = try await apply([
            command(0, "printf x >\(folder)/a; printf x >\(folder)/b"), file(1, "a"),
            command(2, "exit 9", unless: "[ -e \(folder)/b ]"), file(3, "b"),
        ])
        #expect(results == ["changed", "unchanged", "unchanged", "unchanged"])
    }

    @Test("what appears while somebody waits for it is seen by whoever comes after the wait")
    func waited() async throws {
        let wait = task(
            "n1", "r", 1, kind: "wait_for", ["path": .string("\(folder)/late"), "timeout": "20s"])
        let (results, _) = try await apply([
            command(0, "(sleep 1; : >\(folder)/late) >/dev/null 2>&1 &"), wait,
            command(2, "exit 9", unless: "[ -e \(folder)/late ]"),
        ])
        #expect(results == ["changed", "changed", "unchanged"])
    }

    @Test("a look that fails is its own task's failure, not that of the one before it")
    func failing() async throws {
        let (results, _) = try await apply([
            command(0, "mkdir \(folder)/d"), file(1, "d"), file(2, "f"),
        ])
        #expect(results == ["changed", "failed", "blocked"])
    }

    @Test("a change that is made at a second attempt has spoiled whatever was found before")
    func retried() async throws {
        let again = task(
            "n1", "r", 1, kind: "command",
            ["script": .string("echo >>\(folder)/n; [ $(wc -l <\(folder)/n) = 2 ]"), "check": "false"],
            retry: Retry(times: 2, delay: .milliseconds(1)))
        let (results, _) = try await apply([
            command(0, ":"), again, command(2, "exit 9", unless: "[ $(wc -l <\(folder)/n) = 2 ]"),
        ])
        #expect(results == ["changed", "changed", "unchanged"])
    }
}
