import Model
import OrderedCollections
import Testing
import YAML

@Suite struct JSONTests {
    private static let written: [(String, Value)] = [
        ("{}", [:]), (" [ ] ", []), ("null", nil), ("true", true), ("false", false), ("0", 0), ("-12", -12),
        ("1.5e3", 1500.0), ("-0.25", -0.25), ("9223372036854775807", 9_223_372_036_854_775_807),
        ("9223372036854775808", .double(9_223_372_036_854_775_808)), ("\"\"", ""),
        ("\"a\\n\\\"\\\\\\/\\u00fc\"", "a\n\"\\/ü"), ("\"\\ud83d\\ude00 😀\"", "😀 😀"),
        ("{\"a\": [1, {\"b\": null}], \"c\": \"d\"}", ["a": [1, ["b": nil]], "c": "d"]),
        ("{\"a\": 1, \"a\": 2}", ["a": 2]),
    ]

    @Test("what other programs write is read", arguments: written)
    func reads(text: String, expected: Value) { #expect(JSON.read(text) == expected) }

    @Test(
        "what is no JSON is refused, with its place",
        arguments: [
            ("", 0), ("{", 1), ("[1,]", 3), ("{\"a\" 1}", 5), ("{a: 1}", 1), ("01", 0), ("1.", 2), ("tru", 0),
            ("\"a", 2), ("\"\u{1}\"", 1),
            ("\"\\x\"", 3), ("\"\\ud83d\"", 7), ("\"\\u12g4\"", 3), ("1 2", 2), ("nul", 0), ("1e999", 5),
        ])
    func refuses(text: String, offset: Int) {
        #expect {
            try JSON.read(Array(text.utf8))
        } throws: {
            ($0 as? JSON.Mistake)?.offset == offset
        }
    }

    @Test("bytes that are no UTF-8, and nesting without end, are refused")
    func limits() {
        #expect(throws: JSON.Mistake.self) { try JSON.read([0x22, 0xFF, 0x22]) }
        let deep = String(repeating: "[", count: 100_000)
        #expect(JSON.read(deep) == nil)
    }

    @Test("it reads what it writes")
    func roundTrip() throws {
        var random = SystemRandomNumberGenerator()
        func value(_ depth: Int) -> Value {
            switch Int.random(in: 0..<(depth > 4 ? 5 : 7), using: &random) {
            case 0: return nil
            case 1: return .bool(.random())
            case 2: return .int(.random(in: .min ... .max))
            case 3: return .double(Double.random(in: -1e9...1e9))
            case 4:
                let scalars = (0..<Int.random(in: 0..<8)).map { _ in
                    Unicode.Scalar(UInt32.random(in: 0..<0xD800)) ?? "x"
                }
                return .string(String(String.UnicodeScalarView(scalars)))
            case 5: return .list((0..<Int.random(in: 0..<4)).map { _ in value(depth + 1) })
            default:
                let pairs = (0..<Int.random(in: 0..<4)).map { ("k\($0)", value(depth + 1)) }
                return .map(.init(uniqueKeysWithValues: pairs))
            }
        }
        for _ in 0..<500 {
            let value = value(0)
            #expect(try JSON.read(Array(JSON.line(value).utf8)) == value)
            #expect(try JSON.read(Array(JSON.pretty(value).utf8)) == value)
        }
    }
}
