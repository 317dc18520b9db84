import Model
import OrderedCollections
import Testing

@testable import Commands

@Suite struct ExtraVariablesTests {
    @Test(
        "k=v, JSON, YAML maps; later ones win, and k=v stays text",
        arguments: [
            (["a=1"], ["a": .string("1")]),
            (["a=1 b=two"], ["a": .string("1"), "b": .string("two")]),
            (["a='x y' b=\"p 'q'\""], ["a": .string("x y"), "b": .string("p 'q'")]),
            (["a="], ["a": .string("")]),
            (["a=b=c"], ["a": .string("b=c")]),
            (["  "], [:]),
            (["{\"a\": 1, \"b\": [true, null]}"], ["a": .int(1), "b": .list([.bool(true), .null])]),
            (["{a: yes}"], ["a": .bool(true)]),
            (["a=1", "{\"a\": 2}", "b=3"], ["a": .int(2), "b": .string("3")]),
        ] as [([String], OrderedDictionary<String, Value>)])
    func reads(texts: [String], expected: OrderedDictionary<String, Value>) throws {
        let read = try ExtraVariables.read(texts)
        #expect(read.keys == expected.keys)
        for (name, value) in expected { #expect(read[name]?.content == value.content, "\(name)") }
    }

    @Test("what is named as a secret is one, however deep it lies")
    func secrets() throws {
        let read = try ExtraVariables.read([
            "db_password=hunter2 user=u", "{\"registry\": {\"token\": \"t\", \"url\": \"r\"}}",
        ])
        #expect(read["db_password"]?.isSensitive == true)
        #expect(read["user"]?.containsSensitive == false)
        #expect(read["registry"]?["token"]?.isSensitive == true)
        #expect(read["registry"]?["url"]?.isSensitive == false)
    }

    @Test("a file of variables, YAML or JSON")
    func file() throws {
        let folder = try Kubani(["more.yml": "a: [1, 2]\nb: text\n", "more.json": "{\"b\": 3}", "empty.yml": ""])
        defer { folder.remove() }
        let read = try ExtraVariables.read(["@\(folder.folder)/more.yml", "@\(folder.folder)/more.json"])
        #expect(read["b"]?.int == 3)
        #expect(read["a"]?.list?.count == 2)
        #expect(try ExtraVariables.read(["@\(folder.folder)/empty.yml"]).isEmpty)
    }

    @Test(
        "what is none is told with an example",
        arguments: [
            ("a", "'a' is no k=v"), ("=b", "'=b' is no k=v"), ("[1]", "'[1]' is no k=v"), ("{", "is no JSON"),
            ("{\"a\" \"b\"}", "is no JSON"), ("@/nowhere", "there is no file /nowhere"), ("@/", "/ cannot be read"),
        ])
    func refuses(text: String, message: String) {
        let error = #expect(throws: InputErrors.self) { try ExtraVariables.read([text]) }
        #expect(error?.description.contains("--extra-vars") == true)
        #expect(error?.description.contains(message) == true, "\(error?.description ?? "")")
        #expect(error?.description.contains("\nhint: ") == true)
    }
}
