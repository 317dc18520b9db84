import Model
import OrderedCollections
import Testing

@testable import Template

@Suite("Mistakes in templates name their place and what was meant")
struct MistakeTests {
    static let scope = PlainScope(["server_name": "s", "xs": [1], "m": ["port": 1], "n": 3])

    struct Mistake: Sendable {
        let text: String
        let place: String
        let message: String

        init(_ text: String, _ place: String, _ message: String) {
            self.text = text
            self.place = place
            self.message = message
        }
    }

    static let mistakes: [Mistake] = [
        Mistake("{{ nothing_here }}", "4:10", "'nothing_here' is undefined"),
        Mistake("{{ servername }}", "4:10", "hint: did you mean 'server_name'?"),
        Mistake("a\nb {{ m.prot }}", "5:8", "did you mean 'port'?"), Mistake("é☃ {{ x }}", "4:13", "'x' is undefined"),
        Mistake("{{ xs[3] }}", "4:12", "the list has no item 3: it has 1 item"),
        Mistake("{{ n | lowr }}", "4:14", "unknown filter 'lowr'\nhint: did you mean 'lower'?"),
        Mistake("{{ n is numbr }}", "4:15", "did you mean 'number'?"),
        Mistake("{{ rang(3) }}", "4:10", "did you mean 'range'?"),
        Mistake("{{ lookup('env', 'X') }}", "4:10", "'lookup' is not supported"),
        Mistake("{{ n", "4:7", "'{{' is not closed"), Mistake("x {% if n %}", "4:9", "'{% if %}' is not closed"),
        Mistake("{% fro x in xs %}", "4:7", "did you mean 'for'?"),
        Mistake("{% include 'x' %}", "4:7", "not supported"),
        Mistake("{{ n + 'a' }}", "4:10", "'+' does not go with"),
        Mistake("{{ 'x' | bool }}", "4:16", "neither true nor false"),
        Mistake("{{ nope | required('set nope') }}", "4:17", "set nope"),
        Mistake("{{ n | default(x) }}", "4:22", "'x' is undefined"),
        Mistake("{{ '/w==' | b64decode }}", "4:19", "not UTF-8"), Mistake("{{ 1 / 0 }}", "4:10", "division by zero"),
        Mistake("{{ 9223372036854775807 + 1 }}", "4:10", "too large"),
        Mistake("{{ 'a' * 99999999999 }}", "4:10", "too long"), Mistake("{{ range(10 ** 12) }}", "4:10", "more than"),
        Mistake("{{ 'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaa' | regex_search('(a|a)+b') }}", "4:45", "too long to match"),
        Mistake("{{ }}", "4:10", "a value is needed"), Mistake("{{ xs | first | dflt }}", "4:23", "unknown filter"),
        Mistake("{{ n | default(1, 2, 3) }}", "4:14", "at the most"),
        Mistake("{{ m.items }}", "4:12", "has no key 'items'"),
    ]

    @Test(
        "each is an error with line and column, never an empty text",
        arguments: mistakes)
    func place(_ mistake: Mistake) throws {
        let error = #expect(throws: InputErrors.self) {
            try Template(parsing: mistake.text, at: Origin(file: "role.yml", line: 4, column: 7)).render(in: Self.scope)
        }
        #expect(error?.description.hasPrefix("role.yml:\(mistake.place): ") == true, "\(error?.description ?? "")")
        #expect(error?.description.contains(mistake.message) == true, "\(error?.description ?? "")")
    }

    @Test("an unknown filter or test is a mistake wherever it stands, found without rendering")
    func unrendered() {
        for text in ["{{ 1 if true else n | lowr }}", "{% if false %}{{ n | lowr }}{% endif %}", "{{ n is numbr }}"] {
            #expect(throws: InputErrors.self, "\(text)") { try Template(parsing: text) }
        }
        #expect(throws: Never.self) { try Template(parsing: "{{ n is defined or n is not undefined }}") }
    }

    @Test("in a file of its own the line is shown with a caret")
    func caret() throws {
        let origin = Origin(file: "t.j2", line: 1, column: 1)
        let error = #expect(throws: InputErrors.self) {
            try Template(parsing: "a\n  {{ oops }}\n", at: origin).render(in: Self.scope)
        }
        #expect(error?.description == "t.j2:2:6: 'oops' is undefined\n      {{ oops }}\n         ^")
        let secret = #expect(throws: InputErrors.self) {
            try Template(parsing: "{{ oops }}", at: origin, isSensitive: true).render(in: Self.scope)
        }
        #expect(secret?.description == "t.j2:1:4: 'oops' is undefined")
    }

    @Test(
        "what nests too deeply is an error, not a stack overflow",
        arguments: [
            String(repeating: "(", count: 5000) + "1" + String(repeating: ")", count: 5000),
            String(repeating: "[", count: 5000) + String(repeating: "]", count: 5000),
            String(repeating: "-", count: 5000) + "1", String(repeating: "not ", count: 5000) + "1",
            "1" + String(repeating: " + 1", count: 5000), "n" + String(repeating: "|string", count: 5000),
            "m" + String(repeating: ".m", count: 5000), "1" + String(repeating: " if 1 else 1", count: 5000),
            "1" + String(repeating: " and 1", count: 5000), "m" + String(repeating: "[0", count: 5000),
            "'" + String(repeating: "[", count: 5000) + "' | from_json",
            "'' | regex_search('" + String(repeating: "(", count: 5000) + "')",
        ])
    func deep(_ text: String) {
        #expect(throws: InputErrors.self) { try Template.Expression(parsing: text).evaluate(in: Self.scope) }
    }

    @Test("blocks that nest too deeply are an error")
    func deepBlocks() {
        let text = String(repeating: "{% if n %}", count: 500) + String(repeating: "{% endif %}", count: 500)
        #expect(throws: InputErrors.self) { try Template(parsing: text) }
    }

    @Test("a template that is one whole expression keeps its type; any other is text")
    func native() throws {
        let cases: [(String, Value)] = [
            ("{{ n }}", 3), ("{{ xs }}", [1]), ("{{ n }} ", "3 "), ("{# c #}{{ m }}", ["port": 1]), ("", ""),
            ("{{ none }}", nil), ("{{ n }}{{ n }}", "33"), ("no tags {", "no tags {"), ("{{ n == 3 }}", true),
        ]
        for (text, wanted) in cases { #expect(try Template(parsing: text).render(in: Self.scope) == wanted, "\(text)") }
        #expect(try Template(parsing: "{{ n }}").renderText(in: Self.scope) == "3")
    }

    @Test("the names a template takes from its scope are known without rendering")
    func names() throws {
        let template = try Template(
            parsing:
                "{% for a in b %}{{ a + c | default(d) }}{{ loop.index }}{% endfor %}{% set e = f %}{{ e }}{{ range(g) }}{{ a }}"
        )
        #expect(template.names == ["a", "b", "c", "d", "f", "g"])
        #expect(try Template.Expression(parsing: "x.y[z] is defined and not q").names == ["x", "z", "q"])
    }
}
