import Model
import Testing

@testable import YAML

@Suite("Nodes know their places") struct NodeTests {
    private func parse(_ text: String) throws -> [YAMLNode] { try YAML.parse(Array(text.utf8), file: "h.yml") }

    @Test("a node begins and ends where it is written, counted in characters")
    func places() throws {
        let root = try parse("é: {ñ: 'ü x'}\nlist:\n  - one # note\n  - \"two\"\n")[0]
        let quoted = try #require(root["é"]?["ñ"])
        #expect(quoted.origin == Origin(file: "h.yml", line: 1, column: 8))
        #expect(quoted.end == Origin(file: "h.yml", line: 1, column: 13))
        let one = try #require(root["list"]?.items?.first)
        #expect((one.origin.line, one.origin.column, one.end.column) == (3, 5, 8))
    }

    @Test("the text between a scalar's two places is the scalar, in every line of a mixed file")
    func splice() throws {
        let text = "a: 1\nbé: {c: two, d: [x,  y z ]}\ne:\n    - f: 'g'\n"
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false).map { Array($0.unicodeScalars) }
        var seen: [String] = []
        func walk(_ node: YAMLNode) {
            switch node.kind {
            case .scalar:
                var piece = String.UnicodeScalarView()
                piece.append(contentsOf: lines[node.origin.line - 1][(node.origin.column - 1)..<(node.end.column - 1)])
                seen.append(String(piece))
            case .sequence(let items): items.forEach(walk)
            case .mapping(let entries):
                for entry in entries {
                    walk(entry.key)
                    walk(entry.value)
                }
            }
        }
        walk(try parse(text)[0])
        #expect(seen == ["a", "1", "bé", "c", "two", "d", "x", "y z", "e", "f", "'g'"])
    }

    @Test("an alias is the node that it names, at its own place")
    func alias() throws {
        let root = try parse("a: &x [1]\nb: *x\n")[0]
        let alias = try #require(root["b"])
        #expect(alias.alias == "x")
        #expect(alias.origin == Origin(file: "h.yml", line: 2, column: 4))
        #expect(try alias.value() == [1])
        #expect(root["a"]?.anchor == "x")
    }

    @Test("a stream has its documents, and an empty file none")
    func documents() throws {
        #expect(try parse("a: 1\n---\n- b\n").count == 2)
        #expect(try parse("").isEmpty)
        #expect(try parse("# only a note\n").isEmpty)
        #expect(try YAML.value([], file: "h.yml") == .null)
    }

    @Test("every value has an origin")
    func origins() throws {
        let value = try parse("a:\n  - b: c\n")[0].value()
        #expect(value["a"]?.list?[0]["b"]?.origin == Origin(file: "h.yml", line: 2, column: 8))
    }
}
