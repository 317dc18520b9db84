import Model
import OrderedCollections

extension Evaluator {
    /// Python's `text % values`: `%s`, `%d`, `%i`, `%f`, `%x`, `%X`, `%o`, `%r`, `%%` and `%(name)s`, with flags, width
    /// and precision.
    func formatted(_ text: String, _ values: [Value], at node: Node) throws(InputErrors) -> String {
        var rest = values[...]
        var usesNames = false
        var out = ""
        let scalars = Array(text.unicodeScalars)
        var i = 0
        func fail(_ message: String) -> InputErrors { error("format: \(message)", at: node) }
        func number() -> Int? {
            var digits = ""
            while i < scalars.count, ("0"..."9").contains(scalars[i]) {
                digits.unicodeScalars.append(scalars[i])
                i += 1
            }
            return digits.isEmpty ? nil : Int(digits)
        }
        while i < scalars.count {
            let scalar = scalars[i]
            i += 1
            guard scalar == "%" else {
                out.unicodeScalars.append(scalar)
                continue
            }
            var named: Value?
            if i < scalars.count, scalars[i] == "(" {
                guard let end = scalars[i...].firstIndex(of: ")") else { throw fail("a ')' is missing") }
                let name = PythonString.join(scalars[(i + 1)..<end])
                guard let value = values.first?[name] else { throw fail("there is no '\(name)'") }
                named = value
                usesNames = true
                i = end + 1
            }
            var flags: Set<Unicode.Scalar> = []
            while i < scalars.count, "-+ 0#".unicodeScalars.contains(scalars[i]) {
                flags.insert(scalars[i])
                i += 1
            }
            let width = number() ?? 0
            var precision: Int?
            if i < scalars.count, scalars[i] == "." {
                i += 1
                precision = number() ?? 0
            }
            guard width <= 10_000, (precision ?? 0) <= 300 else { throw fail("the width is too large") }
            guard i < scalars.count else { throw fail("it ends within a placeholder") }
            let letter = scalars[i]
            i += 1
            if letter == "%" {
                out += "%"
                continue
            }
            guard let value = named ?? rest.popFirst() else { throw fail("there are too few values") }
            guard let body = PythonFormat.body(letter, value, precision) else {
                throw fail("'%\(letter)' does not take \(value.typeName)")
            }
            out += PythonFormat.padded(body, width: width, flags: flags, isNumber: letter != "s" && letter != "r")
        }
        guard rest.isEmpty || usesNames || values.count == 1 && values[0].map != nil else {
            throw fail("there are too many values")
        }
        return out
    }
}

/// The pieces that Python's two ways of formatting share.
enum PythonFormat {
    static func body(_ letter: Unicode.Scalar, _ value: Value, _ precision: Int?) -> String? {
        switch letter {
        case "s", "r":
            let text = letter == "s" ? PythonText.text(value) : PythonText.representation(value)
            return precision.map { PythonString.join(text.unicodeScalars.prefix($0)) } ?? text
        case "d", "i":
            guard let number = PythonOrder.number(value), let whole = Int(exactly: number.rounded(.towardZero)) else {
                return nil
            }
            return String(PythonOrder.integer(value) ?? whole)
        case "f", "F": return PythonOrder.number(value).map { PythonNumber.fixed($0, digits: precision ?? 6) }
        case "x": return PythonOrder.integer(value).map { String($0, radix: 16) }
        case "X": return PythonOrder.integer(value).map { String($0, radix: 16, uppercase: true) }
        case "o": return PythonOrder.integer(value).map { String($0, radix: 8) }
        default: return nil
        }
    }

    static func padded(_ body: String, width: Int, flags: Set<Unicode.Scalar>, isNumber: Bool) -> String {
        var body = body
        if isNumber, !body.hasPrefix("-") {
            if flags.contains("+") { body = "+" + body } else if flags.contains(" ") { body = " " + body }
        }
        let missing = max(0, width - PythonString.length(body))
        if flags.contains("-") { return body + String(repeating: " ", count: missing) }
        guard isNumber, flags.contains("0") else { return String(repeating: " ", count: missing) + body }
        let sign = body.hasPrefix("-") || body.hasPrefix("+") || body.hasPrefix(" ") ? 1 : 0
        return body.prefix(sign) + String(repeating: "0", count: missing) + body.dropFirst(sign)
    }

    /// `text.format(…)` with plain placeholders: `{}`, `{0}`, `{name}`, `{{` and `}}`.
    static func braces(_ text: String, _ call: Call) throws(InputErrors) -> String {
        var out = ""
        var next = 0
        let scalars = Array(text.unicodeScalars)
        var i = 0
        while i < scalars.count {
            let scalar = scalars[i]
            i += 1
            guard scalar == "{" || scalar == "}" else {
                out.unicodeScalars.append(scalar)
                continue
            }
            if i < scalars.count, scalars[i] == scalar {
                out.unicodeScalars.append(scalar)
                i += 1
                continue
            }
            guard scalar == "{", let end = scalars[i...].firstIndex(of: "}") else {
                throw call.error("a brace has no partner", hint: "write '{{' for a brace")
            }
            let name = PythonString.join(scalars[i..<end])
            i = end + 1
            let value: Value?
            if name.isEmpty || Int(name) != nil {
                let index = Int(name) ?? next
                next += 1
                value = call.rest.indices.contains(index) ? call.rest[index] : nil
            } else {
                value = call.named[name]
            }
            guard let value else { throw call.error("there is no value for '{\(name)}'") }
            out += PythonText.text(value)
        }
        return out
    }
}
