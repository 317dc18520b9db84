import Model

/// How a file writes `{}` and `[]`: blanks, and whether each entry has a line of its own.
struct FlowStyle {
    var padding = ""
    var comma = ", "
    var colon = ": "
    /// What an entry's line is indented by, beyond the line of the brace; nil where all is in one line.
    var unit: String?

    init() {}

    /// The style of a flow collection that is not empty.
    init(of node: YAMLNode, _ places: NodePlaces) {
        let text = places.text
        let elements: [Range<Int>] =
            node.entries.map { $0.map { Int($0.key.start.index)..<places.entryEnd($0) } }
            ?? (node.items ?? []).map { Int($0.start.index)..<places.contentEnd($0) }
        guard let first = elements.first else { return }
        let brace = places.contentStart(node)
        if text.lineStart(first.lowerBound) != text.lineStart(brace) {
            let outer = text.indentation(brace)
            let inner = text.indentation(first.lowerBound)
            unit = inner.hasPrefix(outer) ? String(inner.dropFirst(outer.count)) : "  "
        } else {
            padding = text.string((brace + 1)..<first.lowerBound)
            if !Self.areBlanks(padding) { padding = "" }
        }
        if let last = node.entries?.last, let end = places.colonEnd(last), end <= Int(last.value.start.index),
            !places.isEmpty(last.value)
        {
            let found = text.string(places.contentEnd(last.key)..<Int(last.value.start.index))
            if Self.areBlanks(found.filter { $0 != ":" }) { colon = found }
            if colon == ":" { comma = "," }
        }
        guard elements.count > 1 else { return }
        let between = text.string(elements[elements.count - 2].upperBound..<elements[elements.count - 1].lowerBound)
        let found = between.drop { $0 != "," }
        if Self.areBlanks(found.dropFirst()) { comma = String(found) }
    }

    private static func areBlanks(_ text: some StringProtocol) -> Bool {
        text.unicodeScalars.allSatisfy(TextLines.isBlank)
    }

    /// What stands between a key and its value. A bare key needs a blank behind its colon.
    func colon(after key: String) -> String { colon.last == ":" && !key.hasPrefix("\"") ? colon + " " : colon }
}
