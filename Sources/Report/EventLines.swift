import Model

/// A run for people where there is no terminal: a line or a few for each thing that matters, as it happens.
public struct EventLines: Sendable {
    private let style: Style
    /// -1: nothing, for one who tells the results otherwise; 0: changes and failures; 1: unchanged tasks too; 2: what
    /// scripts print; 3: beginnings, connections and commands.
    private let verbosity: Int

    public init(style: Style = .plain, verbosity: Int = 0) {
        self.style = style
        self.verbosity = verbosity
    }

    /// - Returns: the lines to print, each ended; empty for an event that is not shown.
    public func render(_ event: Event) -> String {
        let lines = self.lines(event)
        return lines.isEmpty ? "" : lines.joined(separator: "\n") + "\n"
    }

    private func lines(_ event: Event) -> [String] {
        if verbosity < 0 { return [] }
        switch event {
        case .began: return []
        case .waiting(let host, let holder):
            return [style.tinted("\(host): waiting for another run that holds it: \(holder.printable)", .yellow)]
        case .looking(let host, let kind):
            return [style.tinted("\(host): still looking at \(kind.printable)", .yellow)]
        case .spared(let id, let why):
            return [style.tinted("= \(name(id))  not needed any more: \(why.printable)", .yellow)]
        case .connecting(let host): return verbosity >= 3 ? ["\(host): connecting"] : []
        case .connected(let host): return verbosity >= 1 ? ["\(host): connected"] : []
        // Why is said by the plan, which every connecting leads to.
        case .unreachable(let host, _): return [style.tinted("\(host): unreachable", .red)]
        case .planned, .ended: return []
        case .started(let id): return verbosity >= 3 ? ["\(name(id)): begins"] : []
        case .command(let id, let text):
            guard verbosity >= 3 else { return [] }
            return text.description.printable.split(separator: "\n").map { style.tinted("\(id.host) $ \($0)", .dim) }
        case .output(let id, let stream, let text):
            guard verbosity >= 2 else { return notes(id.host, text) }
            let mark = stream == .stderr ? "!" : "|"
            return text.printable.split(separator: "\n").map { style.tinted("\(id.host) \(mark) \($0)", .dim) }
        case .retrying(let id, let attempt, let failure):
            return [style.tinted("\(name(id)): retry \(attempt) after: \(failure.cause.printable)", .yellow)]
        case .finished(let id, let result): return finished(id, result)
        case .stopping:
            return [style.tinted("Stopping: what runs is brought to its end. Ctrl-C again to leave at once.", .yellow)]
        }
    }

    /// What a script says to whoever watches, in lines that begin with `note: `: what it waits for.
    private func notes(_ host: String, _ text: String) -> [String] {
        text.printable.split(separator: "\n").filter { $0.hasPrefix("note: ") }.map {
            style.tinted("\(host): \($0.dropFirst(6))", .yellow)
        }
    }

    private func finished(_ id: TaskID, _ result: TaskResult) -> [String] {
        switch result {
        case .changed(let change): return [style.tinted("\(change.action.rawValue) \(name(id))", .yellow)]
        case .unchanged(let how):
            return verbosity >= 1 ? [style.tinted("= \(name(id))", .green) + "  " + how.printable] : []
        case .skipped(let why):
            return verbosity >= 1 ? [style.tinted("· \(name(id))  skipped: \(why.printable)", .dim)] : []
        case .failed(let failure): return [style.tinted("✗ \(name(id))", .red)] + block(failure.text, .red)
        case .ignored(let failure):
            return [style.tinted("✗ \(name(id))  (its failure is ignored)", .yellow)] + block(failure.text, .yellow)
        case .blocked(let by):
            return verbosity >= 1 ? [style.tinted("✗ \(name(id))  not reached: \(by.printable)", .dim)] : []
        case .cancelled: return verbosity >= 1 ? [style.tinted("· \(name(id))  not begun", .dim)] : []
        }
    }

    private func name(_ id: TaskID) -> String { id.description.printable }

    private func block(_ text: String, _ tint: Style.Tint) -> [String] {
        text.split(separator: "\n").map { "    " + style.tinted(String($0), tint) }
    }
}
