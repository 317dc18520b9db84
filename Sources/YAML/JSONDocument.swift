import Model

/// Strict JSON as nodes. Ansible reads a file as JSON before it tries YAML, and the two differ: `1e3` is a number here,
/// tabs may indent, and `"\ud83d\ude00"` is one character.
struct JSONDocument {
    private let source: YAMLSource
    private var at = 0
    private var line = 1
    private var column = 1
    private var index = 0
    private var counted = 0

    /// The document, or nil where the file is no JSON document: it may still be YAML.
    static func read(_ source: YAMLSource) -> YAMLNode? {
        var reader = JSONDocument(source: source)
        reader.skipBlanks()
        guard reader.peek == UInt8(ascii: "{") || reader.peek == UInt8(ascii: "["), let node = reader.value(depth: 1)
        else { return nil }
        reader.skipBlanks()
        return reader.peek == nil ? node : nil
    }

    private init(source: YAMLSource) { self.source = source }

    private var peek: UInt8? { at < source.bytes.count ? source.bytes[at] : nil }

    /// The place reached; characters are counted on from the mark before, for a file may be one long line.
    private mutating func mark() -> YAMLNode.Mark {
        count()
        return YAMLNode.Mark(line: line, column: column, index: index)
    }

    private mutating func count() {
        for byte in source.bytes[counted..<at] where byte & 0xC0 != 0x80 {
            column += 1
            index += 1
        }
        counted = at
    }

    private mutating func skipBlanks() {
        while let byte = peek, byte == 0x20 || byte == 0x09 || byte == 0x0A || byte == 0x0D {
            at += 1
            if byte == 0x0A {
                count()
                line += 1
                column = 1
            }
        }
    }

    private mutating func take(_ character: Unicode.Scalar) -> Bool {
        skipBlanks()
        guard peek == UInt8(ascii: character) else { return false }
        at += 1
        return true
    }

    private mutating func value(depth: Int) -> YAMLNode? {
        guard depth <= YAML.greatestDepth else { return nil }
        skipBlanks()
        let start = mark()
        let kind: YAMLNode.Kind?
        switch peek {
        case UInt8(ascii: "{"): kind = mapping(depth)
        case UInt8(ascii: "["): kind = sequence(depth)
        case UInt8(ascii: "\""): kind = string().map { .scalar($0, .quoted) }
        default: kind = word().map { .scalar($0, .plain) }
        }
        guard let kind else { return nil }
        let isFlow = if case .scalar = kind { false } else { true }
        return YAMLNode(kind: kind, isFlow: isFlow, start: start, finish: mark(), source: source)
    }

    private mutating func mapping(_ depth: Int) -> YAMLNode.Kind? {
        at += 1
        var entries: [YAMLNode.Entry] = []
        if take("}") { return .mapping([]) }
        repeat {
            skipBlanks()
            guard peek == UInt8(ascii: "\""), let key = value(depth: depth + 1), take(":"),
                let value = value(depth: depth + 1)
            else { return nil }
            entries.append(YAMLNode.Entry(key: key, value: value))
        } while take(",")
        return take("}") ? .mapping(entries) : nil
    }

    private mutating func sequence(_ depth: Int) -> YAMLNode.Kind? {
        at += 1
        var items: [YAMLNode] = []
        if take("]") { return .sequence([]) }
        repeat {
            guard let item = value(depth: depth + 1) else { return nil }
            items.append(item)
        } while take(",")
        return take("]") ? .sequence(items) : nil
    }

    /// true, false, null or a number, spelled so that the rules of YAML give it the type that JSON does.
    private mutating func word() -> String? {
        let start = at
        while let byte = peek, !" \t\r\n,]}:\"[{".utf8.contains(byte) { at += 1 }
        let text = String(decoding: source.bytes[start..<at], as: UTF8.self)
        if ["true", "false", "null"].contains(text) { return text }
        let digits = text.hasPrefix("-") ? text.dropFirst() : text[...]
        guard let first = digits.utf8.first, (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(first),
            digits.utf8.allSatisfy({ "0123456789.eE+-".utf8.contains($0) }),
            first != UInt8(ascii: "0") || digits.utf8.count == 1 || ".eE".contains(digits.dropFirst().prefix(1)),
            !digits.hasSuffix("."), !digits.contains(".e"), !digits.contains(".E"), let number = Double(text)
        else { return nil }
        return digits.utf8.allSatisfy { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
            ? text : ScalarText.number(number)
    }

    private mutating func string() -> String? {
        at += 1
        var bytes: [UInt8] = []
        while let byte = peek {
            at += 1
            switch byte {
            case UInt8(ascii: "\""): return String(validating: bytes, as: UTF8.self)
            case 0..<0x20: return nil
            case UInt8(ascii: "\\"):
                guard let scalar = escape() else { return nil }
                bytes.append(contentsOf: Array(String(Character(scalar)).utf8))
            default: bytes.append(byte)
            }
        }
        return nil
    }

    private mutating func escape() -> Unicode.Scalar? {
        guard let byte = peek else { return nil }
        at += 1
        switch byte {
        case UInt8(ascii: "n"): return "\n"
        case UInt8(ascii: "t"): return "\t"
        case UInt8(ascii: "r"): return "\r"
        case UInt8(ascii: "b"): return "\u{8}"
        case UInt8(ascii: "f"): return "\u{C}"
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): return Unicode.Scalar(byte)
        case UInt8(ascii: "u"):
            guard let high = hex() else { return nil }
            guard (0xD800...0xDBFF).contains(high) else { return Unicode.Scalar(high) }
            guard peek == UInt8(ascii: "\\"), at + 1 < source.bytes.count, source.bytes[at + 1] == UInt8(ascii: "u")
            else { return nil }
            at += 2
            guard let low = hex(), (0xDC00...0xDFFF).contains(low) else { return nil }
            return Unicode.Scalar(0x10000 + ((high - 0xD800) << 10) + (low - 0xDC00))
        default: return nil
        }
    }

    private mutating func hex() -> UInt32? {
        guard at + 4 <= source.bytes.count else { return nil }
        defer { at += 4 }
        let text = String(decoding: source.bytes[at..<(at + 4)], as: UTF8.self)
        return text.utf8.allSatisfy { Character(Unicode.Scalar($0)).isHexDigit } ? UInt32(text, radix: 16) : nil
    }
}
