import Model
import OrderedCollections
import Report
import YAML

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// What a run's journal tells of it.
struct RunRecord: Sendable {
    /// The name of its folder: 20261124T101500Z-1f2e.
    let id: String
    let folder: String
    /// Its first event; missing where it was written by an older kubani.
    let start: RunStart?
    /// Its last word; nil where the run was cut short.
    let recap: Recap?
    /// Every event, as JSON.
    let events: [Value]

    /// The IDs of all runs, the last one last.
    static func names(in directory: String = Journal.runs) -> [String] {
        ((try? FileManager.default.contentsOfDirectory(atPath: directory)) ?? []).sorted()
    }

    /// - Returns: nil where there is no journal.
    init?(id: String, in directory: String = Journal.runs) {
        folder = "\(directory)/\(id)"
        guard let bytes = FileManager.default.contents(atPath: "\(folder)/events.jsonl") else { return nil }
        self.id = id
        // The last line of a run that was killed may be half a line.
        events = bytes.split(separator: UInt8(ascii: "\n")).compactMap { try? JSON.read([UInt8]($0)) }
        start = events.first.flatMap { RunStart(json: $0) }
        recap = events.last.flatMap { Recap(json: $0) }
    }

    /// How it ended, in a few words.
    var outcome: String {
        guard let recap else { return "cut short" }
        let counts = recap.hosts.values
        let failed = counts.reduce(0) { $0 + $1.failed }
        let changed = counts.reduce(0) { $0 + $1.changed }
        let lost = counts.filter(\.isUnreachable).count
        var parts: [String] = []
        if failed > 0 { parts.append("\(failed) failed") }
        if lost > 0 { parts.append("\(lost) unreachable") }
        parts.append(changed > 0 ? "\(changed) changed" : failed + lost > 0 ? "nothing changed" : "nothing to change")
        if recap.wasInterrupted { parts.insert("interrupted", at: 0) }
        return parts.joined(separator: ", ") + " on \(counted(counts.count, "host"))"
    }

    var json: Value {
        var entries: OrderedDictionary<String, Value> = ["id": .string(id), "outcome": .string(outcome)]
        if let start {
            entries.merge([
                "command": .string(start.command), "by": .string(start.by), "time": .string(start.time),
                "kubani": .string(start.program),
            ]) { $1 }
        }
        if recap != nil, let told = events.last?["recap"] { entries["recap"] = told }
        return .map(entries)
    }
}

extension RunStart {
    fileprivate init?(json: Value) {
        guard json["event"]?.string == "began", let command = json["command"]?.string else { return nil }
        self.init(
            command: command, by: json["by"]?.string ?? "", time: json["time"]?.string ?? "",
            program: json["kubani"]?.string ?? "")
    }
}

extension Recap {
    fileprivate init?(json event: Value) {
        guard event["event"]?.string == "ended", let json = event["recap"] else { return nil }
        var hosts: [String: Counts] = [:]
        for (host, told) in json["hosts"]?.map ?? [:] {
            func count(_ key: String) -> Int { told[key]?.int ?? 0 }
            var counts = Counts()
            counts.unchanged = count("unchanged")
            counts.changed = count("changed")
            counts.failed = count("failed")
            counts.ignored = count("ignored")
            counts.skipped = count("skipped")
            counts.blocked = count("blocked")
            counts.cancelled = count("cancelled")
            counts.roundTrips = count("round_trips")
            counts.isUnreachable = told["unreachable"]?.bool ?? false
            hosts[host] = counts
        }
        let seconds =
            if case .double(let fraction)? = json["seconds"]?.content { fraction } else {
                Double(json["seconds"]?.int ?? 0)
            }
        self.init(
            hosts: hosts, elapsed: .seconds(seconds), wasInterrupted: json["interrupted"]?.bool ?? false)
    }
}
