import Foundation
import Model
import TestSupport
import Testing

@testable import Resources

@Suite struct LineTests {
    @Test(
        "fields that do not go together are refused",
        arguments: [
            (["path": "/x"], "'line' is missing"), (["path": "/x", "state": "absent"], "'line' is missing"),
            (["path": "/x", "line": "a\nb"], "one line only"),
            (["path": "/x", "line": "a", "match": "(a"], "not a regular expression"),
            (["path": "/x", "line": "a", "after": "[", "before": "BOF"], "do not go together"),
            (["path": "/x", "line": "a", "state": "absent", "create": true], "no meaning"),
        ] as [(Value, String)])
    func refused(task: Value, message: String) {
        let errors = #expect(throws: InputErrors.self) { try make(Line.self, task) }
        #expect(errors?.description.contains(message) == true, "\(errors?.description ?? "")")
    }

    static let edits: [(task: Value, old: String, new: String)] = [
        (["path": "/x", "line": "x"], "a\n", "a\nx\n"), (["path": "/x", "line": "x"], "", "x\n"),
        (["path": "/x", "line": "x"], "a", "a\nx\n"),
        (["path": "/x", "line": "x"], "x", "x"), (["path": "/x", "line": "x"], "xx\n x\n", "xx\n x\nx\n"),
        (["path": "/x", "line": "x"], "a\r\n", "a\r\nx\r\n"), (["path": "/x", "line": "x"], "x\r\n", "x\r\n"),
        (["path": "/x", "line": "p 2", "match": "^#?p\\b"], "#p 1\nq\n", "p 2\nq\n"),
        (["path": "/x", "line": "p 2", "match": "^#?p\\b"], "#p 1\np 3\nq", "#p 1\np 2\nq"),
        (["path": "/x", "line": "p 2", "match": "^#p"], "#p 1\np 2\n", "#p 1\np 2\n"),
        (["path": "/x", "line": "p 2", "match": "^#p"], "q\n", "q\np 2\n"),
        (["path": "/x", "line": "e", "match": "^[[:space:]]*[a-c]+$"], " ab\nd\n", "e\nd\n"),
        (["path": "/x", "line": "x", "after": "^a"], "a1\na2\nb\n", "a1\na2\nx\nb\n"),
        (["path": "/x", "line": "x", "after": "z"], "a\n", "a\nx\n"),
        (["path": "/x", "line": "x", "after": "b"], "a\nb", "a\nb\nx\n"),
        (["path": "/x", "line": "x", "after": "EOF"], "a\n", "a\nx\n"),
        (["path": "/x", "line": "x", "before": "^a"], "a1\na2\nb\n", "a1\nx\na2\nb\n"),
        (["path": "/x", "line": "x", "before": "BOF"], "a\n", "x\na\n"),
        (["path": "/x", "line": "x", "before": "BOF"], "", "x\n"),
        (["path": "/x", "line": "x", "before": "z"], "a\n", "a\nx\n"),
        (["path": "/x", "line": "x", "state": "absent"], "x\na\nx\nxx", "a\nxx"),
        (["path": "/x", "match": "^x", "state": "absent"], "x\na\nxx", "a\n"),
        (["path": "/x", "line": "caf\u{e9}"], "cafe\u{301}\n", "cafe\u{301}\ncaf\u{e9}\n"),
    ]

    @Test("the line is put, replaced or removed, and a second time nothing changes", arguments: edits.indices)
    func edit(index: Int) throws {
        let (task, old, new) = Self.edits[index]
        let edit = try make(Line.self, task).edit
        #expect(try edit.applied(to: Array(old.utf8)) == Array(new.utf8))
        #expect(try edit.applied(to: Array(new.utf8)) == Array(new.utf8))
    }

    @Test("bytes that are no text stay as they are")
    func bytes() throws {
        let edit = try make(Line.self, ["path": "/x", "line": "b=2", "match": "^b="]).edit
        #expect(try edit.applied(to: [0xff, 0, 10, 98, 61, 10, 0xfe]) == [0xff, 0, 10, 98, 61, 50, 10, 0xfe])
    }

    @Test("a missing file is an error unless it is to be made, and may come with a package")
    func missing() throws {
        let nothing = Line.Found(entry: nil, target: "/x")
        let line = try make(Line.self, ["path": "/x", "line": "a"])
        #expect(line.difference(from: nothing).cause == "/x does not exist")
        #expect(line.dependsOn(nothing) == [.path("/x"), .packages])
        #expect(try make(Line.self, ["path": "/x", "line": "a", "state": "absent"]).difference(from: nothing).isNone)
        let creating = try make(Line.self, ["path": "/x", "line": "a", "create": true])
        #expect(creating.difference(from: nothing).change?.details == [.text("content", from: nil, to: "a\n")])
    }

    @Test("a file made for a secret line is its owner's alone")
    func modeOfSecrets() throws {
        for (text, mode) in [(Value.string("hunter2").sensitive(), 0o600), ("plain", nil)] as [(Value, UInt16?)] {
            let line = try make(Line.self, ["path": "/x", "line": text, "create": true])
            let steps = try #require(line.difference(from: Line.Found(entry: nil, target: "/x")).change).steps
            guard case .write(let file)? = steps.last else {
                Issue.record("\(steps)")
                continue
            }
            #expect(file.mode == mode)
        }
    }

