import Model
import OrderedCollections
import TestSupport
import Testing

@testable import YAML

@Suite("A YAML file is changed within its text") struct YAMLEditTests {
    struct Case: CustomTestStringConvertible {
        var name: String
        var text: String
        var path: String
        /// nil removes.
        var value: Value?
        var expected: String

        var testDescription: String { name }

        init(_ name: String, _ text: String, _ path: String, _ value: Value?, _ expected: String) {
            (self.name, self.text, self.path, self.value, self.expected) = (name, text, path, value, expected)
        }
    }

    static func edited(_ text: String, _ path: String, _ value: Value?) throws -> String {
        var edit = try YAMLEdit(Array(text.utf8), file: "f.yml")
        let path = path.split(separator: ".").map(String.init)
        if let value { try edit.set(value, at: path) } else { try edit.remove(path) }
        return String(decoding: edit.bytes, as: UTF8.self)
    }

    static let replaced = [
        Case("a scalar, its comment stays", "a: 1   # one\nb: 2\n", "a", 7, "a: 7   # one\nb: 2\n"),
        Case("with the quotes it had", "a: '1' # x\n", "a", "it's", "a: 'it''s' # x\n"),
        Case("with double quotes", "a: \"1\"\n", "a", "2", "a: \"2\"\n"),
        Case("quotes where they are needed", "a: x\n", "a", "yes", "a: \"yes\"\n"),
        Case("an address needs none", "a: x\n", "a", "100.64.0.5", "a: 100.64.0.5\n"),
        Case("what is equal is left as written", "a: yes # so\n", "a", true, "a: yes # so\n"),
        Case("nothing", "a: # later\nb: 1\n", "a", "x", "a: x # later\nb: 1\n"),
        Case("null by a map", "a: ~ # none\nb: 1\n", "a.c", 3, "a: # none\n  c: 3\nb: 1\n"),
        Case("a scalar by a map", "a: x # note\nb: 1\n", "a", ["k": "v"], "a: # note\n  k: v\nb: 1\n"),
        Case(
            "a map by a scalar", "a: # note\n  k: v # gone\n\n# of b\nb: 1\n", "a", 5, "a: 5 # note\n\n# of b\nb: 1\n"),
        Case("several lines", "a: x # note\nb: 1\n", "a", "p\nq\n", "a: | # note\n  p\n  q\nb: 1\n"),
        Case("a text block", "a: | # note\n  p\n  q\n\nb: 1\n", "a", "x", "a: x # note\n\nb: 1\n"),
        Case("a text block by one", "a: |\n    p\n\n# of b\nb: 1\n", "a", "r\ns\n", "a: |\n  r\n  s\n\n# of b\nb: 1\n"),
        Case("plain text over lines", "a: p\n  q # note\nb: 1\n", "a", "x", "a: x # note\nb: 1\n"),
        Case("in flow style", "a: {b: 1, c: 2} # x\n", "a.b", "p, q", "a: {b: \"p, q\", c: 2} # x\n"),
        Case("a map in flow style", "a: {b: 1, c: 2}\n", "a.b", ["x": [1, 2]], "a: {b: {x: [1, 2]}, c: 2}\n"),
        Case("a flow key without a value", "{a, b: 1}\n", "a", 2, "{a: 2, b: 1}\n"),
        Case("an item", "a:\n- x # 1\n- y # 2\n", "a.1", "z", "a:\n- x # 1\n- z # 2\n"),
        Case(
            "an item by a map", "a:\n  - x # 1\n  - y\n", "a.0", ["k": 1, "l": 2], "a:\n  - k: 1 # 1\n    l: 2\n  - y\n"
        ),
        Case("a key in an item", "- a: 1 # x\n  b: 2\n", "0.b", 3, "- a: 1 # x\n  b: 3\n"),
        Case(
            "of a map only what differs", "a:\n  b: 1 # one\n  # two\n  c: 2\n", "a", ["b": 1, "c": 3, "d": 4],
            "a:\n  b: 1 # one\n  # two\n  c: 3\n  d: 4\n"),
        Case(
            "of a list only what differs", "a:\n  - x # 1\n  - y # 2\n  - z # 3\n", "a", ["x", "q", "r", "z"],
            "a:\n  - x # 1\n  - q # 2\n  - r\n  - z # 3\n"),
        Case("an alias", "a: &x 1\nb: *x # note\n", "b", 2, "a: &x 1\nb: 2 # note\n"),
        Case("an anchor that nobody uses", "a: &x 1 # note\n", "a", 2, "a: &x 2 # note\n"),
        Case("a tag goes with its value", "a: !!str 1 # note\n", "a", 2, "a: 2 # note\n"),
        Case("beyond the alphabet", "ä: \"ö🙂\" # ü\nb: 1\n", "ä", "ß€", "ä: \"ß€\" # ü\nb: 1\n"),
        Case("with tabs about", "a:\t1\t# x\nb:\t2\n", "a", 3, "a:\t3\t# x\nb:\t2\n"),
        Case("CRLF", "a: 1 # x\r\nb:\r\n  c: 2\r\n", "b.c", 3, "a: 1 # x\r\nb:\r\n  c: 3\r\n"),
        Case("without a last line end", "a: 1\nb: 2", "b", 3, "a: 1\nb: 3"),
        Case("between document markers", "%YAML 1.1\n---\na: 1\n...\n", "a", 2, "%YAML 1.1\n---\na: 2\n...\n"),
        Case(
            "in JSON", "{\n  \"a\": {\"b\": \"x\"}\n}\n", "a.b", "y\n\u{7}", "{\n  \"a\": {\"b\": \"y\\n\\u0007\"}\n}\n"
        ),
        Case("through an alias: written out", "a: &x {b: 1}\nc: *x\n", "c.b", 2, "a: &x {b: 1}\nc: {b: 2}\n"),
        Case(
            "of what << brings: an entry of its own", "a: &x {b: 1}\nc:\n  <<: *x\n", "c.b", 2,
            "a: &x {b: 1}\nc:\n  <<: *x\n  b: 2\n"),
        Case(
            "within what << brings", "a: &x {b: {p: 1, q: 2}}\nc: {<<: *x}\n", "c.b.p", 3,
            "a: &x {b: {p: 1, q: 2}}\nc: {<<: *x, b: {p: 3, q: 2}}\n"),
    ]

