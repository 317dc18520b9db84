import Foundation
import Model
import TestSupport
import Testing

@testable import Resources

@Suite struct FileTests {
    static let entry = NodeEntry(
        kind: .file, mode: 0o644, uid: 0, gid: 0, owner: "root", group: "root", size: 4)

    @Test(
        "fields that do not go together are refused",
        arguments: [
            (["path": "/etc/x"], "nothing is asked"), (["path": "/etc/x", "content": "a", "json": [1]], "only one of"),
            (["path": "/", "content": "a"], "is a directory"), (["path": "/etc/../x", "content": "a"], "'..'"),
            (["path": "/etc/x", "mode": "0600", "validate": "true"], "needs a content"),
            (["path": "/etc/x", "content": "a", "owner": "a:b"], "no name of an account"),
            (["path": "/etc/x", "content": "a", "group": "-R"], "no name of an account"),
            (["path": "/etc/x", "ini": ["a": ["b": "c\nd"]]], "line break"),
            (["path": "/etc/x", "ini": ["a": ["b": ["c": "d"]]]], "INI cannot hold a map"),
            (["path": "/etc/x", "source": "name"], "role's files/"),
        ] as [(Value, String)])
    func refused(task: Value, message: String) {
        let errors = #expect(throws: InputErrors.self) { try make(File.self, task) }
        #expect(errors?.description.contains(message) == true, "\(errors?.description ?? "")")
    }

