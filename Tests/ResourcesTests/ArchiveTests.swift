import Foundation
import Model
import TestSupport
import Testing

@testable import Resources

@Suite struct ArchiveTests {
    static let base: Value = ["path": "/opt/x"]

    @Test(
        "fields that do not go together are refused",
        arguments: [
            ([:], "archive: exactly one of 'src' and 'url' is needed"),
            (["src": "/a.tar", "url": "https://x/a.tar"], "archive: exactly one of 'src' and 'url' is needed"),
            (
                ["url": "https://x/a.tar", "sha256": .string(DownloadTests.sum)],
                "archive: 'url' needs 'creates', for nothing else tells whether it is unpacked\n"
                    + "hint: or a download task, and 'src': a plan then compares every member"
            ),
            (
                ["url": "https://x/a.tar", "creates": "/opt/x/y"],
                "archive: exactly one of 'sha256' and 'checksums' is needed\n"
                    + "hint: what is fetched is trusted only by its checksum"
            ),
            (["src": "/a.tar", "sha256": .string(DownloadTests.sum)], "archive.sha256: goes with 'url' only"),
            (
                ["src": "/a.bin"],
                "archive: the name '/a.bin' does not tell what it is\nhint: format: tar, tar.gz, tar.xz, tar.zst, tar.bz2, zip"
            ),
            (["src": "/a.zip", "strip_components": 1], "archive: 'strip_components' does not go with a zip archive"),
            (["src": "/a.tar", "strip_components": -1], "archive.strip_components: a number from 0 to 100 is needed"),
            (["src": "/a.tar", "owner": "a b"], "'a b' is no name of an account"),
        ] as [(Value, String)])
    func refused(task: Value, message: String) {
        #expect(mistakes(Archive.self, Self.base.with(task)) == message)
    }

    @Test(
        "the format is told by the name, or by the role",
        arguments: [
            (["src": "/a.tar"], .tar), (["src": "/a.TGZ"], .gzip), (["src": "/a.b.tar.xz"], .xz),
            (["src": "/a.tzst"], .zstd),
            (["src": "/a.tar.bz2"], .bzip2), (["src": "/a.zip"], .zip), (["src": "/a", "format": "tar.zst"], .zstd),
            (
                ["url": "https://x/y/a.tar.gz?z=1", "sha256": .string(DownloadTests.sum), "creates": "/opt/x"], .gzip
            ),
        ] as [(Value, ArchiveFormat)])
    func format(task: Value, format: ArchiveFormat) throws {
        #expect(try make(Archive.self, Self.base.with(task)).format == format)
    }

    @Test(
        "a member is read from its line",
        arguments: [
            ("-rw-r--r-- 12 a b  c", .file, 0o644, "a b  c"), ("drwxr-xr-x 0 top/", .directory, 0o755, "top/"),
            ("lrwxrwxrwx 0 l -> ../x -> y", .link("../x -> y"), 0o777, "l"),
            ("hrwsr-sr-t 0 h link to a", .hardLink, 0o7755, "h"), ("-rwSr--r-T 1 x", .file, 0o5644, "x"),
        ] as [(String, ArchiveMember.Kind, UInt16, String)])
    func member(line: String, kind: ArchiveMember.Kind, mode: UInt16, name: String) throws {
        let member = try ArchiveMember(line[...])
        #expect(member.kind == kind && member.mode == mode && member.name == name)
    }

    @Test(
        "leading parts are dropped as tar drops them",
        arguments: [
            ("a/b/c", 0, "a/b/c"), ("a/b/c", 1, "b/c"), ("./a/b", 1, "a/b"), ("a//b", 1, "b"), ("a/", 1, nil),
            ("a", 1, nil),
            ("./", 0, nil), ("./a/", 0, "a"),
        ] as [(String, Int, String?)])
    func strip(name: String, count: Int, path: String?) throws {
        #expect(try ArchiveMember("-rw-r--r-- 1 \(name)"[...]).path(strippingComponents: count) == path)
    }