    static let added = [
        Case("below the last", "a: 1 # x\n\n# of b\n", "b", 2, "a: 1 # x\nb: 2\n\n# of b\n"),
        Case("as deep as its siblings", "a:\n    b: 1\nc: 2\n", "a.d", 3, "a:\n    b: 1\n    d: 3\nc: 2\n"),
        Case(
            "before the next section's comment", "a:\n  b: 1 # x\n\n# of c\nc: 2\n", "a.d", 3,
            "a:\n  b: 1 # x\n  d: 3\n\n# of c\nc: 2\n"),
        Case(
            "below comments that are the last one's", "h:\n  n1:\n    ip: 1\n    # gpu: true\n\n    # more\n\nv: 1\n",
            "h.n2.ip",
            2, "h:\n  n1:\n    ip: 1\n    # gpu: true\n\n    # more\n  n2:\n    ip: 2\n\nv: 1\n"),
        Case("to nothing", "h:\n    x:\n        y: 1\nz:\n", "z.k", 1, "h:\n    x:\n        y: 1\nz:\n    k: 1\n"),
        Case("to nothing with comments", "z: # none\n  # yet\nb: 1\n", "z.k", 1, "z: # none\n  # yet\n  k: 1\nb: 1\n"),
        Case("to {}", "z: {} # none\n", "z.k", ["a": 1], "z: {k: {a: 1}} # none\n"),
        Case("to { }", "z: { }\n", "z.k", 1, "z: {k: 1}\n"),
        Case("to []", "z: []\n", "z.0", 1, "z: [1]\n"),
        Case("in flow style", "z: { a: 1, b: 2 } # x\n", "z.c", "q", "z: { a: 1, b: 2, c: q } # x\n"),
        Case(
            "as its siblings are", "h:\n  a: {x: 1} # 1\n  b: {x: 2} # 2\n", "h.c.x", 3,
            "h:\n  a: {x: 1} # 1\n  b: {x: 2} # 2\n  c: {x: 3}\n"),
        Case(
            "in flow style over lines", "z: {\n  a: 1, # one\n  b: 2  # two\n}\n", "z.c", 3,
            "z: {\n  a: 1, # one\n  b: 2,  # two\n  c: 3\n}\n"),
        Case("after a last comma", "z: {\n  a: 1, # one\n}\n", "z.c", 3, "z: {\n  a: 1, # one\n  c: 3,\n}\n"),
        Case("after a last comma in a line", "z: [1, 2,]\n", "z.2", 3, "z: [1, 2, 3,]\n"),
        Case(
            "in JSON", "{\n\t\"a\": {\n\t\t\"b\": {\n\t\t\t\"x\": 1\n\t\t}\n\t}\n}\n", "a.c.x", 2,
            "{\n\t\"a\": {\n\t\t\"b\": {\n\t\t\t\"x\": 1\n\t\t},\n\t\t\"c\": {\n\t\t\t\"x\": 2\n\t\t}\n\t}\n}\n"),
        Case(
            "in JSON on one line", "{\"a\":{\"b\":1}}", "a.c", ["d": [1, "e"]],
            "{\"a\":{\"b\":1,\"c\":{\"d\":[1,\"e\"]}}}"),
        Case("an item", "a:\n- x # 1\n# of b\nb: 1\n", "a.1", "q", "a:\n- x # 1\n- q\n# of b\nb: 1\n"),
        Case(
            "a list as the file's lists stand", "a:\n- x\nb: 1\n", "c", ["p", ["k": 1, "l": [2]]],
            "a:\n- x\nb: 1\nc:\n- p\n- k: 1\n  l:\n  - 2\n"),
        Case("a list in a file without any", "b: 1\n", "c", ["p", ["k": 1]], "b: 1\nc:\n  - p\n  - k: 1\n"),
        Case("maps on the way", "b: 1\n", "p.q.r", true, "b: 1\np:\n  q:\n    r: true\n"),
        Case("without a last line end", "a: 1\nb: 2", "c", 3, "a: 1\nb: 2\nc: 3"),
        Case("to an empty file", "", "a.b", 1, "a:\n  b: 1\n"),
        Case("to comments alone", "# nothing\n# yet\n", "a", 1, "# nothing\n# yet\na: 1\n"),
        Case("to comments without a last line end", "# nothing", "a", 1, "# nothing\na: 1"),
        Case("to a document without content", "--- # here\n# yet\n...\n", "a", 1, "--- # here\n# yet\na: 1\n...\n"),
        Case("CRLF", "a:\r\n  b: 1 # x\r\n\r\nc: 2\r\n", "a.d", 3, "a:\r\n  b: 1 # x\r\n  d: 3\r\n\r\nc: 2\r\n"),
        Case("a key that needs quotes", "a: 1\n", "on", "off", "a: 1\n\"on\": \"off\"\n"),
        Case(
            "beside a text block", "a: |\n  p\n\nb: |+\n  q\n\n# end\n", "c", 1,
            "a: |\n  p\n\nb: |+\n  q\n\nc: 1\n# end\n"),
        Case(
            "to an anchor that others use, elsewhere", "a: &x {b: 1}\nc: {<<: *x, b: 2}\n", "c.d", 3,
            "a: &x {b: 1}\nc: {<<: *x, b: 2, d: 3}\n"),
        Case("to an anchored map without users", "a: &x\n  b: 1\n", "a.c", 2, "a: &x\n  b: 1\n  c: 2\n"),
        Case("to an anchored nothing", "a: &x # n\nb: 1\n", "a.c", 2, "a: &x # n\n  c: 2\nb: 1\n"),
        Case("in a list's map", "- a: 1\n  b: 2 # x\n- c\n", "0.d", 3, "- a: 1\n  b: 2 # x\n  d: 3\n- c\n"),
        Case(
            "within a list's map", "l:\n  - a:\n      b: 1\n", "l.0.c.d", 3,
            "l:\n  - a:\n      b: 1\n    c:\n      d: 3\n"),
    ]

