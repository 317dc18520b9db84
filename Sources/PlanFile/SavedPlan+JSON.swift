import Model
import OrderedCollections
import Report

extension SavedPlan {
    /// The file's text: JSON of the same shape as `kubani plan --json`, with what was asked for and the seals beside it.
    public var json: Value {
        [
            "kubani_plan": .int(Self.version), "created": .string(created), "by": .string(by),
            "kubani": .string(program), "key": .string(key), "request": request.json,
            "changes": .bool(plan.hasChanges), "hosts": .list(plan.hosts.map(json)),
        ]
    }

    public var text: String { JSONText.pretty(json) + "\n" }

    private func json(_ host: HostPlan) -> Value {
        var places = TaskPlace.Counter(host: host.name)
        var entries: OrderedDictionary<String, Value> = [
            "host": .string(host.name),
            "tasks": .list(host.tasks.map { json($0, sealed: seals[places.next($0)]) }),
        ]
        if let failure = host.unreachable { entries["unreachable"] = PlanJSON.value(failure) }
        return .map(entries)
    }

    private func json(_ task: PlannedTask, sealed seal: String?) -> Value {
        var entries: OrderedDictionary<String, Value> = [
            "role": .string(task.id.role), "task": .string(task.id.name), "kind": .string(task.kind),
            "subject": .string(task.subject),
        ]
        if task.isHandler { entries["handler"] = true }
        if task.ignoresErrors { entries["ignores_errors"] = true }
        if let warning = task.warning { entries["warning"] = .string(warning) }
        switch task.verdict {
        case .unchanged(let how): entries.merge(["verdict": "unchanged", "found": .string(how)]) { $1 }
        case .skipped(let why): entries.merge(["verdict": "skipped", "because": .string(why)]) { $1 }
        case .change(let change): entries.merge(["verdict": "change", "change": json(change)]) { $1 }
        case .pending(let because, let expected):
            entries.merge(["verdict": "pending", "because": .string(because)]) { $1 }
            if let expected { entries["expected"] = json(expected) }
        case .failed(let failure): entries.merge(["verdict": "failed", "failure": PlanJSON.value(failure)]) { $1 }
        case .blocked(let by): entries.merge(["verdict": "blocked", "by": .string(by)]) { $1 }
        }
        if let seal { entries["seal"] = .string(seal) }
        return .map(entries)
    }

    private func json(_ change: Change) -> Value {
        ["action": .string(change.action.name), "details": .list(change.details.map(json))]
    }

    private func json(_ detail: Detail) -> Value {
        func shown(_ text: Shown?) -> Value {
            guard let text else { return .null }
            return text.isSensitive ? ["seal": .string(text.revealed)] : .string(text.description)
        }
        return switch detail {
        case .note(let text): ["note": .string(text)]
        case .attribute(let name, let from, let to):
            ["attribute": .string(name), "from": shown(from), "to": shown(to)]
        case .text(let name, let from, let to): ["text": .string(name), "from": shown(from), "to": shown(to)]
        case .diff(let name, let text): ["text": .string(name), "diff": .string(text)]
        }
    }
}

extension PlanRequest {
    fileprivate var json: Value {
        var entries: OrderedDictionary<String, Value> = [
            "inventory": .string(inventory), "tags": .list(tags.map { .string($0) }),
            "skip_tags": .list(skipTags.map { .string($0) }), "roles": .list(roles.map { .string($0) }),
            "extra_vars": .list(
                extraVars.map { given in
                    switch given {
                    case .given(let text): .string(text)
                    case .withheld(let seal): ["seal": .string(seal)]
                    }
                }),
            "variables": .map(variables),
        ]
        if let limit { entries["limit"] = .string(limit) }
        return .map(entries)
    }
}
