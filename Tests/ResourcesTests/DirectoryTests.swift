import Foundation
import Model
import TestSupport
import Testing

@testable import Resources

@Suite struct DirectoryTests {
    @Test(
        "fields that do not go together are refused",
        arguments: [
            (["path": "/x", "recurse": true], "needs an owner"),
            (["path": "//", "recurse": true, "owner": "root"], "whole node"), (["path": "/x/../y"], "'..'"),
        ] as [(Value, String)])
    func refused(task: Value, message: String) {
        let errors = #expect(throws: InputErrors.self) { try make(Directory.self, task) }
        #expect(errors?.description.contains(message) == true, "\(errors?.description ?? "")")
    }

    @Test("a path has one form, so that tasks on the same file are seen to be so")
    func path() throws {
        #expect(try make(Directory.self, "/etc//a/./b/").subject == "/etc/a/b")
    }

    @Test("a directory touches itself; with recurse, or when missing, what is below it counts too")
    func effects() throws {
        let plain = try make(Directory.self, "/a")
        let deep = try make(Directory.self, ["path": "/a", "recurse": true, "owner": "0"])
        #expect(plain.touches == [.entry("/a")])
        #expect(deep.touches == [.path("/a")])
        #expect(plain.dependsOn(.init(entry: nil, strays: 0)) == [.path("/a")])
    }
}

@Suite(Needs.program("busybox")) struct DirectoryOnShellTests {
    @Test("directories are made with their parents, and their modes set", arguments: LocalNode.Flavour.allCases)
    func life(flavour: LocalNode.Flavour) async throws {
        let node = try await LocalNode(flavour)
        defer { node.remove() }
        let all =
            try oddNames.map {
                try make(Directory.self, ["path": .string(node.path("p/" + $0 + "/d")), "mode": "2750"])
            }
            + [try make(Directory.self, ["path": .string(node.path("plain"))])]
        #expect(try await node.settle(all).allSatisfy { $0.change?.action == .create })
        #expect(try await node.differences(all).allSatisfy(\.isNone))
        #expect(try await node.look(all).map { $0.entry?.mode } == oddNames.map { _ in 0o2750 } + [0o755])

        // The set-id bit goes, too, which takes a mode of five digits.
        let plain = try oddNames.map {
            try make(Directory.self, ["path": .string(node.path("p/" + $0 + "/d")), "mode": "0700"])
        }
        try await node.settle(plain)
        #expect(try await node.differences(plain).allSatisfy(\.isNone))
    }

    @Test(
        "a link to a directory is as good as one; a file or a dangling link is not",
        arguments: LocalNode.Flavour.allCases)
    func links(flavour: LocalNode.Flavour) async throws {
        let node = try await LocalNode(flavour)
        defer { node.remove() }
        _ = try await Program.run(
            "/bin/sh", ["-c", "mkdir d; ln -s d l; ln -s gone g; touch f"], directory: node.folder)
        let all = try ["l", "g", "f"].map { try make(Directory.self, .string(node.path($0))) }
        let differences = try await node.differences(all)
        #expect(differences[0].isNone)
        #expect(differences[1].cause?.contains("leads nowhere") == true)
        #expect(differences[2].cause?.contains("not a directory") == true)
    }

    @Test("recurse finds and settles other owners below", Needs.root, arguments: LocalNode.Flavour.allCases)
    func recurse(flavour: LocalNode.Flavour) async throws {
        let node = try await LocalNode(flavour)
        defer { node.remove() }
        _ = try await Program.run(
            "/bin/sh",
            ["-c", "mkdir -p 'a b/c'; touch 'a b/c/new\nline' 'a b/d'; ln -s /etc/passwd 'a b/l'; ln -s 'a b' link"],
            directory: node.folder)
        for name in ["a b", "link"] {
            let owner = name == "link" ? "1" : "65534"
            let one = try make(
                Directory.self,
                ["path": .string(node.path(name)), "owner": .string(owner), "group": "65534", "recurse": true])
            let details = try #require(try await node.settle([one])[0].change).details
            #expect(details.contains(.note("4 entries below with another owner or group")))
            #expect(try await node.differences([one])[0].isNone)
        }
        #expect(try FileManager.default.attributesOfItem(atPath: "/etc/passwd")[.ownerAccountID] as? Int == 0)
    }
}
