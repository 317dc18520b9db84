import Model
import Report

/// A past run for people: a line in the list, or all that it changed and what failed.
struct RunRecordText {
    let style: Style

    func list(_ runs: [RunRecord]) -> String {
        TableText.render(
            ["ID", "BY", "OUTCOME", "COMMAND"],
            runs.map { [$0.id, $0.start?.by ?? "", $0.outcome, $0.start?.command ?? ""] }, style: style)
    }

    func whole(_ run: RunRecord) -> String {
        var lines: [String] = []
        if let start = run.start {
            lines.append(style.tinted(start.command.printable, .bold))
            lines.append(style.tinted("by \(start.by) at \(start.time), kubani \(start.program)".printable, .dim))
        }
        let events = run.events.flatMap(self.lines)
        if !events.isEmpty { lines += [""] + events }
        lines.append("")
        if let recap = run.recap {
            lines.append(RecapText(style: style).render(recap))
        } else {
            lines.append("It was cut short: run the same command again to go on.\n")
        }
        lines.append(style.tinted("\(run.folder)/log.txt has every command and what it printed.", .dim))
        return lines.joined(separator: "\n")
    }

    private func lines(_ event: Value) -> [String] {
        switch event["event"]?.string {
        case "unreachable": return [style.tinted("✗ \(name(event)): unreachable", .red)] + failure(event["failure"])
        case "finished":
            switch event["result"]?.string {
            case "changed":
                let action = Action.allCases.first { $0.name == event["change"]?["action"]?.string }
                return [style.tinted("\(action?.rawValue ?? "~") \(name(event))", .yellow)]
            case "failed": return [style.tinted("✗ \(name(event))", .red)] + failure(event["failure"])
            case "ignored":
                return [style.tinted("✗ \(name(event))  (its failure is ignored)", .yellow)]
                    + failure(event["failure"])
            default: return []
            }
        default: return []
        }
    }

    private func name(_ event: Value) -> String {
        ["host", "role", "task"].compactMap { event[$0]?.string }.joined(separator: " › ").printable
    }

    private func failure(_ json: Value?) -> [String] {
        guard let json, let deed = json["deed"]?.string, let cause = json["cause"]?.string else { return [] }
        let failure = Failure(
            host: json["host"]?.string, deed: deed, cause: cause, detail: json["detail"]?.string,
            hint: json["hint"]?.string)
        return failure.description.printable.split(separator: "\n").map { "    " + style.tinted(String($0), .red) }
    }
}
