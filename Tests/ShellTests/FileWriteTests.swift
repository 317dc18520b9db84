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
