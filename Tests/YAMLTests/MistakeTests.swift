import Model
import OrderedCollections
import Testing

@testable import YAML

@Suite("A mistake in YAML is an error with its line") struct MistakeTests {
    private func errors(_ bytes: [UInt8]) -> [InputError] {
        do throws(InputErrors) {
            for document in try YAML.parse(bytes, file: "h.yml") { _ = try document.value() }
            return []
        } catch { return error.errors }
    }

    @Test(
        "in syntax, tags, keys and size",
        arguments: [
            ("a: 1\nb: 2\na: 3\n", 3, 1, "the key 'a' is there twice"),
            ("1: x\n\"1\": y\n", 2, 1, "the key '1' is there twice"),
            ("a:\n\tb: 1\n", 2, 1, "a tab where YAML needs spaces"),
            ("a:\n  b: 1\n\tc: 2\n", 3, 1, "a tab where YAML needs spaces"),
            ("a: b: c\n", 1, 5, "a ': ' where no key can stand"),
            ("a: \"b\n", 2, 1, "a quote that is never closed"),
            ("a: [1, 2\nb: 3\n", 2, 2, "did not find expected ',' or ']', while parsing a flow sequence"),
            ("a: @b\n", 1, 4, "a character that no plain value may begin with"),
            ("a: *b\n", 1, 4, "the alias *b names no anchor before it"),
            ("a: &x [*x]\n", 1, 8, "the alias *x stands within what it names"),
            ("a: !vault |\n  $A\n", 1, 4, "a value encrypted with Ansible Vault (!vault) is not read yet"),
            ("a: !unsafe x\n", 1, 4, "!unsafe is not read yet"),
            ("a: !other x\n", 1, 4, "the tag !other is not known"),
            ("a: !!int x\n", 1, 4, "'x' is no int"),
            ("{[1]: 2}\n", 1, 2, "a list cannot be a key"),
            ("a: {{ b }}\n", 1, 5, "a mapping cannot be a key"),
            ("a: {<<: 1}\n", 1, 9, "<< needs a mapping or a list of mappings"),
            ("a: x\0y\n", 1, 5, "the file holds a NUL byte"),
            ("a: x\u{1}y\n", 1, 5, "control characters are not allowed"),
        ])
    func table(text: String, line: Int, column: Int, message: String) {
        let found = errors(Array(text.utf8))
        #expect(found.count == 1)
        #expect(found.first?.message == message)
        #expect(found.first?.origin == Origin(file: "h.yml", line: line, column: column))
    }

    @Test("all duplicate keys of a file are reported at once, each with where the first is")
    func together() {
        let found = errors(Array("a: 1\na: 2\nb: {c: 1, c: 2}\n".utf8))
        #expect(found.map { $0.origin?.line } == [2, 3])
        #expect(found.first?.hint == "the first is at line 1")
        #expect(found.first?.sourceLine == "a: 2")
    }

    @Test("a file that is not UTF-8 is refused at its first wrong byte")
    func encoding() {
        let found = errors(Array("a: é\nb: ".utf8) + [0xE9, 0x0A])
        #expect(found.first?.message == "the file is not UTF-8")
        #expect(found.first?.origin == Origin(file: "h.yml", line: 2, column: 4))
        #expect(errors([0xFF, 0xFE, 0x61, 0x00]).count == 1)
    }

    @Test("an alias bomb is refused long before it fills the memory")
    func bomb() {
        var text = "a0: &a0 [x, x, x, x, x, x, x, x, x]\n"
        for level in 1...30 {
            let nine = Array(repeating: "*a\(level - 1)", count: 9).joined(separator: ", ")
            text += "a\(level): &a\(level) [\(nine)]\n"
        }
        #expect(errors(Array(text.utf8)).first?.message.hasPrefix("aliases make this file more than") == true)
    }

    @Test("deep nesting is refused, written out or by aliases", arguments: [201, 900, 100_000])
    func deep(levels: Int) {
        let flow = String(repeating: "[", count: levels) + String(repeating: "]", count: levels)
        #expect(errors(Array(flow.utf8)).first?.message == "nested deeper than 200 levels")
        let block = String(repeating: "- ", count: levels) + "x"
        #expect(errors(Array(block.utf8)).first?.message == "nested deeper than 200 levels")
        var aliases = "- &a0 x\n"
        for level in 1...min(levels, 900) { aliases += "- &a\(level) [*a\(level - 1)]\n" }
        #expect(errors(Array(aliases.utf8)).first?.message == "nested deeper than 200 levels")
    }

    @Test("a file of 10 MB is read whole")
    func large() throws {
        var text = "hosts:\n"
        var count = 0
        while text.utf8.count < 10_000_000 {
            text += "  node-\(count): {ansible_host: 100.64.0.1, note: \"\(String(repeating: "x", count: 200))\"}\n"
            count += 1
        }
        let value = try YAML.value(Array(text.utf8), file: "big.yml")
        #expect(value["hosts"]?.map?.count == count)
        #expect(value["hosts"]?["node-\(count - 1)"]?["ansible_host"] == "100.64.0.1")
    }
}
