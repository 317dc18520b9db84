import Model

/// The table at the end of a run, a line a host, as Ansible users know it.
public struct RecapText: Sendable {
    private let style: Style
    private let showsRoundTrips: Bool

    public init(style: Style = .plain, showsRoundTrips: Bool = false) {
        self.style = style
        self.showsRoundTrips = showsRoundTrips
    }

    public func render(_ recap: Recap) -> String {
        let width = recap.hosts.keys.map(\.count).max() ?? 0
        var lines = [style.tinted("Recap", .bold) + " after \(seconds(recap.elapsed))"]
        for (host, counts) in recap.hosts.sorted(by: { $0.key < $1.key }) {
            let name = host + String(repeating: " ", count: width - host.count)
            var parts = [
                part("ok", counts.unchanged, .green), part("changed", counts.changed, .yellow),
                part("unreachable", counts.isUnreachable ? 1 : 0, .red), part("failed", counts.failed, .red),
                part("skipped", counts.skipped, .dim), part("ignored", counts.ignored, .yellow),
                part("blocked", counts.blocked, .red),
            ]
            if recap.wasInterrupted { parts.append(part("not begun", counts.cancelled, .yellow)) }
            if showsRoundTrips { parts.append("round trips=\(counts.roundTrips)") }
            let tint: Style.Tint =
                counts.failed > 0 || counts.isUnreachable ? .red : counts.changed > 0 ? .yellow : .green
            lines.append("  \(style.tinted(name, tint))  \(parts.joined(separator: "  "))")
        }
        if showsRoundTrips, let own = recap.ownShare {
            lines.append("For \(seconds(own)) of it no node was at work: kubani's own share.")
        }
        if recap.wasInterrupted {
            lines.append("Interrupted. What was begun has ended; run the same command again to go on from here.")
        }
        return lines.joined(separator: "\n") + "\n"
    }

    private func part(_ name: String, _ count: Int, _ tint: Style.Tint) -> String {
        let text = "\(name)=\(count)"
        return count > 0 ? style.tinted(text, tint) : text
    }
}

/// "0.8 s", "12 s", "3 min 5 s".
func seconds(_ duration: Duration) -> String {
    let all = Double(duration.components.seconds) + Double(duration.components.attoseconds) / 1e18
    if all < 9.95 {
        let tenths = Int((all * 10).rounded())
        return "\(tenths / 10).\(tenths % 10) s"
    }
    let whole = Int(all.rounded())
    return whole < 60 ? "\(whole) s" : "\(whole / 60) min \(whole % 60) s"
}
