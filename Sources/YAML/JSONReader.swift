import Model
import OrderedCollections

/// Reads JSON straight into values.
struct JSONReader {
    private let bytes: [UInt8]
    private var at = 0
    private var depth = 0

    /// - Parameter bytes: in UTF-8.
    init(_ bytes: [UInt8]) { self.bytes = bytes }

    mutating func document() throws(JSON.Mistake) -> Value {
        let value = try value()
        skipBlanks()
        guard at == bytes.count else { throw mistake("something follows the value") }
        return value
    }

    private func mistake(_ message: String) -> JSON.Mistake { JSON.Mistake(message: message, offset: at) }

    private var peek: UInt8? { at < bytes.count ? bytes[at] : nil }

    private mutating func skipBlanks() {
        while at < bytes.count, bytes[at] == 0x20 || bytes[at] == 0x0A || bytes[at] == 0x0D || bytes[at] == 0x09 {
            at += 1
        }
    }

    /// Takes a character after blanks, if it is the next one.
    private mutating func take(_ character: Unicode.Scalar) -> Bool {
        skipBlanks()
        guard peek == UInt8(ascii: character) else { return false }
        at += 1
        return true
    }

    private mutating func value() throws(JSON.Mistake) -> Value {
        depth += 1
        defer { depth -= 1 }
        guard depth <= YAML.greatestDepth else { throw mistake("it nests too deeply") }
        skipBlanks()
        switch peek {
        case UInt8(ascii: "{"): return try map()
        case UInt8(ascii: "["): return try list()
        case UInt8(ascii: "\""): return .string(try string())
        case UInt8(ascii: "t"): return try word("true", true)
        case UInt8(ascii: "f"): return try word("false", false)
        case UInt8(ascii: "n"): return try word("null", nil)
        default: return try number()
        }
    }

    private mutating func word(_ word: StaticString, _ value: Value) throws(JSON.Mistake) -> Value {
        let length = word.utf8CodeUnitCount
        let isThere =
            at + length <= bytes.count
            && (0..<length).allSatisfy { bytes[at + $0] == word.utf8Start[$0] }
        guard isThere else { throw mistake("this is no value") }
        at += length
        return value
    }

    /// The last of two entries of one name counts.
    private mutating func map() throws(JSON.Mistake) -> Value {
        var entries: OrderedDictionary<String, Value> = [:]
        at += 1
        if take("}") { return .map(entries) }
        repeat {
            skipBlanks()
            guard peek == UInt8(ascii: "\"") else { throw mistake("a key is missing") }
            let key = try string()
            guard take(":") else { throw mistake("a ':' is missing") }
            entries[key] = try value()
        } while take(",")
        guard take("}") else { throw mistake("a ',' or '}' is missing") }
        return .map(entries)
    }

    private mutating func list() throws(JSON.Mistake) -> Value {
        var items: [Value] = []
        at += 1
        if take("]") { return .list(items) }
        repeat { items.append(try value()) } while take(",")
        guard take("]") else { throw mistake("a ',' or ']' is missing") }
        return .list(items)
    }

    /// A whole number that an Int cannot hold becomes a Double.
    private mutating func number() throws(JSON.Mistake) -> Value {
        let start = at
        var isWhole = true
        func digits() -> Int {
            let from = at
            while let byte = peek, (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) { at += 1 }
            return at - from
        }
        if peek == UInt8(ascii: "-") { at += 1 }
        let hasZero = peek == UInt8(ascii: "0")
        let count = digits()
        guard count > 0, count == 1 || !hasZero else {
            at = start
            throw mistake("this is no value")
        }
        if peek == UInt8(ascii: ".") {
            at += 1
            isWhole = false
            if digits() == 0 { throw mistake("a digit is missing") }
        }
        if let byte = peek, byte | 0x20 == UInt8(ascii: "e") {
            at += 1
            isWhole = false
            if let sign = peek, sign == UInt8(ascii: "+") || sign == UInt8(ascii: "-") { at += 1 }
            if digits() == 0 { throw mistake("a digit is missing") }
        }
        let text = String(decoding: bytes[start..<at], as: UTF8.self)
        if isWhole, let whole = Int(text) { return .int(whole) }
        guard let number = Double(text), number.isFinite else { throw mistake("the number is too large") }
        return .double(number)
    }

    private mutating func string() throws(JSON.Mistake) -> String {
        at += 1
        let start = at
        while at < bytes.count {
            let byte = bytes[at]
            if byte == UInt8(ascii: "\"") {
                defer { at += 1 }
                return String(decoding: bytes[start..<at], as: UTF8.self)
            }
            if byte == UInt8(ascii: "\\") { return try escaped(from: start) }
            guard byte >= 0x20 else { throw mistake("a control character in a text") }
            at += 1
        }
        throw mistake("a text is not closed")
    }

    /// The rest of a text with escapes in it.
    private mutating func escaped(from start: Int) throws(JSON.Mistake) -> String {
        var out = Array(bytes[start..<at])
        while at < bytes.count {
            let byte = bytes[at]
            switch byte {
            case UInt8(ascii: "\""):
                at += 1
                return String(decoding: out, as: UTF8.self)
            case UInt8(ascii: "\\"):
                at += 1
                out += String(Character(try escape())).utf8
            case 0..<0x20: throw mistake("a control character in a text")
            default:
                out.append(byte)
                at += 1
            }
        }
        throw mistake("a text is not closed")
    }

    private mutating func escape() throws(JSON.Mistake) -> Unicode.Scalar {
        guard let byte = peek else { throw mistake("a text is not closed") }
        at += 1
        switch byte {
        case UInt8(ascii: "n"): return "\n"
        case UInt8(ascii: "t"): return "\t"
        case UInt8(ascii: "r"): return "\r"
        case UInt8(ascii: "b"): return "\u{8}"
        case UInt8(ascii: "f"): return "\u{C}"
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): return Unicode.Scalar(byte)
        case UInt8(ascii: "u"):
            let unit = try unit()
            guard (0xD800...0xDBFF).contains(unit) else {
                guard let scalar = Unicode.Scalar(unit) else { throw mistake("half a character") }
                return scalar
            }
            guard at + 1 < bytes.count, bytes[at] == UInt8(ascii: "\\"), bytes[at + 1] == UInt8(ascii: "u") else {
                throw mistake("half a character")
            }
            at += 2
            let low = try self.unit()
            guard (0xDC00...0xDFFF).contains(low),
                let scalar = Unicode.Scalar(0x10000 + (unit - 0xD800) << 10 + (low - 0xDC00))
            else { throw mistake("half a character") }
            return scalar
        default: throw mistake("a bad escape")
        }
    }

    private mutating func unit() throws(JSON.Mistake) -> UInt32 {
        guard at + 4 <= bytes.count else { throw mistake("a bad escape") }
        var unit: UInt32 = 0
        for byte in bytes[at..<(at + 4)] {
            guard let digit = Character(Unicode.Scalar(byte)).hexDigitValue else { throw mistake("a bad escape") }
            unit = unit << 4 | UInt32(digit)
        }
        at += 4
        return unit
    }
}
