import Model
import OrderedCollections

/// Values as INI inventories hold them: text as it is where that is read as text, and Python's literals for all else.
enum INIValue {
    /// What may stand for a value, the plainest first; whoever writes one reads it back before.
    static func texts(_ value: Value) throws(InputErrors) -> [String] {
        guard let text = value.string else { return [try literal(value)] }
        let isPlain = text == text.trimmed && text.unicodeScalars.allSatisfy { $0.value >= 0x20 && $0.value != 0x7F }
        return (isPlain ? [text] : []) + [quoted(text)]
    }

    private static func literal(_ value: Value) throws(InputErrors) -> String {
        switch value.content {
        case .null: return "None"
        case .bool(let bool): return bool ? "True" : "False"
        case .int(let int): return String(int)
        case .double(let double) where double.isFinite: return String(double)
        case .string(let text): return quoted(text)
        case .list(let items):
            var texts: [String] = []
            for item in items { texts.append(try literal(item)) }
            return "[\(texts.joined(separator: ", "))]"
        case .map(let map):
            var texts: [String] = []
            for (key, item) in map { texts.append("\(quoted(key)): \(try literal(item))") }
            return "{\(texts.joined(separator: ", "))}"
        case .double, .unknown:
            throw InputErrors(InputError("an INI inventory cannot hold \(value)"))
        }
    }

    private static func quoted(_ text: String) -> String {
        var out = "'"
        for scalar in text.unicodeScalars {
            switch scalar {
            case "'": out += "\\'"
            case "\\": out += "\\\\"
            case "\n": out += "\\n"
            case "\r": out += "\\r"
            case "\t": out += "\\t"
            case _ where scalar.value < 0x20 || scalar.value == 0x7F:
                out += "\\x" + (scalar.value < 0x10 ? "0" : "") + String(scalar.value, radix: 16)
            default: out.unicodeScalars.append(scalar)
            }
        }
        return out + "'"
    }

    /// A word of a host's line, as shlex splits it.
    static func word(_ text: String) -> String {
        guard text.contains(where: { $0.isWhitespace || "'\"\\#".contains($0) }) else { return text }
        if !text.contains("'") { return "'\(text)'" }
        return "\"" + text.map { $0 == "\"" || $0 == "\\" ? "\\\($0)" : String($0) }.joined() + "\""
    }

    /// A comment behind a literal, with the blanks before it; where the value is text, `#` is a part of it.
    static func comment(behind text: String) -> Substring? {
        let whole = PythonLiteral.value(text)
        for index in text.indices where text[index] == "#" {
            let before = String(text[..<index]).trimmed
            let content = PythonLiteral.value(before)
            if content == whole, content != .string(before) {
                return text[text.index(text.startIndex, offsetBy: before.count)...]
            }
        }
        return nil
    }
}
