import Report
import Testing

@Suite("what a terminal is not to be steered by, or a reader deceived")
struct PrintableTextTests {
    @Test(
        "is made visible",
        arguments: [
            ("plain äöü ✓ 日本\t\n", "plain äöü ✓ 日本\t\n"), ("\u{1B}[2J", "^[[2J"), ("a\rb\u{7}", "a^Mb^G"),
            ("\u{9B}31m", "\\u009b31m"), ("\u{7F}", "\\u007f"), ("a\u{202E}b\u{2066}c", "a\\u202eb\\u2066c"),
            ("pay\u{200B}pal\u{FEFF}", "pay\\u200bpal\\ufeff"), ("\u{E0041}", "\\udb40\\udc41"),
            ("👩‍🚀 می‌خواهم", "👩‍🚀 می‌خواهم"),
        ])
    func printable(text: String, expected: String) { #expect(text.printable == expected) }

    @Test("kubani's own colours and moves stay where they may, and nothing that looks like them")
    func drawing() {
        let own = "\u{1B}[31mred\u{1B}[0m"
        #expect(own.harmless(but: .colors) == own && own.printable == "^[[31mred^[[0m")
        let live = "\r\u{1B}[3A\u{1B}[J"
        #expect(live.harmless(but: .everything) == live)
        #expect(live.harmless(but: .colors) == "^M^[[3A^[[J")
        for foreign in ["\u{1B}]0;title\u{7}", "\u{1B}[6n", "\u{1B}c", "\u{1B}[1;1H", "\u{1B}"] {
            #expect(!foreign.harmless(but: .everything).contains("\u{1B}"))
        }
    }

    @Test("JSON stays the same text")
    func json() { #expect("{\"a\":\"\u{9B}\u{202E}\"}".printable == #"{"a":"\u009b\u202e"}"#) }
}
