import Model

/// What a `line` task makes of a file's bytes. Lines that it leaves alone keep every byte, valid text or not.
struct LineEdit: Sendable, Hashable {
    /// The line without its end; nil only where lines that match are removed.
    var line: String?
    var match: String?
    var isPresent: Bool
    var place: Place

    /// A regular expression, as `match`, `after` and `before` take it.
    /// - Throws: `InputError` where it is none.
    static func pattern(_ text: String) throws(InputError) -> Regex<AnyRegexOutput> {
        do {
            return try Regex(text).matchingSemantics(.unicodeScalar)
        } catch {
            throw InputError("'\(text)' is not a regular expression: \(error)")
        }
    }

    /// The file's content as it should be; the same bytes where it is so already.
    ///
    /// The line to be replaced is the last that matches or already is the wanted one: a second time, that is the
    /// wanted one, and nothing changes.
    func applied(to content: [UInt8]) throws(InputError) -> [UInt8] {
        var lines = TextLine.split(content)
        let wanted = line.map { Array($0.utf8) }
        var regex: Regex<AnyRegexOutput>?
        if let match { regex = try Self.pattern(match) }
        func matches(_ line: TextLine) -> Bool {
            if let regex { line.matches(regex) } else { line.body == wanted }
        }
        guard isPresent, let wanted else {
            lines.removeAll(where: matches)
            return lines.flatMap { $0.body + $0.end }
        }
        if let index = lines.lastIndex(where: { $0.body == wanted || matches($0) }) {
            lines[index].body = wanted
        } else {
            TextLine.insert([wanted], at: try place.index(in: lines), of: &lines)
        }
        return lines.flatMap { $0.body + $0.end }
    }

}
