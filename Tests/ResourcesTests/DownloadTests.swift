import Foundation
import Model
import TestSupport
import Testing

@testable import Resources

@Suite struct DownloadTests {
    static let sum = String(repeating: "ab", count: 32)
    static let other = String(repeating: "cd", count: 32)
    static let url = "https://example.com/v1.34.9%2Bk3s1/k3s"

    static func list(_ text: String) -> Value { ["url": "https://example.com/sums.txt", "text": .string(text)] }

    @Test(
        "fields that do not go together are refused",
        arguments: [
            ([:], "download: exactly one of 'sha256' and 'checksums' is needed"),
            (["sha256": .string(sum), "checksums": list("\(sum)  k3s")], "exactly one of 'sha256' and 'checksums'"),
            (["sha256": "abc"], "download.sha256: 'abc' is no SHA-256"),
            (["sha256": .string(sum), "name": "x"], "download.name: goes with 'checksums' only"),
            (["url": "ftp://x/y", "sha256": .string(sum)], "begins with http:// or https:// is needed"),
            (["url": "https://x/a b", "sha256": .string(sum)], "hint: write spaces and quotes as %20 and %22"),
            (["url": "https:///y", "sha256": .string(sum)], "begins with http:// or https:// is needed"),
            (["path": "/", "sha256": .string(sum)], "'/' is a directory"),
            (["path": "/a/../b", "sha256": .string(sum)], "'path' holds '..'"),
            (["url": "https://example.com/", "checksums": list("\(sum)  k3s")], "ends with no file's name"),
            (["via": "pigeon", "sha256": .string(sum)], "one of node, laptop is needed"),
        ] as [(Value, String)])
    func refused(task: Value, message: String) {
        let base: Value = ["path": "/x", "url": .string(Self.url)]
        let said = mistakes(Download.self, base.with(task))
        #expect(said.contains(message), "\(said)")
    }

    @Test(
        "the checksum is taken from the line of the file's name",
        arguments: [
            ("\(sum)  k3s\n\(other)  k3s-arm64\n", sum), ("\(other) *k3s-arm64\r\n\(sum) *k3s\r\n", sum),
            ("SHA256 (k3s-arm64) = \(other)\nSHA256 (k3s) = \(sum)\n", sum), ("SHA2-256(k3s)= \(sum)", sum),
            ("# release\n\(sum.uppercased())\tk3s", sum), ("\(sum)  ./k3s\n", sum),
            ("\(other)  old/k3s\n\(sum)  k3s", sum),
            ("\(sum)\n", sum), ("\(sum)\(sum)  k3s\n\(sum)  k3s", sum), ("\(sum)  k3s\n\(sum)  k3s\n", sum),
        ])
    func checksums(text: String, sum: String) throws {
        let task: Value = ["path": "/x", "url": .string(Self.url), "checksums": Self.list(text)]
        #expect(try make(Download.self, task).file.sha256 == sum)
    }

    @Test(
        "a list of checksums without the file's line is refused, by its name and the nearest one",
        arguments: [
            (
                "\(sum)  k3s-arm64\n\(sum)  k3t\n",
                "download.checksums: https://example.com/sums.txt has no line for k3s\nhint: did you mean 'k3t'?"
            ),
            (
                "\(sum)  helm.tar.gz\n",
                "download.checksums: https://example.com/sums.txt has no line for k3s\nhint: it has helm.tar.gz"
            ),
            (
                "<html>not found</html>",
                "download.checksums: https://example.com/sums.txt holds no SHA-256 checksums"
            ),
            (
                "\(sum)  a/k3s\n\(other)  b/k3s\n",
                "download.checksums: https://example.com/sums.txt has several lines for k3s, and they differ\n"
                    + "hint: 'name' with the folder that stands there tells which"
            ),
        ])
    func noChecksum(text: String, message: String) {
        let task: Value = ["path": "/x", "url": .string(Self.url), "checksums": Self.list(text)]
        #expect(mistakes(Download.self, task) == message)
    }

