import Model
import OrderedCollections
import TestSupport
import Testing

@testable import Resources

@Suite("a file that not everybody may read shows no content") struct PrivacyTests {
    private func entry(_ mode: UInt16) -> NodeEntry {
        NodeEntry(kind: .file, mode: mode, uid: 0, gid: 0, owner: "root", group: "root", size: 4)
    }

    private func isHidden(_ difference: Difference) throws -> Bool {
        guard case .change(let change) = difference else { return false }
        return change.details.contains { detail in
            if case .text(_, let from, let to) = detail {
                from?.isSensitive != false && to?.isSensitive == true
            } else {
                false
            }
        }
    }

    @Test(
        "of file, line and block, by the mode that is there or is asked for",
        arguments: [
            (0o644, nil, false), (0o600, nil, true), (0o640, nil, true), (0o400, nil, true), (0o644, "0600", true),
            (0o600, "0644", true), (0o755, "0700", true), (0o604, "0644", false),
        ] as [(UInt16, String?, Bool)])
    func texts(there: UInt16, asked: String?, isHidden: Bool) throws {
        let mode: [(String, Value)] = asked.map { [("mode", .string($0))] } ?? []
        func value(_ fields: [(String, Value)]) -> Value { .map(.init(fields + mode, uniquingKeysWith: { $1 })) }
        let old = Array("old\n".utf8)
        let file = try resource(File.self, value([("path", "/x"), ("content", "new\n")]))
        let found = File.Found(entry: entry(there), sha256: "a", content: old)
        #expect(try self.isHidden(file.difference(from: found)) == isHidden)
        let edited = EditedFile(entry: entry(there), target: "/x", sha256: "a", content: old)
        guard asked == nil else { return }
        let line = try resource(Line.self, ["path": "/x", "line": "new"])
        #expect(try self.isHidden(line.difference(from: edited)) == isHidden)
        let block = try resource(Block.self, ["path": "/x", "name": "b", "block": "new"])
        #expect(try self.isHidden(block.difference(from: edited)) == isHidden)
    }

    @Test("of a file that a kind owns whole", arguments: shells)
    func managed(shell: [String]) async throws {
        let folder = try TemporaryFolder()
        for (name, mode, isSecret) in [("open", "0644", false), ("mine", "0600", true), ("ours", "0640", true)] {
            let path = "\(folder.path)/\(name)"
            _ = try await Program.run("/bin/sh", ["-c", "echo old >\(path); chmod \(mode) \(path)"])
            let text = ManagedText(path: path, text: "new\n")
            let ran = try await Program.run(
                shell[0], shell.dropFirst() + [Script.lines([ManagedText.prepare([text]), text.look]).text])
            var fields = FieldReader(Array(ran.stdout.utf8), deed: "look")
            guard case .text(_, let from, let to) = text.detail(from: try text.read(&fields)) else {
                Issue.record("no text: \(ran.stdout)\(ran.stderr)")
                continue
            }
            #expect(from?.isSensitive == isSecret && to?.isSensitive == isSecret && from?.revealed == "old\n")
        }
    }

    @Test("no kind's subject, detail or failure has a secret of its fields in it")
    func kinds() throws {
        for kind in catalog { try check(kind) }
    }

    /// The kind's shorthand or first required field is made a secret, where it takes any text.
    private func check<Kind: ResourceKind>(_ kind: Kind.Type) throws {
        let names = kind.fields.filter { field in
            switch field.kind {
            case .string, .path, .list(.string), .oneOrMany(.string): field.isRequired || field.name == kind.shorthand
            default: false
            }
        }
        for field in names {
            for text in ["hunter2", "/srv/hunter2", "web-hunter2.example"] {
                let others = names.filter { $0.name != field.name }.map { ($0.name, Value.string("/srv/other")) }
                let secret = Value(.string(text), isSensitive: true)
                let value = Value.map(.init([(field.name, secret)] + others, uniquingKeysWith: { a, _ in a }))
                do throws(InputErrors) {
                    let made = try Kind(
                        try Arguments(value, kind: kind.name, fields: kind.fields, shorthand: kind.shorthand))
                    let shown = Secrecy(of: value, isSensitive: true).shown(made.subject)
                    #expect(!shown.contains("hunter2"), "\(kind.name).\(field.name): \(shown)")
                } catch {
                    // As Roles has it.
                    let shown = Secrecy(of: value, isSensitive: true).shown("\(error)")
                    #expect(!shown.contains("hunter2"), "\(kind.name).\(field.name): \(shown)")
                }
            }
        }
    }
}
