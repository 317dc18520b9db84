import Applier
import Foundation
import Model
import Planner
import TaskGraph
import TestSupport
import Testing

/// Planner and applier against real shells on this machine.
@Suite(Needs.root) struct ConvergenceTests {
    private let place: TemporaryFolder
    private var folder: String { place.path }

    init() throws { place = try TemporaryFolder("kubani-engine") }

    private func file(_ name: String, _ content: String) -> Value {
        ["path": .string("\(folder)/\(name)"), "content": .string(content)]
    }

    private func names(_ results: [TaskResult]) -> [String] { results.map(\.name) }

    @Test("what was changed is unchanged the second time, and the plan changes nothing")
    func twice() async throws {
        let run = LocalRun([task("n1", "r", 0, kind: "file", file("a", "one\n"))], folder: folder)
        let planning = try await run.plan()
        #expect(planning.plan.hasChanges)
        #expect(!FileManager.default.fileExists(atPath: "\(folder)/a"))
        #expect(names(try await run.apply()) == ["changed"])
        #expect(try run.text("a") == "one\n")
        #expect(names(try await run.apply()) == ["unchanged"])
    }

    @Test("a command after a change is pending, names it, and may turn out unchanged")
    func pending() async throws {
        let command: Value = ["script": "exit 1", "check": .string("grep -q one \(folder)/a")]
        let run = LocalRun(
            [task("n1", "r", 0, "the file", kind: "file", file("a", "one\n")), task("n1", "r", 1, "command", command)],
            folder: folder)
        let planning = try await run.plan()
        guard case .pending(let because, _) = planning.verdicts[1] else {
            Issue.record("not pending: \(planning.verdicts[1])")
            return
        }
        #expect(because == "the file")
        #expect(names(try await run.apply()) == ["changed", "unchanged"])
    }

    @Test("a failed task skips everything below it and nothing beside it")
    func failure() async throws {
        let tasks = [
            task("n1", "r", 0, "breaks", ["script": "echo no disk >&2; exit 3", "check": "false"]),
            task("n1", "r", 1, "below", kind: "file", file("below", "x")),
            task("n1", "s", 0, "beside", kind: "file", file("beside", "x")),
            task("n2", "r", 0, "elsewhere", kind: "file", file("elsewhere", "x")),
        ]
        let results = try await LocalRun(tasks, folder: folder).apply()
        #expect(names(results) == ["failed", "blocked", "changed", "changed"])
        guard case .failed(let failure) = results[0] else { return }
        #expect(failure.cause == "no disk (exit 3)")
        #expect(failure.host == "n1")
    }

    @Test("a reboot of the machine that kubani runs on is refused by the plan already, where one is due")
    func localReboot() async throws {
        let due = "reboot is due"
        // Planned only, never applied.
        var run = LocalRun(
            [
                task("n1", "r", 0, due, kind: "reboot", ["when_exists": "/"]),
                task("n1", "r", 1, "below", kind: "file", file("below", "x")),
                task("n1", "s", 0, "not due", kind: "reboot", ["when_exists": "/no/such"]),
                task("n2", "r", 0, due, kind: "reboot", ["when_exists": "/"]),
            ], folder: folder)
        run.local = ["n1"]
        let verdicts = try await run.plan().verdicts
        guard case .failed(let failure) = verdicts[0], case .blocked(due) = verdicts[1],
            case .unchanged = verdicts[2], case .change = verdicts[3]
        else {
            Issue.record("\(verdicts)")
            return
        }
        #expect(failure == .rebootsItself("n1"))
    }

    @Test("an ignored failure stops nothing")
    func ignored() async throws {
        let tasks = [
            task("n1", "r", 0, "breaks", ["script": "exit 1", "check": "false"], ignoresErrors: true),
            task("n1", "r", 1, kind: "file", file("after", "x")),
        ]
        #expect(names(try await LocalRun(tasks, folder: folder).apply()) == ["ignored", "changed"])
    }

    @Test("an export reaches a task on another host, which is pending until then")
    func export() async throws {
        let export = Export(host: "n1", name: "token", read: "cat \(folder)/token", isSensitive: true)
        let tasks = [
            task("n2", "agent", 0, kind: "file", ["path": .string("\(folder)/joined")], uses: ("n1", "token")),
            task("n1", "server", 0, "makes it", kind: "file", file("token", "secret-1"), exports: [export]),
        ]
        let run = LocalRun(tasks, folder: folder)
        guard case .pending(let because, _) = try await run.plan().verdicts[0] else {
            Issue.record("not pending")
            return
        }
        #expect(because == "n1 › server › makes it")
        #expect(names(try await run.apply()) == ["changed", "changed"])
        #expect(try run.text("joined") == "secret-1")
        #expect(names(try await run.apply()) == ["unchanged", "unchanged"])
    }

