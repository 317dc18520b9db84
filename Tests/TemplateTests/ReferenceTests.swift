import Foundation
import Model
import OrderedCollections
import TestSupport
import Testing

@testable import Template

/// Every expression and template of the table, evaluated by the real Jinja2 (with ansible-core's filters) and by ours.
@Suite("Templates mean what Jinja2 says they mean", Needs.python)
struct ReferenceTests {
    static let options: [Template.Options] = [
        .ansible, .init(trimBlocks: false, lstripBlocks: false, keepTrailingNewline: false),
        .init(trimBlocks: true, lstripBlocks: true, keepTrailingNewline: true),
    ]

    /// What the table's Python says, asked once for all tests.
    static let reference = Task { try await Reference.load(options: options) }

    @Test("each expression gives the value and the text that Jinja2 gives, or both refuse")
    func expressions() async throws {
        let reference = try await Self.reference.value
        #expect(reference.expressions.count >= 300)
        for (expression, wanted) in zip(reference.expressions, reference.values) {
            let value = Result(catching: { () throws(InputErrors) in
                try Template.Expression(parsing: expression).evaluate(in: reference.scope)
            })
            let text = Result(catching: { () throws(InputErrors) in
                try Template(parsing: "{{ \(expression) }}|").renderText(in: reference.scope)
            })
            switch (wanted["error"], value) {
            case (_?, .failure): break
            case (let error?, .success(let value)):
                Issue.record(
                    "\(expression): Jinja2 refuses it (\(error)), ours gives \(PythonText.representation(value))")
            case (nil, .failure(let errors)):
                Issue.record("\(expression): Jinja2 gives \(wanted), ours refuses it: \(errors)")
            case (nil, .success(let value)):
                let expected = wanted["value"] ?? .null
                if !Self.identical(value, expected) {
                    Issue.record(
                        "\(expression): Jinja2 gives \(PythonText.representation(expected)), ours \(PythonText.representation(value))"
                    )
                }
                #expect(try text.get() == wanted["text"], "\(expression) as text")
            }
        }
    }

    @Test("each template gives the text that Jinja2 gives, with each set of options, or both refuse")
    func templates() async throws {
        let reference = try await Self.reference.value
        #expect(reference.templates.count >= 30)
        for (template, results) in zip(reference.templates, reference.texts) {
            for (options, wanted) in zip(Self.options, results.list ?? []) {
                let text = Result(catching: { () throws(InputErrors) in
                    try Template(parsing: template, options: options).renderText(in: reference.scope)
                })
                switch (wanted["error"], text) {
                case (_?, .failure): break
                case (nil, .success(let text)):
                    #expect(text == wanted["text"], "\(template.debugDescription) with \(options)")
                default:
                    Issue.record("\(template.debugDescription) with \(options): Jinja2 \(wanted), ours \(text)")
                }
            }
        }
    }

    /// The same content and the same types, down to every item; maps in the same order.
    static func identical(_ a: Value, _ b: Value) -> Bool {
        switch (a.content, b.content) {
        case (.list(let x), .list(let y)): x.count == y.count && zip(x, y).allSatisfy(identical)
        case (.map(let x), .map(let y)):
            x.keys.elementsEqual(y.keys) && zip(x.values, y.values).allSatisfy(identical)
        case (.string(let x), .string(let y)): PythonString.equal(x, y)
        default: a.content == b.content
        }
    }
}

/// The table and what the real Jinja2 made of it.
struct Reference: Sendable {
    let scope: PlainScope
    let expressions: [String]
    let templates: [String]
    let values: [Value]
    let texts: [Value]

    static func load(options: [Template.Options]) async throws -> Reference {
        func read(_ name: String) throws -> String {
            try String(contentsOfFile: Repository.path("Tests/TemplateTests/Reference/\(name)"), encoding: .utf8)
        }
        func json(_ text: String) throws -> Value {
            var reader = JSONReader(text)
            return try reader.whole()
        }
        let variables = try json(read("variables.json"))
        let expressions = try read("expressions.txt").split(separator: "\n").map(String.init).filter {
            !$0.hasPrefix("#")
        }
        let templates = try json(read("templates.json")).list?.compactMap(\.string) ?? []
        let table: Value = [
            "variables": variables, "expressions": .list(expressions.map { .string($0) }),
            "templates": .list(templates.map { .string($0) }),
            "options": .list(
                options.map {
                    [
                        "trim_blocks": .bool($0.trimBlocks), "lstrip_blocks": .bool($0.lstripBlocks),
                        "keep_trailing_newline": .bool($0.keepTrailingNewline),
                    ]
                }),
        ]
        let run = try await Program.run(
            Repository.python, [Repository.path("Tests/TemplateTests/Reference/reference.py")],
            stdin: JSONText.Style().text(table))
        try #require(run.status == 0, "\(run.stderr)")
        let answer = try json(run.stdout)
        return Reference(
            scope: PlainScope(variables.map ?? [:]), expressions: expressions, templates: templates,
            values: answer["expressions"]?.list ?? [], texts: answer["templates"]?.list ?? [])
    }
}
