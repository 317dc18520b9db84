import Foundation
import Model
import Report
import Resources
import Roles
import TestSupport
import Testing

/// What is made from the lists that roles are checked by.
@Suite struct ReferenceGoldenTests {
    @Test("docs/ROLES.md has every kind and fact")
    func reference() throws { try Golden.check(KindReference.markdown, after: "## Kinds", in: "docs/ROLES.md") }

    @Test("roles/role.schema.json is the schema of role files")
    func schema() throws {
        try Golden.check(JSONText.pretty(RoleSchema.value) + "\n", file: "roles/role.schema.json")
    }

    @Test("every kind's example is a task that the kind takes", arguments: catalog.map { $0.name })
    func examples(name: String) throws {
        let kind = try #require(catalog.first { $0.name == name })
        // An example may use a handler's forms, so it stands in both places.
        let indented = kind.example.split(separator: "\n", omittingEmptySubsequences: false).map { "  \($0)" }
            .joined(separator: "\n")
        let role = try RoleFixture(
            "role: demo\nhosts: all\ntasks:\n\(indented)\n",
            files: ["templates/example.j2": "x\n", "files/example": "x\n"])
        let mistakes = role.mistakes().split(separator: "\n").filter {
            // Variables and files that an example names are its reader's.
            $0.contains("demo: ") || $0.contains("unknown field") || $0.contains("unknown key") || $0.contains("needed")
        }
        #expect(mistakes.isEmpty, "\(mistakes)")
    }

    @Test("the role prerequisites and the schema agree", Needs.python)
    func validates() async throws {
        let script = """
            import json, sys, yaml
            try:
                import jsonschema
            except ImportError:
                sys.exit("no jsonschema")
            schema = json.load(open("roles/role.schema.json"))
            jsonschema.Draft7Validator.check_schema(schema)
            for name in sys.argv[1:]:
                jsonschema.validate(yaml.safe_load(open(name)), schema)
            """
        let roles = try FileManager.default.contentsOfDirectory(atPath: Repository.path("roles"))
            .map { "roles/\($0)/role.yml" }
            .filter { FileManager.default.fileExists(atPath: Repository.path($0)) }
        let said = try await Program.run(
            Repository.python, ["-c", script] + roles, directory: Repository.root)
        #expect(said.status == 0, "\(said.stderr)")
    }
}
