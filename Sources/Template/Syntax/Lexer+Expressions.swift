import Model

extension Lexer {
    /// Reads tokens to the tag's end, or to the text's end when `close` is nil. Within brackets `}}` ends no tag, so
    /// that a map may hold a map.
    mutating func tokens(until close: UInt8?, openedAt open: Int) throws(InputErrors) -> [Token] {
        var out: [Token] = []
        var brackets: [UInt8] = []
        while true {
            position = skippingSpace(from: position)
            let start = position
            guard start < bytes.count else {
                if let close {
                    let tag = close == Self.brace ? ("{{", "}}") : ("{%", "%}")
                    throw source.error("'\(tag.0)' is not closed", at: open, hint: "end it with '\(tag.1)'")
                }
                out.append(Token(kind: .end, at: start))
                return out
            }
            if let close, brackets.isEmpty, let end = closing(close, at: start) {
                position = end
                out.append(Token(kind: .end, at: start))
                return out
            }
            let byte = bytes[start]
            switch byte {
            case UInt8(ascii: "0")...UInt8(ascii: "9"):
                out.append(Token(kind: try number(after: out.last), at: start))
            case UInt8(ascii: "'"), UInt8(ascii: "\""):
                out.append(Token(kind: .string(try string(quote: byte)), at: start))
            case _ where Self.isNameStart(byte):
                while position < bytes.count, Self.isNamePart(bytes[position]) { position += 1 }
                out.append(Token(kind: .name(String(decoding: bytes[start..<position], as: UTF8.self)), at: start))
            default:
                let symbol = try symbol()
                if let closer = Self.closers[symbol] {
                    brackets.append(closer)
                } else if symbol == ")" || symbol == "]" || symbol == "}" {
                    guard brackets.popLast() == byte else {
                        throw source.error("this '\(symbol)' closes nothing that is open", at: start)
                    }
                }
                out.append(Token(kind: .symbol(symbol), at: start))
            }
        }
    }

    private static let closers: [String: UInt8] = [
        "(": UInt8(ascii: ")"), "[": UInt8(ascii: "]"), "{": UInt8(ascii: "}"),
    ]

    private static let pairs: Set<String> = ["//", "**", "==", "!=", ">=", "<="]
    private static let singles = Set("+-/*%~[](){}><=.:|,;".utf8)

    private mutating func symbol() throws(InputErrors) -> String {
        let pair = String(decoding: bytes[position..<min(position + 2, bytes.count)], as: UTF8.self)
        if Self.pairs.contains(pair) {
            position += 2
            return pair
        }
        guard Self.singles.contains(bytes[position]) else {
            throw source.error("an unexpected character in an expression", at: position)
        }
        position += 1
        return String(decoding: [bytes[position - 1]], as: UTF8.self)
    }

    /// A number as Jinja2 has it: underscores between digits, 0x, 0o, 0b, fractions and exponents; no leading zeros.
    private mutating func number(after previous: Token?) throws(InputErrors) -> Token.Kind {
        let start = position
        let radixes: [UInt8: Int] = [120: 16, 88: 16, 111: 8, 79: 8, 98: 2, 66: 2]
        if bytes[start] == UInt8(ascii: "0"), start + 1 < bytes.count, let radix = radixes[bytes[start + 1]] {
            position += 2
            while position < bytes.count, Self.isNamePart(bytes[position]) { position += 1 }
            let digits = bytes[(start + 2)..<position].filter { $0 != UInt8(ascii: "_") }
            guard let value = Int(String(decoding: digits, as: UTF8.self), radix: radix) else {
                throw source.error("this is no number, or too large a one", at: start)
            }
            return .int(value)
        }
        skipDigits()
        var isFloat = false
        let mayBeFloat = previous?.kind != .symbol(".")
        if mayBeFloat, position + 1 < bytes.count, bytes[position] == UInt8(ascii: "."),
            Self.isDigit(bytes[position + 1])
        {
            isFloat = true
            position += 1
            skipDigits()
        }
        if mayBeFloat, position < bytes.count, bytes[position] | 32 == UInt8(ascii: "e") {
            var next = position + 1
            if next < bytes.count, bytes[next] == Self.plus || bytes[next] == Self.minus { next += 1 }
            if next < bytes.count, Self.isDigit(bytes[next]) {
                isFloat = true
                position = next
                skipDigits()
            }
        }
        let text = String(decoding: bytes[start..<position].filter { $0 != UInt8(ascii: "_") }, as: UTF8.self)
        let isAttached = position < bytes.count && Self.isNamePart(bytes[position])
        if isFloat, !isAttached, let value = Double(text) { return .float(value) }
        if !isAttached, text.utf8.first != UInt8(ascii: "0") || text.utf8.allSatisfy({ $0 == UInt8(ascii: "0") }),
            let value = Int(text)
        {
            return .int(value)
        }
        throw source.error(
            "this is no number, or too large a one", at: start,
            hint: text.utf8.first == UInt8(ascii: "0") ? "numbers have no leading zeros; octal is 0o644" : nil)
    }

