import Model

/// Whether a unit has begun before its files were written last: what runs then is not what they say, whether or not
/// systemd has read them since. systemd's own sign for it, `NeedDaemonReload`, goes with whoever's `daemon-reload`.
struct UnitAge: Sendable, Hashable {
    /// The node's clock, in seconds since 1970.
    var now = 0
    /// Seconds since the boot, those asleep included.
    var uptime = 0
    /// When files were written last, by their paths, in seconds since 1970.
    var written: [String: Int] = [:]

    /// Prints one field.
    static func look(at paths: [String]) -> Script {
        if paths.isEmpty { return "printf '\\0'" }
        return """
            uptime=0
            read -r uptime rest </proc/uptime
            printf '%s %s\\n' "$(date +%s)" "$uptime"
            stat -c '%Y %n' -- \(paths) 2>/dev/null
            printf '\\0'
            """
    }

    init() {}

    init(_ fields: inout FieldReader) throws(Failure) {
        let lines = try fields.nextLineText().split(separator: "\n")
        guard let first = lines.first else { return }
        let clock = first.split(separator: " ")
        now = clock.first.flatMap { Int($0) } ?? 0
        uptime = clock.last.flatMap { Int($0.prefix { $0 != "." }) } ?? 0
        for line in lines.dropFirst() {
            let parts = line.split(separator: " ", maxSplits: 1)
            if parts.count == 2, let time = Int(parts[0]) { written[String(parts[1])] = time }
        }
    }

    /// - Parameter paths: of the unit's files.
    func isOlder(_ start: UnitStatus.Start, than paths: [String]) -> Bool {
        guard start.sinceBoot > 0 || start.time > 0 else { return false }
        // A clock that is set after a boot, on a board without one of its own, makes the time that was noted too early;
        // a sleep makes the time since the boot too long. The later of the two is never too early.
        let began = max(start.time, start.sinceBoot > 0 ? now - uptime + start.sinceBoot : 0)
        // What was written in times to come was written by another clock.
        return paths.contains { path in written[path].map { $0 > began && $0 <= now } ?? false }
    }
}

extension UnitStatus {
    /// When what runs now was begun.
    struct Start: Sendable, Hashable {
        /// By the node's clock at that time, in seconds since 1970; 0 where it is not known.
        var time = 0
        /// In seconds, by the clock that stands still while the node sleeps.
        var sinceBoot = 0

        /// The main process's start counts, where there is one; a service may take long to say that it is ready.
        static let properties =
            "ExecMainStartTimestamp,ExecMainStartTimestampMonotonic,ActiveEnterTimestamp,ActiveEnterTimestampMonotonic"

        init() {}

        init(_ values: [Substring: String]) {
            for name in ["ExecMainStartTimestamp", "ActiveEnterTimestamp"] where sinceBoot == 0 {
                sinceBoot = values["\(name)Monotonic"].flatMap { Int($0) }.map { $0 / 1_000_000 } ?? 0
                time = values[Substring(name)].flatMap(Self.seconds) ?? 0
            }
        }

        /// `Sat 2026-11-28 14:25:37 UTC`, as systemd writes it where TZ is UTC.
        static func seconds(_ text: String) -> Int? {
            let words = text.split(separator: " ")
            guard words.count == 4, words[3] == "UTC" else { return nil }
            let date = words[1].split(separator: "-").compactMap { Int($0) }
            let clock = words[2].split(separator: ":").compactMap { Int($0) }
            guard date.count == 3, clock.count == 3, (1970...9999).contains(date[0]), (1...12).contains(date[1])
            else { return nil }
            // Years that begin in March have the leap day at their end.
            let year = date[1] > 2 ? date[0] : date[0] - 1
            let days = year * 365 + year / 4 - year / 100 + year / 400 + ((date[1] + 9) % 12 * 306 + 5) / 10
            let daysTo1970 = 1969 * 365 + 1969 / 4 - 1969 / 100 + 1969 / 400 + (10 * 306 + 5) / 10
            return (days - daysTo1970 + date[2] - 1) * 86_400 + clock[0] * 3600 + clock[1] * 60 + clock[2]
        }
    }
}
