import Model

/// A file in which apt finds sources.
struct AptSourceFile: Sendable, Hashable {
    var path: String
    var text: String
    /// Whether the text is the file's, byte by byte.
    var isExact = true

    /// A `\r` before the end of a line stays with the line.
    static func lines(_ text: String) -> [Substring] {
        text.unicodeScalars.split(separator: "\n", omittingEmptySubsequences: false).map { Substring($0) }
    }

    var entries: [AptSourceEntry] { AptSourceEntry.all(in: text, of: path) }

    /// Without some repositories of one entry; what else the file says stays as it is.
    ///
    /// - Parameter new: the file that has them from now on.
    /// - Returns: nil where no edit can say so: some suites at some addresses, a text that is not UTF-8.
    func without(
        _ pairs: Set<AptSourceEntry.Pair>, of entry: AptSourceEntry, architecture: String, movedTo new: String
    ) -> AptSourceFile? {
        guard isExact else { return nil }
        var lines = Self.lines(text)
        let note = Substring("# kubani: now in \(new)")
        let all = entry.pairs(architecture)
        func isOurs(_ one: (uri: String, suite: String, pair: AptSourceEntry.Pair)) -> Bool { pairs.contains(one.pair) }
        if !entry.isParagraph {
            lines[entry.lines.lowerBound] = "\(note): \(lines[entry.lines.lowerBound])"
        } else if all.allSatisfy(isOurs) {
            // Twice the same field would be an error.
            let fields = AptSourceEntry.fields(entry.lines, of: lines)
            if let enabled = fields.first(where: { $0.name == "enabled" }) {
                lines.replaceSubrange(enabled.lines, with: [note, "Enabled: no"])
            } else {
                lines.insert(contentsOf: [note, "Enabled: no"], at: entry.lines.lowerBound)
            }
        } else {
            let suites = entry.suites.filter { suite in !all.filter { $0.suite == suite }.allSatisfy(isOurs) }
            let uris = entry.uris.filter { uri in !all.filter { $0.uri == uri }.allSatisfy(isOurs) }
            // Taken away may be whole rows or whole columns.
            let isRows = all.allSatisfy { isOurs($0) == !suites.contains($0.suite) }
            let isColumns = all.allSatisfy { isOurs($0) == !uris.contains($0.uri) }
            guard isRows || isColumns else { return nil }
            let name = isRows ? "suites" : "uris"
            let fields = AptSourceEntry.fields(entry.lines, of: lines)
            guard let field = fields.first(where: { $0.name == name }) else { return nil }
            let kept = (isRows ? suites : uris).joined(separator: " ")
            let gone = (isRows ? entry.suites : entry.uris).filter { !(isRows ? suites : uris).contains($0) }
            lines.replaceSubrange(
                field.lines,
                with: ["\(note): \(gone.joined(separator: " "))", "\(isRows ? "Suites" : "URIs"): \(kept)"])
        }
        return AptSourceFile(path: path, text: lines.joined(separator: "\n"))
    }
}
