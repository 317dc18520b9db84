import Model
import OrderedCollections
import Testing

@testable import Template

@Suite("What is not known yet goes through every operation")
struct UnknownTests {
    static let token = Unknown(because: "n1: install", sources: ["n1.node_token"])
    static let address = Unknown(because: "n2: dhcp", sources: ["n2.address"])
    static let scope = PlainScope([
        "token": .unknown(token), "address": .unknown(address), "plain": "p", "yes": true, "no": false,
        "hosts": [["name": "a", "ip": .unknown(address)], ["name": "b", "ip": "1"]],
    ])

    static let made: [(String, Set<String>)] = [
        ("{{ token }}", ["n1.node_token"]), ("a {{ token }}", ["n1.node_token"]),
        ("{{ token }}{{ address }}", ["n1.node_token", "n2.address"]),
        ("{{ token ~ address }}", ["n1.node_token", "n2.address"]), ("{{ token.x['y'][0] }}", ["n1.node_token"]),
        ("{{ token | upper }}", ["n1.node_token"]), ("{{ token | default('x') }}", ["n1.node_token"]),
        ("{{ plain | replace('p', token) }}", ["n1.node_token"]), ("{{ token == 'x' }}", ["n1.node_token"]),
        ("{{ 'x' in token }}", ["n1.node_token"]), ("{{ token is string }}", ["n1.node_token"]),
        ("{{ not token }}", ["n1.node_token"]), ("{{ token and plain }}", ["n1.node_token"]),
        ("{{ plain and token }}", ["n1.node_token"]), ("{{ 1 if token else 2 }}", ["n1.node_token"]),
        ("{{ token.strip() }}", ["n1.node_token"]), ("{{ token + 1 }}", ["n1.node_token"]),
        ("{{ hosts | map(attribute='ip') | join(',') }}", ["n2.address"]),
        ("{{ hosts | to_json }}", ["n2.address"]),
        ("{{ hosts | selectattr('ip', 'eq', '1') | list }}", ["n2.address"]),
        ("{{ hosts | sort(attribute='ip') }}", ["n2.address"]), ("{{ [1, 2][token] }}", ["n1.node_token"]),
        ("{% if token %}a{% endif %}", ["n1.node_token"]), ("{% for x in token %}a{% endfor %}", ["n1.node_token"]),
        ("{% set x = token %}{{ x }}", ["n1.node_token"]), ("{{ -token }}", ["n1.node_token"]),
        ("{{ token | ternary(1, 2) }}", ["n1.node_token"]), ("{{ token[1:] }}", ["n1.node_token"]),
        ("{{ {'a': hosts} == {} }}", ["n2.address"]), ("x{{ hosts }}", ["n2.address"]),
    ]

    @Test(
        "what is made from an unknown value is unknown, and waits for all its sources",
        arguments: made)
    func unknown(_ text: String, _ sources: Set<String>) throws {
        let value = try Template(parsing: text).render(in: Self.scope)
        guard case .unknown(let unknown) = value.content else {
            Issue.record("\(text) gives \(value)")
            return
        }
        #expect(unknown.sources == sources)
    }

    static let untouched: [(String, Value)] = [
        ("{{ token is defined }}", true), ("{{ no and token }}", false), ("{{ yes or token }}", true),
        ("{{ 1 if yes else token }}", 1), ("{{ hosts | length }}", 2), ("{{ hosts[1].ip }}", "1"),
        ("{{ hosts | map(attribute='name') | join }}", "ab"),
        ("{{ hosts | selectattr('name', 'eq', 'b') | length }}", 1),
        ("{{ (hosts | first).name }}", "a"), ("{% if no %}{{ token }}{% endif %}x", "x"),
        ("{{ {'a': token}.keys() | first }}", "a"), ("{{ [token] | length }}", 1),
    ]

    @Test(
        "what does not need an unknown value is known",
        arguments: untouched)
    func known(_ text: String, _ wanted: Value) throws {
        #expect(try Template(parsing: text).render(in: Self.scope) == wanted)
    }

    @Test("a list keeps its known parts beside an unknown one")
    func parts() throws {
        let value = try Template(parsing: "{{ [plain, token] + ['x'] }}").render(in: Self.scope)
        #expect(value.list?.count == 3)
        #expect(value.unknowns == [Self.token])
    }

    @Test("for display an unknown part reads (known after apply) and the rest stays")
    func display() throws {
        let template = try Template(
            parsing: "t={{ token }} p={{ plain }}{% if address %}!{% endif %} {{ hosts[0] }}")
        #expect(
            try template.renderForDisplay(in: Self.scope)
                == "t=(known after apply) p=p(known after apply) {'name': 'a', 'ip': (known after apply)}")
    }

    @Test("a condition is true, false or not known yet")
    func truth() throws {
        #expect(try Template.Expression(parsing: "plain == 'p'").isTrue(in: Self.scope) == .yes)
        #expect(try Template.Expression(parsing: "plain == 'q'").isTrue(in: Self.scope) == .no)
        #expect(try Template.Expression(parsing: "token == 'q'").isTrue(in: Self.scope) == .unknown(Self.token))
    }
}
