import Model
import OrderedCollections

/// Reads a value as Python's `ast.literal_eval` does, which is how Ansible types the values of an INI inventory:
/// `22` is a number, `True` a boolean, `['a', 'b']` a list, and `yes`, `0644` or `a b` are no literals.
struct PythonLiteral {
    struct NoLiteral: Error {}

    let text: [Unicode.Scalar]
    var at = 0
    private var depth = 0

    /// The literal's value, or the text itself where it is none.
    static func value(_ text: String) -> Value.Content {
        var reader = PythonLiteral(text: Array(text.unicodeScalars))
        do throws(NoLiteral) {
            let content = try reader.tupleOrValue()
            reader.skipBlanks()
            return reader.at == reader.text.count ? content : .string(text)
        } catch {
            return .string(text)
        }
    }

    private init(text: [Unicode.Scalar]) { self.text = text }

    var peek: Unicode.Scalar? { at < text.count ? text[at] : nil }

    /// Blanks, and a comment to the end of the line.
    mutating func skipBlanks() {
        while let scalar = peek, scalar == " " || scalar == "\t" || scalar == "\u{C}" { at += 1 }
        if peek == "#" { at = text.count }
    }

    private mutating func take(_ scalar: Unicode.Scalar) -> Bool {
        skipBlanks()
        guard peek == scalar else { return false }
        at += 1
        return true
    }

    /// `1, 2` without brackets is a tuple, and so a list.
    private mutating func tupleOrValue() throws(NoLiteral) -> Value.Content {
        let first = try value()
        guard take(",") else { return first }
        return .list([Value(first)] + (try items(until: nil)))
    }

    private mutating func items(until end: Unicode.Scalar?) throws(NoLiteral) -> [Value] {
        var items: [Value] = []
        while true {
            skipBlanks()
            if let end, take(end) { return items }
            if end == nil, peek == nil { return items }
            items.append(Value(try value()))
            if take(",") { continue }
            if let end {
                guard take(end) else { throw NoLiteral() }
            } else if peek != nil {
                throw NoLiteral()
            }
            return items
        }
    }

    private mutating func value() throws(NoLiteral) -> Value.Content {
        depth += 1
        defer { depth -= 1 }
        guard depth < 100 else { throw NoLiteral() }
        skipBlanks()
        switch peek {
        case "[":
            at += 1
            return .list(try items(until: "]"))
        case "(":
            at += 1
            return try parenthesised()
        case "{":
            at += 1
            return try braced()
        case "'", "\"": return .string(try strings())
        case "+", "-":
            let isNegative = peek == "-"
            at += 1
            switch try value() {
            case .int(let i): return .int(isNegative ? -i : i)
            case .double(let d): return .double(isNegative ? -d : d)
            default: throw NoLiteral()
            }
        case "." where text[at...].starts(with: "...".unicodeScalars):
            at += 3
            return .string("...")
        case .some(let scalar) where scalar == "." || ("0"..."9").contains(scalar): return try number()
        default: return try word()
        }
    }

    private mutating func parenthesised() throws(NoLiteral) -> Value.Content {
        if take(")") { return .list([]) }
        let first = try value()
        if take(")") { return first }
        guard take(",") else { throw NoLiteral() }
        return .list([Value(first)] + (try items(until: ")")))
    }

    /// A dictionary, or a set, which becomes a list.
    private mutating func braced() throws(NoLiteral) -> Value.Content {
        if take("}") { return .map([:]) }
        let first = try value()
        guard take(":") else {
            if take("}") { return .list([Value(first)]) }
            guard take(",") else { throw NoLiteral() }
            return .list([Value(first)] + (try items(until: "}")))
        }
        var map: OrderedDictionary<String, Value> = [try key(first): Value(try value())]
        while take(",") {
            if take("}") { return .map(map) }
            let next = try value()
            guard take(":") else { throw NoLiteral() }
            map[try key(next)] = Value(try value())
        }
        guard take("}") else { throw NoLiteral() }
        return .map(map)
    }

    private func key(_ content: Value.Content) throws(NoLiteral) -> String {
        switch content {
        case .string(let s): return s
        case .int(let i): return String(i)
        case .double(let d): return String(d)
        case .bool(let b): return b ? "true" : "false"
        case .null: return "null"
        default: throw NoLiteral()
        }
    }

    private mutating func word() throws(NoLiteral) -> Value.Content {
        let start = at
        while let scalar = peek, scalar == "_" || scalar.properties.isAlphabetic || ("0"..."9").contains(scalar) {
            at += 1
        }
        let name = String(String.UnicodeScalarView(text[start..<at]))
        if let quote = peek, quote == "'" || quote == "\"", ["r", "b", "u", "br", "rb"].contains(name.lowercased()) {
            at = start
            return .string(try strings())
        }
        switch name {
        case "True": return .bool(true)
        case "False": return .bool(false)
        case "None": return .null
        case "set" where take("(") && take(")"): return .list([])
        default: throw NoLiteral()
        }
    }

    private mutating func number() throws(NoLiteral) -> Value.Content {
        let start = at
        while let scalar = peek {
            let isExponentSign =
                (scalar == "+" || scalar == "-") && at > start && (text[at - 1] == "e" || text[at - 1] == "E")
                && !text[start...].starts(with: "0x".unicodeScalars)
            let isPart = scalar == "." || scalar == "_" || scalar.isASCII && scalar.properties.isAlphabetic
            guard isPart || ("0"..."9").contains(scalar) || isExponentSign else { break }
            at += 1
        }
        let written = String(String.UnicodeScalarView(text[start..<at])).lowercased()
        guard !written.hasSuffix("_"), !written.contains("__"), !written.contains("_."), !written.contains("._"),
            !written.contains("_e"), !written.contains("e_"), !written.hasPrefix("_")
        else { throw NoLiteral() }
        let bare = written.filter { $0 != "_" }
        for (prefix, radix) in [("0x", 16), ("0o", 8), ("0b", 2)] where bare.hasPrefix(prefix) {
            guard let whole = Int(bare.dropFirst(2), radix: radix) else { throw NoLiteral() }
            return .int(whole)
        }
        if bare.allSatisfy(\.isNumber) {
            // Python refuses 0644, and so it stays text.
            guard bare.allSatisfy({ $0 == "0" }) || !bare.hasPrefix("0"), let whole = Int(bare) else {
                throw NoLiteral()
            }
            return .int(whole)
        }
        guard bare.allSatisfy({ "0123456789.e+-".contains($0) }), !bare.hasPrefix("e"), bare != ".",
            !bare.hasPrefix(".e"), let number = Double(padded(bare))
        else { throw NoLiteral() }
        return .double(number)
    }

    /// With a digit on both sides of the point, for `1.`, `.5` and `1.e3`.
    private func padded(_ number: String) -> String {
        guard let point = number.firstIndex(of: ".") else { return number }
        let after = number[number.index(after: point)...]
        return "0" + number[...point] + (after.isEmpty || after.hasPrefix("e") ? "0" : "") + after
    }
}
