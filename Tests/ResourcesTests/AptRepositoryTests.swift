import Model
import OrderedCollections
import Testing

@testable import Resources

@Suite struct AptRepositoryTests {
    static let key: Value = "-----BEGIN PGP PUBLIC KEY BLOCK-----\n…"
    static let task: Value = ["name": "tools", "uris": "https://deb.example/", "suites": "/", "key": key]

    static func task(_ changes: [String: Value]) -> Value {
        var map = task.map ?? [:]
        for (field, value) in changes { map[field] = value.isNull ? nil : value }
        return .map(map)
    }

    @Test(
        "fields that do not go together are refused, all at once",
        arguments: [
            (["name": "../x"], "'../x' cannot name a file"), (["uris": "deb.example"], "'deb.example' is no URL"),
            (["uris": "https://me:word@deb.example/"], "readable by everybody"), (["uris": nil], "'uris' is missing"),
            (["suites": "bookworm"], "'components' is missing"),
            (["components": "main"], "a suite that ends with / has none"),
            (["suites": "a b/"], "'a b/' is not one word"), (["key": nil], "exactly one of 'key_url', 'key'"),
            (["key_file": "/x"], "exactly one of"), (["key": "<html>"], "it is no ASCII-armoured public key"),
            (["state": "absent"], "'uris' has no meaning"), (["types": "rpm"], "deb"),
        ] as [([String: Value], String)])
    func refused(changes: [String: Value], message: String) {
        let said = mistakes(AptRepository.self, Self.task(changes))
        #expect(said.contains(message), "\(said)")
    }

