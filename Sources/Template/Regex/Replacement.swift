/// What a match is replaced by, with Python's references: `\1`, `\g<1>`, `\g<name>`.
struct Replacement {
    private enum Part {
        case text([Unicode.Scalar])
        case group(Int)
    }
    private var parts: [Part] = []

    init(_ text: String, for pattern: Pattern) throws(Pattern.Mistake) {
        let scalars = Array(text.unicodeScalars)
        var plain: [Unicode.Scalar] = []
        var i = 0
        func add(_ group: Int) throws(Pattern.Mistake) {
            guard group <= pattern.groups else { throw Pattern.Mistake("the replacement names no group \(group)") }
            if !plain.isEmpty { parts.append(.text(plain)) }
            plain = []
            parts.append(.group(group))
        }
        while i < scalars.count {
            let scalar = scalars[i]
            i += 1
            guard scalar == "\\" else {
                plain.append(scalar)
                continue
            }
            guard i < scalars.count else { throw Pattern.Mistake("the replacement ends in '\\'") }
            let letter = scalars[i]
            i += 1
            switch letter {
            case "g":
                guard i < scalars.count, scalars[i] == "<", let end = scalars[i...].firstIndex(of: ">") else {
                    throw Pattern.Mistake("the replacement has '\\g' with no '<name>'")
                }
                let name = PythonString.join(scalars[(i + 1)..<end])
                i = end + 1
                guard let group = Int(name) ?? pattern.names[name], group >= 0 else {
                    throw Pattern.Mistake("the replacement names no group '\(name)'")
                }
                try add(group)
            case "0": plain.append("\0")
            case "1"..."9":
                var group = Int(letter.value - 48)
                if i < scalars.count, ("0"..."9").contains(scalars[i]) {
                    group = group * 10 + Int(scalars[i].value - 48)
                    i += 1
                }
                try add(group)
            case "n": plain.append("\n")
            case "t": plain.append("\t")
            case "r": plain.append("\r")
            case "f": plain.append("\u{c}")
            case "v": plain.append("\u{b}")
            case "a": plain.append("\u{7}")
            case "b": plain.append("\u{8}")
            case "\\": plain.append("\\")
            default:
                if letter.isASCII, Lexer.isNameStart(UInt8(letter.value)), letter != "_" {
                    throw Pattern.Mistake("the replacement has a bad escape '\\\(letter)'")
                }
                plain += ["\\", letter]
            }
        }
        if !plain.isEmpty { parts.append(.text(plain)) }
    }

    func applied(to match: Pattern.Match, in text: [Unicode.Scalar]) -> [Unicode.Scalar] {
        parts.flatMap { part -> [Unicode.Scalar] in
            switch part {
            case .text(let scalars): scalars
            case .group(let group): match.ranges[group].map { Array(text[$0]) } ?? []
            }
        }
    }
}
