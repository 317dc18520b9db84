import Model
import OrderedCollections
import TestSupport
import Testing

@testable import YAML

@Suite("What is emitted is read back the same") struct EmitterPropertyTests {
    @Test("by this reader and by PyYAML, for random values", Needs.python, arguments: [1, 2, 3] as [UInt64])
    func random(seed: UInt64) async throws {
        var source = RandomValues(state: seed)
        let values = (0..<700).map { _ in source.value(depth: 3) } + Self.awkward
        let texts = values.map(YAML.emit)
        let theirs = try await PyYAML.read(texts)
        for ((value, text), their) in zip(zip(values, texts), theirs) {
            let expected = PyYAML.spelling(of: value)
            let mine = (try? YAML.value(Array(text.utf8), file: "x")).map(PyYAML.spelling)
            #expect(mine == expected, "seed \(seed):\n\(text)")
            #expect(their == expected, "PyYAML, seed \(seed):\n\(text)")
        }
    }

    @Test("in block style, keys in order, text bare only where it cannot be mistaken")
    func style() {
        let value: Value = [
            "server": "https://100.64.0.5:6443", "count": 3, "mode": "0644", "answer": "no", "empty": [],
            "none": nil,
            "args": ["a b", ["x", "y"], ["k": true]], "text": "one\ntwo\n", "ratio": 1e20,
        ]
        #expect(
            YAML.emit(value) == """
                server: https://100.64.0.5:6443
                count: 3
                mode: "0644"
                answer: "no"
                empty: []
                none: null
                args:
                  - a b
                  - - x
                    - "y"
                  - k: true
                text: |
                  one
                  two
                ratio: 1.0e+20

                """)
    }

    private static let awkward: [Value] = [
        "", " ", "\n", "\n\n", "a\n", "a\n\n", "\na", " a\nb", "a\n b", "a\n  \nb", "a\r\nb", "\tx\ny",
        "a\nb ", "---", "...",
        "- a", "? a", "a: b", "a:", ":a", "a #b", "#a", "&a", "*a", "!a", "%a", "@a", "`a", "'a'", "\"a\"",
        "{a}", "[a]", "a, b",
        "yes", "Y", "null", "~", "0x1F", "0o17", "1e3", "1:30", "2001-12-14", "<<", "=", ".inf", ".5", "-",
        "-1", "\u{85}",
        "\u{2028}x\ny", "\u{FEFF}a", "\u{1F600}\nb", "\u{7F}", "a\u{0}b", "\\n", "trailing: ", "a\n---\nb\n",
        "a\n...\nb",
        .double(-0.0), .double(.leastNonzeroMagnitude), .double(1.5e300), .double(.infinity), .double(-.infinity),
        .double(.nan), .int(.min),
        ["": "", "\n": "\n", "a b": ["": []], "yes": [[], [[:]]]],
        .map([String(repeating: "k", count: 2000): ["x": [1]]]),
        .list([.list([.list(["a\nb\n", ["k": "x\ny"]])])]), .map([String(repeating: "é", count: 700): "v"]),
    ]
}
