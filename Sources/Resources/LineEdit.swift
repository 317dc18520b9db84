import Model

/// What a `line` task makes of a file's bytes. Lines that it leaves alone keep every byte, valid text or not.
struct LineEdit: Sendable, Hashable {
    enum Place: Sendable, Hashable {
        case start, end
        /// After, or before, the last line that matches.
        case after(String)
        case before(String)
    }

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
            insert(wanted, at: try index(in: lines), of: &lines)
        }
        return lines.flatMap { $0.body + $0.end }
    }

    private func index(in lines: [TextLine]) throws(InputError) -> Int {
        switch place {
        case .start: return 0
        case .end: return lines.count
        case .after(let text):
            let regex = try Self.pattern(text)
            return lines.lastIndex { $0.matches(regex) }.map { $0 + 1 } ?? lines.count
        case .before(let text):
            let regex = try Self.pattern(text)
            return lines.lastIndex { $0.matches(regex) } ?? lines.count
        }
    }

    /// The new line ends as its neighbour does; one before it that had no end gets one.
    private func insert(_ body: [UInt8], at index: Int, of lines: inout [TextLine]) {
        let neighbour = index > 0 ? lines[index - 1].end : lines.first?.end ?? []
        let end = neighbour.isEmpty ? Array("\n".utf8) : neighbour
        if index > 0, lines[index - 1].end.isEmpty { lines[index - 1].end = end }
        lines.insert(TextLine(body: body, end: end), at: index)
    }
}

/// A line of a file and what ends it: `\n`, `\r\n`, or nothing at the end of the file.
struct TextLine: Sendable, Equatable {
    var body: [UInt8]
    var end: [UInt8]

    static func split(_ content: [UInt8]) -> [TextLine] {
        var lines: [TextLine] = []
        var rest = content[...]
        while !rest.isEmpty {
            guard let newline = rest.firstIndex(of: UInt8(ascii: "\n")) else {
                lines.append(TextLine(body: Array(rest), end: []))
                break
            }
            let hasReturn = newline > rest.startIndex && rest[newline - 1] == UInt8(ascii: "\r")
            let end = hasReturn ? newline - 1 : newline
            lines.append(TextLine(body: Array(rest[..<end]), end: Array(rest[end...newline])))
            rest = rest[(newline + 1)...]
        }
        return lines
    }

    func matches(_ regex: Regex<AnyRegexOutput>) -> Bool {
        String(decoding: body, as: UTF8.self).firstMatch(of: regex) != nil
    }
}
