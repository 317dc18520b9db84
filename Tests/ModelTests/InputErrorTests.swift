import Model
import Testing

@Suite struct InputErrorTests {
    private func shown(_ line: String, column: Int) -> [String] {
        InputError("wrong", at: Origin(file: "f", line: 1, column: column), sourceLine: line).description
            .split(separator: "\n").map(String.init)
    }

    @Test("the caret stands under the column, a tab as wide as a blank")
    func caret() { #expect(shown("\tab: c", column: 6) == ["f:1:6: wrong", "     ab: c", "         ^"]) }

    @Test("of a long line what lies around the column is shown", arguments: [1, 100, 50_000, 100_000])
    func long(column: Int) {
        var text = Array(String(repeating: "x", count: 100_000).unicodeScalars)
        text[column - 1] = "!"
        let lines = shown(String(String.UnicodeScalarView(text)), column: column)
        #expect(lines.count == 3 && lines[1].count < 170)
        #expect(lines[1].prefix { $0 != "!" }.count == lines[2].prefix { $0 != "^" }.count)
    }
}
