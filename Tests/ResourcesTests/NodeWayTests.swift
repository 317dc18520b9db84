import Foundation
import Model
import TestSupport
import Testing

@testable import Resources

/// Folders of a user's, and what root does below them.
@Suite(
    "ways to paths that others may lead elsewhere", .timeLimit(.minutes(5)), Needs.root, Needs.program("busybox"),
    Needs.python)
struct NodeWayTests {
    /// A node with `home`, which is the user's, and `vault`, which nobody else may enter.
    static func node(_ flavour: LocalNode.Flavour) async throws -> LocalNode {
        let node = try await LocalNode(flavour)
        try await sh(
            """
            mkdir -m 755 home sub; mkdir -m 700 vault vault/inner; echo secret >vault/f; chmod 600 vault/f
            echo inner >vault/inner/g; ln -s ../vault home/config; ln -s ../vault/f home/file
            ln -s sub linked; mkdir home/real; chown -hR nobody home
            """, in: node)
        return node
    }

    @discardableResult
    static func sh(_ script: String, in node: LocalNode) async throws -> String {
        let ran = try await Program.run("/bin/sh", ["-c", "cd \"$1\" || exit; \(script)", "sh", node.folder])
        #expect(ran.status == 0, "\(ran.stderr)")
        return ran.stdout
    }

    static func vault(of node: LocalNode) async throws -> String {
        try await sh("find vault -printf '%p %y %m %u %g %s %l\\n' | sort; cat vault/f vault/inner/g", in: node)
    }

    /// Every kind, at a path below the user's link.
    static func tasks(_ node: LocalNode, below folder: String) throws -> [any ShellKind] {
        func at(_ name: String) -> Value { .string(node.path("\(folder)/\(name)")) }
        return [
            try make(File.self, ["path": at("f"), "content": "mine", "owner": "nobody"]),
            try make(File.self, ["path": at("f"), "mode": "0644"]),
            try make(File.self, ["path": at("new/er/f"), "content": "mine"]),
            try make(File.self, ["path": at("f"), "content": "x", "validate": "true"]),
            try make(Line.self, ["path": at("f"), "line": "mine"]),
            try make(Block.self, ["path": at("f"), "name": "b", "block": "mine", "owner": "nobody"]),
            try make(Directory.self, ["path": at("inner"), "owner": "nobody", "mode": "0777"]),
            try make(Directory.self, ["path": at("inner"), "owner": "nobody", "recurse": true]),
            try make(Directory.self, ["path": at("made"), "owner": "nobody"]),
            try make(Link.self, ["path": at("l"), "target": "/etc"]),
            try make(Absent.self, ["path": at("inner"), "recurse": true]),
            try make(Absent.self, ["path": at("f")]),
            try make(
                Download.self,
                ["path": at("d"), "url": "http://127.0.0.1:9/x", "sha256": .string(String(repeating: "ab", count: 32))]
            ),
            try make(Archive.self, ["path": at("inner"), "src": .string(node.path("a.tar")), "owner": "nobody"]),
            try make(GitClone.self, ["repo": .string(node.path("repo")), "dest": at("clone")]),
        ]
    }

    static func difference<Kind: ShellKind>(_ kind: Kind, on node: LocalNode) async throws -> Difference {
        try await node.differences([kind])[0]
    }

