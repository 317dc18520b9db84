/// A regular expression with the syntax and meaning of Python's `re`, matched over Unicode scalars. It backtracks as
/// Python's does, but within a bound: a pattern that would take for ever is an error.
struct Pattern: Sendable {
    struct Options: Sendable {
        var ignoresCase = false
        /// `^` and `$` match at line breaks too.
        var isMultiline = false
        /// `.` matches a line break too.
        var dotMatchesBreak = false
    }

    /// What is wrong with a pattern, or that matching it takes too long.
    struct Mistake: Error {
        let message: String
        init(_ message: String) { self.message = message }
    }

    indirect enum Instruction: Sendable {
        case scalar(Unicode.Scalar, ignoresCase: Bool)
        case any(dotMatchesBreak: Bool)
        case set(ScalarSet, ignoresCase: Bool)
        /// Tries the first, then the second.
        case split(Int, Int)
        case jump(Int)
        /// Notes the position: a group's start or end, or a loop's turn.
        case save(Int)
        /// Fails when nothing was matched since the note: an empty turn of a loop.
        case progress(Int)
        case lineStart(multiline: Bool)
        case lineEnd(multiline: Bool)
        case textStart
        case textEnd
        case wordBoundary(Bool)
        case group(Int, ignoresCase: Bool)
        /// Matches a program of its own here; `width` scalars back for a look behind.
        case look([Instruction], behind: Int?, isNegative: Bool)
        case match
    }

    let program: [Instruction]
    let slots: Int
    let groups: Int
    let names: [String: Int]

    init(_ text: String, _ options: Options = Options()) throws(Mistake) {
        var compiler = PatternCompiler(text, options)
        program = try compiler.compile()
        slots = compiler.slots
        groups = compiler.groups
        names = compiler.names
    }

    /// A match: the whole and its groups; nil for a group that took no part.
    struct Match {
        let ranges: [Range<Int>?]
        var range: Range<Int> { ranges[0] ?? 0..<0 }
    }

    /// The first match at or after `start`.
    /// - Parameter mustAdvance: refuses an empty match at `start` itself, where the one before ended.
    func search(
        in text: [Unicode.Scalar], from start: Int = 0, anchored: Bool = false, mustAdvance: Bool = false
    ) throws(Mistake) -> Match? {
        var matcher = Matcher(text: text, slots: slots)
        var position = start
        while position <= text.count {
            let refused = mustAdvance && position == start ? position : nil
            if try matcher.run(program, from: position, refusingEmptyAt: refused) {
                return Match(ranges: (0...groups).map { matcher.range($0) })
            }
            if anchored { return nil }
            position += 1
        }
        return nil
    }

    /// All matches, none overlapping, as `re.finditer` gives them.
    func matches(in text: [Unicode.Scalar], most: Int = 0) throws(Mistake) -> [Match] {
        var out: [Match] = []
        var position = 0
        var mustAdvance = false
        while most <= 0 || out.count < most,
            let match = try search(in: text, from: position, mustAdvance: mustAdvance)
        {
            out.append(match)
            position = match.range.upperBound
            mustAdvance = match.range.isEmpty
        }
        return out
    }
}

/// A class of scalars: `[a-z\d]`.
struct ScalarSet: Sendable {
    enum Item: Sendable {
        case range(ClosedRange<UInt32>)
        case digit(Bool)
        case space(Bool)
        case word(Bool)
    }
    var items: [Item] = []
    var isInverted = false

    func contains(_ scalar: Unicode.Scalar) -> Bool {
        let found = items.contains { item in
            switch item {
            case .range(let range): range.contains(scalar.value)
            case .digit(let wanted): (scalar.properties.generalCategory == .decimalNumber) == wanted
            case .space(let wanted): PythonString.isSpace(scalar) == wanted
            case .word(let wanted): Self.isWord(scalar) == wanted
            }
        }
        return found != isInverted
    }

    static func isWord(_ scalar: Unicode.Scalar) -> Bool {
        if scalar.isASCII { return scalar == "_" || Lexer.isNamePart(UInt8(scalar.value)) }
        return switch scalar.properties.generalCategory {
        case .uppercaseLetter, .lowercaseLetter, .titlecaseLetter, .modifierLetter, .otherLetter, .decimalNumber,
            .letterNumber, .otherNumber:
            true
        default: false
        }
    }
}
