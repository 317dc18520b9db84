import Foundation
import Model
import TestSupport
import Testing

@testable import Shell

@Suite("files written by the driver", .timeLimit(.minutes(3)), Needs.root, Needs.program("busybox"))
struct FileWriteTests {
    func look(_ path: String) async throws -> String {
        try await Program.run("stat", ["-c", "%a %u %g %s", path]).stdout.trimmingCharacters(in: .newlines)
    }

    @Test("mode and owner are those of the file there, unless told otherwise", arguments: TestShell.allCases)
    func attributes(_ sh: TestShell) async throws {
        let shell = try sh.open()
        let scratch = try Scratch()
        let path = scratch("a file's $name")
        func put(_ text: String, mode: UInt16? = nil, owner: String? = nil, group: String? = nil) async throws -> String
        {
            let file = FileWrite(path: path, content: .bytes(Array(text.utf8)), mode: mode, owner: owner, group: group)
            let outcome = try await shell.perform([.write(file)])[0]
            #expect(outcome == Outcome(status: 0))
            #expect(try String(contentsOfFile: path, encoding: .utf8) == text)
            return try await look(path)
        }
        #expect(try await put("new") == "644 0 0 3")
        #expect(try await put("", mode: 0o600, owner: "daemon", group: "bin") == "600 1 2 0")
        #expect(try await put("kept") == "600 1 2 4")
        #expect(try await put("o", owner: "0") == "600 0 2 1")
        #expect(try await put("g", group: "daemon") == "600 0 1 1")
        #expect(try await put("m", mode: 0o4755) == "4755 0 1 1")
        #expect(scratch.names == ["a file's $name"])
        // A user's umask or a set-id folder changes nothing of it.
        _ = try await Program.run("chown", ["0:bin", scratch.path])
        _ = try await Program.run("chmod", ["2755", scratch.path])
        #expect(try await put("again", owner: "root", group: "root") == "4755 0 0 5")
        await shell.close()
    }

    @Test("a missing folder is made where that is asked for", arguments: TestShell.allCases)
    func folders(_ sh: TestShell) async throws {
        let shell = try sh.open()
        let scratch = try Scratch()
        func put(_ name: String, makesFolder: Bool) async throws -> Outcome {
            try await shell.perform([
                .write(FileWrite(path: scratch(name), content: .bytes([1]), mode: 0o600, makesFolder: makesFolder))
            ])[0]
        }
        #expect(try await put("a b/c/file", makesFolder: false).status == 1)
        #expect(try await put("a b/c/file", makesFolder: true) == Outcome(status: 0))
        #expect(try await look(scratch("a b/c")).hasPrefix("755 0 0"))
        #expect(try await look(scratch("a b/c/file")) == "600 0 0 1")
        let through = try await put("a b/c/file/below", makesFolder: true)
        #expect(through.status == 1)
        #expect(through.errorOutput.contains("directory"))
        await shell.close()
    }

    @Test("what is replaced is what was looked at, or nothing is", arguments: TestShell.allCases)
    func replaced(_ sh: TestShell) async throws {
        let shell = try sh.open()
        let scratch = try Scratch()
        let path = scratch("f")
        func put(_ text: String, _ replaced: FileWrite.Replaced) async throws -> Outcome {
            let file = FileWrite(path: path, content: .bytes(Array(text.utf8)), replaces: replaced)
            return try await shell.perform([.write(file)])[0]
        }
        let old = "cba06b5736faf67e54b07b561eae94395e774c517a7d910a54369e1263ccfbd4"
        #expect(try await put("gone", .file(sha256: old)).errorOutput.hasSuffix("is gone since it was looked at\n"))
        #expect(try await put("old", .nothing) == Outcome(status: 0))
        #expect(try await put("new", .nothing).errorOutput == "\(path) has been made since it was looked at\n")
        #expect(try await put("new", .file(sha256: old)) == Outcome(status: 0))
        #expect(try await put("x", .file(sha256: old)).errorOutput == "\(path) has changed since it was looked at\n")
        #expect(try String(contentsOfFile: path, encoding: .utf8) == "new")
        #expect(scratch.names == ["f"])
        await shell.close()
    }

    @Test("a link gives way, also one to a folder", arguments: TestShell.allCases)
    func links(_ sh: TestShell) async throws {
        let shell = try sh.open()
        let scratch = try Scratch()
        _ = try await Program.run(
            "sh",
            [
                "-c", #"cd "$1"; mkdir d; echo kept >t; ln -s d a; ln -s t b; ln -s gone c; ln -s e e"#, "sh",
                scratch.path,
            ])
        for name in ["a", "b", "c", "e"] {
            let file = FileWrite(path: scratch(name), content: .bytes(Array(name.utf8)), mode: 0o644)
            #expect(try await shell.perform([.write(file)])[0] == Outcome(status: 0))
            #expect(try await look(scratch(name)) == "644 0 0 1")
        }
        #expect(scratch.names.sorted() == ["a", "b", "c", "d", "e", "t"])
        #expect(try await look(scratch("t")).hasSuffix(" 5"))
        await shell.close()
    }

