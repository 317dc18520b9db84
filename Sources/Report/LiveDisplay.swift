import Model

/// A run on a terminal: the lines of `EventLines` scroll above, and below them stays a line for each host at work with
/// its task and the time it has taken. Gives text to write; owns no terminal.
public struct LiveDisplay: Sendable {
    private struct Row: Sendable {
        var task: String
        var since: ContinuousClock.Instant
        var done = 0
    }

    private let lines: EventLines
    private let style: Style
    private let width: Int
    private let height: Int
    private var rows: [String: Row] = [:]
    private var running: [String: [TaskID]] = [:]
    private var drawn = 0

    public init(lines: EventLines, style: Style, width: Int, height: Int = 24) {
        self.lines = lines
        self.style = style
        self.width = max(20, width)
        self.height = max(4, height)
    }

    /// - Returns: what to write: the old rows erased, the event's lines, the rows as they are now.
    public mutating func receive(_ event: Event, at now: ContinuousClock.Instant) -> String {
        switch event {
        case .connecting(let host): rows[host] = Row(task: "connecting", since: now)
        case .connected(let host): rows[host] = Row(task: "looking", since: now)
        case .unreachable(let host, _): rows[host] = nil
        case .planned, .ended:
            rows = [:]
            running = [:]
        case .started(let id):
            running[id.host, default: []].append(id)
            rows[id.host, default: Row(task: "", since: now)].task = "\(id.role) › \(id.name)"
            rows[id.host]?.since = now
        case .finished(let id, _):
            running[id.host]?.removeAll { $0 == id }
            if let next = running[id.host]?.last {
                rows[id.host]?.task = "\(next.role) › \(next.name)"
            } else {
                rows[id.host] = nil
            }
        case .command, .output, .retrying, .stopping: break
        }
        return erase() + lines.render(event) + draw(at: now)
    }

    /// The rows again, with the time that has passed.
    public mutating func tick(at now: ContinuousClock.Instant) -> String { erase() + draw(at: now) }

    /// Clears the rows, at the end or before something else is asked.
    public mutating func clear() -> String {
        rows = [:]
        return erase()
    }

    private mutating func erase() -> String {
        defer { drawn = 0 }
        return drawn == 0 ? "" : "\u{1B}[\(drawn)A\u{1B}[J"
    }

    private mutating func draw(at now: ContinuousClock.Instant) -> String {
        let names = rows.keys.sorted()
        let shown = names.prefix(height - 2)
        let column = shown.map(\.count).max() ?? 0
        var out = ""
        for name in shown {
            guard let row = rows[name] else { continue }
            let pad = String(repeating: " ", count: column - name.count)
            let line = "  \(name)\(pad)  \(seconds(now - row.since))  \(row.task.printable)"
            out += style.tinted(String(line.prefix(width - 1)), .dim) + "\n"
        }
        if names.count > shown.count { out += style.tinted("  … and \(names.count - shown.count) more", .dim) + "\n" }
        drawn = shown.count + (names.count > shown.count ? 1 : 0)
        return out
    }
}