    static func entry(_ kind: NodeEntry.Kind = .file, mode: UInt16 = 0o644, size: Int = 3, uid: Int = 0) -> NodeEntry {
        NodeEntry(kind: kind, mode: mode, uid: uid, gid: 0, owner: uid == 0 ? "root" : "ops", group: "root", size: size)
    }

    static let listing = "drwxr-xr-x 0 d/\n-rw-r--r-- 3 d/f\nlrwxrwxrwx 0 l -> d/f\n"

    @Test(
        "what differs is told member by member",
        arguments: [
            ([:], [], [], ["d", "d/f", "l"]),
            (["d": entry(.directory), "d/f": entry(), "l": entry(.link)], ["d/f"], [], []),
            (["d": entry(.directory), "d/f": entry(size: 4), "l": entry(.link)], ["d/f"], ["d/f (size)"], []),
            (["d": entry(.directory), "d/f": entry(mode: 0o600), "l": entry(.link)], ["d/f"], ["d/f (mode)"], []),
            (["d": entry(.directory), "d/f": entry(uid: 7), "l": entry(.link)], ["d/f"], ["d/f (owner)"], []),
            (["d": entry(.directory), "d/f": entry(), "l": entry(.link)], ["/x"], ["l (leads to /x)"], []),
            (["d": entry(.directory), "d/f": entry(), "l": entry()], [""], ["l (kind)"], []),
        ] as [([String: NodeEntry], [String], [String], [String])])
    func comparison(entries: [String: NodeEntry], targets: [String], differing: [String], missing: [String]) throws {
        let archive = try make(Archive.self, Self.base.with(["src": "/a.tar"]))
        let comparison = try ArchiveComparison(
            .init(listing: Array(Self.listing.utf8), entries: entries, targets: targets, contents: ("a", "a")),
            of: archive)
        #expect(comparison.differing == differing)
        #expect(comparison.missing == missing)
        #expect(comparison.count == 2)
    }

    @Test("other contents of the same sizes are a difference, and what cannot be compared is an obstacle")
    func contents() throws {
        let archive = try make(Archive.self, Self.base.with(["src": "/a.tar"]))
        func comparison(_ listing: String, _ contents: (String, String) = ("a", "a")) throws -> ArchiveComparison {
            let entries = ["f": Self.entry()]
            return try ArchiveComparison(
                .init(listing: Array(listing.utf8), entries: entries, targets: [], contents: contents), of: archive)
        }
        #expect(try comparison("-rw-r--r-- 3 f\n").isSame)
        #expect(try comparison("-rw-r--r-- 3 f\n", ("a", "b")).differing == ["the content of some"])
        #expect(try comparison("-rw-r--r-- 3 f\n-rw-r--r-- 3 ./f\n").obstacle == "f is in it twice")
        #expect(
            try comparison("lrwxrwxrwx 0 a/l -> /etc\n-rw-r--r-- 3 a/l/passwd\n").obstacle
                == "a/l/passwd goes through the symbolic link a/l")
        let zip = try make(Archive.self, Self.base.with(["src": "/a.zip"]))
        let look = ArchiveComparison.Look(
            listing: Array("lrwxrwxrwx 0 l\n".utf8), entries: [:], targets: [], contents: nil)
        #expect(try ArchiveComparison(look, of: zip).obstacle?.contains("zip archives are not compared by") == true)
    }

    @Test("a plan tells why")
    func difference() throws {
        let archive = try make(Archive.self, Self.base.with(["src": "/a.tar"]))
        func found(_ change: (inout Archive.Found) -> Void) -> Archive.Found {
            var found = Archive.Found(entry: Self.entry(.directory), source: Self.entry())
            change(&found)
            return found
        }
        #expect(
            archive.difference(from: found { $0.source = nil })
                == .fails(cause: "/a.tar does not exist", hint: "put a download or file task before this one"))
        #expect(archive.difference(from: found { $0.entry = Self.entry() }).cause == "/opt/x is not a directory")
        let lacks = found {
            $0.problem = "xz is not on the node, and …\nhint: put a package task for xz-utils before this one"
        }
        #expect(
            archive.difference(from: lacks)
                == .fails(
                    cause: "/a.tar cannot be unpacked: xz is not on the node, and …",
                    hint: "put a package task for xz-utils before this one"))
        #expect(archive.dependsOn(lacks) == [.path("/opt/x"), .path("/a.tar"), .packages])

        let fetched = try make(
            Archive.self,
            Self.base.with([
                "url": "https://x/a.tar", "sha256": .string(DownloadTests.sum), "creates": "/opt/x/bin", "mode": "0640",
            ]))
        #expect(fetched.difference(from: .init(isCreated: true)) == .none("/opt/x/bin is there"))
        #expect(
            fetched.difference(from: .init(isCreated: true, isInterrupted: true)).change?.details == [
                .attribute("archive", from: nil, to: "https://x/a.tar"),
                .note("an earlier run was stopped while it unpacked"), .attribute("mode", from: nil, to: "0640"),
            ])
        #expect(fetched.directoryMode == 0o750)
    }
}

