import Model
import OrderedCollections

/// Writes values as YAML, laid out as PyYAML's `dump` does, so that a file that Ansible rendered stays the same.
struct YAMLWriter {
    var indent = 2
    var width = 80
    var sortsKeys = true
    /// nil puts the lists and maps that hold only scalars into flow style.
    var flow: Bool?

    private var out = ""
    private var column = 0
    /// Whether the last thing written was white space; whether only indicators stand on the line so far.
    private var afterSpace = true
    private var inIndention = true
    private var flowLevel = 0

    mutating func document(_ value: Value) -> String {
        write(value, at: nil, inMap: false, isKey: false)
        out += "\n"
        return out
    }

    private mutating func put(_ text: String) {
        out += text
        column += text.unicodeScalars.count
    }

    private mutating func breakLine() {
        out += "\n"
        column = 0
        afterSpace = true
        inIndention = true
    }

    private mutating func startLine(_ level: Int) {
        if !inIndention || column > level || column == level && !afterSpace { breakLine() }
        if column < level {
            put(String(repeating: " ", count: level - column))
            afterSpace = true
        }
    }

    private mutating func indicator(_ text: String, spaced: Bool, endsInSpace: Bool = false, indents: Bool = false) {
        put(afterSpace || !spaced ? text : " " + text)
        afterSpace = endsInSpace
        inIndention = inIndention && indents
    }

    private mutating func write(_ value: Value, at level: Int?, inMap: Bool, isKey: Bool) {
        switch value.content {
        case .list(let items):
            let isFlow = flowLevel > 0 || items.isEmpty || (flow ?? items.allSatisfy(Self.isScalar))
            isFlow ? flowList(items, at: level) : blockList(items, at: level, inMap: inMap)
        case .map(let entries):
            var pairs = entries.map { (key: $0.key, value: $0.value) }
            if sortsKeys { pairs.sort { PythonString.less($0.key, $1.key) } }
            let isFlow = flowLevel > 0 || pairs.isEmpty || (flow ?? pairs.allSatisfy { Self.isScalar($0.value) })
            isFlow ? flowMap(pairs, at: level) : blockMap(pairs, at: level)
        default:
            scalar(value, at: (level ?? 0) + indent, isKey: isKey)
        }
    }

    private static func isScalar(_ value: Value) -> Bool {
        switch value.content {
        case .list, .map: false
        default: true
        }
    }

    private mutating func blockList(_ items: [Value], at level: Int?, inMap: Bool) {
        let isFlush = inMap && !inIndention
        let inner = level.map { $0 + (isFlush ? 0 : indent) } ?? 0
        for item in items {
            startLine(inner)
            indicator("-", spaced: true, indents: true)
            write(item, at: inner, inMap: false, isKey: false)
        }
    }

    private mutating func blockMap(_ entries: [(key: String, value: Value)], at level: Int?) {
        let inner = level.map { $0 + indent } ?? 0
        for entry in entries {
            startLine(inner)
            let isSimple = entry.key.unicodeScalars.count < 128 && !entry.key.unicodeScalars.contains("\n")
            if isSimple {
                write(.string(entry.key), at: inner, inMap: true, isKey: true)
                indicator(":", spaced: false)
            } else {
                indicator("?", spaced: true, indents: true)
                write(.string(entry.key), at: inner, inMap: true, isKey: false)
                startLine(inner)
                indicator(":", spaced: true, indents: true)
            }
            write(entry.value, at: inner, inMap: true, isKey: false)
        }
    }

    private mutating func flowList(_ items: [Value], at level: Int?) {
        let inner = level.map { $0 + indent } ?? indent
        indicator("[", spaced: true, endsInSpace: true)
        flowLevel += 1
        for (i, item) in items.enumerated() {
            if i > 0 { indicator(",", spaced: false) }
            if column > width { startLine(inner) }
            write(item, at: inner, inMap: false, isKey: false)
        }
        flowLevel -= 1
        indicator("]", spaced: false)
    }

    private mutating func flowMap(_ entries: [(key: String, value: Value)], at level: Int?) {
        let inner = level.map { $0 + indent } ?? indent
        indicator("{", spaced: true, endsInSpace: true)
        flowLevel += 1
        for (i, entry) in entries.enumerated() {
            if i > 0 { indicator(",", spaced: false) }
            if column > width { startLine(inner) }
            write(.string(entry.key), at: inner, inMap: true, isKey: true)
            indicator(":", spaced: false)
            write(entry.value, at: inner, inMap: true, isKey: false)
        }
        flowLevel -= 1
        indicator("}", spaced: false)
    }

