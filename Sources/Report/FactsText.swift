import Model
import OrderedCollections

/// What a host tells of itself, a line for each fact, by the name that roles use: `os.family`, `disks./.free_mb`.
public struct FactsText: Sendable {
    private let style: Style

    public init(style: Style = .plain) { self.style = style }

    /// - Returns: lines, each ended: the host, then its facts.
    public func block(_ host: String, _ facts: Value) -> String {
        let rows = Self.rows(facts, below: "")
        let width = rows.map(\.name.count).max() ?? 0
        let lines = rows.map { row in
            let name = row.name + String(repeating: " ", count: width - row.name.count)
            return "    \(name)  " + (row.text == "null" ? style.tinted("null", .dim) : row.text)
        }
        return ([style.tinted(host, .bold)] + lines).map { $0 + "\n" }.joined()
    }

    private static func rows(_ value: Value, below path: String) -> [(name: String, text: String)] {
        guard let entries = value.map, !value.isSensitive, !(entries.isEmpty && !path.isEmpty) else {
            let items = value.isSensitive ? nil : value.list
            let text = items.map { $0.map(\.description).joined(separator: ", ") } ?? value.description
            return [(path.printable, (text.isEmpty ? "''" : text).printable)]
        }
        return entries.flatMap { key, entry in rows(entry, below: path.isEmpty ? key : "\(path).\(key)") }
    }
}