    @Test("structured values are emitted, keys in their order")
    func structured() throws {
        let value: Value = ["b": [1, true, nil, "x\"\n\u{1}"], "a": [:], "c": [], "d": 1.5]
        let json = try make(File.self, ["path": "/x", "json": value])
        guard case .change(let change) = json.difference(from: .init(entry: nil)),
            case .text(_, from: nil, to: let shown?)? = change.details.first
        else { return #expect(Bool(false)) }
        #expect(
            shown.description
                == "{\n  \"b\": [\n    1,\n    true,\n    null,\n    \"x\\\"\\n\\u0001\"\n  ],\n  \"a\": {},\n  \"c\": [],\n  \"d\": 1.5\n}\n"
        )
        let ini = try make(
            File.self,
            ["path": "/x", "ini": ["top": "1", "s t": ["k": "v w", "l": ["1", 2], "flag": nil, "on": true]]])
        #expect(
            text(ini.difference(from: .init(entry: nil))) == "top=1\n\n[s t]\nk=v w\nl=1\nl=2\nflag\non=true\n")
    }

    @Test("mode and owner alone are changed without writing the file")
    func permissions() throws {
        let file = try make(
            File.self, ["path": "/x", "content": "abcd", "mode": "0600", "owner": "65534", "group": "adm"])
        let found = File.Found(
            entry: Self.entry, sha256: "88d4266fd4e6338d13b845fcf289579d209c897823b9217da3e161936f031589")
        let change = try #require(file.difference(from: found).change)
        #expect(
            change.details == [
                .attribute("mode", from: "0644", to: "0600"), .attribute("owner", from: "root", to: "65534"),
                .attribute("group", from: "root", to: "adm"),
            ])
        #expect(
            script(.change(change)).contains(
                "held || stop; chown -- 65534:adm /proc/self/fd/7 && chmod -- 00600 /proc/self/fd/7"))
    }

    @Test("a secret shows nowhere: not its text, its length nor its hash")
    func secrets() throws {
        for field in ["content", "json", "template"] {
            let secret = Value.string("hunter2").sensitive()
            let file = try make(File.self, ["path": "/x", "mode": "0600", Self.literal(field): secret])
            let old = File.Found(
                entry: Self.entry, sha256: String(repeating: "a", count: 64), content: Array("oldsecret".utf8))
            for found in [old, .init(entry: nil)] {
                let details = "\(try #require(file.difference(from: found).change).details)"
                for part in ["hunter2", "oldsecret", "f52fbd32", "bytes"] { #expect(!details.contains(part)) }
                #expect(details.contains("(sensitive)"))
            }
            // Nor is the old content fetched.
            #expect(!File.probe([file]).text.contains("\ncontentUnless /x"))
        }
    }

    @Test("a new file with a secret is its owner's alone, unless the task says otherwise")
    func modeOfSecrets() throws {
        func mode(_ task: Value) throws -> UInt16? {
            let difference = try make(File.self, task).difference(from: File.Found(entry: nil))
            for case .write(let file) in try #require(difference.change).steps { return file.mode }
            return nil
        }
        let secret = Value.string("hunter2").sensitive()
        #expect(try mode(["path": "/x", "content": secret]) == 0o600)
        #expect(try mode(["path": "/x", "content": secret, "mode": "0640"]) == 0o640)
        #expect(try mode(["path": "/x", "content": "plain"]) == 0o644)
    }

    static func literal(_ name: String) -> String { name }

    @Test("binary content is told by size and hash")
    func binary() throws {
        let file = try make(File.self, ["path": "/x", "content": "\u{1b}[31m"])
        let found = File.Found(entry: Self.entry, sha256: String(repeating: "a", count: 64), content: nil)
        let change = try #require(file.difference(from: found).change)
        #expect(
            change.details == [
                .attribute("content", from: "4 bytes, sha256 aaaaaaaaaaaa", to: "5 bytes, sha256 83a738788fd1")
            ])
    }

    @Test("a source is sent from the laptop, and shown as a diff where its text is at hand")
    func source() throws {
        let file = try make(
            File.self,
            [
                "path": "/x",
                "source": ["path": "/role/files/a", "length": 2, "sha256": "ab", "text": "a\n"],
            ])
        let change = try #require(
            file.difference(from: .init(entry: Self.entry, sha256: "cd", content: [98, 10])).change)
        #expect(change.details == [.text("content", from: "b\n", to: "a\n")])
        #expect(
            change.steps == [
                .write(
                    FileWrite(
                        path: "/x", content: .local(path: "/role/files/a", length: 2, sha256: "ab"),
                        mode: Self.entry.mode, owner: "0", group: "0"))
            ])
    }

    @Test(
        "what is no file is refused, with what to do",
        arguments: [(NodeEntry.Kind.directory, "is a directory"), (.special, "is a device")])
    func kinds(kind: NodeEntry.Kind, cause: String) throws {
        var entry = Self.entry
        entry.kind = kind
        let file = try make(File.self, ["path": "/x", "content": "a"])
        #expect(file.difference(from: .init(entry: entry)).cause?.contains(cause) == true)
    }

    @Test(
        "output that the probe did not print is a failure, not a guess",
        arguments: ["", "x", "x\0", "\0\0\0", "41ed/0/0\0\0\0"])
    func garbage(output: String) throws {
        let file = try make(File.self, ["path": "/x", "content": "a"])
        #expect(throws: Failure.self) { try File.read(Array(output.utf8), of: [file]) }
    }

    private func text(_ difference: Difference) -> String? {
        guard case .text(_, _, let shown?)? = difference.change?.details.first else { return nil }
        return shown.description
    }
}

