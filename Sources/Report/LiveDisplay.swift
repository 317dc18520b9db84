import Model

/// A run on a terminal: the lines of `EventLines` scroll above, and below them stays a line for each host at work with
/// its task and the time it has taken. Gives text to write; owns no terminal.
public struct LiveDisplay: Sendable {
    private struct Row: Sendable {
        var task: String
        var since: ContinuousClock.Instant
    }

    private let lines: EventLines
    private let style: Style
    private var width: Int
    private var height: Int
    private var rows: [String: Row] = [:]
    private var running: [String: [TaskID]] = [:]
    private var drawn = 0

    public init(lines: EventLines, style: Style, width: Int, height: Int = 24) {
        self.lines = lines
        self.style = style
        self.width = max(20, width)
        self.height = max(4, height)
    }

    /// The terminal has so many columns and lines now.
    public mutating func resize(width: Int, height: Int) {
        self.width = max(20, width)
        self.height = max(4, height)
    }

    /// - Returns: what to write: the old rows erased, the event's lines, the rows as they are now.
    public mutating func receive(_ event: Event, at now: ContinuousClock.Instant) -> String {
        note(event, at: now)
        return erase() + lines.render(event) + draw(at: now)
    }

    /// Takes the event in without drawing.
    public mutating func note(_ event: Event, at now: ContinuousClock.Instant) {
        switch event {
        case .connecting(let host): rows[host] = Row(task: "connecting", since: now)
        case .connected(let host): rows[host] = Row(task: "looking", since: now)
        case .unreachable(let host, _): rows[host] = nil
        case .planned, .ended:
            rows = [:]
            running = [:]
        case .started(let id):
            running[id.host, default: []].append(id)
            rows[id.host] = Row(task: task(of: id.host), since: now)
        case .finished(let id, _):
            running[id.host]?.removeAll { $0 == id }
            let rest = task(of: id.host)
            rows[id.host] = rest.isEmpty ? nil : Row(task: rest, since: rows[id.host]?.since ?? now)
        case .retrying(let id, let attempt, _):
            let task = task(of: id.host) + ", retry \(attempt)"
            rows[id.host]?.task = task
        case .began, .waiting, .looking, .spared, .command, .output, .stopping: break
        }
    }

    /// What a host is at: the task begun last, and how many besides.
    private func task(of host: String) -> String {
        guard let all = running[host], let last = all.last else { return "" }
        return "\(last.role) › \(last.name)" + (all.count > 1 ? " (and \(all.count - 1) more)" : "")
    }

    /// The rows again, with the time that has passed.
    public mutating func tick(at now: ContinuousClock.Instant) -> String { erase() + draw(at: now) }

    /// Clears the rows, at the end or before something else is asked.
    public mutating func clear() -> String {
        rows = [:]
        return erase()
    }

    /// Takes the rows off the screen until they are drawn again.
    public mutating func erase() -> String {
        defer { drawn = 0 }
        // From the first column: a terminal echoes what is typed, and ^C, after the rows.
        return drawn == 0 ? "" : "\r\u{1B}[\(drawn)A\u{1B}[J"
    }

    private mutating func draw(at now: ContinuousClock.Instant) -> String {
        let names = rows.keys.sorted()
        let shown = names.prefix(height - 2)
        let column = shown.map(\.count).max() ?? 0
        let times = shown.map { rows[$0].map { seconds(now - $0.since) } ?? "" }
        let timeColumn = times.map(\.count).max() ?? 0
        var out = ""
        for (name, time) in zip(shown, times) {
            guard let row = rows[name] else { continue }
            let pad = String(repeating: " ", count: column - name.count)
            let indent = String(repeating: " ", count: timeColumn - time.count)
            let line = "  \(name)\(pad)  \(indent)\(time)  \(row.task.printable)"
            out += style.tinted(String(line.prefix(width - 1)), .dim) + "\n"
        }
        if names.count > shown.count { out += style.tinted("  … and \(names.count - shown.count) more", .dim) + "\n" }
        drawn = shown.count + (names.count > shown.count ? 1 : 0)
        return out
    }
}