    @Test("the name in the list is the URL's last part, decoded, or the one given")
    func names() throws {
        let text = "\(Self.sum)  k3s+1.bin\n\(Self.other)  b/k3s\n"
        for (url, name, sum) in [
            ("https://x/y/k3s%2B1.bin?token=1#top", nil, Self.sum), ("https://x/y/z", "b/k3s", Self.other),
        ] as [(String, String?, String)] {
            var task: Value = ["path": "/x", "url": .string(url), "checksums": Self.list(text)]
            if let name { task = task.with(["name": .string(name)]) }
            #expect(try make(Download.self, task).file.sha256 == sum)
        }
        #expect(WebAddress("https://example.com")?.fileName == nil)
    }

    static let task: Value = [
        "path": "/usr/local/bin/k3s", "url": .string(url), "sha256": .string(sum), "mode": "0755",
    ]

    static func entry(_ kind: NodeEntry.Kind = .file, mode: UInt16 = 0o755) -> NodeEntry {
        NodeEntry(kind: kind, mode: mode, uid: 0, gid: 0, owner: "root", group: "root", size: 9)
    }

    @Test("a plan tells from what, to what and from where; nothing where the hash holds")
    func difference() throws {
        let download = try make(Download.self, Self.task)
        func found(_ entry: NodeEntry?, _ sum: String?) -> Difference {
            download.difference(from: .init(entry: entry, sha256: sum))
        }
        #expect(found(Self.entry(), Self.sum) == .none("0755 root:root, sha256 abababababab"))
        #expect(
            found(nil, nil).change?.details == [
                .attribute("content", from: nil, to: "sha256 abababababab"),
                .attribute("url", from: nil, to: Shown(Self.url)), .attribute("mode", from: nil, to: "0755"),
            ])
        #expect(
            found(Self.entry(mode: 0o700), Self.other).change?.details == [
                .attribute("content", from: "9 bytes, sha256 cdcdcdcdcdcd", to: "sha256 abababababab"),
                .attribute("url", from: nil, to: Shown(Self.url)), .attribute("mode", from: "0700", to: "0755"),
            ])
        let mode = try #require(found(Self.entry(mode: 0o700), Self.sum).change)
        #expect(mode.details == [.attribute("mode", from: "0700", to: "0755")])
        #expect(script(.change(mode)).contains("held || stop; chmod -- 00755 /proc/self/fd/7"))
        #expect(found(Self.entry(.directory), nil).cause == "/usr/local/bin/k3s is a directory")
        #expect(found(Self.entry(.link), Self.other).change?.details.first == .note("replaces a symbolic link"))
    }

    @Test("the laptop's fetch is a write of the file, and a secret URL shows nowhere")
    func laptop() throws {
        let url = Value.string("https://example.com/k3s?token=hunter2").sensitive()
        let download = try make(
            Download.self, ["path": "/x/k3s", "url": url, "sha256": .string(Self.sum), "via": "laptop", "owner": "ops"])
        let change = try #require(download.difference(from: .init(entry: Self.entry(), sha256: Self.other)).change)
        #expect(
            change.steps.last
                == .write(
                    FileWrite(
                        path: "/x/k3s",
                        content: .fetched(url: "https://example.com/k3s?token=hunter2", sha256: Self.sum),
                        mode: 0o755, owner: "ops", group: "0", makesFolder: true)))
        #expect(change.isSensitive)
        #expect(!"\(change.details)".contains("hunter2"))
    }
}

@Suite(Needs.program("busybox"), Needs.program("curl"), Needs.program("wget"), Needs.python)
struct DownloadOnShellTests {
    /// What a node fetches with: curl in dash, wget in bash, busybox's wget in its ash.
    static func node(_ flavour: LocalNode.Flavour) async throws -> LocalNode {
        try await LocalNode(flavour, lacking: flavour == .bash ? ["curl"] : [])
    }

    static let bytes = (0..<300_000).map { UInt8(truncatingIfNeeded: $0 &* 31 ^ ($0 >> 8)) }

    static func download(_ url: String, _ path: String, _ bytes: [UInt8] = bytes, mode: String? = nil) throws
        -> Download
    {
        var task: Value = ["path": .string(path), "url": .string(url), "sha256": .string(sha256(bytes))]
        if let mode { task = task.with(["mode": .string(mode)]) }
        return try make(Download.self, task)
    }

