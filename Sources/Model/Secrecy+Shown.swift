extension Secrecy {
    public func shown(_ text: String) -> String { SecretText.masked(hidden(text)) }

    /// Whether anything in it is hidden, beside a URL's password.
    private func hides(_ text: String) -> Bool { texts.contains { text.contains($0) } || SecretText.holds(text) }

    private func hidden(_ text: String) -> String {
        var text = text
        for secret in texts where text.contains(secret) { text = text.replacing(secret, with: SecretText.hidden) }
        return text
    }

    public func shown(_ change: Change) -> Change {
        Change(change.action, details: change.details.map(shown), steps: change.steps, begins: change.begins)
    }

    /// What is replaced is as secret as what replaces it, and a text that holds a secret is shown in no part.
    private func shown(_ detail: Detail) -> Detail {
        switch detail {
        case .note(let text): return .note(shown(text))
        case .diff(let name, let text): return .diff(shown(name), shown(text))
        case .attribute(let name, let from, let to):
            let (old, new) = pair(from, to)
            return .attribute(shown(name), from: old, to: new)
        case .text(let name, let from, let to):
            let (old, new) = pair(from, to)
            return .text(shown(name), from: old, to: new)
        }
    }

    private func pair(_ from: Shown?, _ to: Shown?) -> (Shown?, Shown?) {
        let both = [from, to].compactMap { $0 }
        let isSecret = both.contains { $0.isSensitive || hides($0.revealed) }
        let masked = both.map { SecretText.masked($0.revealed) }
        // Where only a URL's password differs there is nothing else to be seen.
        let isAlike = both.count == 2 && both[0] != both[1] && masked[0] == masked[1]
        func shown(_ text: Shown?) -> Shown? {
            text.map {
                isSecret || isAlike ? Shown($0.revealed, isSensitive: true) : Shown(SecretText.masked($0.revealed))
            }
        }
        return (shown(from), shown(to))
    }

    public func shown(_ failure: Failure) -> Failure {
        var failure = failure
        failure.deed = shown(failure.deed)
        failure.cause = shown(failure.cause)
        failure.detail = failure.detail.map(shown)
        failure.hint = failure.hint.map(shown)
        return failure
    }

    public func shown(_ verdict: Verdict) -> Verdict {
        switch verdict {
        case .unchanged(let how): .unchanged(shown(how))
        case .change(let change): .change(shown(change))
        case .pending(let because, let expected): .pending(because: shown(because), expected: expected.map(shown))
        case .skipped(let why): .skipped(shown(why))
        case .failed(let failure): .failed(shown(failure))
        case .blocked(let by): .blocked(by: shown(by))
        }
    }

    public func shown(_ id: TaskID) -> TaskID {
        TaskID(host: id.host, role: id.role, position: id.position, name: shown(id.name))
    }

    public func shown(_ plan: Plan) -> Plan {
        Plan(
            hosts: plan.hosts.map { host in
                HostPlan(
                    name: host.name, unreachable: host.unreachable.map(shown),
                    tasks: host.tasks.map { task in
                        PlannedTask(
                            id: shown(task.id), kind: task.kind, subject: shown(task.subject),
                            isHandler: task.isHandler, verdict: shown(task.verdict), ignoresErrors: task.ignoresErrors,
                            warning: task.warning.map(shown))
                    })
            })
    }

    public func shown(_ event: Event) -> Event {
        switch event {
        case .began(let start):
            .began(
                RunStart(command: shown(start.command), by: start.by, time: start.time, program: start.program))
        case .unreachable(let host, let failure): .unreachable(host: host, shown(failure))
        case .planned(let plan): .planned(shown(plan))
        case .started(let id): .started(shown(id))
        case .command(let id, let script):
            .command(shown(id), script.isSensitive ? script : Shown(shown(script.revealed)))
        case .output(let id, let stream, let text): .output(shown(id), stream, shown(text))
        case .retrying(let id, let attempt, let failure): .retrying(shown(id), attempt: attempt, shown(failure))
        case .spared(let id, let why): .spared(shown(id), shown(why))
        case .finished(let id, let result): .finished(shown(id), shown(result))
        case .connecting, .connected, .looking, .waiting, .stopping, .ended: event
        }
    }

    public func shown(_ result: TaskResult) -> TaskResult {
        switch result {
        case .unchanged(let how): .unchanged(shown(how))
        case .changed(let change): .changed(shown(change))
        case .skipped(let why): .skipped(shown(why))
        case .failed(let failure): .failed(shown(failure))
        case .ignored(let failure): .ignored(shown(failure))
        case .blocked(let by): .blocked(by: shown(by))
        case .cancelled: .cancelled
        }
    }
}
