/// Reads a pattern and writes its program.
struct PatternCompiler {
    private static let longest = 20_000
    private static let deepest = 40

    let text: [Unicode.Scalar]
    var position = 0
    var options: Pattern.Options
    private var nesting = 0
    var open: Set<Int> = []
    var groups = 0
    var names: [String: Int] = [:]
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

    var current: Unicode.Scalar? { position < text.count ? text[position] : nil }

    mutating func take(_ wanted: String) -> Bool {
        guard text[position...].starts(with: wanted.unicodeScalars) else { return false }
        position += wanted.unicodeScalars.count
        return true
    }

    /// Code and its width in scalars, where that is fixed.
    typealias Piece = (code: Code, width: Int?)

    mutating func alternatives() throws(Pattern.Mistake) -> Piece {
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

    static func shifted(_ code: Code, by offset: Int) -> Code {
        code.map { instruction in
            switch instruction {
            case .split(let a, let b): .split(a + offset, b + offset)
            case .jump(let a): .jump(a + offset)
            default: instruction
            }
        }
    }
}
