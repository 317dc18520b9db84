import Foundation
import Model
import TestSupport
import Testing

@testable import Resources

@Suite struct GitCloneTests {
    static let commit = String(repeating: "0123456789", count: 4)

    @Test(
        "what is no repository or no version is refused",
        arguments: [
            (["repo": "--upload-pack=x"], "is no repository"), (["repo": "ext::sh"], "is no repository"),
            (["repo": "config"], "is no repository"),
            (["repo": "https://me:word@git.example/x"], "readable by everybody"),
            (["dest": "/"], "'/' cannot be a clone"),
            (["version": "-f"], "'-f' is no branch"), (["version": "a..b"], "'a..b' is no branch"),
            (["version": "a b"], "'a b' is no branch"), (["depth": 0], "at least 1"),
            (["user": "-c"], "is no user name"),
        ] as [(Value, String)])
    func refused(changes: Value, message: String) {
        let said = mistakes(GitClone.self, (["repo": "/srv/x.git", "dest": "/opt/x"] as Value).with(changes))
        #expect(said.contains(message), "\(said)")
        #expect(!said.contains("me:word"))
    }

    @Test("what is there and what the repository says decide")
    func difference() throws {
        let clone = try resource(GitClone.self, ["repo": "/srv/x.git", "dest": "/opt/x", "version": "v1"])
        let (old, new) = (String(repeating: "a", count: 40), String(repeating: "b", count: 40))
        var found = GitClone.Found(
            hasGit: true, place: .nothing, head: "", branch: "", origin: "", changes: [], hasOwnCommits: false,
            remote: .init(references: ["refs/tags/v1": old, "refs/tags/v1^{}": new, "refs/heads/v1": old]))
        #expect(
            details(clone.difference(from: found)) == [
                .attribute("repo", from: nil, to: "/srv/x.git"),
                .attribute("commit", from: nil, to: "bbbbbbbbbbbb (v1)"),
            ])
        found.place = .clone
        found.origin = "/srv/x.git"
        found.head = new
        #expect(clone.difference(from: found) == .none("at bbbbbbbbbbbb"))
        found.changes = ["M a"]
        #expect(clone.difference(from: found) == .none("at bbbbbbbbbbbb, with local changes"))
        found.head = old
        #expect(clone.difference(from: found).cause == "/opt/x was changed on the node: M a")
        let forced = try resource(
            GitClone.self, ["repo": "/srv/x.git", "dest": "/opt/x", "version": "v1", "force": true])
        #expect(details(forced.difference(from: found)).last == .note("throws away M a"))
        found.remote.references = [:]
        #expect(clone.difference(from: found).cause == "/srv/x.git has no branch and no tag v1")
        found.remote = .init(status: 128, said: "fatal: no such thing\nmore")
        #expect(clone.difference(from: found).cause == "/srv/x.git does not answer: fatal: no such thing")
        found.place = .other
        #expect(clone.difference(from: found).cause?.hasPrefix("/opt/x is there, and no clone") == true)
        found.hasGit = false
        #expect(clone.difference(from: found).cause == "git is not on the node")
    }

    @Test(
        "branches, tags and commits are cloned, followed and changed; work done on the node is kept",
        Needs.program("git"), arguments: [LocalNode.Flavour.dash, .bash])
    func converges(flavour: LocalNode.Flavour) async throws {
        let node = try await LocalNode(flavour)
        defer { node.remove() }
        @discardableResult func sh(_ script: String) async throws -> String {
            let settings = """
                cd '\(node.folder)'
                export GIT_AUTHOR_NAME=a GIT_AUTHOR_EMAIL=a@b GIT_COMMITTER_NAME=a GIT_COMMITTER_EMAIL=a@b
                export GIT_CONFIG_GLOBAL=/dev/null
                set -e

                """
            let ran = try await Program.run("/bin/sh", ["-c", settings + script])
            try #require(ran.status == 0, "\(ran.stdout)\(ran.stderr)")
            return ran.stdout.trimmingCharacters(in: .newlines)
        }
        try await sh(
            """
            git init -q -b main work; cd work
            echo 1 >a; git add a; git commit -qm 1; git tag -am one v1
            echo 2 >a; git commit -qam 2
            cd ..; git clone -q --bare work repo.git; git -C repo.git config uploadpack.allowAnySHA1InWant false
            """)
        let first = try await sh("git -C work rev-parse 'v1^{}'")
        func clone(_ more: Value) throws -> GitClone {
            try resource(
                GitClone.self,
                (["repo": .string("file://" + node.path("repo.git")), "dest": .string(node.path("new/clone"))] as Value)
                    .with(more))
        }
        func settles(_ more: Value, at content: String, sourceLocation: SourceLocation = #_sourceLocation) async throws
        {
            let clone = try clone(more)
            let before = try await node.settle([clone])[0]
            #expect(before.change != nil, "\(before)", sourceLocation: sourceLocation)
            let after = try await node.differences([clone])[0]
            #expect(after.isNone, "\(after)", sourceLocation: sourceLocation)
            #expect(try await sh("cat new/clone/a") == content, sourceLocation: sourceLocation)
        }
        try await settles(["version": "v1", "depth": 1], at: "1")
        #expect(try await sh("ls -A new") == "clone")
        try await settles(["version": "main", "depth": 1], at: "2")
        #expect(try await sh("git -C new/clone status -sb") == "## main...origin/main")
        try await settles(["version": .string(first)], at: "1")
        try await settles([:], at: "2")
        // The repository goes on, and then another way.
        try await sh("cd work; echo 3 >a; git commit -qam 3; git push -q ../repo.git main")
        try await settles(["version": "main"], at: "3")
        try await sh("cd work; echo 4 >a; git commit -qa --amend -m 4; git push -qf ../repo.git main")
        try await settles(["version": "main"], at: "4")
        // A look changes nothing.
        try await sh("touch new/clone/untracked; find new -type f -exec stat -c '%n %y %s' {} + | sort >before")
        #expect(try await node.differences([try clone([:])])[0].isNone)
        #expect(try await sh("find new -type f -exec stat -c '%n %y %s' {} + | sort | cmp - before") == "")
        // Work on the node.
        try await sh("echo mine >new/clone/a")
        let kept = try await node.differences([try clone(["version": "v1"])])[0]
        #expect(kept.cause?.contains("was changed on the node:") == true, "\(kept)")
        try await sh("cd new/clone; git commit -qam mine")
        let own = try await node.differences([try clone(["version": "main"])])[0]
        #expect(own.cause?.hasSuffix("commits of its own") == true, "\(own)")
        try await settles(["version": "main", "force": true], at: "4")
        #expect(try await sh("ls new/clone") == "a\nuntracked")
        let missing = try await node.differences([
            try clone(["version": "nosuch"]), try clone(["repo": .string(node.path("nosuch"))]),
        ])
        #expect(missing[0].cause?.contains("has no branch and no tag nosuch") == true, "\(missing)")
        #expect(missing[1].cause?.contains("does not answer: fatal: ") == true, "\(missing)")
        // A commit that is not there leaves nothing behind.
        let wrong = try resource(
            GitClone.self,
            [
                "repo": .string("file://" + node.path("repo.git")), "dest": .string(node.path("wrong")),
                "version": .string(Self.commit),
            ])
        let change = try #require(try await node.differences([wrong])[0].change)
        let outcome = try await node.perform(change.steps)[0]
        #expect(outcome.status != 0 && outcome.errorOutput.contains("hint: the repository has no such commit"))
        #expect(try await sh("ls -A | grep -e wrong -e kubani || true") == "")
    }
}