@Suite(Needs.program("busybox")) struct FileOnShellTests {
    @Test("a file is made, kept, changed and told apart from its neighbours", arguments: LocalNode.Flavour.allCases)
    func life(flavour: LocalNode.Flavour) async throws {
        let node = try await LocalNode(flavour)
        defer { node.remove() }
        let path = node.path("new/deep/f.conf")
        let first = try make(File.self, ["path": .string(path), "content": "a\nb\n"])
        #expect(try await node.settle([first])[0].change?.action == .create)
        #expect(try await node.differences([first])[0] == .none("present, 0644 \(try await owner(node))"))

        let second = try make(File.self, ["path": .string(path), "content": "a\nc\n", "mode": "0600"])
        let change = try #require(try await node.settle([second])[0].change)
        #expect(
            change.details == [
                .text("content", from: Shown("a\nb\n", isSensitive: true), to: Shown("a\nc\n", isSensitive: true)),
                .attribute("mode", from: "0644", to: "0600"),
            ])
        #expect(try await node.differences([second])[0].isNone)

        let mode = try make(File.self, ["path": .string(path), "mode": "0640"])
        #expect(try await node.settle([mode])[0].change?.details == [.attribute("mode", from: "0600", to: "0640")])
        #expect(try await node.differences([mode])[0].isNone)
    }

    @Test("odd names are looked at and written, all in one look", arguments: LocalNode.Flavour.allCases)
    func names(flavour: LocalNode.Flavour) async throws {
        let node = try await LocalNode(flavour)
        defer { node.remove() }
        let files = try oddFileNames.map {
            try make(File.self, ["path": .string(node.path($0)), "content": .string("in \($0)")])
        }
        #expect(try await node.settle(files).allSatisfy { $0.change?.action == .create })
        #expect(try await node.differences(files).allSatisfy(\.isNone))
        for (name, file) in zip(oddFileNames, files) {
            #expect(FileManager.default.contents(atPath: node.path(name)) == Data("in \(name)".utf8))
            let other = try make(File.self, ["path": .string(file.subject), "content": "other"])
            let details = try #require(try await node.differences([other])[0].change).details
            #expect(details == [.text("content", from: Shown("in \(name)"), to: "other")])
        }
    }

    @Test("a name that holds a newline is refused before any host")
    func newline() {
        #expect(mistakes(File.self, ["path": "/etc/a\nb", "content": ""]).contains("'path' holds a newline"))
    }

    @Test("links are replaced, dangling too; directories and pipes are refused", arguments: LocalNode.Flavour.allCases)
    func odd(flavour: LocalNode.Flavour) async throws {
        let node = try await LocalNode(flavour)
        defer { node.remove() }
        _ = try await Program.run(
            "/bin/sh",
            ["-c", "echo kept >t; mkdir d; ln -s t l; ln -s gone dangling; ln -s d dl; ln -s l2 l2; mkfifo p"],
            directory: node.folder)
        let links = try ["l", "dangling", "dl", "l2"].map {
            try make(File.self, ["path": .string(node.path($0)), "content": "new"])
        }
        for link in try await node.settle(links) {
            #expect(link.change?.details.first == .note("replaces a symbolic link"))
        }
        #expect(try await node.differences(links).allSatisfy(\.isNone))
        #expect(FileManager.default.contents(atPath: node.path("t")) == Data("kept\n".utf8))
        let others = try ["d", "p"].map { try make(File.self, ["path": .string(node.path($0)), "content": "new"]) }
        #expect(try await node.differences(others).allSatisfy { $0.cause != nil })
    }

    @Test("content that its validation refuses never takes the place", arguments: LocalNode.Flavour.allCases)
    func validation(flavour: LocalNode.Flavour) async throws {
        let node = try await LocalNode(flavour)
        defer { node.remove() }
        let path = node.path("it's checked")
        func file(_ content: String) throws -> File {
            try make(
                File.self,
                ["path": .string(path), "content": .string(content), "validate": "# \"quoted\"\ngrep -q good \"$1\""])
        }
        try await node.settle([try file("good one")])
        let mode = try make(File.self, ["path": .string(path), "mode": "0640"])
        try await node.settle([mode])
        await #expect(throws: Failure.self) { try await node.settle([try file("bad")]) }
        #expect(FileManager.default.contents(atPath: path) == Data("good one".utf8))
        try await node.settle([try file("good two")])
        #expect(try await node.differences([try file("good two"), mode]).allSatisfy(\.isNone))
        #expect(try FileManager.default.contentsOfDirectory(atPath: node.folder).sorted() == [".node", "it's checked"])
    }

    @Test("what was checked is not left beside a place that it cannot take", arguments: LocalNode.Flavour.allCases)
    func notPlaced(flavour: LocalNode.Flavour) async throws {
        let node = try await LocalNode(flavour)
        defer { node.remove() }
        // By the time of the last step, a directory stands in its place.
        let file = try make(
            File.self,
            ["path": .string(node.path("f")), "content": "x", "validate": .string("mkdir '\(node.path("f"))'")])
        let change = try #require(try await node.differences([file])[0].change)
        let outcome = try #require(try await node.perform(change.steps, onOutput: nil).last)
        #expect(!outcome.succeeded)
        #expect(outcome.errorOutput.contains("could not put \(node.path("f")) in place"), "\(outcome.errorOutput)")
        let left = try FileManager.default.contentsOfDirectory(atPath: node.folder)
        #expect(left.filter { $0.hasPrefix(".kubani") }.isEmpty)
    }

    @Test("a path longer than any can be is refused before any host")
    func tooLong() {
        let long = "/" + Array(repeating: String(repeating: "a", count: 200), count: 1000).joined(separator: "/")
        #expect(mistakes(File.self, ["path": .string(long), "content": ""]).contains("longer than a path can be"))
        let part = "/" + String(repeating: "a", count: 256)
        #expect(mistakes(File.self, ["path": .string(part), "content": ""]).contains("255 each of its parts"))
    }

    @Test("a large file is compared by its hash, and its content stays where it is")
    func large() async throws {
        let node = try await LocalNode(.dash)
        defer { node.remove() }
        try Data(repeating: 97, count: 400_000).write(to: URL(filePath: node.path("big")))
        let file = try make(File.self, ["path": .string(node.path("big")), "content": "small"])
        #expect(try await node.look([file])[0].content == nil)
        let details = try #require(try await node.settle([file])[0].change).details
        #expect("\(details)".contains("400000 bytes"))
        #expect(try await node.differences([file])[0].isNone)
    }

    private func owner(_ node: LocalNode) async throws -> String {
        try await Program.run("stat", ["-c", "%U:%G", node.folder]).stdout.trimmingCharacters(in: .newlines)
    }
}

