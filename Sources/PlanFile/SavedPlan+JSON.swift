import Model
import OrderedCollections
import Report

extension SavedPlan {
    /// The file's text: JSON of the same shape as `kubani plan --json`, with what was asked for and the seals beside it.
    public var json: Value {
        var entries: OrderedDictionary<String, Value> = [
            "kubani_plan": .int(Self.version), "created": .string(created), "by": .string(by),
            "kubani": .string(program), "key": .string(key), "request": request.json,
        ]
        entries.merge(PlanJSON.value(plan, tasks: tasks(of:)).map ?? [:]) { $1 }
        return .map(entries)
    }

    public var text: String { JSONText.pretty(json) + "\n" }

    private func tasks(of host: HostPlan) -> Value {
        var places = TaskPlace.Counter(host: host.name)
        return .list(
            host.tasks.map { task in
                var entries = PlanJSON.value(task, detail: json).map ?? [:]
                if task.ignoresErrors { entries["ignores_errors"] = true }
                if let seal = seals[places.next(task)] { entries["seal"] = .string(seal) }
                return .map(entries)
            })
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