    static let removed = [
        Case("with the comment behind it", "a: 1 # x\n# of b\nb: 2 # y\nc: 3\n", "b", nil, "a: 1 # x\n# of b\nc: 3\n"),
        Case("with the deeper comments below", "a:\n  x: 1\n  # y: 2\n\nb: 2\n", "a", nil, "\nb: 2\n"),
        Case("the last without a line end", "a: 1\nb: 2", "b", nil, "a: 1"),
        Case("the last without a line end, CRLF", "a: 1\r\nb: 2", "b", nil, "a: 1"),
        Case("a map's only entry", "a: # n\n  b: 1\nc: 2\n", "a.b", nil, "a: {} # n\nc: 2\n"),
        Case("a list's only item", "a: # n\n- b\nc: 2\n", "a.0", nil, "a: [] # n\nc: 2\n"),
        Case("an anchored map's only entry", "a: &x # n\n  b: 1\nc: 2\n", "a.b", nil, "a: &x {} # n\nc: 2\n"),
        Case("the document's only entry", "# head\na: 1 # x\n# tail\n", "a", nil, "# head\n# tail\n"),
        Case("the first in a list's map", "- a: 1 # x\n  b: 2\n", "0.a", nil, "- b: 2\n"),
        Case(
            "the first in a list's map, a comment below", "- a: 1 # x\n  # of b\n  b: 2\n", "0.a", nil,
            "-\n  # of b\n  b: 2\n"),
        Case("the only one in a list's map", "- a: 1 # x\n- b\n", "0.a", nil, "- {} # x\n- b\n"),
        Case("an item", "a:\n  - x\n  # of y\n  - y # 2\n  - z\n", "a.1", nil, "a:\n  - x\n  # of y\n  - z\n"),
        Case("in flow style", "{a: 1, b: 2, c: 3}\n", "b", nil, "{a: 1, c: 3}\n"),
        Case("the first in flow style", "{ a: 1, b: 2 }\n", "a", nil, "{ b: 2 }\n"),
        Case("the last in flow style", "{ a: 1, b: 2 }\n", "b", nil, "{ a: 1 }\n"),
        Case("the only one in flow style", "x: { a: 1 } # y\n", "x.a", nil, "x: {} # y\n"),
        Case("in flow style over lines", "{\n  a: 1, # 1\n  b: 2 # 2\n}\n", "b", nil, "{\n  a: 1 # 1\n}\n"),
        Case("the first in flow style over lines", "{\n  a: 1, # 1\n  b: 2, # 2\n}\n", "a", nil, "{\n  b: 2, # 2\n}\n"),
    ]

