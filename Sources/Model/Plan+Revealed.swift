extension Plan {
    /// With what is sensitive in its details, for one who has asked to see it, and for nobody else.
    public var revealed: Plan {
        func shown(_ text: Shown?) -> Shown? { text.map { Shown($0.revealed) } }
        func revealed(_ change: Change) -> Change {
            Change(
                change.action,
                details: change.details.map { detail in
                    switch detail {
                    case .attribute(let name, let from, let to): .attribute(name, from: shown(from), to: shown(to))
                    case .text(let name, let from, let to): .text(name, from: shown(from), to: shown(to))
                    case .diff, .note: detail
                    }
                }, steps: change.steps)
        }
        var plan = self
        for host in plan.hosts.indices {
            for task in plan.hosts[host].tasks.indices {
                switch plan.hosts[host].tasks[task].verdict {
                case .change(let change): plan.hosts[host].tasks[task].verdict = .change(revealed(change))
                case .pending(let because, let expected):
                    plan.hosts[host].tasks[task].verdict = .pending(because: because, expected: expected.map(revealed))
                default: break
                }
            }
        }
        return plan
    }
}
