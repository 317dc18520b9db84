import Model

/// Cuts a template into text and tags, as Jinja2's lexer does, whitespace control included.
struct Lexer {
    let source: SourceText
    let options: Template.Options
    let bytes: [UInt8]
    var position = 0
    /// Whether the tag before ended with a line break, so that what follows begins a line.
    private var lineStarting = true

    init(_ source: SourceText, options: Template.Options) {
        self.source = source
        self.options = options
        bytes = Array(source.text.utf8)
    }

    mutating func segments() throws(InputErrors) -> [Segment] {
        var out: [Segment] = []
        while position < bytes.count {
            guard let open = nextTag(from: position) else {
                appendText(position..<bytes.count, to: &out, isLast: true)
                break
            }
            let sign = open + 2 < bytes.count ? bytes[open + 2] : 0
            let kind = bytes[open + 1]
            let textRange = position..<open
            position = open + 2 + (sign == Self.minus || sign == Self.plus ? 1 : 0)
            let text = trimmed(textRange, sign: sign, isVariable: kind == Self.brace)
            switch kind {
            case Self.hash:
                appendText(text, to: &out)
                try skipComment(openedAt: open)
            case Self.percent:
                appendText(text, to: &out)
                if let afterRaw = raw(from: position) {
                    position = afterRaw
                    noteLineStart()
                    try readRaw(openedAt: open, into: &out)
                } else {
                    out.append(.block(try tokens(until: Self.percent, openedAt: open), at: open))
                }
            default:
                appendText(text, to: &out)
                out.append(.output(try tokens(until: Self.brace, openedAt: open)))
            }
            noteLineStart()
        }
        return out
    }

    /// The tokens of a bare expression, to the end of the text.
    mutating func bareTokens() throws(InputErrors) -> [Token] {
        try tokens(until: nil, openedAt: 0)
    }

    private func nextTag(from start: Int) -> Int? {
        var i = start
        while i + 1 < bytes.count {
            if bytes[i] == Self.brace {
                let next = bytes[i + 1]
                if next == Self.brace || next == Self.percent || next == Self.hash { return i }
            }
            i += 1
        }
        return nil
    }

    /// The text before a tag, less the whitespace that the tag's sign or `lstripBlocks` takes away.
    private func trimmed(_ range: Range<Int>, sign: UInt8, isVariable: Bool) -> Range<Int> {
        var end = range.upperBound
        if sign == Self.minus {
            while end > range.lowerBound, Self.isSpace(bytes[end - 1]) { end -= 1 }
        } else if sign != Self.plus, options.lstripBlocks, !isVariable {
            while end > range.lowerBound, Self.isSpace(bytes[end - 1]), !Self.isBreak(bytes[end - 1]) { end -= 1 }
            let beginsLine = end > range.lowerBound ? Self.isBreak(bytes[end - 1]) : lineStarting
            if !beginsLine { end = range.upperBound }
        }
        return range.lowerBound..<end
    }

    private func appendText(_ range: Range<Int>, to out: inout [Segment], isLast: Bool = false) {
        var range = range
        if isLast, !options.keepTrailingNewline, let last = range.last, Self.isBreak(bytes[last]) {
            let length = bytes[last] == Self.lineFeed && last > range.lowerBound && bytes[last - 1] == 13 ? 2 : 1
            range = range.lowerBound..<(range.upperBound - length)
        }
        guard !range.isEmpty else { return }
        out.append(.text(Self.unified(bytes[range])))
    }

    /// Text with every line break as a line feed, as Jinja2 reads its templates.
    static func unified(_ bytes: ArraySlice<UInt8>) -> String {
        guard bytes.contains(13) else { return String(decoding: bytes, as: UTF8.self) }
        var out: [UInt8] = []
        var afterReturn = false
        for byte in bytes {
            if byte == 13 { out.append(lineFeed) } else if !(byte == lineFeed && afterReturn) { out.append(byte) }
            afterReturn = byte == 13
        }
        return String(decoding: out, as: UTF8.self)
    }

