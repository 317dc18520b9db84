import Model
import Report
import Testing

@Suite struct PrintableTextTests {
    @Test(
        "what steers a terminal or hides is shown by its name, what people write stays",
        arguments: [
            ("a\tb\n", "a\tb\n", #""a\tb\n""#), ("\u{1B}[2J\u{07}\r", "^[[2J^G^M", #""\u001b[2J\u0007\r""#),
            ("\u{9B}2J\u{7F}", "<U+009B>2J^?", #""\u009b2J\u007f""#),
            ("\u{202E}fdp.exe\u{2066}", "<U+202E>fdp.exe<U+2066>", #""\u202efdp.exe\u2066""#),
            ("a\u{200B}b\u{FEFF}\u{2028}\u{E0041}", "a<U+200B>b<U+FEFF><U+2028><U+E0041>",
                #""a\u200bb\ufeff\u2028\udb40\udc41""#),
            ("Küche 日本 👩‍🚀 می‌خواهم", "Küche 日本 👩‍🚀 می‌خواهم", #""Küche 日本 👩‍🚀 می‌خواهم""#),
        ])
    func shown(text: String, printable: String, json: String) {
        #expect(text.printable == printable)
        #expect(JSONText.line(.string(text)) == json)
        #expect(JSONText.line([text: 1] as Value).hasPrefix("{" + json))
    }
}
