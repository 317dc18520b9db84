import Foundation
import Model
import TestSupport
import Testing

@testable import Resources

@Suite struct LinkTests {
    @Test(
        "fields that do not go together are refused",
        arguments: [
            (["path": "/x"], "link: 'target' is missing"), (["path": "/x", "target": ""], "a path on one line"),
            (["path": "/x", "target": "a\nb"], "a path on one line"),
            (["path": "/", "target": "a"], "'/' is a directory"),
            (["path": "/x/", "target": "/x"], "link: /x would lead to itself"),
            (["path": "/x", "target": "y", "owner": "-R"], "'-R' is no name of an account"),
        ] as [(Value, String)])
    func refused(task: Value, message: String) {
        let said = mistakes(Link.self, task)
        #expect(said.contains(message), "\(said)")
    }

    static func entry(_ kind: NodeEntry.Kind) -> NodeEntry {
        NodeEntry(kind: kind, mode: 0o777, uid: 0, gid: 0, owner: "root", group: "root", size: 9)
    }

    @Test("what is there decides")
    func difference() throws {
        let link = try make(Link.self, ["path": "/x", "target": "y"])
        #expect(link.difference(from: .init()).change?.details == [.attribute("target", from: nil, to: "y")])
        #expect(link.difference(from: .init(entry: Self.entry(.link), target: "y")) == .none("leads to y"))
        let other = link.difference(from: .init(entry: Self.entry(.link), target: "/z"))
        #expect(other.change?.details == [.attribute("target", from: "/z", to: "y")])
        #expect(
            link.difference(from: .init(entry: Self.entry(.file)))
                == .fails(cause: "/x is a file, 9 bytes", hint: "force: true replaces it by the link"))
        let forced = try make(Link.self, ["path": "/x", "target": "y", "force": true])
        #expect(
            forced.difference(from: .init(entry: Self.entry(.file))).change?.details
                == [.attribute("target", from: "a file, 9 bytes", to: "y")])
        #expect(forced.difference(from: .init(entry: Self.entry(.directory))).cause == "/x is a directory")
    }
}

@Suite(Needs.program("busybox")) struct LinkOnShellTests {
    @Test("links are made, changed and owned; those to a directory, too", arguments: LocalNode.Flavour.allCases)
    func converges(flavour: LocalNode.Flavour) async throws {
        let node = try await LocalNode(flavour)
        defer { node.remove() }
        let files = FileManager.default
        try files.createDirectory(atPath: node.path("one"), withIntermediateDirectories: true)
        try files.createDirectory(atPath: node.path("two"), withIntermediateDirectories: true)
        try files.createSymbolicLink(atPath: node.path("current"), withDestinationPath: "one")
        try Data("file".utf8).write(to: URL(filePath: node.path("file")))
        let links = try [
            ["path": .string(node.path("current")), "target": "two"],
            ["path": .string(node.path("new/deep/dangling")), "target": "../nowhere", "owner": "0", "group": "0"],
            ["path": .string(node.path("file")), "target": .string(node.path("one")), "force": true],
        ].map { try make(Link.self, $0) }
        #expect(try await node.settle(links).allSatisfy { $0.change != nil })
        #expect(try await node.differences(links).allSatisfy(\.isNone))
        #expect(try files.destinationOfSymbolicLink(atPath: node.path("current")) == "two")
        #expect(try files.destinationOfSymbolicLink(atPath: node.path("new/deep/dangling")) == "../nowhere")
        #expect(try files.contentsOfDirectory(atPath: node.path("one")).isEmpty)
        #expect(
            try files.contentsOfDirectory(atPath: node.folder).sorted() == [
                ".node", "current", "file", "new", "one", "two",
            ])
    }

    @Test("a directory that came meanwhile is left alone", arguments: LocalNode.Flavour.allCases)
    func drift(flavour: LocalNode.Flavour) async throws {
        let node = try await LocalNode(flavour)
        defer { node.remove() }
        let link = try make(Link.self, ["path": .string(node.path("x")), "target": "y"])
        let change = try #require(try await node.differences([link])[0].change)
        try FileManager.default.createDirectory(atPath: node.path("x"), withIntermediateDirectories: true)
        let outcome = try await node.perform(change.steps)[0]
        #expect(outcome.status != 0)
        #expect(try FileManager.default.contentsOfDirectory(atPath: node.path("x")).isEmpty)
        #expect(try FileManager.default.contentsOfDirectory(atPath: node.folder).sorted() == [".node", "x"])
    }

    @Test("odd names and targets work", arguments: LocalNode.Flavour.allCases)
    func odd(flavour: LocalNode.Flavour) async throws {
        let node = try await LocalNode(flavour)
        defer { node.remove() }
        let links = try oddNames.map { name in
            let target = name.contains("\n") || name.contains("\r") ? "-n" : name + " "
            return try make(Link.self, ["path": .string(node.path(name)), "target": .string(target)])
        }
        try await node.settle(links)
        #expect(try await node.differences(links).allSatisfy(\.isNone))
        for link in links {
            #expect(try FileManager.default.destinationOfSymbolicLink(atPath: link.path) == link.target)
        }
    }
}
