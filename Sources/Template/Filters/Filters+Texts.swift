import Model
import OrderedCollections

/// Filters that make text of text.
extension Filters {
    static let texts: [String: Filter] = [
        "lower": Filter { call in .string(call.text.lowercased()) },
        "upper": Filter { call in .string(call.text.uppercased()) },
        "capitalize": Filter { call in .string(PythonString.capitalized(call.text)) },
        "title": Filter(value: title),
        "trim": Filter(["chars"], value: trim),
        "replace": Filter(["old", "new", "count"], required: 2, value: replace),
        "string": Filter { call in .string(call.text) },
        "split": Filter(["sep", "maxsplit"], value: Methods.split),
        "indent": Filter(["width", "first", "blank"], value: indent),
        "quote": Filter(value: quote),
        // kubani's own: an argument list that is written as one text, and the command lines of units.
        "shell_split": Filter(value: shellSplit),
        "systemd_quote": Filter { call in .string(systemdQuoted(call.text)) },
        "basename": Filter(value: basename),
        "dirname": Filter(value: dirname),
        "splitext": Filter(value: splitExtension),
        "path_join": Filter(value: joinPaths),
        "format": Filter(more: true, anyKeyword: true, value: format),
        "center": Filter(["width"], value: center),
        "wordcount": Filter { call in .int(PythonString.split(call.text, nil).count) },
    ]

    private static func shellSplit(_ call: Call) throws(InputErrors) -> Value {
        guard let words = ShellWords.split(call.text) else {
            throw call.error("a quote is not closed, or a backslash stands at the end")
        }
        return .list(words.map { .string($0) })
    }

    /// One word of a unit's ExecStart=: quotes where they are needed, and no specifier or variable in it.
    private static func systemdQuoted(_ word: String) -> String {
        var out = ""
        var isPlain = !word.isEmpty
        for scalar in word.unicodeScalars {
            switch scalar {
            case "%": out += "%%"
            case "$": out += "$$"
            case "\\", "\"":
                out += "\\\(scalar)"
                isPlain = false
            case "\n":
                out += "\\n"
                isPlain = false
            default:
                isPlain = isPlain && scalar.value > 0x20 && scalar != "'" && scalar != ";"
                out.unicodeScalars.append(scalar)
            }
        }
        return isPlain ? out : "\"\(out)\""
    }

    private static func title(_ call: Call) throws(InputErrors) -> Value {
        let separators = Set("-({[<".unicodeScalars)
        var out = ""
        var startsWord = true
        for scalar in call.text.unicodeScalars {
            if PythonString.isSpace(scalar) || separators.contains(scalar) {
                out.unicodeScalars.append(scalar)
                startsWord = true
            } else {
                out += startsWord ? scalar.properties.uppercaseMapping : scalar.properties.lowercaseMapping
                startsWord = false
            }
        }
        return .string(out)
    }

    private static func trim(_ call: Call) throws(InputErrors) -> Value {
        .string(PythonString.stripped(call.text, try call.string("chars")))
    }

    private static func replace(_ call: Call) throws(InputErrors) -> Value {
        let old = call.named["old"].map(PythonText.text) ?? ""
        let new = call.named["new"].map(PythonText.text) ?? ""
        return .string(PythonString.replaced(call.text, old, new, count: try call.int("count", -1)))
    }

    private static func indent(_ call: Call) throws(InputErrors) -> Value {
        let text = try call.strictText()
        var indentation = ""
        if let width = call.named["width"]?.string {
            indentation = width
        } else {
            let width = try call.width("width", 4)
            indentation = String(repeating: " ", count: max(0, width))
        }
        let withBlank = call.flag("blank")
        let lines = PythonString.lines(text + "\n")
        var out = call.flag("first") ? indentation : ""
        for (i, line) in lines.enumerated() {
            if i > 0 { out += "\n" + (line.isEmpty && !withBlank ? "" : indentation) }
            out += line
        }
        return .string(out)
    }

    /// One word of a POSIX shell, as Python's `shlex.quote` writes it.
    private static func quote(_ call: Call) throws(InputErrors) -> Value {
        let text = call.input.isNull ? "" : call.text
        let isPlain = text.utf8.allSatisfy { byte in
            Lexer.isNamePart(byte) && byte < 0x80 || "@%+=:,./-".utf8.contains(byte)
        }
        if isPlain, !text.isEmpty { return .string(text) }
        return .string("'" + PythonString.replaced(text, "'", "'\"'\"'") + "'")
    }

    private static func basename(_ call: Call) throws(InputErrors) -> Value {
        let parts = PythonString.split(try call.strictText(), "/")
        return .string(parts.last ?? "")
    }

    private static func dirname(_ call: Call) throws(InputErrors) -> Value {
        let parts = PythonString.split(try call.strictText(), "/")
        guard parts.count > 1 else { return "" }
        let head = parts.dropLast().joined(separator: "/") + "/"
        let trimmed = PythonString.stripped(head, "/", .right)
        return .string(trimmed.isEmpty ? head : trimmed)
    }

    private static func splitExtension(_ call: Call) throws(InputErrors) -> Value {
        let text = try call.strictText()
        let name = PythonString.split(text, "/").last ?? ""
        let dots = name.utf8.prefix { $0 == UInt8(ascii: ".") }.count
        guard let dot = name.utf8.lastIndex(of: UInt8(ascii: ".")),
            name.utf8.distance(from: name.utf8.startIndex, to: dot) >= max(1, dots)
        else { return .list([.string(text), ""]) }
        let ending = String(name[dot...])
        return .list([.string(String(decoding: text.utf8.dropLast(ending.utf8.count), as: UTF8.self)), .string(ending)])
    }

    private static func joinPaths(_ call: Call) throws(InputErrors) -> Value {
        var out = ""
        if call.input.string != nil { return call.input }
        for item in try call.items() {
            guard let part = item.string else { throw call.error("a list of texts is needed") }
            if PythonString.hasPrefix(part, "/") || out.isEmpty {
                out = part
            } else {
                out += PythonString.hasSuffix(out, "/") ? part : "/" + part
            }
        }
        return .string(out)
    }

    private static func format(_ call: Call) throws(InputErrors) -> Value {
        guard call.named.isEmpty || call.rest.isEmpty else { throw call.error("arguments with and without names") }
        let values = call.named.isEmpty ? call.rest : [.map(call.named)]
        return .string(try call.evaluator.formatted(call.text, values, at: call.node))
    }

    private static func center(_ call: Call) throws(InputErrors) -> Value {
        let width = try call.width("width", 80)
        let missing = max(0, width - PythonString.length(call.text))
        let left = missing / 2 + (missing & width & 1)
        return .string(String(repeating: " ", count: left) + call.text + String(repeating: " ", count: missing - left))
    }
}
