import Foundation
import Model
import TestSupport
import Testing

@testable import Resources

@Suite struct BlockTests {
    static let base: Value = ["path": "/x"]

    @Test(
        "fields that do not go together are refused",
        arguments: [
            (["block": "a"], "block: 'name' is missing\nhint: it tells this block from others in the file"),
            (["name": "n"], "block: 'block' is missing\nhint: state: absent removes a block"),
            (["name": "n", "block": "\n"], "block: 'block' is missing\nhint: state: absent removes a block"),
            (["name": "a\nb", "block": "a"], "block.name: one line that ends with no blank is needed"),
            (["name": "", "block": "a"], "block.name: one line that ends with no blank is needed"),
            (
                ["marker": "# mine", "block": "a"],
                "block.marker: '{mark}' must be in it, which becomes BEGIN and END\nhint: \"# {mark} my block\""
            ),
            (
                ["marker": "# {mark} x", "name": "n", "block": "a"],
                "block: 'name' is not in 'marker', and so tells nothing apart"
            ),
            (["name": "n", "block": "# END kubani n"], "block.block: it holds its own marker"),
            (["name": "n", "block": "a\rb"], "block.block: a carriage return within a line"),
            (["name": "n", "state": "absent", "block": "a"], "block: 'block' has no meaning with state: absent"),
            (
                ["name": "n", "block": "a", "after": "x", "before": "y"],
                "block: 'after' and 'before' do not go together"
            ),
        ] as [(Value, String)])
    func refused(task: Value, message: String) {
        #expect(mistakes(Block.self, Self.base.with(task)) == message)
    }

    @Test("a mistake in a pattern names the field")
    func pattern() {
        #expect(
            mistakes(Block.self, ["path": "/x", "name": "n", "block": "a", "after": "(a"])
                .hasPrefix("block.after: '(a' is not a regular expression"))
    }

    static let edits: [(task: Value, old: String, new: String)] = [
        (["block": "x\ny\n"], "a\n", "a\n# BEGIN kubani n\nx\ny\n# END kubani n\n"),
        (["block": "x"], "", "# BEGIN kubani n\nx\n# END kubani n\n"),
        (["block": "x"], "a", "a\n# BEGIN kubani n\nx\n# END kubani n\n"),
        (["block": "x\n\n\ny"], "", "# BEGIN kubani n\nx\n\n\ny\n# END kubani n\n"),
        (["block": "x"], "a\r\n", "a\r\n# BEGIN kubani n\r\nx\r\n# END kubani n\r\n"),
        (["block": "x"], "# BEGIN kubani n\nold\n# END kubani n\nb\n", "# BEGIN kubani n\nx\n# END kubani n\nb\n"),
        (["block": "x"], "# BEGIN kubani n \nold\n# END kubani n", "# BEGIN kubani n\nx\n# END kubani n"),
        (["block": "x"], "# BEGIN kubani n\n# END kubani n", "# BEGIN kubani n\nx\n# END kubani n"),
        (
            ["block": "x", "before": "BOF"], "a\n# BEGIN kubani n\nold\n# END kubani n\n",
            "a\n# BEGIN kubani n\nx\n# END kubani n\n"
        ),
        (
            ["block": "x"], "# BEGIN kubani other\no\n# END kubani other\n",
            "# BEGIN kubani other\no\n# END kubani other\n# BEGIN kubani n\nx\n# END kubani n\n"
        ),
        (["block": "x", "after": "^a"], "a1\na2\nb\n", "a1\na2\n# BEGIN kubani n\nx\n# END kubani n\nb\n"),
        (["block": "x", "before": "^a"], "a1\na2\nb\n", "a1\n# BEGIN kubani n\nx\n# END kubani n\na2\nb\n"),
        (["block": "x", "before": "BOF"], "a\n", "# BEGIN kubani n\nx\n# END kubani n\na\n"),
        (["block": "x", "after": "z"], "a\n", "a\n# BEGIN kubani n\nx\n# END kubani n\n"),
        (["state": "absent"], "a\n# BEGIN kubani n\nx\n# END kubani n\nb", "a\nb"),
        (["state": "absent"], "a\nb", "a\nb"),
        (
            ["block": "x", "marker": "<!-- {mark} n -->"], "<!-- BEGIN n -->\n<!-- END n -->\n",
            "<!-- BEGIN n -->\nx\n<!-- END n -->\n"
        ),
    ]

    @Test("the block is put, replaced or removed, and a second time nothing changes", arguments: edits.indices)
    func edit(index: Int) throws {
        let (task, old, new) = Self.edits[index]
        let edit = try make(Block.self, Self.base.with(["name": "n"]).with(task)).edit
        #expect(String(decoding: try edit.applied(to: Array(old.utf8)), as: UTF8.self) == new)
        #expect(try edit.applied(to: Array(new.utf8)) == Array(new.utf8))
    }

    @Test(
        "markers that do not make one block are left to a person",
        arguments: [
            ("# BEGIN kubani n\nx\n", "'# BEGIN kubani n' is there without '# END kubani n'"),
            ("# END kubani n\n", "'# END kubani n' is there without '# BEGIN kubani n'"),
            ("# END kubani n\n# BEGIN kubani n\n", "'# END kubani n' comes before '# BEGIN kubani n'"),
            (
                "# BEGIN kubani n\n# BEGIN kubani n\n# END kubani n\n",
                "'# BEGIN kubani n' is there 2 times and '# END kubani n' 1 times"
            ),
        ])
    func broken(content: String, cause: String) throws {
        let block = try make(Block.self, ["path": "/x", "name": "n", "block": "x"])
        let bytes = Array(content.utf8)
        let found = EditedFile(entry: FileTests.entry, target: "/x", sha256: sha256(bytes), content: bytes)
        #expect(
            block.difference(from: found)
                == .fails(
                    cause: cause, hint: "put the markers right by hand: what lies between them may be somebody's"))
    }

    @Test("a missing file, one that only has another mode, a secret")
    func difference() throws {
        let task: Value = ["path": "/x", "name": "n", "block": "x"]
        let block = try make(Block.self, task)
        let nothing = EditedFile(entry: nil, target: "/x")
        #expect(block.difference(from: nothing) == .fails(cause: "/x does not exist", hint: "create: true makes it"))
        #expect(
            try make(Block.self, task.with(["create": true, "mode": "0600"])).difference(from: nothing).change?.details
                == [
                    .text("content", from: nil, to: Shown("# BEGIN kubani n\nx\n# END kubani n\n", isSensitive: true)),
                    .attribute("mode", from: nil, to: "0600"),
                ])
        let bytes = Array("# BEGIN kubani n\nx\n# END kubani n\n".utf8)
        let settled = EditedFile(entry: FileTests.entry, target: "/x", sha256: sha256(bytes), content: bytes)
        #expect(block.difference(from: settled) == .none("the block is there"))
        let mode = try make(Block.self, task.with(["mode": "0600"])).difference(from: settled).change
        #expect(script(mode.map { .change($0) } ?? .none("")).contains("held || stop; chmod -- 00600 /proc/self/fd/7"))
        let secret = try make(Block.self, task.with(["block": .string("hunter2").sensitive(), "create": true]))
        let change = try #require(secret.difference(from: nothing).change)
        #expect(change.isSensitive && !"\(change.details)".contains("hunter2"))
        guard case .write(let file)? = change.steps.last else {
            Issue.record("\(change.steps)")
            return
        }
        #expect(file.mode == 0o600)
    }
}

