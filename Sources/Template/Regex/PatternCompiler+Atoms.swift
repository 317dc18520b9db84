/// What a pattern is made of: characters, sets, groups and escapes.
extension PatternCompiler {
    mutating func atom() throws(Pattern.Mistake) -> Piece {
        guard let scalar = current else { return ([], 0) }
        position += 1
        switch scalar {
        case ".": return ([.any(dotMatchesBreak: options.dotMatchesBreak)], 1)
        case "^": return ([.lineStart(multiline: options.isMultiline)], 0)
        case "$": return ([.lineEnd(multiline: options.isMultiline)], 0)
        case "[": return ([.set(try set(), ignoresCase: options.ignoresCase)], 1)
        case "(": return try group()
        case "\\": return try escape()
        case "*", "+", "?": throw Pattern.Mistake("nothing to repeat at position \(position - 1)")
        default: return ([.scalar(scalar, ignoresCase: options.ignoresCase)], 1)
        }
    }

    private mutating func group() throws(Pattern.Mistake) -> Piece {
        let outer = options
        var number: Int?
        var look: (isBehind: Bool, isNegative: Bool)?
        if take("?") {
            if take(":") {
            } else if take("P<") {
                let name = try groupName(until: ">")
                guard names[name] == nil else { throw Pattern.Mistake("the group '\(name)' is there twice") }
                groups += 1
                number = groups
                names[name] = groups
            } else if take("P=") {
                let name = try groupName(until: ")")
                guard let group = names[name] else { throw Pattern.Mistake("no group '\(name)'") }
                return ([.group(group, ignoresCase: options.ignoresCase)], nil)
            } else if take("=") {
                look = (false, false)
            } else if take("!") {
                look = (false, true)
            } else if take("<=") {
                look = (true, false)
            } else if take("<!") {
                look = (true, true)
            } else if take("#") {
                while let scalar = current, scalar != ")" {
                    position += 1
                    _ = scalar
                }
                guard take(")") else { throw Pattern.Mistake("a comment that is not closed") }
                return ([], 0)
            } else if try flags(isFirst: position == 2) {
                return ([], 0)
            }
        } else {
            groups += 1
            number = groups
        }
        if let number { open.insert(number) }
        let (body, width) = try alternatives()
        guard take(")") else { throw Pattern.Mistake("a ')' is missing") }
        options = outer
        if let number {
            open.remove(number)
            return ([.save(2 * number)] + Self.shifted(body, by: 1) + [.save(2 * number + 1)], width)
        }
        if let look {
            if look.isBehind, width == nil { throw Pattern.Mistake("a look behind needs a fixed width") }
            return ([.look(body + [.match], behind: look.isBehind ? width : nil, isNegative: look.isNegative)], 0)
        }
        return (body, width)
    }

    private mutating func groupName(until close: String) throws(Pattern.Mistake) -> String {
        let start = position
        while let scalar = current, ScalarSet.isWord(scalar) { position += 1 }
        let name = PythonString.join(text[start..<position])
        guard let first = name.utf8.first, !Lexer.isDigit(first), take(close) else {
            throw Pattern.Mistake("a bad group name at position \(start)")
        }
        return name
    }

    /// `(?i)` at the very start, which holds for all, gives true; `(?i:` goes on as a group.
    private mutating func flags(isFirst: Bool) throws(Pattern.Mistake) -> Bool {
        var isOn = true
        while let scalar = current {
            position += 1
            switch scalar {
            case "i": options.ignoresCase = isOn
            case "m": options.isMultiline = isOn
            case "s": options.dotMatchesBreak = isOn
            case "u" where isOn: break
            case "-" where isOn: isOn = false
            case ":": return false
            case ")" where isFirst && isOn: return true
            default: throw Pattern.Mistake("'(?\(scalar)' is not supported here")
            }
        }
        throw Pattern.Mistake("a ')' is missing")
    }

    private static func classItem(_ letter: Unicode.Scalar) -> ScalarSet.Item? {
        switch letter {
        case "d": .digit(true)
        case "D": .digit(false)
        case "s": .space(true)
        case "S": .space(false)
        case "w": .word(true)
        case "W": .word(false)
        default: nil
        }
    }

    private mutating func escape() throws(Pattern.Mistake) -> Piece {
        guard let letter = current else { throw Pattern.Mistake("a '\\' at the end") }
        if let item = Self.classItem(letter) {
            position += 1
            return ([.set(ScalarSet(items: [item]), ignoresCase: false)], 1)
        }
        switch letter {
        case "A", "Z", "b", "B":
            position += 1
            let code: Pattern.Instruction =
                letter == "A" ? .textStart : letter == "Z" ? .textEnd : .wordBoundary(letter == "b")
            return ([code], 0)
        case "1"..."9":
            position += 1
            var group = Int(letter.value - 48)
            if let next = current, ("0"..."9").contains(next) {
                position += 1
                group = group * 10 + Int(next.value - 48)
            }
            guard group <= groups, !open.contains(group) else { throw Pattern.Mistake("no group \(group)") }
            return ([.group(group, ignoresCase: options.ignoresCase)], nil)
        default: return ([.scalar(try escapedScalar(), ignoresCase: options.ignoresCase)], 1)
        }
    }

    private mutating func escapedScalar() throws(Pattern.Mistake) -> Unicode.Scalar {
        guard let letter = current else { throw Pattern.Mistake("a '\\' at the end") }
        position += 1
        let simple: [Unicode.Scalar: Unicode.Scalar] = [
            "n": "\n", "t": "\t", "r": "\r", "f": "\u{c}", "v": "\u{b}", "a": "\u{7}", "0": "\0",
        ]
        if let scalar = simple[letter] { return scalar }
        let lengths: [Unicode.Scalar: Int] = ["x": 2, "u": 4, "U": 8]
        if let length = lengths[letter] {
            let digits = text[position..<min(position + length, text.count)]
            guard digits.count == length, digits.allSatisfy({ $0.properties.isASCIIHexDigit }),
                let code = UInt32(PythonString.join(digits), radix: 16), let scalar = Unicode.Scalar(code)
            else { throw Pattern.Mistake("a bad escape '\\\(letter)'") }
            position += length
            return scalar
        }
        guard !letter.isASCII || !Lexer.isNamePart(UInt8(letter.value)) || letter == "_" else {
            throw Pattern.Mistake("a bad escape '\\\(letter)'")
        }
        return letter
    }

    private mutating func set() throws(Pattern.Mistake) -> ScalarSet {
        var set = ScalarSet()
        set.isInverted = take("^")
        var isFirst = true
        while let scalar = current {
            if scalar == "]", !isFirst {
                position += 1
                return set
            }
            isFirst = false
            let low = try setMember()
            guard case .range(let start) = low, current == "-", position + 1 < text.count, text[position + 1] != "]"
            else {
                set.items.append(low)
                continue
            }
            position += 1
            guard case .range(let end) = try setMember(), start.lowerBound <= end.lowerBound else {
                throw Pattern.Mistake("a bad range in a set")
            }
            set.items.append(.range(start.lowerBound...end.lowerBound))
        }
        throw Pattern.Mistake("a ']' is missing")
    }

    private mutating func setMember() throws(Pattern.Mistake) -> ScalarSet.Item {
        guard let scalar = current else { throw Pattern.Mistake("a ']' is missing") }
        position += 1
        guard scalar == "\\" else { return .range(scalar.value...scalar.value) }
        if let letter = current, let item = Self.classItem(letter) {
            position += 1
            return item
        }
        if take("b") { return .range(8...8) }
        let escaped = try escapedScalar()
        return .range(escaped.value...escaped.value)
    }
}
