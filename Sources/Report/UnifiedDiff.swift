/// The difference of two texts as `diff -u` prints it.
///
/// Lines are compared byte by byte, and end with `\n` alone.
public enum UnifiedDiff {
    /// The hunks, each with `context` lines of what is equal around it; empty for equal texts. A last line without an
    /// end is followed by `\ No newline at end of file`, so `patch` makes the second text of the first.
    public static func text(from old: String, to new: String, context: Int = 3) -> String {
        lines(from: old, to: new, context: context).map { $0 + "\n" }.joined()
    }

    /// The same, line by line, without their ends.
    public static func lines(from old: String, to new: String, context: Int = 3) -> [String] {
        let a = split(old)
        let b = split(new)
        return hunks(EditScript.between(a, b), context: context).flatMap { hunk in
            let removed = hunk.filter { $0.sign != "+" }
            let added = hunk.filter { $0.sign != "-" }
            let from = range(removed.first?.old ?? hunk[hunk.startIndex].old, removed.count)
            let to = range(added.first?.new ?? hunk[hunk.startIndex].new, added.count)
            return ["@@ -\(from) +\(to) @@"]
                + hunk.flatMap { edit -> [String] in
                    let line = edit.sign == "+" ? b[edit.new] : a[edit.old]
                    let ends = line.last == UInt8(ascii: "\n")
                    let text = String(edit.sign) + String(decoding: ends ? line.dropLast() : line, as: UTF8.self)
                    return ends ? [text] : [text, "\\ No newline at end of file"]
                }
        }
    }

    /// A line of a diff in its colour, without characters that would do something to a terminal.
    public static func tinted(_ line: String, _ style: Style, indentation: String = "") -> String {
        let text = indentation + line.printable
        switch line.first {
        case "+": return style.tinted(text, .green)
        case "-": return style.tinted(text, .red)
        case "@": return style.tinted(text, .cyan)
        default: return text
        }
    }

    /// Lines with their ends. By bytes: as characters, `\r\n` is one and would end no line.
    private static func split(_ text: String) -> [ArraySlice<UInt8>] {
        var lines: [ArraySlice<UInt8>] = []
        var rest = Array(text.utf8)[...]
        while !rest.isEmpty {
            let end = rest.firstIndex(of: UInt8(ascii: "\n")).map { $0 + 1 } ?? rest.endIndex
            lines.append(rest[..<end])
            rest = rest[end...]
        }
        return lines
    }

    /// As diff writes it: a count of 1 is left out, and an empty range names the line before it.
    private static func range(_ start: Int, _ count: Int) -> String {
        count == 1 ? "\(start + 1)" : "\(count == 0 ? start : start + 1),\(count)"
    }

    private static func hunks(_ edits: [EditScript.Edit], context: Int) -> [ArraySlice<EditScript.Edit>] {
        var hunks: [ArraySlice<EditScript.Edit>] = []
        var start: Int?
        var end = 0
        for index in edits.indices where edits[index].sign != " " {
            if let open = start, index - end > 2 * context {
                hunks.append(edits[open..<min(edits.count, end + context)])
                start = nil
            }
            start = start ?? max(0, index - context)
            end = index + 1
        }
        if let start { hunks.append(edits[start..<min(edits.count, end + context)]) }
        return hunks
    }
}

/// Lines kept, removed and added, in order: the shortest list of them, by Myers' algorithm.
struct EditScript {
    struct Edit: Equatable {
        /// " ", "-" or "+".
        var sign: Character
        /// The index of the next line of each text.
        var old: Int
        var new: Int
    }

    /// Texts that differ in more lines than this are shown as one replaced by the other: nobody reads on, and the
    /// search takes time and memory by its square.
    static let limit = 2000

    static func between(_ a: [ArraySlice<UInt8>], _ b: [ArraySlice<UInt8>]) -> [Edit] {
        var numbers: [ArraySlice<UInt8>: Int32] = [:]
        func number(_ line: ArraySlice<UInt8>) -> Int32 {
            if let known = numbers[line] { return known }
            let new = Int32(numbers.count)
            numbers[line] = new
            return new
        }
        let x = a.map(number)
        let y = b.map(number)
        var head = 0
        while head < min(x.count, y.count), x[head] == y[head] { head += 1 }
        var tail = 0
        while tail < min(x.count, y.count) - head, x[x.count - 1 - tail] == y[y.count - 1 - tail] { tail += 1 }

        var edits = (0..<head).map { Edit(sign: " ", old: $0, new: $0) }
        edits += middle(Array(x[head..<(x.count - tail)]), Array(y[head..<(y.count - tail)])).map {
            Edit(sign: $0.sign, old: $0.old + head, new: $0.new + head)
        }
        edits += (0..<tail).map { Edit(sign: " ", old: x.count - tail + $0, new: y.count - tail + $0) }
        return edits
    }

    private static func middle(_ x: [Int32], _ y: [Int32]) -> [Edit] {
        guard let rounds = rounds(x, y) else {
            return x.indices.map { Edit(sign: "-", old: $0, new: 0) }
                + y.indices.map { Edit(sign: "+", old: x.count, new: $0) }
        }
        var edits: [Edit] = []
        var (i, j) = (x.count, y.count)
        for d in stride(from: rounds.count - 1, through: 0, by: -1) {
            let k = i - j
            // Where the round before it stood: one line added (from the diagonal above) or removed.
            let isAdded = d > 0 && (k == -d || k != d && rounds[d - 1][k - 1, d - 1] < rounds[d - 1][k + 1, d - 1])
            let from = d == 0 ? 0 : isAdded ? rounds[d - 1][k + 1, d - 1] : rounds[d - 1][k - 1, d - 1] + 1
            while i > from {
                (i, j) = (i - 1, j - 1)
                edits.append(Edit(sign: " ", old: i, new: j))
            }
            if d == 0 { break }
            if isAdded { j -= 1 } else { i -= 1 }
            edits.append(Edit(sign: isAdded ? "+" : "-", old: i, new: j))
        }
        return edits.reversed()
    }

    /// After d changes, how far each diagonal reached in the first text; nil past the limit.
    private static func rounds(_ x: [Int32], _ y: [Int32]) -> [Round]? {
        var rounds: [Round] = []
        for d in 0...min(limit, x.count + y.count) {
            var round = Round(reach: Array(repeating: -1, count: d + 1))
            for k in stride(from: -d, through: d, by: 2) {
                var i = 0
                if d > 0 {
                    let isAdded = k == -d || k != d && rounds[d - 1][k - 1, d - 1] < rounds[d - 1][k + 1, d - 1]
                    i = isAdded ? rounds[d - 1][k + 1, d - 1] : rounds[d - 1][k - 1, d - 1] + 1
                }
                while i < x.count, i - k < y.count, i >= 0, i - k >= 0, x[i] == y[i - k] { i += 1 }
                round[k, d] = i
                if i >= x.count, i - k >= y.count {
                    rounds.append(round)
                    return rounds
                }
            }
            rounds.append(round)
        }
        return nil
    }

    /// One round of the search: every second diagonal from -d to d.
    private struct Round {
        var reach: [Int32]

        subscript(k: Int, d: Int) -> Int {
            get { Int(reach[(k + d) / 2]) }
            set { reach[(k + d) / 2] = Int32(newValue) }
        }
    }
}