@Suite(Needs.program("busybox")) struct BlockOnShellTests {
    @Test("blocks of one file are set one after the other, and taken out again", arguments: LocalNode.Flavour.allCases)
    func several(flavour: LocalNode.Flavour) async throws {
        let node = try await LocalNode(flavour)
        defer { node.remove() }
        let path = node.path("the hosts")
        try Data("127.0.0.1 localhost\n\u{e9}\n".utf8).write(to: URL(filePath: path))
        chmod(path, 0o640)
        let blocks = try [
            ["path": .string(path), "name": "one", "block": "1\n"],
            ["path": .string(path), "name": "two", "block": "2\n", "before": "BOF"],
            ["path": .string(node.path("new/file")), "name": "one", "block": "1", "create": true, "mode": "0600"],
        ].map { try make(Block.self, $0) }
        #expect(try await node.settle(blocks).allSatisfy { $0.change != nil })
        #expect(try await node.differences(blocks).allSatisfy(\.isNone))
        #expect(
            FileManager.default.contents(atPath: path)
                == Data(
                    """
                    # BEGIN kubani two
                    2
                    # END kubani two
                    127.0.0.1 localhost
                    \u{e9}
                    # BEGIN kubani one
                    1
                    # END kubani one

                    """.utf8))
        #expect(try await node.look(blocks).map { $0.entry?.mode } == [0o640, 0o640, 0o600])
        let gone = try ["one", "two"].map {
            try make(Block.self, ["path": .string(path), "name": .string($0), "state": "absent"])
        }
        try await node.settle(gone)
        #expect(FileManager.default.contents(atPath: path) == Data("127.0.0.1 localhost\n\u{e9}\n".utf8))
    }

    @Test("what its check refuses does not take the file's place", arguments: LocalNode.Flavour.allCases)
    func validate(flavour: LocalNode.Flavour) async throws {
        let node = try await LocalNode(flavour)
        defer { node.remove() }
        try Data("a\n".utf8).write(to: URL(filePath: node.path("x")))
        chmod(node.path("x"), 0o600)
        let task: Value = ["path": .string(node.path("x")), "name": "n", "validate": "grep -q good \"$1\""]
        let bad = try #require(
            try await node.differences([make(Block.self, task.with(["block": "bad"]))])[0].change)
        let said = try await node.perform(bad.steps)
        #expect(said.last?.errorOutput == "the new content is not valid\n")
        #expect(FileManager.default.contents(atPath: node.path("x")) == Data("a\n".utf8))
        let good = try make(Block.self, task.with(["block": "good"]))
        try await node.settle([good])
        #expect(try await node.differences([good])[0].isNone)
        #expect(try await node.look([good])[0].entry?.mode == 0o600)
        #expect(try FileManager.default.contentsOfDirectory(atPath: node.folder).sorted() == [".node", "x"])
    }
}

@Suite struct BlockPropertyTests {
    @Test("whatever the file, a block that is put twice is put once, and taken out leaves the rest")
    func idempotent() throws {
        for before in ["EOF", "BOF", "^a", "b"] {
            let task: Value = [
                "path": "/x", "name": "n", "block": "x\ny", before == "EOF" ? "after" : "before": .string(before),
            ]
            let put = try make(Block.self, task).edit
            let take = try make(Block.self, ["path": "/x", "name": "n", "state": "absent"]).edit
            for _ in 0..<200 {
                let bytes = (0..<Int.random(in: 0...20)).compactMap { _ in Array("ab\n\r\u{0}x".utf8).randomElement() }
                let once = try put.applied(to: bytes)
                #expect(try put.applied(to: once) == once)
                let taken = try take.applied(to: once)
                // A last line that had no end has got one.
                #expect(taken == bytes || taken == bytes + [10] || taken == bytes + [13, 10])
            }
        }
    }
}
