extension PythonLiteral {
    /// One string or several side by side, with prefixes, single or triple quotes and escapes.
    mutating func strings() throws(NoLiteral) -> String {
        var all = ""
        while let prefix = stringAhead() {
            at += prefix.count
            all += try string(isRaw: prefix.contains("r"), isBytes: prefix.contains("b"))
            skipBlanks()
        }
        return all
    }

    /// The letters before a quote; nil where no string begins here.
    private func stringAhead() -> String? {
        var prefix = ""
        for scalar in text[at...].prefix(3) {
            if scalar == "'" || scalar == "\"" {
                return ["", "r", "b", "u", "br", "rb"].contains(prefix) ? prefix : nil
            }
            prefix += String(Character(scalar)).lowercased()
        }
        return nil
    }

    private mutating func string(isRaw: Bool, isBytes: Bool) throws(NoLiteral) -> String {
        let quote = text[at]
        let isTriple = text[at...].prefix(3).allSatisfy { $0 == quote } && text.count - at >= 6
        let closing = Array(repeating: quote, count: isTriple ? 3 : 1)
        at += closing.count
        var out = String.UnicodeScalarView()
        while at < text.count {
            if text[at...].starts(with: closing) {
                at += closing.count
                return String(out)
            }
            let scalar = text[at]
            at += 1
            guard scalar == "\\", at < text.count else {
                out.append(scalar)
                continue
            }
            if isRaw {
                out.append(scalar)
                out.append(text[at])
                at += 1
            } else {
                try escape(into: &out)
            }
        }
        throw NoLiteral()
    }

    private mutating func escape(into out: inout String.UnicodeScalarView) throws(NoLiteral) {
        let scalar = text[at]
        at += 1
        switch scalar {
        case "n": out.append("\n")
        case "t": out.append("\t")
        case "r": out.append("\r")
        case "a": out.append("\u{7}")
        case "b": out.append("\u{8}")
        case "f": out.append("\u{C}")
        case "v": out.append("\u{B}")
        case "\\", "'", "\"": out.append(scalar)
        case "x": out.append(try coded(digits: 2, radix: 16))
        case "u": out.append(try coded(digits: 4, radix: 16))
        case "U": out.append(try coded(digits: 8, radix: 16))
        case "N": throw NoLiteral()
        case "0"..."7":
            at -= 1
            let digits = text[at...].prefix(3).prefix { ("0"..."7").contains($0) }.count
            out.append(try coded(digits: digits, radix: 8))
        default:
            out.append("\\")
            out.append(scalar)
        }
    }

    private mutating func coded(digits: Int, radix: Int) throws(NoLiteral) -> Unicode.Scalar {
        let written = String(String.UnicodeScalarView(text[at...].prefix(digits)))
        guard written.unicodeScalars.count == digits, let number = UInt32(written, radix: radix),
            let scalar = Unicode.Scalar(number), !written.hasPrefix("+")
        else { throw NoLiteral() }
        at += digits
        return scalar
    }
}