@Suite struct ScriptFileTests {
    private func source(_ text: String) -> Value {
        ["path": "/roles/x/files/do.sh", "length": .int(text.utf8.count), "sha256": "0", "text": .string(text)]
    }

    @Test(
        "fields that do not go together are refused",
        arguments: [
            (["source": ["path": "/x", "length": 9, "sha256": "0"]], "a text of at most 256 KiB"),
            (["creates": "/a", "unless": "true"], "script: only one of"),
            (["arguments": [Value.string("x").sensitive()]], "could read a secret there"),
            (["source": ["path": "/x", "text": "#!/bin/sh\r\necho\r\n"]], "end as on Windows"),
        ] as [(Value, String)])
    func refused(changes: Value, message: String) {
        let said = mistakes(ScriptFile.self, (["source": source("echo")] as Value).with(changes))
        #expect(said.contains(message), "\(said)")
    }

    @Test("a first line is read as the kernel reads it")
    func interpreter() {
        #expect(ScriptFile.interpreter(of: "echo") == ["sh"])
        #expect(ScriptFile.interpreter(of: "#! /usr/bin/env  -S python3 -u \nx") == ["/usr/bin/env", "-S python3 -u"])
        #expect(ScriptFile.interpreter(of: "#!/bin/bash") == ["/bin/bash"])
    }

    @Test("it runs with its arguments, tells its status, and is gone afterwards", arguments: LocalNode.Flavour.allCases)
    func runs(flavour: LocalNode.Flavour) async throws {
        let node = try await LocalNode(flavour)
        defer { node.remove() }
        let text =
            "#!/bin/sh -e\nprintf '%s|' \"$@\" \"$WORD\" \"${0%.*}\" >\(node.path("out"))\necho \"it's $0\" >&2\nexit 7\n"
        let script = try resource(
            ScriptFile.self,
            [
                "source": source(text), "arguments": ["a b", "it's", ""], "creates": .string(node.path("out")),
                "environment": ["WORD": "$x"],
            ])
        #expect(script.subject == "do.sh" && script.canTellBeforehand)
        let difference = try await node.differences([script])[0]
        let change = try #require(difference.change)
        #expect(change.details == [.note("\(node.path("out")) is not there")])
        let outcome = try await node.perform(change.steps)[0]
        #expect(outcome.status == 7, "\(outcome.errorOutput)")
        #expect(
            try String(contentsOfFile: node.path("out"), encoding: .utf8) == "a b|it's||$x|/run/kubani-script|")
        let path = outcome.errorOutput.trimmingCharacters(in: .newlines).dropFirst(5)
        #expect(path.hasPrefix("/run/kubani-script.") && !FileManager.default.fileExists(atPath: String(path)))
        #expect(try await node.differences([script])[0].isNone)
        #expect(try !resource(ScriptFile.self, ["source": source("x")]).canTellBeforehand)
    }
}