    @Test("a secret line hides the whole diff")
    func secret() throws {
        let line = try make(
            Line.self, ["path": "/x", "line": Value.string("token=hunter2").sensitive(), "match": "^token="])
        let found = Line.Found(
            entry: FileTests.entry, target: "/x", sha256: sha256(Array("token=old1".utf8)),
            content: Array("token=old1".utf8))
        let details = "\(try #require(line.difference(from: found).change).details)"
        #expect(!details.contains("hunter2") && !details.contains("old1"))
    }
}

@Suite(Needs.program("busybox")) struct LineOnShellTests {
    @Test(
        "lines of one file are set one after the other, and mode and owner stay", arguments: LocalNode.Flavour.allCases)
    func several(flavour: LocalNode.Flavour) async throws {
        let node = try await LocalNode(flavour)
        defer { node.remove() }
        let path = node.path("sshd config")
        try Data("#Port 1\n\u{e9}\n".utf8).write(to: URL(filePath: path))
        chmod(path, 0o640)
        let lines = try [
            ["path": .string(path), "line": "Port 22", "match": "^#?Port"], ["path": .string(path), "line": "Last"],
            ["path": .string(node.path("new/file")), "line": "First", "create": true],
            ["path": .string(path), "line": "Top", "before": "BOF"],
        ].map { try make(Line.self, $0) }
        #expect(try await node.settle(lines).allSatisfy { $0.change != nil })
        #expect(try await node.differences(lines).allSatisfy(\.isNone))
        #expect(FileManager.default.contents(atPath: path) == Data("Top\nPort 22\n\u{e9}\nLast\n".utf8))
        #expect(try await node.look(lines)[0].entry?.mode == 0o640)
        #expect(try await node.look(lines)[2].entry?.mode == 0o644)
    }

    @Test("a file that changed since it was looked at is left alone", arguments: LocalNode.Flavour.allCases)
    func drift(flavour: LocalNode.Flavour) async throws {
        let node = try await LocalNode(flavour)
        defer { node.remove() }
        for (name, before) in [("it's", "old\n" as String?), ("none", nil)] {
            let path = node.path(name)
            if let before { try Data(before.utf8).write(to: URL(filePath: path)) }
            let line = try make(Line.self, ["path": .string(path), "line": "new", "create": true])
            let change = try #require(try await node.differences([line])[0].change)
            try Data("changed\n".utf8).write(to: URL(filePath: path))
            let outcomes = try await node.perform(change.steps)
            #expect(outcomes.count == 1)
            #expect(outcomes[0].errorOutput.contains("since it was looked at"))
            #expect(FileManager.default.contents(atPath: path) == Data("changed\n".utf8))
        }
    }

    @Test("a link is followed and stays a link; odd names work", arguments: LocalNode.Flavour.allCases)
    func links(flavour: LocalNode.Flavour) async throws {
        let node = try await LocalNode(flavour)
        defer { node.remove() }
        for name in oddFileNames {
            try Data("a\n".utf8).write(to: URL(filePath: node.path(name)))
            try FileManager.default.createSymbolicLink(
                atPath: node.path("l" + name), withDestinationPath: node.path(name))
        }
        let lines = try oddFileNames.map { try make(Line.self, ["path": .string(node.path("l" + $0)), "line": "b"]) }
        try await node.settle(lines)
        #expect(try await node.differences(lines).allSatisfy(\.isNone))
        for name in oddFileNames {
            #expect(FileManager.default.contents(atPath: node.path(name)) == Data("a\nb\n".utf8))
            #expect((try? FileManager.default.destinationOfSymbolicLink(atPath: node.path("l" + name))) != nil)
        }
    }

    @Test("directories and large files are refused")
    func refused() async throws {
        let node = try await LocalNode(.dash)
        defer { node.remove() }
        try Data(repeating: 97, count: EditedFile.limit + 1).write(to: URL(filePath: node.path("big")))
        let lines = try [node.folder, node.path("big")].map { try make(Line.self, ["path": .string($0), "line": "b"]) }
        let causes = try await node.differences(lines).map(\.cause)
        #expect(causes[0]?.contains("not a file") == true)
        #expect(causes[1]?.contains("1048577 bytes") == true)
    }
}

@Suite struct LinePropertyTests {
    @Test("whatever the file, an edit made twice is made once")
    func idempotent() throws {
        let tasks: [Value] = [
            ["path": "/x", "line": "ab", "match": "a"], ["path": "/x", "line": "b", "match": "^a"],
            ["path": "/x", "line": "a", "after": "b"],
            ["path": "/x", "line": "a", "before": "b"], ["path": "/x", "match": "a+b", "state": "absent"],
            ["path": "/x", "line": "a", "state": "absent"],
            ["path": "/x", "line": "", "match": "^$"],
        ]
        for task in tasks {
            let edit = try make(Line.self, task).edit
            for _ in 0..<200 {
                let bytes = (0..<Int.random(in: 0...20)).compactMap { _ in Array("ab\n\r\u{0}x".utf8).randomElement() }
                let once = try edit.applied(to: bytes)
                #expect(try edit.applied(to: once) == once)
            }
        }
    }
}
