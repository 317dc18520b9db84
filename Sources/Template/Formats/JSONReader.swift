import Model
import OrderedCollections

/// Reads JSON into values, as Python's `json.loads` does; how deep it nests is bounded.
struct JSONReader {
    struct Mistake: Error {
        let message: String
        let offset: Int
    }

    private static let deepest = 200
    private let bytes: [UInt8]
    private var position = 0
    private var depth = 0

    init(_ text: String) { bytes = Array(text.utf8) }

    mutating func whole() throws(Mistake) -> Value {
        let value = try value()
        skipSpace()
        guard position == bytes.count else { throw mistake("something follows the value") }
        return value
    }

    private func mistake(_ message: String) -> Mistake { Mistake(message: message, offset: position) }

    private mutating func skipSpace() {
        while position < bytes.count, [32, 9, 10, 13].contains(bytes[position]) { position += 1 }
    }

    private mutating func take(_ word: String) -> Bool {
        guard bytes[position...].starts(with: word.utf8) else { return false }
        position += word.utf8.count
        return true
    }

    private mutating func value() throws(Mistake) -> Value {
        depth += 1
        defer { depth -= 1 }
        guard depth <= Self.deepest else { throw mistake("it nests too deeply") }
        skipSpace()
        guard position < bytes.count else { throw mistake("a value is missing") }
        switch bytes[position] {
        case UInt8(ascii: "{"): return try map()
        case UInt8(ascii: "["): return try list()
        case UInt8(ascii: "\""): return .string(try string())
        default:
            if take("true") { return true }
            if take("false") { return false }
            if take("null") { return .null }
            if take("NaN") { return .double(.nan) }
            if take("Infinity") { return .double(.infinity) }
            if take("-Infinity") { return .double(-.infinity) }
            return try number()
        }
    }

    private mutating func map() throws(Mistake) -> Value {
        var out: OrderedDictionary<String, Value> = [:]
        position += 1
        skipSpace()
        if take("}") { return .map(out) }
        while true {
            skipSpace()
            guard position < bytes.count, bytes[position] == UInt8(ascii: "\"") else {
                throw mistake("a key is missing")
            }
            let key = try string()
            skipSpace()
            guard take(":") else { throw mistake("a ':' is missing") }
            out[key] = try value()
            skipSpace()
            if take("}") { return .map(out) }
            guard take(",") else { throw mistake("a ',' or '}' is missing") }
        }
    }

    private mutating func list() throws(Mistake) -> Value {
        var out: [Value] = []
        position += 1
        skipSpace()
        if take("]") { return .list(out) }
        while true {
            out.append(try value())
            skipSpace()
            if take("]") { return .list(out) }
            guard take(",") else { throw mistake("a ',' or ']' is missing") }
        }
    }

    private mutating func number() throws(Mistake) -> Value {
        let start = position
        var isWhole = true
        func digits() -> Int {
            let from = position
            while position < bytes.count, Lexer.isDigit(bytes[position]) { position += 1 }
            return position - from
        }
        _ = take("-")
        let first = position
        let count = digits()
        guard count > 0, count == 1 || bytes[first] != UInt8(ascii: "0") else {
            position = start
            throw mistake("this is no value")
        }
        if position + 1 < bytes.count, bytes[position] == UInt8(ascii: "."), Lexer.isDigit(bytes[position + 1]) {
            position += 1
            _ = digits()
            isWhole = false
        }
        if position < bytes.count, bytes[position] | 32 == UInt8(ascii: "e") {
            let before = position
            position += 1
            if !take("+") { _ = take("-") }
            if digits() == 0 { position = before } else { isWhole = false }
        }
        let text = String(decoding: bytes[start..<position], as: UTF8.self)
        if isWhole {
            guard let number = Int(text) else { throw mistake("the number is too large") }
            return .int(number)
        }
        return .double(Double(text) ?? 0)
    }

    private mutating func string() throws(Mistake) -> String {
        position += 1
        var out: [UInt8] = []
        while position < bytes.count {
            let byte = bytes[position]
            switch byte {
            case UInt8(ascii: "\""):
                position += 1
                return String(decoding: out, as: UTF8.self)
            case UInt8(ascii: "\\"): try escape(into: &out)
            case 0..<32: throw mistake("a control character in a text")
            default:
                out.append(byte)
                position += 1
            }
        }
        throw mistake("a text is not closed")
    }

    private static let escapes: [UInt8: UInt8] = [
        34: 34, 92: 92, 47: 47, UInt8(ascii: "b"): 8, UInt8(ascii: "f"): 12, UInt8(ascii: "n"): 10,
        UInt8(ascii: "r"): 13, UInt8(ascii: "t"): 9,
    ]

    private mutating func escape(into out: inout [UInt8]) throws(Mistake) {
        position += 1
        guard position < bytes.count else { throw mistake("a text is not closed") }
        if let byte = Self.escapes[bytes[position]] {
            out.append(byte)
            position += 1
            return
        }
        guard bytes[position] == UInt8(ascii: "u") else { throw mistake("a bad escape") }
        position += 1
        var code = try unit()
        if (0xD800..<0xDC00).contains(code), take("\\u") {
            let low = try unit()
            guard (0xDC00..<0xE000).contains(low) else { throw mistake("half a character") }
            code = 0x10000 + (code - 0xD800) << 10 + (low - 0xDC00)
        }
        guard let scalar = Unicode.Scalar(code) else { throw mistake("half a character") }
        out += String(scalar).utf8
    }

    private mutating func unit() throws(Mistake) -> UInt32 {
        let digits = bytes[position..<min(position + 4, bytes.count)]
        guard digits.count == 4, digits.allSatisfy({ $0 != 43 && $0 != 45 }),
            let code = UInt32(String(decoding: digits, as: UTF8.self), radix: 16)
        else { throw mistake("a bad escape") }
        position += 4
        return code
    }
}