    /// What the last step says, and how it ends.
    static func outcome(_ download: Download, on node: LocalNode) async throws -> Outcome {
        let change = try #require(try await node.differences([download])[0].change)
        return try #require(try await node.perform(change.steps).last)
    }

    @Test("files are fetched once, and not again while their hashes hold", arguments: LocalNode.Flavour.allCases)
    func once(flavour: LocalNode.Flavour) async throws {
        let node = try await Self.node(flavour)
        defer { node.remove() }
        let server = try FileServer()
        try server.put(Self.bytes, at: "k3s+1")
        try server.put([], at: "empty")
        let downloads = [
            try Self.download("\(server.url)/k3s%2B1", node.path("new folder/it's k3s"), mode: "0755"),
            try Self.download("\(server.url)/moved/empty", node.path("empty"), []),
        ]
        #expect(try await node.settle(downloads).allSatisfy { $0.change?.action == .create })
        #expect(try await node.differences(downloads).allSatisfy(\.isNone))
        let asked = try await server.asked()
        #expect(asked == ["/k3s%2B1", "/moved/empty", "/empty"])
        let found = try await node.look(downloads)
        #expect(found.map { $0.entry?.mode } == [0o755, 0o644])
        #expect(try await server.asked() == asked)
        #expect(try Self.leftovers(in: node.path("new folder")).isEmpty)
    }

    @Test("mode and owner of the file before stay, a link makes way", arguments: LocalNode.Flavour.allCases)
    func replaced(flavour: LocalNode.Flavour) async throws {
        let node = try await Self.node(flavour)
        defer { node.remove() }
        let server = try FileServer()
        try server.put(Self.bytes, at: "f")
        try Data("old".utf8).write(to: URL(filePath: node.path("f")))
        chmod(node.path("f"), 0o750)
        try FileManager.default.createSymbolicLink(atPath: node.path("l"), withDestinationPath: node.folder)
        let downloads = try ["f", "l"].map { try Self.download("\(server.url)/f", node.path($0)) }
        try await node.settle(downloads)
        #expect(try await node.differences(downloads).allSatisfy(\.isNone))
        #expect(try await node.look(downloads).map { $0.entry?.mode } == [0o750, 0o644])
        #expect(try await node.look(downloads)[1].entry?.kind == .file)
    }

    @Test("a connection that breaks off is made again and gone on with", arguments: LocalNode.Flavour.allCases)
    func cut(flavour: LocalNode.Flavour) async throws {
        let node = try await Self.node(flavour)
        defer { node.remove() }
        let server = try FileServer()
        try server.put(Self.bytes, at: "f")
        for how in ["cut/170000/f", "once/170000/f", "busy/1/f"] {
            let download = try Self.download("\(server.url)/\(how)", node.path(how.replacing("/", with: "-")))
            try await node.settle([download])
            #expect(try await node.differences([download])[0].isNone, "\(how)")
        }
        let asked = try await server.asked()
        #expect(asked.prefix(2) == ["/cut/170000/f", "/cut/170000/f bytes=170000-"], "\(asked)")
        #expect(asked.contains("/once/170000/f bytes=170000-"), "\(asked)")
        #expect(asked.filter { $0 == "/busy/1/f" }.count == 2)
    }

