import Model
import OrderedCollections

/// An event as one line of JSON, the same in `--json` and in `events.jsonl`.
public enum EventJSON {
    /// - Parameter milliseconds: since the run began.
    public static func line(_ event: Event, milliseconds: Int) -> String {
        var entries: OrderedDictionary<String, Value> = ["at_ms": .int(milliseconds)]
        entries.merge(fields(event)) { $1 }
        return JSONText.line(.map(entries)) + "\n"
    }

    private static func fields(_ event: Event) -> OrderedDictionary<String, Value> {
        switch event {
        case .began(let start):
            [
                "event": "began", "command": .string(start.command), "by": .string(start.by),
                "time": .string(start.time), "kubani": .string(start.program),
            ]
        case .waiting(let host, let holder):
            ["event": "waiting", "host": .string(host), "holder": .string(holder)]
        case .looking(let host, let kind): ["event": "looking", "host": .string(host), "at": .string(kind)]
        case .spared(let id, let why): task("spared", id, ["because": .string(why)])
        case .connecting(let host): ["event": "connecting", "host": .string(host)]
        case .connected(let host): ["event": "connected", "host": .string(host)]
        case .unreachable(let host, let failure):
            ["event": "unreachable", "host": .string(host), "failure": PlanJSON.value(failure)]
        case .planned(let plan): ["event": "planned", "plan": PlanJSON.value(plan)]
        case .started(let id): task("started", id)
        case .command(let id, let text): task("command", id, ["script": .string(text.description)])
        case .output(let id, let stream, let text):
            task("output", id, ["stream": .string(stream.rawValue), "text": .string(text)])
        case .retrying(let id, let attempt, let failure):
            task("retrying", id, ["attempt": .int(attempt), "failure": PlanJSON.value(failure)])
        case .finished(let id, let result): task("finished", id, fields(result))
        case .stopping: ["event": "stopping"]
        case .ended(let recap): ["event": "ended", "recap": PlanJSON.value(recap)]
        }
    }

    private static func task(
        _ event: String, _ id: TaskID, _ more: OrderedDictionary<String, Value> = [:]
    ) -> OrderedDictionary<String, Value> {
        let entries: OrderedDictionary<String, Value> = [
            "event": .string(event), "host": .string(id.host), "role": .string(id.role), "task": .string(id.name),
        ]
        return entries.merging(more) { $1 }
    }

    private static func fields(_ result: TaskResult) -> OrderedDictionary<String, Value> {
        switch result {
        case .changed(let change): ["result": .string(result.name), "change": PlanJSON.value(change)]
        case .failed(let failure), .ignored(let failure):
            ["result": .string(result.name), "failure": PlanJSON.value(failure)]
        case .unchanged(let text), .skipped(let text): ["result": .string(result.name), "because": .string(text)]
        case .blocked(let by): ["result": .string(result.name), "by": .string(by)]
        case .cancelled: ["result": .string(result.name)]
        }
    }
}
