import Model

/// A plan for people: host by host, role by role, with what would change and why.
public struct PlanText: Sendable {
    private let style: Style
    /// Whether unchanged and skipped tasks are listed too.
    private let listsAll: Bool

    public init(style: Style = .plain, listsAll: Bool = false) {
        self.style = style
        self.listsAll = listsAll
    }

    public func render(_ plan: Plan) -> String {
        var blocks = plan.hosts.compactMap(host)
        blocks.append(summary(plan))
        return blocks.joined(separator: "\n\n") + "\n"
    }

    private func host(_ host: HostPlan) -> String? {
        let title = style.tinted(host.name, .bold)
        if let failure = host.unreachable {
            let lines = failure.text.split(separator: "\n").map { "      " + style.tinted(String($0), .red) }
            return ([title, "  " + style.tinted("✗ unreachable", .red)] + lines).joined(separator: "\n")
        }
        var lines: [String] = []
        var role: String?
        var blocked: [String: Int] = [:]
        for task in host.tasks {
            if !listsAll, case .blocked(let by) = task.verdict { blocked[by, default: 0] += 1 }
            let shown = self.lines(task)
            guard !shown.isEmpty else { continue }
            if task.id.role != role {
                role = task.id.role
                lines.append("  " + style.tinted(task.id.role, .cyan))
            }
            lines += shown.map { "    " + $0 }
        }
        for (by, count) in blocked.sorted(by: { $0.key < $1.key }) {
            let tasks = counted(count, "task") + (count == 1 ? " is" : " are")
            lines.append("  " + style.tinted("\(tasks) not reached: '\(by.printable)' cannot succeed", .dim))
        }
        if lines.isEmpty { return listsAll ? title + "\n  nothing to do" : nil }
        return ([title] + lines).joined(separator: "\n")
    }

    /// The lines of one task: its head, and what is under it.
    public func lines(_ task: PlannedTask) -> [String] {
        let details = DetailText(style: style)
        var lines: [String] = []
        switch task.verdict {
        case .unchanged(let how):
            if listsAll { lines = [head("=", task, .dim), "    " + style.tinted(how.printable, .dim)] }
        case .skipped(let why):
            if listsAll { lines = [head("·", task, .dim), "    " + style.tinted("skipped: \(why)".printable, .dim)] }
        case .change(let change):
            lines = [head(String(change.action.rawValue), task, tint(change.action))]
            lines += details.lines(change.details).map { "    " + $0 }
        case .pending(let because, let expected):
            lines = [head("?", task, .blue), "    " + style.tinted("(known after \(because.printable))", .blue)]
            if let expected { lines += details.lines(expected.details).map { "    " + $0 } }
        case .failed(let failure):
            lines = [head("✗", task, .red)]
            lines += failure.text.split(separator: "\n").map { "    " + style.tinted(String($0), .red) }
        case .blocked(let by):
            guard listsAll else { break }
            lines = [
                head("✗", task, .dim), "    " + style.tinted("not reached: '\(by.printable)' cannot succeed", .dim),
            ]
        }
        if let warning = task.warning {
            if lines.isEmpty { lines = [head("=", task, .yellow)] }
            lines.append("    " + style.tinted("warning: \(warning.printable)", .yellow))
        }
        return lines
    }

    private func head(_ sign: String, _ task: PlannedTask, _ tint: Style.Tint) -> String {
        let subject = task.subject.isEmpty ? task.kind : "\(task.kind) \(task.subject.printable)"
        return style.tinted("\(sign) \(task.id.name.printable)", tint) + "  " + style.tinted(subject, .dim)
    }

    private func tint(_ action: Action) -> Style.Tint {
        switch action {
        case .create: .green
        case .update: .yellow
        case .delete: .red
        case .run, .wait: .blue
        }
    }

    /// One line of counts, in a fixed order, what is nought left out but for "unchanged".
    public func summary(_ plan: Plan) -> String {
        var counts: [(String, Int)] = [
            ("to create", 0), ("to update", 0), ("to delete", 0), ("to run", 0), ("to wait for", 0), ("pending", 0),
            ("failing", 0), ("not reached", 0), ("skipped", 0),
        ]
        var unchanged = 0
        for task in plan.tasks {
            switch task.verdict {
            case .unchanged: unchanged += 1
            case .change(let change):
                switch change.action {
                case .create: counts[0].1 += 1
                case .update: counts[1].1 += 1
                case .delete: counts[2].1 += 1
                case .run: counts[3].1 += 1
                case .wait: counts[4].1 += 1
                }
            case .pending: counts[5].1 += 1
            case .failed: counts[6].1 += 1
            case .blocked: counts[7].1 += 1
            case .skipped: counts[8].1 += 1
            }
        }
        let lost = plan.hosts.filter { $0.unreachable != nil }.count
        var parts = counts.filter { $0.1 > 0 }.map { "\($0.1) \($0.0)" } + ["\(unchanged) unchanged"]
        if plan.tasks.isEmpty {
            parts = ["no tasks"]
        } else if !plan.hasChanges {
            parts.insert("nothing to change", at: 0)
        }
        let unreachable = lost == plan.hosts.count ? "unreachable" : "\(lost) of them unreachable"
        return style.tinted("Plan: ", .bold) + parts.joined(separator: ", ") + " on "
            + counted(plan.hosts.count, "host") + (lost > 0 ? ", \(unreachable)" : "") + "."
    }
}

extension Failure {
    /// The failure's lines, safe for a terminal.
    var text: String { description.printable }
}