    @Test("what cannot be written is told, and what follows goes on", arguments: TestShell.allCases)
    func failures(_ sh: TestShell) async throws {
        let shell = try sh.open()
        let scratch = try Scratch()
        let big = [UInt8](repeating: 7, count: 1_000_000)
        func put(_ file: FileWrite) async throws -> Outcome { try await shell.perform([.write(file)])[0] }

        let orphan = try await put(.init(path: scratch("no/such/file"), content: .bytes(big)))
        #expect(orphan.status == 1)
        #expect(orphan.errorOutput == "the folder \(scratch("no/such")) is missing\n")
        let folder = try await put(.init(path: scratch.path, content: .bytes(big)))
        #expect(folder.errorOutput == "\(scratch.path) is a folder\n")
        let owner = try await put(.init(path: scratch("f"), content: .bytes(big), owner: "nobody-such"))
        #expect(owner.errorOutput.contains("could not set the owner"))
        let full = try await put(.init(path: "/dev/full/x", content: .bytes(big)))
        #expect(!full.succeeded)
        let shorter = scratch("source")
        try Data(big).write(to: URL(filePath: shorter))
        let changed = try await put(
            .init(path: scratch("f"), content: .local(path: shorter, length: 2_000_000, sha256: "00")))
        #expect(changed.errorOutput == "what arrived for \(scratch("f")) is not what was sent\n")
        await #expect(throws: Failure.self) { try await put(.init(path: "relative", content: .bytes([]))) }
        await #expect(throws: Failure.self) { try await put(.init(path: "/a\nb", content: .bytes([]))) }
        #expect(scratch.names == ["source"])
        #expect(try await shell.run("echo on").output == "on\n")
        await shell.close()
    }

    @Test("a full disk leaves the file there and the next request whole", arguments: TestShell.allCases)
    func fullDisk(_ sh: TestShell) async throws {
        let shell = try sh.open()
        let scratch = try Scratch()
        let mounted = try await Program.run("mount", ["-t", "tmpfs", "-o", "size=512k", "none", scratch.path])
        try #require(mounted.status == 0, "\(mounted.stderr)")
        let path = scratch("f")
        _ = try await shell.perform([.write(.init(path: path, content: .bytes([1])))])
        let outcome = try await shell.perform([
            .write(.init(path: path, content: .bytes([UInt8](repeating: 7, count: 3_000_000))))
        ])[0]
        #expect(outcome.status == 1)
        #expect(outcome.errorOutput.contains("No space left"))
        #expect(try Data(contentsOf: URL(filePath: path)) == Data([1]))
        #expect(scratch.names == ["f"])
        #expect(try await shell.run("echo on").output == "on\n")
        await shell.close()
        #expect(try await Program.run("umount", [scratch.path]).status == 0)
    }

    @Test("a file of 100 MB goes over as it is read", arguments: TestShell.allCases)
    func big(_ sh: TestShell) async throws {
        let shell = try sh.open()
        let scratch = try Scratch()
        _ = try await Program.run("sh", ["-c", "head -c 100000000 /dev/urandom >\(scratch("big"))"])
        let sum = String(try await Program.run("sha256sum", [scratch("big")]).stdout.prefix(64))
        let file = FileWrite(
            path: scratch("copy"), content: .local(path: scratch("big"), length: 100_000_000, sha256: sum), mode: 0o755)
        let outcomes = try await shell.perform([
            .write(file), .run("sha256sum \(scratch("copy"))", deadline: .seconds(60)),
        ])
        #expect(outcomes.map(\.status) == [0, 0])
        #expect(outcomes.last?.output.hasPrefix(sum) == true)
        await shell.close()
    }

    @Test(
        "a driver killed in the middle leaves the old file, and the next write clears away the rest",
        arguments: TestShell.allCases)
    func killed(_ sh: TestShell) async throws {
        let scratch = try Scratch()
        let path = scratch("f")
        try Data("old".utf8).write(to: URL(filePath: path))
        // A user's own, of a like name, is no rest.
        try Data("mine".utf8).write(to: URL(filePath: scratch(".kubani.yml")))
        let channel = try sh.channel()
        var frames = FrameWriter(marker: .random())
        let file = FileWrite(path: path, content: .bytes([]))
        let head = frames.write(file, length: 10_000_000, sha256: "00", chain: frames.chain())
        try await channel.write(frames.opening() + head.bytes)
        try await channel.write([UInt8](repeating: 1, count: 1_000_000))
        #expect(await eventually { scratch.names.count == 3 })
        kill(-channel.processID, SIGKILL)
        let id = channel.processID
        #expect(await eventually { kill(id, 0) != 0 })
        #expect(try String(contentsOfFile: path, encoding: .utf8) == "old")
        await channel.close()

        let shell = try sh.open()
        #expect(try await shell.perform([.write(.init(path: path, content: .bytes(Array("new".utf8))))])[0].succeeded)
        #expect(scratch.names.sorted() == [".kubani.yml", "f"])
        await shell.close()
    }
}
