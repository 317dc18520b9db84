import Report
import Testing

@Suite struct TableTextTests {
    @Test("columns are as wide as their widest cell, no line ends in blanks, notes are below their row")
    func columns() {
        let rows = [
            TableText.Row(["a", "long cell", ""], notes: ["one", "two\nlines"]), TableText.Row(["bcd", "", "x"]),
            TableText.Row(["", "", ""]),
        ]
        #expect(
            TableText.render(["N", "CELL", "Z"], rows) == """
                N    CELL       Z
                a    long cell
                    one
                    two lines
                bcd             x


                """)
    }

    @Test("colours do not count as width, and nothing that a cell says steers the terminal")
    func colors() {
        let row = TableText.Row(["ok", "\u{1B}[2Jx"], tints: [0: .green, 1: .red])
        #expect(
            TableText.render(["STATE", "B"], [row], style: Style(color: true))
                == "\u{1B}[1mSTATE  B\u{1B}[0m\n\u{1B}[32mok\u{1B}[0m     \u{1B}[31m^[[2Jx\u{1B}[0m\n")
    }
}

@Suite struct AgeTextTests {
    /// As kubectl's AGE column.
    @Test(
        "ages are told as kubectl tells them",
        arguments: [
            (-5, "<invalid>"), (-1, "0s"), (0, "0s"), (119, "119s"), (120, "2m"), (200, "3m20s"), (599, "9m59s"),
            (600, "10m"), (10799, "179m"), (10800, "3h"), (18600, "5h10m"), (28799, "7h59m"), (28800, "8h"),
            (172_799, "47h"), (172_800, "2d"), (273_600, "3d4h"), (691_199, "7d23h"), (691_200, "8d"),
            (63_071_999, "729d"), (63_072_000, "2y"), (65_664_000, "2y30d"), (252_288_000, "8y"),
        ])
    func ages(seconds: Int, text: String) { #expect(AgeText.short(seconds) == text) }
}
