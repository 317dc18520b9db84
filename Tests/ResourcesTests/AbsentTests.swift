import Foundation
import Model
import TestSupport
import Testing

@testable import Resources

@Suite struct AbsentTests {
    @Test(
        "what the system is made of is refused, however it is written",
        arguments: [
            "/", "/etc", "/etc/", "//etc", "/./etc/.", "/usr", "/usr/bin", "/home", "/var/lib", "/var/lib/dpkg",
            "/proc/1",
            "/boot", "/root", "/etc/systemd/system", "/etc/ssh/sshd_config", "/tmp/../etc", "/lib64",
        ])
    func vital(path: String) {
        #expect(throws: InputErrors.self) { try make(Absent.self, ["path": .string(path), "recurse": true]) }
    }

    @Test(
        "what is below it is not",
        arguments: ["/swapfile", "/etc/a", "/usr/local/bin/k3s", "/var/lib/rancher", "/home/ops/x"])
    func allowed(path: String) throws { #expect(try make(Absent.self, .string(path)).subject == path) }
}

@Suite(Needs.program("busybox")) struct AbsentOnShellTests {
    @Test("files, links and directories go, and nothing else does", arguments: LocalNode.Flavour.allCases)
    func removal(flavour: LocalNode.Flavour) async throws {
        let node = try await LocalNode(flavour)
        defer { node.remove() }
        for name in oddNames {
            try FileManager.default.createDirectory(
                atPath: node.path(name) + "/.hidden/x", withIntermediateDirectories: true)
        }
        _ = try await Program.run(
            "/bin/sh",
            [
                "-c",
                "mkdir keep empty; echo x >keep/f; ln -s keep link; ln -s gone dangling; echo 123 >file; mkfifo pipe",
            ],
            directory: node.folder)
        let refused = try make(Absent.self, .string(node.path("plain")))
        #expect(try await node.differences([refused])[0].cause?.contains("a directory with 1 entry") == true)
        let all =
            try oddNames.map { try make(Absent.self, ["path": .string(node.path($0)), "recurse": true]) }
            + (try ["link", "dangling", "empty", "file", "pipe", "never"].map {
                try make(Absent.self, .string(node.path($0)))
            })
        let before = try await node.settle(all)
        #expect(before.dropLast().allSatisfy { $0.change?.action == .delete })
        #expect(before.last?.isNone == true)
        #expect(try await node.differences(all).allSatisfy(\.isNone))
        #expect(try FileManager.default.contentsOfDirectory(atPath: node.folder).sorted() == [".node", "keep"])
        #expect(FileManager.default.fileExists(atPath: node.path("keep/f")))
    }

    @Test("a tree on which a file system is mounted stays", Needs.root, arguments: LocalNode.Flavour.allCases)
    func mounted(flavour: LocalNode.Flavour) async throws {
        let node = try await LocalNode(flavour)
        defer { node.remove() }
        let inside = node.path("a b\\c/mount")
        try FileManager.default.createDirectory(atPath: inside, withIntermediateDirectories: true)
        let mount = try await Program.run("mount", ["-t", "tmpfs", "none", inside])
        try #require(mount.status == 0, "\(mount.stderr)")
        try Data("kept".utf8).write(to: URL(filePath: inside + "/f"))
        let tree = try make(Absent.self, ["path": .string(node.path("a b\\c")), "recurse": true])
        let change = try #require(try await node.differences([tree])[0].change)
        let outcome = try await node.perform(change.steps)[0]
        let survives = FileManager.default.fileExists(atPath: inside + "/f")
        _ = try await Program.run("umount", [inside])
        #expect(survives)
        #expect(outcome.errorOutput.contains("is mounted"))
        try await node.settle([tree])
        #expect(try await node.differences([tree])[0].isNone)
    }
}