    @Test("the source is as apt reads it, and what is there decides")
    func difference() throws {
        let repository = try resource(
            AptRepository.self,
            Self.task(["suites": ["bookworm", "sid"], "components": ["main", "extra"], "architectures": "arm64"]))
        let text = """
            Types: deb
            URIs: https://deb.example/
            Suites: bookworm sid
            Components: main extra
            Architectures: arm64
            Signed-By: /etc/apt/keyrings/tools.asc

            """
        let nothing = EditedFile(entry: nil, target: "")
        func file(_ text: String) -> EditedFile {
            let entry = NodeEntry(kind: .file, mode: 0o644, uid: 0, gid: 0, owner: "root", group: "root", size: 9)
            return EditedFile(entry: entry, target: "", content: Array(text.utf8))
        }
        let key = (Self.key.string ?? "") + "\n"
        let new = repository.difference(from: .init(hasApt: true, source: nothing, key: nothing))
        #expect(
            details(new) == [
                .text("/etc/apt/keyrings/tools.asc", from: nil, to: Shown(key)),
                .text("/etc/apt/sources.list.d/tools.sources", from: nil, to: Shown(text)),
            ])
        #expect(isSettled(repository.difference(from: .init(hasApt: true, source: file(text), key: file(key)))))
        let other = repository.difference(from: .init(hasApt: true, source: file("Types: deb\n"), key: file(key)))
        #expect(
            details(other)
                == [.text("/etc/apt/sources.list.d/tools.sources", from: "Types: deb\n", to: Shown(text))])
        #expect(
            repository.difference(from: .init(hasApt: false, source: nothing, key: nothing))
                == .fails(cause: "apt is not on the node", hint: "when: facts.package_manager == 'apt'"))
        let gone = try resource(AptRepository.self, ["name": "tools", "state": "absent"])
        #expect(isSettled(gone.difference(from: .init(hasApt: true, source: nothing, key: nothing))))
        #expect(
            details(gone.difference(from: .init(hasApt: true, source: file(text), key: nothing)))
                == [.note("removes /etc/apt/sources.list.d/tools.sources")])
    }

    // MARK: The same repository elsewhere

    static let armoured = """
        -----BEGIN PGP PUBLIC KEY BLOCK-----
        Version: 1

        a2V5
        =abcd
        -----END PGP PUBLIC KEY BLOCK-----

        """
    static let sum = sha256(Array("key".utf8))

    /// What becomes of other files beside the task's own repository: `used`, `moved` with the new text, or the refusal.
    private func outcome(
        _ path: String, _ text: String, task: Value = [:], isThere: Bool = false, keys: [String: String] = [:]
    ) throws -> String {
        let whole: Value = .map(
            (Self.task(["uris": "https://deb.example/amd64", "key": .string(Self.armoured)]).map ?? [:])
                .merging(task.map ?? [:]) { $1 })
        let repository = try resource(AptRepository.self, whole)
        let sources = AptSources(
            architecture: "amd64", files: [AptSourceFile(path: "/etc/apt/sources.list.d/\(path)", text: text)],
            keys: keys)
        let source = try #require(repository.source)
        switch sources.neighbours(of: source, at: repository.sourcePath, isThere: isThere, key: Self.sum) {
        case .none: return "none"
        case .used: return "used"
        case .moved(let moves): return moves.map(\.new.text).joined()
        case .refused(let cause, _): return cause
        }
    }

    static let flat = "https://deb.example/$(ARCH)"
    static let now = "# kubani: now in /etc/apt/sources.list.d/tools.sources"
    static let bookworm: Value = ["suites": "bookworm", "components": "main"]

    @Test(
        "the same repository in another file is found however it is written, and what is no source is not",
        arguments: [
            ("v.list", "deb \(flat) /", [:], "\(now): deb \(flat) /"),
            (
                "v.list", "\tdeb [ arch=amd64  signed-by=/v.gpg ] https://deb.example/amd64/ ./ # ours\n", [:],
                "\(now): \tdeb [ arch=amd64  signed-by=/v.gpg ] https://deb.example/amd64/ ./ # ours\n"
            ),
            ("v.list", "# deb https://deb.example/amd64 /\n", [:], "none"),
            ("v.list", "deb https://deb.example/arm64 /\n", [:], "none"),
            ("v.list", "deb http://deb.example/amd64 /\n", [:], "none"),
            ("v.list", "deb https://deb.example/amd64 bookworm main\n", [:], "none"),
            (
                "v.list", "deb https://deb.example/amd64 bookworm main\r\n", bookworm,
                "\(now): deb https://deb.example/amd64 bookworm main\r\n"
            ),
            (
                "v.sources", "Types: deb\nURIs: \(flat)\nSuites: ./\n", [:],
                "\(now)\nEnabled: no\nTypes: deb\nURIs: \(flat)\nSuites: ./\n"
            ),
            ("v.sources", "types: deb\nuris: \(flat)\nsuites: /\nEnabled: no\n", [:], "none"),
            (
                "v.sources", "Types: deb\nURIs: \(flat)\nSuites: /\nEnabled: yes\n", [:],
                "Types: deb\nURIs: \(flat)\nSuites: /\n\(now)\nEnabled: no\n"
            ),
            ("v.sources", "#Types: deb\n#URIs: \(flat)\n#Suites: /\n", [:], "none"),
            (
                "v.sources",
                "Types: deb\nURIs: https://deb.example/amd64 https://b/\nSuites: bookworm sid\nComponents: main\n",
                bookworm,
                "/etc/apt/sources.list.d/v.sources:1 has the same repository with another key, and more than this task names"
            ),
            (
                "v.sources",
                "Types: deb\nURIs: https://deb.example/amd64\nSuites: sid\n bookworm\n# mine\nComponents: main\n",
                bookworm,
                "Types: deb\nURIs: https://deb.example/amd64\n\(now): bookworm\nSuites: sid\n# mine\nComponents: main\n"
            ),
            (
                "v.sources",
                "Types: deb\nURIs: https://b/ \(flat)\nSuites: /\n\nTypes: deb\nURIs: https://c/\nSuites: /\n",
                [:],
                "Types: deb\n\(now): \(flat)\nURIs: https://b/\nSuites: /\n\nTypes: deb\nURIs: https://c/\nSuites: /\n"
            ),
        ] as [(String, String, Value, String)])
    func found(path: String, text: String, task: Value, expected: String) throws {
        #expect(try outcome(path, text, task: task) == expected)
    }

    @Test("with the same key it is used; where it gives more than the task names it is left, and told")
    func used() throws {
        let line = "deb [signed-by=/v.gpg] \(Self.flat) /\n"
        #expect(try outcome("v.list", line, keys: ["/v.gpg": Self.sum]) == "used")
        // Then it is one too many, for apt goes by the name of the key.
        #expect(try outcome("v.list", line, isThere: true, keys: ["/v.gpg": Self.sum]) == "\(Self.now): \(line)")
        #expect(try outcome("v.list", line, keys: ["/v.gpg": "other"]) == "\(Self.now): \(line)")
        let trusted = "deb [trusted=yes signed-by=/v.gpg] \(Self.flat) /\n"
        #expect(try outcome("v.list", trusted, keys: ["/v.gpg": Self.sum]) == "\(Self.now): \(trusted)")
        let embedded =
            "Types: deb\nURIs: \(Self.flat)\nSuites: /\nSigned-By:\n \(Self.armoured.split(separator: "\n").joined(separator: "\n "))\n"
        #expect(try outcome("v.sources", embedded) == "used")
        #expect(
            try outcome("v.list", "deb https://deb.example/amd64 bookworm main contrib\n", task: Self.bookworm)
                == "/etc/apt/sources.list.d/v.list:1 has the same repository with another key, and components contrib")
        let same = "deb [signed-by=/k.gpg] https://deb.example/amd64 bookworm main contrib\n"
        let byFile = Self.bookworm.with(["key_file": "/k.gpg", "key": .null])
        #expect(try outcome("v.list", same, task: byFile) == "used")
        #expect(try outcome("v.list", same, task: byFile, isThere: true) == "none")
    }

    @Test("apt's word over all of its sources is told, as this repository's fault only where it is")
    func complaint() throws {
        let repository = try resource(AptRepository.self, Self.task)
        let key = (Self.key.string ?? "") + "\n"
        func settled(_ complaint: String) -> Difference {
            func file(_ text: String) -> EditedFile {
                let entry = NodeEntry(kind: .file, mode: 0o644, uid: 0, gid: 0, owner: "root", group: "root", size: 9)
                return EditedFile(entry: entry, target: "", content: Array(text.utf8))
            }
            return repository.difference(
                from: .init(
                    hasApt: true, source: file(repository.source?.text ?? ""), key: file(key),
                    others: AptSources(complaint: complaint)))
        }
        let conflict = "E: Conflicting values set for option Trusted regarding source https://deb.example/"
        guard case .fails = settled("\(conflict) /\nE: The list of sources could not be read.") else {
            Issue.record("a conflict about this very repository is nothing to it")
            return
        }
        for other in ["\(conflict) sid", "E: Malformed entry 1 in list file /etc/apt/sources.list.d/x.list (URI)"] {
            guard case .warns = settled(other) else {
                Issue.record("\(other): \(settled(other))")
                return
            }
        }
    }
}
