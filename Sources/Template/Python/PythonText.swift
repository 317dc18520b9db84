import Model

/// Values as Python's `str()` and `repr()` print them, which is how Jinja2 puts them into text.
enum PythonText {
    /// `str(value)`.
    static func text(_ value: Value) -> String {
        if case .string(let text) = value.content { return text }
        return representation(value)
    }

    /// `repr(value)`; parts not known yet read `(known after apply)`.
    static func representation(_ value: Value) -> String {
        switch value.content {
        case .null: return "None"
        case .bool(let flag): return flag ? "True" : "False"
        case .int(let number): return String(number)
        case .double(let number): return PythonNumber.text(number)
        case .string(let text): return quoted(text)
        case .list(let items): return "[" + items.map(representation).joined(separator: ", ") + "]"
        case .map(let entries):
            return "{" + entries.map { quoted($0.key) + ": " + representation($0.value) }.joined(separator: ", ") + "}"
        case .unknown: return "(known after apply)"
        }
    }

    private static func quoted(_ text: String) -> String {
        let mark: Unicode.Scalar =
            text.unicodeScalars.contains("'") && !text.unicodeScalars.contains("\"") ? "\"" : "'"
        var out = String.UnicodeScalarView()
        out.append(mark)
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\\": out.append(contentsOf: "\\\\".unicodeScalars)
            case "\n": out.append(contentsOf: "\\n".unicodeScalars)
            case "\r": out.append(contentsOf: "\\r".unicodeScalars)
            case "\t": out.append(contentsOf: "\\t".unicodeScalars)
            case mark: out.append(contentsOf: ["\\", mark])
            case _ where isPrintable(scalar): out.append(scalar)
            default: out.append(contentsOf: escaped(scalar).unicodeScalars)
            }
        }
        out.append(mark)
        return String(out)
    }

    private static func escaped(_ scalar: Unicode.Scalar) -> String {
        let code = scalar.value
        return switch code {
        case ..<0x100: "\\x" + hexadecimal(code, digits: 2)
        case ..<0x10000: "\\u" + hexadecimal(code, digits: 4)
        default: "\\U" + hexadecimal(code, digits: 8)
        }
    }

    static func hexadecimal(_ code: UInt32, digits: Int, uppercase: Bool = false) -> String {
        let text = String(code, radix: 16, uppercase: uppercase)
        return String(repeating: "0", count: max(0, digits - text.utf8.count)) + text
    }

    static func isPrintable(_ scalar: Unicode.Scalar) -> Bool {
        if scalar.isASCII { return (32..<127).contains(scalar.value) }
        return switch scalar.properties.generalCategory {
        case .control, .format, .surrogate, .privateUse, .unassigned, .lineSeparator, .paragraphSeparator,
            .spaceSeparator:
            false
        default: true
        }
    }
}
