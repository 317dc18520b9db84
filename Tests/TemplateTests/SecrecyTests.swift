import Model
import OrderedCollections
import Testing

@testable import Template

@Suite("Secrecy goes through every operation")
struct SecrecyTests {
    static let scope = PlainScope([
        "secret": Value(.string("hunter2"), isSensitive: true), "plain": "open",
        "secrets": Value(.list(["hunter2", "b"]), isSensitive: true),
        "user": ["name": "ann", "password": Value(.string("hunter2"), isSensitive: true)],
        "pin": Value(.int(7), isSensitive: true), "xs": [1, 2],
    ])

    @Test(
        "what is made from a secret is secret",
        arguments: [
            "{{ secret }}", "a {{ secret }} b", "{{ secret ~ plain }}", "{{ secret | upper }}", "{{ secret[0] }}",
            "{{ secret[1:3] }}", "{{ secrets[0] }}", "{{ secrets | first }}", "{{ secrets | join }}",
            "{{ user.password }}", "{{ user | to_json }}", "{{ user.values() | join }}", "{{ [secret] | join }}",
            "{{ plain | replace('o', secret) }}", "{{ {'a': secret} | string }}", "{{ pin + 1 }}", "{{ -pin }}",
            "{{ secret if plain else plain }}", "{{ missing | default(secret) }}",
            "{{ secrets | map('upper') | list }}",
            "{% for s in secrets %}{{ s }}{% endfor %}", "{% set x = secret %}{{ x }}",
            "{% set x %}{{ secret }}{% endset %}-{{ x }}", "{{ secret | b64encode }}", "{{ secret.split('n') }}",
            "{{ '%s' % secret }}", "{{ '{}'.format(secret) }}", "{{ secret | regex_search('h') }}",
            "{{ secrets + [1] }}", "{{ xs[pin - 6] }}", "{{ secret and plain and secret }}",
            "{{ secret | length | string }}",
            "{{ dict(a=secret) | to_json }}", "{% for c in secret %}{{ c }}{% endfor %}", "{{ range(pin) }}",
        ])
    func secret(_ text: String) throws {
        let value = try Template(parsing: text).render(in: Self.scope)
        #expect(value.containsSensitive)
        #expect(!"\(value)".contains("hunter2"))
    }

    @Test(
        "what merely lies beside a secret, or asks about one, is not",
        arguments: [
            "{{ user.name }}", "{{ user.password == 'x' }}", "{{ secret is defined }}",
            "{{ plain if secret else plain }}",
            "{% if secret == 'hunter2' %}yes{% endif %}", "{{ user | dict2items | map(attribute='key') | join }}",
            "{{ missing | default(plain) }}", "{{ 'x' in secret }}",
        ])
    func plain(_ text: String) throws {
        #expect(try !Template(parsing: text).render(in: Self.scope).containsSensitive)
    }

    @Test("for display a secret part reads (sensitive) and the rest stays")
    func display() throws {
        let template = try Template(parsing: "token={{ secret }} user={{ user.name }}")
        #expect(try template.renderForDisplay(in: Self.scope) == "token=(sensitive) user=ann")
        let secret = try Template(parsing: "{{ plain }}", isSensitive: true)
        #expect(try secret.renderForDisplay(in: Self.scope) == "(sensitive)")
        #expect(try secret.render(in: Self.scope).isSensitive)
    }

    @Test(
        "an error about a secret does not show it",
        arguments: [
            "{{ secret.nothing }}", "{{ secret + 1 }}", "{{ secret | from_json }}", "{{ secret | bool }}",
            "{{ user[secret] }}", "{{ secrets.x }}", "{{ secret.index('q') }}",
            "{{ plain | regex_search(secret ~ '(') }}",
        ])
    func errors(_ text: String) throws {
        let error = #expect(throws: InputErrors.self) { try Template(parsing: text).render(in: Self.scope) }
        #expect(error?.description.contains("hunter2") == false)
    }
}