    private mutating func scalar(_ value: Value, at level: Int, isKey: Bool) {
        switch value.content {
        case .bool(let flag): plain(flag ? "true" : "false", at: level, splits: !isKey)
        case .int(let number): plain(String(number), at: level, splits: !isKey)
        case .double(let number): plain(Self.text(number), at: level, splits: !isKey)
        case .string(let text):
            let style = YAMLScalarStyle(text, inFlow: flowLevel > 0, isKey: isKey)
            switch style {
            case .plain: plain(text, at: level, splits: !isKey)
            case .singleQuoted: singleQuoted(text, at: level, splits: !isKey)
            case .doubleQuoted: doubleQuoted(text, at: level, splits: !isKey)
            }
        default: plain("null", at: level, splits: !isKey)
        }
    }

    private static func text(_ number: Double) -> String {
        if number.isNaN { return ".nan" }
        if number.isInfinite { return number < 0 ? "-.inf" : ".inf" }
        let text = PythonNumber.text(number)
        return text.contains(".") ? text : PythonString.replaced(text, "e", ".0e")
    }

    /// Text without line breaks, folded at spaces where it grows too wide.
    private mutating func plain(_ text: String, at level: Int, splits: Bool) {
        if text.isEmpty { return }
        if !afterSpace { put(" ") }
        afterSpace = false
        inIndention = false
        fold(Array(text.unicodeScalars), at: level, splits: splits, isPlain: true) { String($0) }
    }

    private mutating func singleQuoted(_ text: String, at level: Int, splits: Bool) {
        indicator("'", spaced: true)
        fold(Array(text.unicodeScalars), at: level, splits: splits, isPlain: false) { $0 == "'" ? "''" : String($0) }
        indicator("'", spaced: false)
    }

    private mutating func fold(
        _ text: [Unicode.Scalar], at level: Int, splits: Bool, isPlain: Bool, _ shown: (Unicode.Scalar) -> String
    ) {
        var i = 0
        while i < text.count {
            let start = i
            if text[i] == " " {
                while i < text.count, text[i] == " " { i += 1 }
                let isInside = isPlain || start != 0 && i != text.count
                if i - start == 1, column > width, splits, isInside {
                    startLine(level)
                    afterSpace = false
                    inIndention = false
                } else {
                    put(String(repeating: " ", count: i - start))
                }
            } else if text[i] == "\n" {
                while i < text.count, text[i] == "\n" { i += 1 }
                for _ in 0...(i - start) { breakLine() }
                startLine(level)
            } else {
                while i < text.count, text[i] != " ", text[i] != "\n" {
                    put(shown(text[i]))
                    i += 1
                }
                afterSpace = false
                inIndention = false
            }
        }
    }

    private static let escapes: [Unicode.Scalar: String] = [
        "\0": "0", "\u{7}": "a", "\u{8}": "b", "\t": "t", "\n": "n", "\u{b}": "v", "\u{c}": "f", "\r": "r",
        "\u{1b}": "e", "\"": "\"", "\\": "\\", "\u{85}": "N", "\u{2028}": "L", "\u{2029}": "P",
    ]

    private mutating func doubleQuoted(_ text: String, at level: Int, splits: Bool) {
        let scalars = Array(text.unicodeScalars)
        indicator("\"", spaced: true)
        for (i, scalar) in scalars.enumerated() {
            if scalar == " ", column > width, splits, i > 0, i < scalars.count - 1, scalars[i - 1] != " " {
                startLineInQuotes(level)
                if scalars[i + 1] == " " { put("\\") }
                continue
            }
            if let letter = Self.escapes[scalar] {
                put("\\" + letter)
            } else if YAMLScalarStyle.isPrintable(scalar) {
                put(String(scalar))
            } else {
                let code = scalar.value
                put(
                    code <= 0xFF
                        ? "\\x" + PythonText.hexadecimal(code, digits: 2, uppercase: true)
                        : code <= 0xFFFF
                            ? "\\u" + PythonText.hexadecimal(code, digits: 4, uppercase: true)
                            : "\\U" + PythonText.hexadecimal(code, digits: 8, uppercase: true))
            }
        }
        indicator("\"", spaced: false)
    }

    private mutating func startLineInQuotes(_ level: Int) {
        inIndention = false
        startLine(level)
        afterSpace = false
        inIndention = false
    }
}