    private mutating func skipComment(openedAt open: Int) throws(InputErrors) {
        while position < bytes.count {
            if let end = closing(Self.hash, at: position) {
                position = end
                return
            }
            position += 1
        }
        throw source.error("this comment is not closed", at: open, hint: "end it with '#}'")
    }

    /// Where the text after `raw` and its `%}` begins, if the tag opened just before `start` is one.
    private func raw(from start: Int) -> Int? {
        guard let afterName = word("raw", from: start) else { return nil }
        if afterName + 2 < bytes.count, bytes[afterName] == Self.minus, isEnd(Self.percent, at: afterName + 1) {
            return skippingSpace(from: afterName + 3)
        }
        return isEnd(Self.percent, at: afterName) ? afterName + 2 : nil
    }

    private mutating func readRaw(openedAt open: Int, into out: inout [Segment]) throws(InputErrors) {
        let start = position
        var i = start
        while i + 1 < bytes.count {
            if bytes[i] == Self.brace, bytes[i + 1] == Self.percent {
                let sign = i + 2 < bytes.count ? bytes[i + 2] : 0
                let inner = sign == Self.minus || sign == Self.plus ? i + 3 : i + 2
                if let afterName = word("endraw", from: inner), let end = closing(Self.percent, at: afterName) {
                    appendText(trimmed(start..<i, sign: sign, isVariable: false), to: &out)
                    position = end
                    return
                }
            }
            i += 1
        }
        throw source.error("this raw block is not closed", at: open, hint: "end it with '{% endraw %}'")
    }

    /// The offset after a word that spaces may surround.
    private func word(_ word: String, from start: Int) -> Int? {
        let begin = skippingSpace(from: start)
        guard bytes[begin...].starts(with: word.utf8) else { return nil }
        return skippingSpace(from: begin + word.utf8.count)
    }

    func skippingSpace(from start: Int) -> Int {
        var i = min(start, bytes.count)
        while i < bytes.count, Self.isSpace(bytes[i]) { i += 1 }
        return i
    }

    private func isEnd(_ kind: UInt8, at i: Int) -> Bool {
        i + 1 < bytes.count && bytes[i] == kind && bytes[i + 1] == Self.closingBrace
    }

    /// The offset after `%}`, `#}` or `}}` at `i` and what its sign or `trimBlocks` takes with it.
    func closing(_ kind: UInt8, at i: Int) -> Int? {
        let end = kind == Self.brace ? Self.closingBrace : kind
        if i < bytes.count, bytes[i] == Self.minus, isEnd(end, at: i + 1) { return skippingSpace(from: i + 3) }
        if kind == Self.brace { return isEnd(end, at: i) ? i + 2 : nil }
        if i < bytes.count, bytes[i] == Self.plus, isEnd(end, at: i + 1) { return i + 3 }
        guard isEnd(end, at: i) else { return nil }
        guard options.trimBlocks, i + 2 < bytes.count else { return i + 2 }
        if bytes[i + 2] == Self.lineFeed { return i + 3 }
        if bytes[i + 2] == 13 { return i + 3 < bytes.count && bytes[i + 3] == Self.lineFeed ? i + 4 : i + 3 }
        return i + 2
    }

    private mutating func noteLineStart() { lineStarting = position > 0 && Self.isBreak(bytes[position - 1]) }

    static let brace = UInt8(ascii: "{")
    static let closingBrace = UInt8(ascii: "}")
    static let percent = UInt8(ascii: "%")
    static let hash = UInt8(ascii: "#")
    static let minus = UInt8(ascii: "-")
    static let plus = UInt8(ascii: "+")
    static let lineFeed = UInt8(ascii: "\n")

    static func isSpace(_ byte: UInt8) -> Bool { byte == 32 || (9...13).contains(byte) || (28...31).contains(byte) }
    static func isBreak(_ byte: UInt8) -> Bool { byte == 10 || byte == 13 }
}
