import Model
import OrderedCollections

/// JSON as other programs speak it: read at the speed of a large answer, without places; written as it is.
public enum JSON {
    /// - Throws: where the bytes are no JSON in UTF-8, with the byte that is wrong.
    public static func read(_ bytes: [UInt8]) throws(Mistake) -> Value {
        guard String(validating: bytes, as: UTF8.self) != nil else {
            throw Mistake(message: "it is not UTF-8", offset: 0)
        }
        var reader = JSONReader(bytes)
        return try reader.document()
    }

    /// nil where the text is no JSON.
    public static func read(_ text: String) -> Value? { try? read(Array(text.utf8)) }

    public struct Mistake: Error, Sendable, Hashable {
        public var message: String
        /// In bytes.
        public var offset: Int
    }

    /// Two spaces a level, keys in the order they were written, a newline at the end.
    ///
    /// - Throws: `InputError` for what JSON cannot hold: a number that is not finite, a value not known yet.
    public static func pretty(_ value: Value) throws(InputError) -> String {
        var out = ""
        try append(value, indent: "\n", to: &out)
        return out + "\n"
    }

    /// On one line, without spaces; empty for what JSON cannot hold.
    public static func line(_ value: Value) -> String {
        var out = ""
        do throws(InputError) { try append(value, indent: nil, to: &out) } catch { return "" }
        return out
    }

    /// - Parameter indent: the newline and spaces before each item's parent; nil for one line.
    private static func append(_ value: Value, indent: String?, to out: inout String) throws(InputError) {
        let deeper = indent.map { $0 + "  " }
        switch value.content {
        case .null: out += "null"
        case .bool(let flag): out += flag ? "true" : "false"
        case .int(let number): out += String(number)
        case .double(let number):
            guard number.isFinite else { throw InputError("JSON has no number '\(number)'", at: value.origin) }
            out += number.description
        case .string(let text): append(text, to: &out)
        case .unknown: throw InputError("a value that is not known yet cannot be written", at: value.origin)
        case .list(let items):
            if items.isEmpty {
                out += "[]"
                return
            }
            out += "["
            for (index, item) in items.enumerated() {
                out += (index == 0 ? "" : ",") + (deeper ?? "")
                try append(item, indent: deeper, to: &out)
            }
            out += (indent ?? "") + "]"
        case .map(let entries):
            if entries.isEmpty {
                out += "{}"
                return
            }
            out += "{"
            for (index, entry) in entries.enumerated() {
                out += (index == 0 ? "" : ",") + (deeper ?? "")
                append(entry.key, to: &out)
                out += indent == nil ? ":" : ": "
                try append(entry.value, indent: deeper, to: &out)
            }
            out += (indent ?? "") + "}"
        }
    }

    private static func append(_ text: String, to out: inout String) {
        out += "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"": out += "\\\""
            case "\\": out += "\\\\"
            case "\n": out += "\\n"
            case "\r": out += "\\r"
            case "\t": out += "\\t"
            // The line ends that YAML and JavaScript know and JSON does not are escaped, so that all read the same.
            case "\u{0}"..<" ", "\u{7f}"..."\u{9f}", "\u{2028}", "\u{2029}", "\u{feff}":
                let digits = String(scalar.value, radix: 16)
                out += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
            default: out.unicodeScalars.append(scalar)
            }
        }
        out += "\""
    }
}
