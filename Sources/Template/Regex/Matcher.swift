/// Runs a pattern's program over a text with a stack of its own, so that neither text nor pattern can exhaust ours.
struct Matcher {
    private static let mostSteps = 5_000_000

    let text: [Unicode.Scalar]
    private var saved: [Int]
    private var steps = 0

    private enum Choice {
        case branch(Int, Int)
        case restore(slot: Int, Int)
    }

    init(text: [Unicode.Scalar], slots: Int) {
        self.text = text
        saved = Array(repeating: -1, count: slots)
    }

    func range(_ group: Int) -> Range<Int>? {
        let (start, end) = (saved[2 * group], saved[2 * group + 1])
        return start >= 0 && end >= start ? start..<end : nil
    }

    mutating func run(
        _ program: [Pattern.Instruction], from start: Int, refusingEmptyAt refused: Int? = nil
    ) throws(Pattern.Mistake) -> Bool {
        for slot in saved.indices { saved[slot] = -1 }
        return try go(program, from: start, refusingEmptyAt: refused) != nil
    }

    /// Where the match ends, or nil; a failed try leaves the notes as they were.
    private mutating func go(
        _ program: [Pattern.Instruction], from start: Int, refusingEmptyAt refused: Int? = nil
    ) throws(Pattern.Mistake) -> Int? {
        var choices: [Choice] = []
        var pc = 0
        var position = start
        while true {
            steps += 1
            guard steps <= Self.mostSteps else { throw Pattern.Mistake("the pattern takes too long to match") }
            var matches = true
            switch program[pc] {
            case .scalar(let wanted, let ignoresCase):
                matches = position < text.count && Self.same(text[position], wanted, ignoresCase)
                if matches { position += 1 }
            case .any(let dotMatchesBreak):
                matches = position < text.count && (dotMatchesBreak || text[position] != "\n")
                if matches { position += 1 }
            case .set(let set, let ignoresCase):
                matches = position < text.count && Self.holds(set, text[position], ignoresCase)
                if matches { position += 1 }
            case .split(let first, let second):
                choices.append(.branch(second, position))
                pc = first
                continue
            case .jump(let target):
                pc = target
                continue
            case .save(let slot):
                choices.append(.restore(slot: slot, saved[slot]))
                saved[slot] = position
            case .progress(let slot): matches = saved[slot] != position
            case .lineStart(let multiline):
                matches = position == 0 || multiline && text[position - 1] == "\n"
            case .lineEnd(let multiline):
                matches =
                    position == text.count || position == text.count - 1 && text[position] == "\n"
                    || multiline && text[position] == "\n"
            case .textStart: matches = position == 0
            case .textEnd: matches = position == text.count
            case .wordBoundary(let wanted):
                let before = position > 0 && ScalarSet.isWord(text[position - 1])
                let after = position < text.count && ScalarSet.isWord(text[position])
                matches = (before != after) == wanted
            case .group(let group, let ignoresCase):
                if let range = range(group), position + range.count <= text.count,
                    zip(text[range], text[position...]).allSatisfy({ Self.same($0, $1, ignoresCase) })
                {
                    position += range.count
                } else {
                    matches = false
                }
            case .look(let inner, let behind, let isNegative):
                let from = position - (behind ?? 0)
                let notes = saved
                let found = from >= 0 ? try go(inner, from: from) != nil : false
                matches = found != isNegative
                if isNegative {
                    saved = notes
                } else if found {
                    for slot in saved.indices where saved[slot] != notes[slot] {
                        choices.append(.restore(slot: slot, notes[slot]))
                    }
                }
            case .match:
                if position != refused { return position }
                matches = false
            }
            if matches {
                pc += 1
                continue
            }
            var resumed = false
            while let choice = choices.popLast() {
                switch choice {
                case .restore(let slot, let old): saved[slot] = old
                case .branch(let target, let at):
                    pc = target
                    position = at
                    resumed = true
                }
                if resumed { break }
            }
            if !resumed { return nil }
        }
    }

    private static func same(_ a: Unicode.Scalar, _ b: Unicode.Scalar, _ ignoresCase: Bool) -> Bool {
        a == b || ignoresCase && a.properties.lowercaseMapping == b.properties.lowercaseMapping
    }

    private static func holds(_ set: ScalarSet, _ scalar: Unicode.Scalar, _ ignoresCase: Bool) -> Bool {
        guard ignoresCase else { return set.contains(scalar) }
        let cases = [scalar.properties.lowercaseMapping, scalar.properties.uppercaseMapping]
            .compactMap { $0.unicodeScalars.count == 1 ? $0.unicodeScalars.first : nil }
        let plain = ScalarSet(items: set.items)
        return (plain.contains(scalar) || cases.contains(where: plain.contains)) != set.isInverted
    }
}