    @Test("a handler runs once, after all that notify it")
    func handler() async throws {
        let role = "handler-\(UUID().uuidString.prefix(8))"
        let count: Value = ["script": .string("echo x >>\(folder)/count")]
        let first = task("n1", role, 0, kind: "file", file("a", "1"), notifies: ["count"])
        let second = task("n1", role, 1, kind: "file", file("b", "1"), notifies: ["count"])
        let handler = task("n1", role, 2, "count", count, handles: [first.id, second.id])
        let run = LocalRun([first, second, handler], folder: folder)
        #expect(names(try await run.apply()) == ["changed", "changed", "changed"])
        #expect(try run.text("count") == "x\n")
        #expect(names(try await run.apply()) == ["unchanged", "unchanged", "skipped"])
        #expect(try run.text("count") == "x\n")
    }

    @Test("a run that ends between a change and its handler is finished by the next")
    func interruptedHandler() async throws {
        let role = "cut-\(UUID().uuidString.prefix(8))"
        let count: Value = ["script": .string("echo x >>\(folder)/count")]
        let change = task("n1", role, 0, kind: "file", file("a", "1"), notifies: ["count"])
        let handler = task("n1", role, 1, "count", count, handles: [change.id])
        let run = LocalRun([change, handler], folder: folder)
        // The first run is stopped as soon as the change is made: its handler never begins.
        let stop = StopSignal()
        let first = try await run.apply(
            stop: stop, onEvent: { event in if case .started = event { stop.set() } })
        #expect(names(first) == ["changed", "cancelled"])
        #expect(!FileManager.default.fileExists(atPath: "\(folder)/count"))
        #expect(try await run.plan().plan.hasChanges)
        #expect(names(try await run.apply()) == ["unchanged", "changed"])
        #expect(try run.text("count") == "x\n")
        #expect(!(try await run.plan()).plan.hasChanges)
    }

    @Test("what somebody else changed since the plan is refused and left alone")
    func drift() async throws {
        let run = LocalRun([task("n1", "r", 0, kind: "file", file("a", "ours\n"))], folder: folder)
        let results = try await run.apply(meanwhile: {
            try "theirs\n".write(toFile: "\(folder)/a", atomically: true, encoding: .utf8)
        })
        guard case .failed(let failure) = results[0] else {
            Issue.record("not refused: \(results[0])")
            return
        }
        #expect(failure.code == .drifted)
        #expect(try run.text("a") == "theirs\n")
    }

    @Test("a task is tried again as often as it says")
    func retries() async throws {
        let script = "echo x >>\(folder)/tries; [ $(wc -l <\(folder)/tries) -ge 3 ]"
        let command = task(
            "n1", "r", 0, "counts", ["script": .string(script), "check": "false"],
            retry: Retry(times: 3, delay: .milliseconds(10)))
        let run = LocalRun([command], folder: folder)
        #expect(names(try await run.apply()) == ["changed"])
        #expect(try run.text("tries") == "x\nx\nx\n")
    }

    @Test("an assert that does not hold fails in the plan already, and blocks what comes after it")
    func assertion() async throws {
        let tasks = [
            task("n1", "r", 0, kind: "assert", ["check": "echo too small; exit 1"]),
            task("n1", "r", 1, kind: "file", file("a", "x")),
        ]
        let verdicts = try await LocalRun(tasks, folder: folder).plan().verdicts
        guard case .failed(let failure) = verdicts[0], case .blocked = verdicts[1] else {
            Issue.record("\(verdicts)")
            return
        }
        #expect(failure.cause.contains("too small"))
    }

    @Test("a plan with nothing to do is two requests a node, and so is applying it")
    func roundTrips() async throws {
        let tasks = (0..<20).map { task("n1", "r", $0, kind: "file", file("f\($0)", "x")) }
        let run = LocalRun(tasks, folder: folder)
        _ = try await run.apply()
        let open = try await run.open()
        _ = await Applier(reach: open.reach, pendingHandlers: [:], owner: "a test", emit: { _ in })
            .apply(open.planning)
        #expect(await open.shells["n1"]?.roundTrips == 2)
        await run.close(open)
    }
}