    @Test(
        "below a folder of a user's no kind follows a link, whether it looks or changes",
        arguments: LocalNode.Flavour.allCases)
    func refused(flavour: LocalNode.Flavour) async throws {
        let node = try await Self.node(flavour)
        defer { node.remove() }
        try await Self.sh("tar -cf a.tar -C sub .", in: node)
        let before = try await Self.vault(of: node)
        let link =
            "\(node.path("home/config")) is a symbolic link that somebody else than root may have made: "
            + "it is not followed"
        for task in try Self.tasks(node, below: "home/config") {
            // Without Git there, its look ends before.
            if flavour == .busybox, task is GitClone { continue }
            let cause = try await Self.difference(task, on: node).cause
            #expect(cause == link, "\(type(of: task).name): \(cause ?? "nothing")")
        }
        // What was looked at before the link came is refused too.
        for task in try Self.tasks(node, below: "home/real") where !(task is Download) && !(task is GitClone) {
            try await Self.sh(
                "rm -rf home/real; mkdir home/real home/real/inner; echo x >home/real/f; echo y >home/real/inner/g; chown -R nobody home/real",
                in: node)
            guard let change = try await Self.difference(task, on: node).change else { continue }
            try await Self.sh("mv home/real home/was; ln -s ../vault home/real", in: node)
            let outcome = try #require(try await node.perform(change.steps, onOutput: nil).last)
            #expect(!outcome.succeeded, "\(type(of: task).name)")
            #expect(
                outcome.errorOutput.contains("\(node.path("home/real")) is a symbolic link"), "\(outcome.errorOutput)")
            try await Self.sh("rm home/real; rm -rf home/was", in: node)
        }
        #expect(try await Self.vault(of: node) == before)
    }

    @Test(
        "a link that a user may have made is not what is edited, and nothing of it is kept",
        arguments: LocalNode.Flavour.allCases)
    func last(flavour: LocalNode.Flavour) async throws {
        let node = try await Self.node(flavour)
        defer { node.remove() }
        let before = try await Self.vault(of: node)
        let path = Value.string(node.path("home/file"))
        for task: any ShellKind in [
            try make(Line.self, ["path": path, "line": "mine"]),
            try make(Block.self, ["path": path, "name": "b", "block": "mine", "owner": "nobody"]),
        ] {
            let cause = try await Self.difference(task, on: node).cause
            #expect(cause?.contains("it is not followed") == true, "\(cause ?? "nothing")")
        }
        // A file takes the link's place, and neither mode nor owner of what it led to.
        try await Self.sh("chown daemon vault/f; chmod 4711 vault/f", in: node)
        try await node.settle([try make(File.self, ["path": path, "content": "mine"])])
        #expect(
            try await Self.sh("stat -c '%F %a %U %G' home/file; cat home/file", in: node)
                == "regular file 644 root root\nmine")
        try await Self.sh("chown root vault/f; chmod 600 vault/f", in: node)
        #expect(try await Self.vault(of: node) == before)
        // A second name of root's file is no file of the user's either.
        try await Self.sh("ln vault/f home/hard", in: node)
        let hard = try await Self.difference(
            try make(File.self, ["path": .string(node.path("home/hard")), "mode": "0644"]), on: node)
        let steps = try #require(hard.change).steps
        let outcome = try #require(try await node.perform(steps, onOutput: nil).last)
        #expect(outcome.errorOutput.contains("has other names (hard links)"), "\(outcome.errorOutput)")
    }

    @Test("a link that root made is followed, and the plan names it", arguments: LocalNode.Flavour.allCases)
    func followed(flavour: LocalNode.Flavour) async throws {
        let node = try await Self.node(flavour)
        defer { node.remove() }
        let tasks: [any ShellKind] = [
            try make(File.self, ["path": .string(node.path("linked/f")), "content": "a\n"]),
            try make(Line.self, ["path": .string(node.path("linked/f")), "line": "b"]),
            try make(Directory.self, ["path": .string(node.path("linked/d")), "mode": "0700"]),
            try make(Absent.self, ["path": .string(node.path("linked/f"))]),
        ]
        for task in tasks {
            let change = try #require(try await Self.difference(task, on: node).change)
            #expect(change.details.first == .note("follows the link \(node.path("linked")) -> sub"))
            let outcome = try #require(try await node.perform(change.steps, onOutput: nil).last)
            #expect(outcome.succeeded, "\(outcome.errorOutput)")
        }
        #expect(try await Self.sh("ls -A sub", in: node) == "d\n")
    }

    @Test(
        "a user who swaps a folder for a link all the time leads nobody anywhere", arguments: LocalNode.Flavour.allCases
    )
    func raced(flavour: LocalNode.Flavour) async throws {
        let node = try await Self.node(flavour)
        defer { node.remove() }
        try await Self.sh(
            "mkdir home/d home/d/inner; echo f >home/d/f; echo g >home/d/inner/g; tar -cf a.tar -C home/d f inner; chown -R nobody home/d",
            in: node)
        let before = try await Self.vault(of: node)
        let swapping = """
            import os, pwd, sys
            os.chdir(sys.argv[1])
            os.setgroups([])
            os.setgid(65534)
            os.setuid(pwd.getpwnam('nobody').pw_uid)
            while True:
                try:
                    os.rename('d', 'e'); os.symlink('../vault', 'd'); os.unlink('d'); os.rename('e', 'd')
                except OSError:
                    for undo in (lambda: os.unlink('d'), lambda: os.rename('e', 'd'), lambda: os.makedirs('d/inner')):
                        try: undo()
                        except OSError: pass
            """
        let swapper = Process()
        swapper.executableURL = URL(filePath: "/usr/bin/env")
        swapper.arguments = ["python3", "-c", swapping, node.path("home")]
        try swapper.run()
        defer {
            kill(swapper.processIdentifier, SIGKILL)
            swapper.waitUntilExit()
        }
        var (done, refused) = (0, 0)
        for _ in 0..<(flavour == .busybox ? 6 : 12) {
            for task in try Self.tasks(node, below: "home/d") where !(task is Download) && !(task is GitClone) {
                guard let change = try? await Self.difference(task, on: node).change else { continue }
                if try await node.perform(change.steps, onOutput: nil).last?.succeeded == true {
                    done += 1
                } else {
                    refused += 1
                }
            }
        }
        #expect(swapper.isRunning)
        // How many of each is the scheduler's affair.
        #expect(done + refused > 0, "\(done) done, \(refused) refused")
        #expect(try await Self.vault(of: node) == before)
    }
}
