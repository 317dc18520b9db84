import Model
import OrderedCollections
import Testing

@testable import Template

@Suite("Any text at all is a template or a mistake, never a crash")
struct GarbagePropertyTests {
    static let pieces = [
        "{{", "}}", "{%", "%}", "{#", "#}", "-", "+", "~", "*", "**", "/", "//", "%", "(", ")", "[", "]", "{", "}", "|",
        ".",
        ",", ":", "=", "==", "<", "not", "in", "is", "if", "else", "elif", "endif", "for", "endfor", "set", "raw",
        "endraw",
        "x", "m", "xs", "loop", "0", "1", "9223372036854775807", "1e308", "-1", "'a'", "\"b", "'", "\\", "\n", "\r\n",
        "\t",
        " ", "é", "☃", "𝄞", "\u{301}", "\0", "and", "or", "none", "true", "default", "join", "map", "select", "sort",
        "int",
        "regex_replace", "to_nice_yaml", "to_json", "format", "%s", "split", "items", "upper", "range", "'(a*)*b'",
        "'[x'",
    ]
    static let scope = PlainScope([
        "x": 5, "m": ["a": ["b": "c"]], "xs": [1, "two", 3.5, nil], "u": .unknown(Unknown(because: "later")),
    ])

    @Test("random rows of pieces", arguments: 0..<40)
    func garbage(_ seed: Int) {
        var generator = SplitMix(state: UInt64(seed) &* 0x9E37_79B9_7F4A_7C15 &+ 1)
        for _ in 0..<250 {
            let count = Int.random(in: 1...24, using: &generator)
            let words = (0..<count).compactMap { _ in Self.pieces.randomElement(using: &generator) }
            let inner = words.joined(separator: Bool.random(using: &generator) ? " " : "")
            for text in [inner, "{{ \(inner) }}", "{% for x in xs %}\(inner){% endfor %}"] {
                if let template = try? Template(parsing: text) {
                    _ = try? template.render(in: Self.scope)
                    _ = try? template.renderForDisplay(in: Self.scope)
                    _ = template.names
                }
            }
            _ = try? Template.Expression(parsing: inner).evaluate(in: Self.scope)
        }
    }

    @Test("a filter given anything gives a value or a mistake", arguments: Filters.all.keys.sorted())
    func filters(_ name: String) {
        let inputs = [
            "x", "m", "xs", "u", "'a b'", "''", "none", "-1.5", "[]", "{}", "1e308", "[[1], [2]]", "true",
            "9223372036854775807",
        ]
        for input in inputs {
            for argument in [""] + inputs {
                for second in ["", ", 1", ", 'a'"] where !argument.isEmpty || second.isEmpty {
                    _ = try? Template.Expression(parsing: "\(input) | \(name)(\(argument)\(second))").evaluate(
                        in: Self.scope)
                }
            }
        }
    }

    @Test("a text without tags comes back unchanged", arguments: 0..<20)
    func plain(_ seed: Int) throws {
        var generator = SplitMix(state: UInt64(seed) &+ 77)
        for _ in 0..<200 {
            let count = Int.random(in: 0...40, using: &generator)
            let text = (0..<count).compactMap { _ in
                Self.pieces.filter { !$0.hasPrefix("{") && $0 != "#}" }.randomElement(using: &generator)
            }.joined()
            #expect(try Template(parsing: text).render(in: Self.scope).string?.utf8.elementsEqual(text.utf8) == true)
        }
    }

    @Test("a text that is quoted and printed comes back unchanged", arguments: 0..<20)
    func quoted(_ seed: Int) throws {
        var generator = SplitMix(state: UInt64(seed) &+ 991)
        for _ in 0..<200 {
            let count = Int.random(in: 0...12, using: &generator)
            let text = (0..<count).compactMap { _ in Self.pieces.randomElement(using: &generator) }.joined()
            let scope = PlainScope(["t": .string(text)])
            for round in [
                "t | to_json | from_json", "t | b64encode | b64decode", "t[::-1] | reverse",
                "t | urlencode | urldecode",
            ] {
                let back = try Template.Expression(parsing: round).evaluate(in: scope).string
                #expect(back?.utf8.elementsEqual(text.utf8) == true, "\(round) of \(text.debugDescription)")
            }
        }
    }
}

/// A small generator with a seed, so that a failure can be repeated.
struct SplitMix: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }
}
