import Model
import OrderedCollections

/// Plans, failures and recaps as values, for `--json` and the journal.
public enum PlanJSON {
    public static func value(_ plan: Plan) -> Value {
        value(plan) { host in .list(host.tasks.map { value($0, detail: value) }) }
    }

    /// - Parameter tasks: how a host's tasks are written.
    public static func value(_ plan: Plan, tasks: (HostPlan) -> Value) -> Value {
        let hosts = plan.hosts.map { host -> Value in
            var entries: OrderedDictionary<String, Value> = ["host": .string(host.name), "tasks": tasks(host)]
            if let failure = host.unreachable { entries["unreachable"] = value(failure) }
            return .map(entries)
        }
        return ["hosts": .list(hosts), "changes": .bool(plan.hasChanges)]
    }

    /// - Parameter detail: how the lines of a change are written.
    public static func value(_ task: PlannedTask, detail: (Detail) -> Value) -> Value {
        func written(_ change: Change) -> Value {
            ["action": .string(change.action.name), "details": .list(change.details.map(detail))]
        }
        var entries: OrderedDictionary<String, Value> = [
            "role": .string(task.id.role), "task": .string(task.id.name), "kind": .string(task.kind),
            "subject": .string(task.subject),
        ]
        if task.isHandler { entries["handler"] = true }
        if let warning = task.warning { entries["warning"] = .string(warning) }
        switch task.verdict {
        case .unchanged(let how): entries.merge(["verdict": "unchanged", "found": .string(how)]) { $1 }
        case .skipped(let why): entries.merge(["verdict": "skipped", "because": .string(why)]) { $1 }
        case .change(let change): entries.merge(["verdict": "change", "change": written(change)]) { $1 }
        case .pending(let because, let expected):
            entries.merge(["verdict": "pending", "because": .string(because)]) { $1 }
            if let expected { entries["expected"] = written(expected) }
        case .failed(let failure): entries.merge(["verdict": "failed", "failure": value(failure)]) { $1 }
        case .blocked(let by): entries.merge(["verdict": "blocked", "by": .string(by)]) { $1 }
        }
        return .map(entries)
    }

    static func value(_ change: Change) -> Value {
        ["action": .string(change.action.name), "details": .list(change.details.map(value))]
    }

    private static func value(_ detail: Detail) -> Value {
        func shown(_ text: Shown?) -> Value { text.map { .string($0.description) } ?? .null }
        switch detail {
        case .note(let text): return ["note": .string(text)]
        case .diff(let name, let text): return ["text": .string(name), "diff": .string(text)]
        case .attribute(let name, let from, let to):
            return ["attribute": .string(name), "from": shown(from), "to": shown(to)]
        case .text(let name, let from, let to):
            if from?.isSensitive == true || to?.isSensitive == true {
                return ["text": .string(name), "diff": "(sensitive)"]
            }
            // What changes and no more: a file's other lines are none of the journal's business.
            let diff = UnifiedDiff.text(from: from?.description ?? "", to: to?.description ?? "", context: 0)
            return ["text": .string(name), "diff": .string(diff)]
        }
    }

    public static func value(_ failure: Failure) -> Value {
        var entries: OrderedDictionary<String, Value> = [
            "code": .string(failure.code.rawValue), "deed": .string(failure.deed), "cause": .string(failure.cause),
        ]
        if let host = failure.host { entries["host"] = .string(host) }
        if let detail = failure.detail { entries["detail"] = .string(detail) }
        if let hint = failure.hint { entries["hint"] = .string(hint) }
        return .map(entries)
    }

    static func value(_ recap: Recap) -> Value {
        var hosts: OrderedDictionary<String, Value> = [:]
        for (host, counts) in recap.hosts.sorted(by: { $0.key < $1.key }) {
            hosts[host] = [
                "unchanged": .int(counts.unchanged), "changed": .int(counts.changed), "failed": .int(counts.failed),
                "ignored": .int(counts.ignored), "skipped": .int(counts.skipped), "blocked": .int(counts.blocked),
                "cancelled": .int(counts.cancelled), "unreachable": .bool(counts.isUnreachable),
                "round_trips": .int(counts.roundTrips),
            ]
        }
        var entries: OrderedDictionary<String, Value> = ["hosts": .map(hosts), "seconds": seconds(recap.elapsed)]
        if let own = recap.ownShare { entries["own_seconds"] = seconds(own) }
        entries["interrupted"] = .bool(recap.wasInterrupted)
        return .map(entries)
    }

    /// To the millisecond.
    private static func seconds(_ duration: Duration) -> Value {
        let (whole, rest) = duration.components
        return .double(Double(whole) + Double(rest / 1_000_000_000_000_000) / 1000)
    }
}