    private mutating func skipDigits() {
        while position < bytes.count {
            let isUnderscore =
                bytes[position] == UInt8(ascii: "_") && position + 1 < bytes.count && Self.isDigit(bytes[position + 1])
            guard Self.isDigit(bytes[position]) || isUnderscore else { return }
            position += 1
        }
    }

    /// A quoted text with Python's escapes; an unknown escape stays as written, so that patterns need no doubling.
    private mutating func string(quote: UInt8) throws(InputErrors) -> String {
        let start = position
        position += 1
        var out: [UInt8] = []
        while position < bytes.count, bytes[position] != quote {
            let byte = bytes[position]
            position += 1
            if byte == 13 {
                out.append(Self.lineFeed)
                if position < bytes.count, bytes[position] == Self.lineFeed { position += 1 }
            } else if byte == UInt8(ascii: "\\"), position < bytes.count {
                try escape(into: &out)
            } else {
                out.append(byte)
            }
        }
        guard position < bytes.count else {
            throw source.error("this text is not closed", at: start, hint: "a quote is missing")
        }
        position += 1
        return String(decoding: out, as: UTF8.self)
    }

    private static let simpleEscapes: [UInt8: UInt8] = [
        UInt8(ascii: "n"): 10, UInt8(ascii: "t"): 9, UInt8(ascii: "r"): 13, UInt8(ascii: "\\"): 92,
        UInt8(ascii: "'"): 39, UInt8(ascii: "\""): 34, UInt8(ascii: "a"): 7, UInt8(ascii: "b"): 8,
        UInt8(ascii: "f"): 12, UInt8(ascii: "v"): 11,
    ]

    private mutating func escape(into out: inout [UInt8]) throws(InputErrors) {
        let at = position - 1
        let letter = bytes[position]
        position += 1
        if let byte = Self.simpleEscapes[letter] {
            out.append(byte)
            return
        }
        func append(_ code: UInt32) throws(InputErrors) {
            guard let scalar = Unicode.Scalar(code) else {
                throw source.error("this escape names no character", at: at)
            }
            out.append(contentsOf: String(scalar).utf8)
        }
        let lengths: [UInt8: Int] = [UInt8(ascii: "x"): 2, UInt8(ascii: "u"): 4, UInt8(ascii: "U"): 8]
        if let length = lengths[letter] {
            let digits = bytes[position..<min(position + length, bytes.count)]
            let text = String(decoding: digits, as: UTF8.self)
            guard digits.count == length, digits.allSatisfy({ $0 != Self.plus && $0 != Self.minus }),
                let code = UInt32(text, radix: 16)
            else { throw source.error("this escape needs \(length) hexadecimal digits", at: at) }
            position += length
            try append(code)
        } else if (UInt8(ascii: "0")...UInt8(ascii: "7")).contains(letter) {
            var code = UInt32(letter - UInt8(ascii: "0"))
            var count = 1
            while count < 3, position < bytes.count, (UInt8(ascii: "0")...UInt8(ascii: "7")).contains(bytes[position]) {
                code = code * 8 + UInt32(bytes[position] - UInt8(ascii: "0"))
                position += 1
                count += 1
            }
            try append(code)
        } else if letter == UInt8(ascii: "N") {
            throw source.error("characters by name are not supported", at: at, hint: "write \\u and four digits")
        } else if letter != Self.lineFeed {
            out.append(UInt8(ascii: "\\"))
            out.append(letter)
        }
    }

    static func isDigit(_ byte: UInt8) -> Bool { (48...57).contains(byte) }
    static func isNameStart(_ byte: UInt8) -> Bool {
        (65...90).contains(byte) || (97...122).contains(byte) || byte == 95 || byte >= 0x80
    }
    static func isNamePart(_ byte: UInt8) -> Bool { isNameStart(byte) || isDigit(byte) }
}