@Suite struct FilePropertyTests {
    @Test("any text comes back as it was asked for, and a second look finds no difference")
    func anyContent() async throws {
        let node = try await LocalNode(.dash)
        defer { node.remove() }
        var random = SystemRandomNumberGenerator()
        let files = try (0..<60).map { index in
            let scalars = (0..<Int.random(in: 0...300, using: &random)).compactMap { _ in
                Unicode.Scalar(UInt32.random(in: 1...(index % 2 == 0 ? 0x7f : 0x2fff), using: &random))
            }
            var text = ""
            text.unicodeScalars.append(contentsOf: scalars)
            return try make(File.self, ["path": .string(node.path("f\(index)")), "content": .string(text)])
        }
        try await node.settle(files)
        #expect(try await node.differences(files).allSatisfy(\.isNone))
        let others = try files.map { try make(File.self, ["path": .string($0.subject), "content": "other"]) }
        for (found, file) in zip(try await node.look(others), files) {
            #expect(found.content.map { Data($0) } == FileManager.default.contents(atPath: file.subject))
        }
    }

    @Test("any bytes of a source come back as they were")
    func anySource() async throws {
        let node = try await LocalNode(.dash)
        defer { node.remove() }
        var files: [File] = []
        for index in 0..<20 {
            let bytes = Data((0..<Int.random(in: 0...2000)).map { _ in UInt8.random(in: 0...255) })
            let local = node.path("local\(index)")
            try bytes.write(to: URL(filePath: local))
            let sum = try await Program.run("sha256sum", [local]).stdout.prefix(64)
            files.append(
                try make(
                    File.self,
                    [
                        "path": .string(node.path("f\(index)")),
                        "source": [
                            "path": .string(local), "length": .int(bytes.count), "sha256": .string(String(sum)),
                        ],
                    ]))
        }
        try await node.settle(files)
        #expect(try await node.differences(files).allSatisfy(\.isNone))
    }
}