    @Test("what is set takes the old one's place", arguments: replaced)
    func replaces(test: Case) throws {
        let text = try Self.edited(test.text, test.path, test.value)
        #expect(text == test.expected)
    }

    @Test("what is new is written as its siblings are", arguments: added)
    func adds(test: Case) throws {
        let text = try Self.edited(test.text, test.path, test.value)
        #expect(text == test.expected)
    }

    @Test("what is removed leaves the others as they are", arguments: removed)
    func removes(test: Case) throws {
        let text = try Self.edited(test.text, test.path, nil)
        #expect(text == test.expected)
    }

    @Test("a new entry that is removed leaves no trace", arguments: added.filter { !$0.path.contains("0") })
    func leavesNoTrace(test: Case) throws {
        var edit = try YAMLEdit(Array(test.expected.utf8), file: "f.yml")
        // What was made on the way to the value goes with it.
        let path = test.path.split(separator: ".").map(String.init)
        let before = try YAMLEdit(Array(test.text.utf8), file: "f.yml").value
        let depth = path.indices.first { before.value(at: path[...$0]) == nil } ?? 0
        try edit.remove(Array(path[...depth]), leaving: .nothing)
        let left = String(decoding: edit.bytes, as: UTF8.self)
        #expect(left == (test.text == "z: { }\n" ? "z: {}\n" : test.text))
    }

    @Test(
        "what would change more, or cannot be, is refused",
        arguments: [
            ("a: &x {b: 1}\nc: *x\n", "a.b", 2, "'a.b' lies in &x, which *x stands for too"),
            ("a: &x {b: 1}\nc: {<<: *x}\n", "a.d", 2, "'a.d' lies in &x, which *x stands for too"),
            ("a: &x 1\nc: [*x]\n", "a", 2, "'a' lies in &x, which *x stands for too"),
            ("a: &x 1\nc: *x\n", "a", nil, "'a' lies in &x, which *x stands for too"),
            ("a: &x {b: 1}\nc: {<<: *x}\n", "c.b", nil, "'b' is not written here: it comes from what << names"),
            ("a: &x {b: 1}\nc: *x\n", "c.b", nil, "'b' is not written here: it comes from *x"),
            ("a: x\n", "a.b", 2, "'a' is text, and so has no 'b'"),
            ("a: [1]\n", "a.3", 2, "'a' is a list of 1, and has no '3'"),
            ("a: 1\n", "b", nil, "there is no 'b' in f.yml"),
        ] as [(String, String, Value?, String)])
    func refuses(text: String, path: String, value: Value?, message: String) throws {
        let error = #expect(throws: InputErrors.self) { try Self.edited(text, path, value) }
        #expect(error?.description.contains(message) == true, "\(error?.description ?? "")")
    }

    @Test("a file of two documents, or with a key twice, is refused")
    func unreadable() {
        for text in ["a: 1\n---\nb: 2\n", "a: 1\na: 2\n", "a: [\n"] {
            #expect(throws: InputErrors.self) { try YAMLEdit(Array(text.utf8), file: "f.yml") }
        }
    }
}
