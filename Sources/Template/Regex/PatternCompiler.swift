/// Reads a pattern and writes its program.
struct PatternCompiler {
    private static let longest = 20_000
    private static let deepest = 40

    private let text: [Unicode.Scalar]
    private var position = 0
    private var options: Pattern.Options
    private var nesting = 0
    private var open: Set<Int> = []
    private(set) var groups = 0
    private(set) var names: [String: Int] = [:]
    /// Notes of loops' turns, after those of the groups; how many groups there are is known only at the end, so these
    /// count down from -1 until then.
    private var loops = 0

    typealias Code = [Pattern.Instruction]

    init(_ text: String, _ options: Pattern.Options) {
        self.text = Array(text.unicodeScalars)
        self.options = options
    }

    var slots: Int { 2 * (groups + 1) + loops }

    mutating func compile() throws(Pattern.Mistake) -> Code {
        let (body, _) = try alternatives()
        guard position == text.count else { throw Pattern.Mistake("an unbalanced ')'") }
        return placed([.save(0)] + Self.shifted(body, by: 1) + [.save(1), .match])
    }

    /// Gives the loops' notes their slots behind the groups'.
    private func placed(_ code: Code) -> Code {
        func slot(_ slot: Int) -> Int { slot < 0 ? 2 * (groups + 1) - slot - 1 : slot }
        return code.map { instruction in
            switch instruction {
            case .save(let s): .save(slot(s))
            case .progress(let s): .progress(slot(s))
            case .look(let inner, let behind, let isNegative):
                .look(placed(inner), behind: behind, isNegative: isNegative)
            default: instruction
            }
        }
    }

    private var current: Unicode.Scalar? { position < text.count ? text[position] : nil }

    private mutating func take(_ wanted: String) -> Bool {
        guard text[position...].starts(with: wanted.unicodeScalars) else { return false }
        position += wanted.unicodeScalars.count
        return true
    }

    /// Code and its width in scalars, where that is fixed.
    private typealias Piece = (code: Code, width: Int?)

    private mutating func alternatives() throws(Pattern.Mistake) -> Piece {
        nesting += 1
        defer { nesting -= 1 }
        guard nesting <= Self.deepest else { throw Pattern.Mistake("the pattern nests too deeply") }
        var branches = [try sequence()]
        while take("|") { branches.append(try sequence()) }
        guard var result = branches.popLast() else { return ([], 0) }
        while let branch = branches.popLast() {
            let skip = branch.code.count + 2
            result = (
                [.split(1, skip)] + Self.shifted(branch.code, by: 1) + [.jump(skip + result.code.count)]
                    + Self.shifted(result.code, by: skip), branch.width == result.width ? result.width : nil
            )
        }
        return result
    }

    private mutating func sequence() throws(Pattern.Mistake) -> Piece {
        var code: Code = []
        var width: Int? = 0
        while let scalar = current, scalar != "|", scalar != ")" {
            let piece = try repeated()
            code += Self.shifted(piece.code, by: code.count)
            guard code.count <= Self.longest else { throw Pattern.Mistake("the pattern is too large") }
            width = width.flatMap { a in piece.width.map { a + $0 } }
        }
        return (code, width)
    }

    private mutating func repeated() throws(Pattern.Mistake) -> Piece {
        let start = position
        var piece = try atom()
        var isRepeated = false
        while let (least, most) = try quantifier() {
            guard !isRepeated else { throw Pattern.Mistake("multiple repeat at position \(position)") }
            guard position > start, !piece.code.isEmpty || text[start] == "(" else {
                throw Pattern.Mistake("nothing to repeat at position \(start)")
            }
            isRepeated = true
            let isLazy = take("?")
            if !isLazy, current == "+" { throw Pattern.Mistake("possessive repeats are not supported") }
            piece = (
                try loop(piece.code, least, most, isLazy: isLazy),
                least == most ? piece.width.map { $0 * least } : nil
            )
        }
        return piece
    }

    private mutating func quantifier() throws(Pattern.Mistake) -> (Int, Int?)? {
        if take("*") { return (0, nil) }
        if take("+") { return (1, nil) }
        if take("?") { return (0, 1) }
        guard current == "{" else { return nil }
        let start = position
        position += 1
        let least = number()
        var most = least
        if take(",") { most = number() } else if least == nil { most = -1 }
        guard take("}"), most != -1 else {
            position = start
            return nil
        }
        let low = least ?? 0
        if let most, most < low { throw Pattern.Mistake("the repeat's least is above its most") }
        guard low <= 1000, (most ?? 0) <= 1000 else { throw Pattern.Mistake("a repeat of more than 1000") }
        return (low, most)
    }

    private mutating func number() -> Int? {
        let start = position
        while let scalar = current, ("0"..."9").contains(scalar) { position += 1 }
        return Int(PythonString.join(text[start..<position]))
    }

    private mutating func loop(_ body: Code, _ least: Int, _ most: Int?, isLazy: Bool) throws(Pattern.Mistake) -> Code {
        guard body.count * max(least, most ?? 0) <= Self.longest else {
            throw Pattern.Mistake("the pattern is too large")
        }
        func split(_ into: Int, _ past: Int) -> Pattern.Instruction {
            isLazy ? .split(past, into) : .split(into, past)
        }
        var out: Code = []
        for _ in 0..<least { out += Self.shifted(body, by: out.count) }
        if let most {
            let end = out.count + (most - least) * (body.count + 1)
            for _ in least..<most {
                out.append(split(out.count + 1, end))
                out += Self.shifted(body, by: out.count)
            }
        } else {
            loops += 1
            let slot = -loops
            let start = out.count
            out.append(split(start + 1, start + body.count + 4))
            out.append(.save(slot))
            out += Self.shifted(body, by: out.count)
            out.append(.progress(slot))
            out.append(.jump(start))
        }
        return out
    }

    private static func shifted(_ code: Code, by offset: Int) -> Code {
        code.map { instruction in
            switch instruction {
            case .split(let a, let b): .split(a + offset, b + offset)
            case .jump(let a): .jump(a + offset)
            default: instruction
            }
        }
    }

    private mutating func atom() throws(Pattern.Mistake) -> Piece {
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
