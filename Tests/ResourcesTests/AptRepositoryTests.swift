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
}