    @Test(
        "what an earlier run left is gone on with; of another version or wrong, it is not",
        arguments: LocalNode.Flavour.allCases)
    func partial(flavour: LocalNode.Flavour) async throws {
        let node = try await Self.node(flavour)
        defer { node.remove() }
        let server = try FileServer()
        try server.put(Self.bytes, at: "f")
        let download = try Self.download("\(server.url)/f", node.path("f"))
        let partial = NodeFetch(file: download.file, target: node.path("f")).partial
        let stale = String(partial.dropLast(16)) + "0123456789abcdef"
        let wrong = [UInt8](repeating: 1, count: 1000)
        for (left, asked) in [
            (Array(Self.bytes.prefix(1000)), ["/f bytes=1000-"]), (Self.bytes, []),
            // The node's wget may ask for what is missing of a whole file, and is told that there is nothing.
            (Self.bytes + [0], ["/f bytes=300001-", "/f"]), (wrong, ["/f bytes=1000-", "/f"]),
        ] {
            try FileManager.default.createDirectory(
                atPath: URL(filePath: partial).deletingLastPathComponent().path(percentEncoded: false),
                withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
            try Data(left).write(to: URL(filePath: partial))
            try Data(wrong).write(to: URL(filePath: stale))
            let before = try await server.asked().count
            try await node.settle([download])
            #expect(try await node.differences([download])[0].isNone)
            let now = try await server.asked()
            #expect(Array(now.dropFirst(before)) == asked, "\(now)")
            #expect(try Self.leftovers(in: node.folder).isEmpty)
            try FileManager.default.removeItem(atPath: node.path("f"))
        }
    }

    @Test("a link in the place of the partial file's folder is not gone through")
    func planted() async throws {
        let node = try await LocalNode(.dash)
        defer { node.remove() }
        let server = try FileServer()
        try server.put(Self.bytes, at: "f")
        let download = try Self.download("\(server.url)/f", node.path("f"))
        try Data("precious".utf8).write(to: URL(filePath: node.path("precious")))
        try FileManager.default.createSymbolicLink(
            atPath: URL(filePath: NodeFetch(file: download.file, target: node.path("f")).partial)
                .deletingLastPathComponent().relativePath,
            withDestinationPath: node.folder)
        try await node.settle([download])
        #expect(FileManager.default.contents(atPath: node.path("precious")) == Data("precious".utf8))
        #expect(try await node.differences([download])[0].isNone)
    }

    @Test("what is not the file is refused, says why, and leaves the old file", arguments: LocalNode.Flavour.allCases)
    func refused(flavour: LocalNode.Flavour) async throws {
        let node = try await Self.node(flavour)
        defer { node.remove() }
        let server = try FileServer()
        try server.put(Self.bytes, at: "f")
        try Data("old".utf8).write(to: URL(filePath: node.path("f")))
        for (path, content, messages) in [
            (
                "/status/404/f", Self.bytes,
                ["/status/404/f answers with HTTP status 404", "hint: is the version right"]
            ),
            ("/status/403/f", Self.bytes, ["answers with HTTP status 403", "hint: is a login or a token needed"]),
            ("/status/410/f", Self.bytes, ["answers with HTTP status 410"]),
            ("/page/f", Self.bytes, ["/page/f gives an HTML page, not the file", "hint: the page of a login"]),
            (
                "/f", [1, 2, 3],
                [
                    "SHA-256 of what \(server.url)/f gives (300000 bytes):",
                    "expected \(sha256([1, 2, 3])), got \(sha256(Self.bytes))", "hint: is the checksum that of another",
                ]
            ),
        ] as [(String, [UInt8], [String])] {
            let said = try await Self.outcome(
                try Self.download(server.url + path, node.path("f"), content), on: node)
            #expect(said.status == 1)
            for message in messages { #expect(said.errorOutput.contains(message), "\(said.errorOutput)") }
            #expect(FileManager.default.contents(atPath: node.path("f")) == Data("old".utf8))
            #expect(try Self.leftovers(in: node.folder).isEmpty)
        }
    }

    @Test("a fetch that never ends well is given up, and what came is kept", arguments: LocalNode.Flavour.allCases)
    func givenUp(flavour: LocalNode.Flavour) async throws {
        let node = try await Self.node(flavour)
        defer { node.remove() }
        let server = try FileServer()
        try server.put(Self.bytes, at: "f")
        for (url, kept) in [("\(server.url)/busy/99/f", 0), ("http://127.0.0.1:1/f", 0)] {
            var fetch = NodeFetch(file: RemoteFile(url: url, sha256: sha256(Self.bytes)), target: node.path("f"))
            fetch.otherwise = "something else helps"
            fetch.pause = 0
            let said = try await node.run(fetch.alone)
            #expect(said.status == 1)
            #expect(said.errorOutput.contains("\(url) could not be fetched, tried 5 times: "), "\(said.errorOutput)")
            #expect(said.errorOutput.hasSuffix("Otherwise something else helps\n"), "\(said.errorOutput)")
            #expect(try Self.leftovers(in: node.folder).count == kept)
        }
        #expect(try await server.asked().count == 5)
    }

    @Test("a full disk is told, and what came is removed", Needs.root, arguments: LocalNode.Flavour.allCases)
    func full(flavour: LocalNode.Flavour) async throws {
        let node = try await Self.node(flavour)
        defer { node.remove() }
        let disk = node.path("disk")
        let mounted = try await Program.run(
            "sh", ["-c", "mkdir \"$1\" && mount -t tmpfs -o size=64k none \"$1\"", "sh", disk])
        try #require(mounted.status == 0, "\(mounted.stderr)")
        let server = try FileServer()
        try server.put(Self.bytes, at: "f")
        let said: Result<Outcome, any Error>
        do { said = .success(try await Self.outcome(Self.download("\(server.url)/f", disk + "/f"), on: node)) } catch {
            said = .failure(error)
        }
        let left = try Self.leftovers(in: disk)
        _ = try await Program.run("umount", [disk])
        #expect(try said.get().errorOutput.contains("the disk that holds \(disk) is full: "), "\(said)")
        #expect(left.isEmpty)
    }

    @Test("a node that has nothing to fetch with says so")
    func lacking() async throws {
        let server = try FileServer()
        // Not busybox, whose shell runs its own programs whatever lies in the PATH.
        let bare = try await LocalNode(.dash, lacking: ["curl", "wget"])
        defer { bare.remove() }
        let nothing = try await Self.outcome(try Self.download("\(server.url)/f", bare.path("f")), on: bare)
        #expect(
            nothing.errorOutput
                == """
                neither curl nor wget is on the node to download with
                hint: put a package task for curl before this one, or via: laptop lets the machine that kubani runs on \
                fetch it

                """)
        // busybox's wget takes the URL as an argument only, where every user of the node could read it.
        let node = try await LocalNode(.busybox)
        defer { node.remove() }
        let secret = RemoteFile(url: "\(server.url)/f?hunter2", isSecret: true, sha256: sha256(Self.bytes))
        let said = try await node.run(NodeFetch(file: secret, target: node.path("f")).alone)
        #expect(said.errorOutput.contains("neither curl nor GNU wget is on the node to download with"))
        #expect(try await server.asked().isEmpty)
    }

    @Test("a secret URL is in no process's arguments", arguments: [["wget"], ["curl"]])
    func secret(lacking: [String]) async throws {
        let node = try await LocalNode(.dash, lacking: lacking)
        defer { node.remove() }
        let server = try FileServer()
        try server.put(Self.bytes, at: "f")
        let file = RemoteFile(url: "\(server.url)/f?hunter2", isSecret: true, sha256: sha256(Self.bytes))
        let fetch = NodeFetch(file: file, target: node.path("f"))
        // In the program's own place stands one that looks at the list of processes first.
        let program = lacking == ["wget"] ? "curl" : "wget"
        let real = try await Program.run("sh", ["-c", "command -v \(program)"]).stdout.dropLast()
        let watching = "\(node.folder)/.node/bin/\(program)"
        try FileManager.default.removeItem(atPath: watching)
        try Data("#!/bin/sh\nps -eo args >>\(node.path("seen"))\nexec \(real) \"$@\"\n".utf8)
            .write(to: URL(filePath: watching))
        chmod(watching, 0o755)
        // As the node's driver has it: on a descriptor.
        let ran = try await Program.run(
            "/bin/dash", [], stdin: "PATH=\(node.folder)/.node/bin\n\(fetch.alone.text)")
        #expect(ran.status == 0, "\(ran.stderr)")
        #expect(try await server.asked() == ["/f?hunter2"])
        let seen = try String(contentsOfFile: node.path("seen"), encoding: .utf8)
        #expect(seen.contains("ps -eo args"))
        #expect(!seen.contains("hunter2"))
    }

    static func leftovers(in folder: String) throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: folder).filter { $0.hasPrefix(".kubani") }
    }
}

extension NodeFetch {
    /// As its task runs it, in the folder of the target.
    fileprivate var alone: Script { "\(NodeWay.functions)\nreach \(target) make || stop\n\(script)" }
}