@Suite(Needs.program("busybox"), Needs.program("zstd"), Needs.program("unzip"), Needs.python)
struct ArchiveOnShellTests {
    /// A folder with what archives hold, and archives of it in each format.
    static func pack(on node: LocalNode) async throws {
        let script = #"""
            set -e
            cd "$1"
            mkdir -p from/top/bin "from/top/a  b"
            printf one >from/top/bin/tool
            chmod 755 from/top/bin/tool
            printf 'two\n' >"from/top/a  b/it's é"
            : >from/top/empty
            chown -R 1234:1234 from
            tar -C from -czf plain.tgz top
            tar -C from -cf a.tar top
            (cd from && python3 -c 'import shutil; shutil.make_archive("../a", "zip", ".", "top")')
            ln -s ../bin/tool from/top/bin/link
            ln from/top/bin/tool from/top/hard
            for z in gz:gzip xz:xz zst:zstd bz2:bzip2; do tar -C from -I "${z#*:}" -cf "a.tar.${z%:*}" top; done
            """#
        let packed = try await Program.run("/bin/sh", ["-c", script, "sh", node.folder])
        try #require(packed.status == 0, "\(packed.stderr)")
    }

    static func text(_ path: String) -> String? { try? String(contentsOfFile: path, encoding: .utf8) }

    @Test("each format is unpacked once, and what changes is mended", Needs.root, arguments: LocalNode.Flavour.allCases)
    func formats(flavour: LocalNode.Flavour) async throws {
        // busybox's own tar, gzip, xz and bzip2; zstd and unzip are this machine's.
        let node = try await LocalNode(flavour)
        defer { node.remove() }
        try await Self.pack(on: node)
        let names = ["a.tar", "a.tar.gz", "a.tar.xz", "a.tar.bz2"] + (flavour == .busybox ? [] : ["a.tar.zst"])
        let archives = try names.map {
            try make(
                Archive.self,
                [
                    "path": .string(node.path("to \($0)/deep")), "src": .string(node.path($0)), "strip_components": 1,
                ])
        }
        let before = try await node.settle(archives)
        #expect(before.map { $0.change?.action } == archives.map { _ in .create })
        let after = try await node.differences(archives)
        #expect(after.filter { !$0.isNone } == [])
        for archive in archives {
            #expect(Self.text("\(archive.path)/bin/tool") == "one")
            #expect(Self.text("\(archive.path)/a  b/it's é") == "two\n")
        }
        // A file beside the archive's is nobody's business; the content, mode and target of its own are.
        let path = archives[1].path
        for (change, note) in [
            (": >\(path)/own", nil), ("printf eno >\(path)/bin/tool", "the content of some"),
            ("chmod 600 \(path)/bin/tool", "bin/tool (mode)"), ("chown 9 \(path)/empty", "empty (owner)"),
            ("ln -sfn /etc \(path)/bin/link", "bin/link (leads to /etc)"), ("rm \(path)/hard", "missing: hard"),
        ] as [(String, String?)] {
            let script = change.replacing("\(path)", with: "'\(path)'")
            let ran = try await Program.run("/bin/sh", ["-c", script])
            #expect(ran.status == 0, "\(ran.stderr)")
            let difference = try await node.differences([archives[1]])[0]
            guard let note else {
                #expect(difference.isNone)
                continue
            }
            // With two names of one file, both are told.
            let told = "\(difference.change?.details ?? [])"
            #expect(told.contains(note))
            #expect(difference.change?.action == .update || note.hasPrefix("missing"))
            try await node.settle([archives[1]])
            #expect(try await node.differences([archives[1]])[0].isNone, "\(change)")
        }
    }

    @Test("a zip archive that was not made on Unix holds what it holds", Needs.root)
    func foreignZip() async throws {
        let node = try await LocalNode(.dash)
        defer { node.remove() }
        let made = try await Program.run(
            "python3",
            [
                "-c",
                """
                import sys, zipfile
                with zipfile.ZipFile(sys.argv[1], 'w') as z:
                    for system, name, attributes in [(0, 'dos.txt', 0x20), (0, 'd/', 0x10), (3, 'none.txt', 0), (3, 'sub/', 0),
                                                     (3, 'sub/x y.txt', 0o600 << 16), (11, 'ro.txt', 0x21)]:
                        entry = zipfile.ZipInfo(name)
                        entry.create_system, entry.external_attr = system, attributes
                        z.writestr(entry, '' if name.endswith('/') else name)
                """, node.path("a.zip"),
            ])
        #expect(made.status == 0, "\(made.stderr)")
        let archive = try make(Archive.self, ["path": .string(node.path("to")), "src": .string(node.path("a.zip"))])
        try await node.settle([archive])
        #expect(try await node.differences([archive]) == [.none("4 files as in the archive")])
        #expect(FileManager.default.contents(atPath: node.path("to/sub/x y.txt")) == Data("sub/x y.txt".utf8))
    }

    @Test("programs that run with others' rights stand in the plan", Needs.root)
    func setIDs() async throws {
        let node = try await LocalNode(.dash)
        defer { node.remove() }
        let script = "cd \"$1\" && mkdir from && echo x >from/su && chmod 4755 from/su && tar -cf a.tar -C from ."
        _ = try await Program.run("/bin/sh", ["-c", script, "sh", node.folder])
        let archive = try make(Archive.self, ["path": .string(node.path("to")), "src": .string(node.path("a.tar"))])
        let change = try #require(try await node.differences([archive])[0].change)
        #expect(change.details.contains(.note("set-user-id or set-group-id: su")))
    }

    @Test("a zip archive is unpacked by Info-ZIP's unzip", Needs.root)
    func zip() async throws {
        let node = try await LocalNode(.dash)
        defer { node.remove() }
        try await Self.pack(on: node)
        let archive = try make(Archive.self, ["path": .string(node.path("to")), "src": .string(node.path("a.zip"))])
        try await node.settle([archive])
        #expect(try await node.differences([archive])[0].isNone)
        #expect(Self.text(node.path("to/top/a  b/it's é")) == "two\n")
        try Data("eno".utf8).write(to: URL(filePath: node.path("to/top/bin/tool")))
        #expect(try await node.differences([archive])[0].change != nil)
        let busybox = try await LocalNode(.busybox)
        defer { busybox.remove() }
        #expect(
            try await busybox.differences([archive])[0]
                == .fails(
                    cause: "\(node.path("a.zip")) cannot be unpacked: unzip of the node is not Info-ZIP's",
                    hint: "put a package task for unzip before this one"))
    }

    @Test(
        "owner and mode hold for the members, and root owns them otherwise", Needs.root,
        arguments: LocalNode.Flavour.allCases)
    func owners(flavour: LocalNode.Flavour) async throws {
        let node = try await LocalNode(flavour)
        defer { node.remove() }
        try await Self.pack(on: node)
        let plain = try make(Archive.self, ["path": .string(node.path("to")), "src": .string(node.path("a.tar.gz"))])
        let owned = try make(
            Archive.self,
            [
                "path": .string(node.path("to")), "src": .string(node.path("plain.tgz")), "owner": "1", "group": "2",
                "mode": "0640",
            ])
        try await node.settle([plain])
        func look(_ name: String) async throws -> String {
            try await Program.run("stat", ["-c", "%a %u %g", node.path("to/\(name)")]).stdout
        }
        #expect(try await look("top/bin/tool") == "755 0 0\n")
        try await node.settle([owned])
        #expect(try await node.differences([owned])[0].isNone)
        #expect(try await look("top/bin/tool") == "640 1 2\n")
        #expect(try await look("top/bin") == "750 1 2\n")
        #expect(try await look("top/bin/link") == "777 0 0\n")
    }

    @Test(
        "what leads out, a device and a broken archive are refused before anything is unpacked", Needs.root,
        arguments: LocalNode.Flavour.allCases)
    func refused(flavour: LocalNode.Flavour) async throws {
        let node = try await LocalNode(flavour)
        defer { node.remove() }
        try await Self.pack(on: node)
        let script = #"""
            import io, sys, tarfile
            def pack(name, *members):
                with tarfile.open(sys.argv[1] + "/" + name, "w:gz") as tar:
                    for name, kind, target in members:
                        info = tarfile.TarInfo(name)
                        info.type, info.linkname = kind, target
                        info.size = 0 if kind != tarfile.REGTYPE else 3
                        tar.addfile(info, io.BytesIO(b"bad"))
            file, link, hard = tarfile.REGTYPE, tarfile.SYMTYPE, tarfile.LNKTYPE
            pack("up.tgz", ("good", file, ""), ("../out", file, ""))
            pack("in.tgz", ("good", file, ""), ("a/../../out", file, ""))
            pack("root.tgz", ("good", file, ""), ("/tmp/out", file, ""))
            pack("hard.tgz", ("good", file, ""), ("h", hard, "../out"))
            pack("pipe.tgz", ("good", file, ""), ("a pipe", tarfile.FIFOTYPE, ""))
            pack("through.tgz", ("good", file, ""), ("l", link, "/tmp"), ("l/out", file, ""))
            pack("fine.tgz", ("good", file, ""), ("..odd", file, ""), ("l", link, "../.."))
            """#
        let packed = try await Program.run(Repository.python, ["-c", script, node.folder])
        try #require(packed.status == 0, "\(packed.stderr)")
        try Data("junk".utf8).write(to: URL(filePath: node.path("junk.tgz")))
        let whole = try Data(contentsOf: URL(filePath: node.path("a.tar.gz")))
        try whole.prefix(whole.count - 20).write(to: URL(filePath: node.path("cut.tgz")))
        let server = try FileServer()
        for (name, cause) in [
            (
                "up.tgz",
                flavour == .busybox
                    ? "which leads out of the directory" : "it holds ../out, which leads out of the directory"
            ),
            (
                "in.tgz",
                flavour == .busybox
                    ? "which leads out of the directory" : "it holds a/../../out, which leads out of the directory"
            ),
            (
                "root.tgz",
                flavour == .busybox
                    ? "which leads out of the directory" : "it holds /tmp/out, which leads out of the directory"
            ),
            (
                "hard.tgz",
                flavour == .busybox
                    ? "which leads out of the directory" : "it holds ../out, which leads out of the directory"
            ),
            ("pipe.tgz", "it holds a pipe, a device or a pipe"), ("junk.tgz", "gzip"), ("cut.tgz", "gzip"),
        ] {
            let archive = try make(Archive.self, ["path": .string(node.path("to")), "src": .string(node.path(name))])
            let difference = try await node.differences([archive])[0]
            #expect(difference.cause?.contains("\(name) cannot be unpacked: ") == true, "\(difference)")
            #expect(difference.cause?.contains(cause) == true, "\(difference)")
            // From the network it is only found once it is fetched.
            let bytes = Array(try Data(contentsOf: URL(filePath: node.path(name))))
            try server.put(bytes, at: name)
            let fetched = try make(
                Archive.self,
                [
                    "path": .string(node.path("to")), "url": .string("\(server.url)/\(name)"),
                    "sha256": .string(sha256(bytes)), "creates": .string(node.path("to/good")),
                ])
            let change = try #require(try await node.differences([fetched])[0].change)
            let said = try #require(try await node.perform(change.steps).last)
            #expect(said.status == 1)
            #expect(said.errorOutput.contains(cause), "\(said.errorOutput)")
            #expect(said.errorOutput.contains("nothing was unpacked"), "\(said.errorOutput)")
            #expect(!FileManager.default.fileExists(atPath: node.path("to/good")))
        }
        let through = try make(
            Archive.self, ["path": .string(node.path("to")), "src": .string(node.path("through.tgz"))])
        #expect(try await node.differences([through])[0].cause?.contains("goes through the symbolic link l") == true)
        let fine = try make(Archive.self, ["path": .string(node.path("fine")), "src": .string(node.path("fine.tgz"))])
        try await node.settle([fine])
        #expect(try await node.differences([fine])[0].isNone)
    }

    @Test(
        "an archive of the network is fetched, unpacked and removed", Needs.root, arguments: LocalNode.Flavour.allCases)
    func network(flavour: LocalNode.Flavour) async throws {
        let node = try await LocalNode(flavour)
        defer { node.remove() }
        try await Self.pack(on: node)
        let server = try FileServer()
        let bytes = Array(try Data(contentsOf: URL(filePath: node.path("a.tar.xz"))))
        try server.put(bytes, at: "a.tar.xz")
        func archive(_ creates: String) throws -> Archive {
            try make(
                Archive.self,
                [
                    "path": .string(node.path("to")), "url": .string("\(server.url)/a.tar.xz"),
                    "sha256": .string(sha256(bytes)), "creates": .string(node.path("to/\(creates)")),
                    "strip_components": 1,
                ])
        }
        let right = try archive("bin/tool")
        try await node.settle([right])
        #expect(try await node.differences([right]) == [.none("\(node.path("to/bin/tool")) is there")])
        #expect(
            try FileManager.default.contentsOfDirectory(atPath: node.path("to")).sorted() == [
                "a  b", "bin", "empty", "hard",
            ])
        // A run that is stopped in the middle leaves its mark.
        try FileManager.default.createDirectory(atPath: right.mark, withIntermediateDirectories: true)
        #expect(try await node.settle([right])[0].change != nil)
        #expect(try await node.differences([right])[0].isNone)
        let wrong = try archive("bin/toil")
        let change = try #require(try await node.differences([wrong])[0].change)
        let said = try #require(try await node.perform(change.steps).last)
        #expect(said.status == 1)
        let begin = "\(node.path("to/bin/toil")) did not come with the archive\nhint: it holds "
        #expect(said.errorOutput.hasPrefix(begin), "\(said.errorOutput)")
        #expect(said.errorOutput.contains("empty, hard, bin/"), "\(said.errorOutput)")
    }

    @Test("what an archive is read with is asked for by its package")
    func lacking() async throws {
        let node = try await LocalNode(.dash, lacking: ["xz", "zstd"])
        defer { node.remove() }
        for (name, hint) in [("a.tar.xz", "xz-utils"), ("a.tar.zst", "zstd")] {
            try Data("x".utf8).write(to: URL(filePath: node.path(name)))
            let archive = try make(Archive.self, ["path": .string(node.path("to")), "src": .string(node.path(name))])
            guard case .fails(_, let said) = try await node.differences([archive])[0] else {
                Issue.record("\(name) can be read")
                continue
            }
            #expect(said == "put a package task for \(hint) before this one")
        }
    }
}
