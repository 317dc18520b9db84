/// A file's characters as libyaml counts them, and the lines they make.
struct TextLines {
    private(set) var scalars: [Unicode.Scalar]
    /// What ends its lines, as the first one shows.
    let lineBreak: String

    /// A piece of the text and what comes in its place.
    struct Splice {
        var range: Range<Int>
        var text: String
    }

    init(_ text: String) {
        let all = Array(text.unicodeScalars)
        let first = all.firstIndex(where: Self.isBreak).map { all[$0...].prefix(2) } ?? []
        lineBreak = first.elementsEqual("\r\n".unicodeScalars) ? "\r\n" : first.first == "\r" ? "\r" : "\n"
        scalars = all
    }

    var bytes: [UInt8] { Array(string(0..<scalars.count).utf8) }
    var count: Int { scalars.count }
    var endsWithBreak: Bool { scalars.last.map(Self.isBreak) ?? true }

    func string(_ range: Range<Int>) -> String { String(String.UnicodeScalarView(scalars[range])) }

    /// The breaks of YAML 1.1.
    static func isBreak(_ scalar: Unicode.Scalar) -> Bool {
        scalar == "\n" || scalar == "\r" || scalar == "\u{85}" || scalar == "\u{2028}" || scalar == "\u{2029}"
    }

    static func isBlank(_ scalar: Unicode.Scalar) -> Bool { scalar == " " || scalar == "\t" }

    subscript(_ index: Int) -> Unicode.Scalar? { scalars.indices.contains(index) ? scalars[index] : nil }

    func lineStart(_ index: Int) -> Int {
        var at = min(index, count)
        // Between the two halves of one break is still before it.
        if at > 0, self[at] == "\n", scalars[at - 1] == "\r" { at -= 1 }
        while at > 0, !Self.isBreak(scalars[at - 1]) { at -= 1 }
        return at
    }

    /// Where the line ends, before its break.
    func lineEnd(_ index: Int) -> Int {
        var at = index
        while at < count, !Self.isBreak(scalars[at]) { at += 1 }
        return at
    }

    /// Where the next line begins; the text's end after the last one.
    func nextLine(_ index: Int) -> Int {
        let end = lineEnd(index)
        guard end < count else { return count }
        return scalars[end] == "\r" && self[end + 1] == "\n" ? end + 2 : end + 1
    }

    func column(_ index: Int) -> Int { index - lineStart(index) }

    /// The blanks that its line begins with.
    func indentation(_ index: Int) -> String {
        let start = lineStart(index)
        return string(start..<skippingBlanks(start))
    }

    /// Whether nothing but blanks stands before it in its line.
    func startsLine(_ index: Int) -> Bool { skippingBlanks(lineStart(index)) >= index }

    /// Where the first line begins that begins so.
    func line(beginningWith beginning: String) -> Int? {
        var start = 0
        while start < count {
            if scalars[start...].starts(with: beginning.unicodeScalars) { return start }
            start = nextLine(start)
        }
        return nil
    }

    func skippingBlanks(_ index: Int) -> Int {
        var at = index
        while let scalar = self[at], Self.isBlank(scalar) { at += 1 }
        return at
    }

    /// Past blanks, breaks and comments.
    func skippingSpace(_ index: Int) -> Int {
        var at = index
        while let scalar = self[at] {
            if Self.isBlank(scalar) || Self.isBreak(scalar) {
                at += 1
            } else if isComment(at) {
                at = lineEnd(at)
            } else {
                break
            }
        }
        return at
    }

    /// Whether a comment begins here.
    func isComment(_ index: Int) -> Bool {
        guard self[index] == "#" else { return false }
        return index == 0 || Self.isBlank(scalars[index - 1]) || Self.isBreak(scalars[index - 1])
    }

    /// The end of a line in which only blanks and a comment follow; nil where there is more.
    func restOfLine(_ index: Int) -> Int? {
        let at = skippingBlanks(index)
        guard let scalar = self[at], !Self.isBreak(scalar) else { return at }
        return isComment(at) ? lineEnd(at) : nil
    }

    /// The end of the last line below that is a comment deeper than a column: such a line belongs to what it follows.
    func endOfComments(below end: Int, deeperThan column: Int) -> Int {
        var last = end
        var start = nextLine(end)
        while start < count {
            let content = skippingBlanks(start)
            let isEmpty = self[content].map(Self.isBreak) ?? true
            guard isEmpty || isComment(content) && content - start > column else { break }
            if !isEmpty { last = lineEnd(content) }
            start = nextLine(start)
        }
        return last
    }

    func endOfBlankLines(below end: Int) -> Int {
        var last = end
        while nextLine(last) < count, self[skippingBlanks(nextLine(last))].map(Self.isBreak) ?? true {
            last = lineEnd(nextLine(last))
        }
        return last
    }

    /// Makes the changes, none of which may overlap; of two at one place the first given comes first.
    mutating func apply(_ splices: [Splice]) {
        for (_, splice) in splices.enumerated().sorted(by: {
            ($0.element.range.lowerBound, $0.offset) > ($1.element.range.lowerBound, $1.offset)
        }) {
            scalars.replaceSubrange(splice.range, with: splice.text.unicodeScalars)
        }
    }

    /// New lines below the one that ends at a place.
    func inserting(_ lines: [String], below end: Int) -> Splice {
        let text = lines.joined(separator: lineBreak)
        if end < count { return Splice(range: nextLine(end)..<nextLine(end), text: text + lineBreak) }
        // A file without a last break stays one.
        return count == 0 || endsWithBreak
            ? Splice(range: count..<count, text: text + lineBreak)
            : Splice(range: count..<count, text: lineBreak + text)
    }

    /// Whole lines, from the one that a place is in through the one that ends at another, and those in their place.
    func replacingLines(_ first: Int, through end: Int, with lines: [String] = []) -> Splice {
        let start = lineStart(first)
        let text = lines.joined(separator: lineBreak)
        if end < count { return Splice(range: start..<nextLine(end), text: lines.isEmpty ? "" : text + lineBreak) }
        guard lines.isEmpty, start > 0 else { return Splice(range: start..<count, text: text) }
        // A file without a last break stays one.
        let isPair = start > 1 && scalars[start - 1] == "\n" && scalars[start - 2] == "\r"
        return Splice(range: (start - (isPair ? 2 : 1))..<count, text: "")
    }
}
