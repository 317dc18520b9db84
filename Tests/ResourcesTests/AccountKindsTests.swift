import Foundation
import Model
import TestSupport
import Testing

@testable import Resources

/// What a node's name service tells, as the probe hands it on.
private let passwd = """
    root:x:0:0:root:/root:/bin/bash
    alice:x:1001:1001:Alice:/home/alice:/bin/sh
    bob:x:1002:100::/home/bob:/bin/bash
    """
private let groups = "root:x:0:\nusers:x:100:\nalice:x:1001:\nsudo:x:27:alice\nmedia:x:2000:alice,bob"

private func accounts() throws -> Accounts {
    var reader = FieldReader(fields(passwd, groups), deed: "test")
    return try Accounts(&reader)
}

@Suite struct GroupTests {
    @Test(
        "fields that do not go together are refused",
        arguments: [
            (["name": "-x"], "'-x' is no name of an account"), (["name": "0group"], "is no name of an account"),
            (["name": "x", "gid": -1], "-1 is no number of a group"),
            (["name": "x", "gid": 5, "state": "absent"], "'gid' has no meaning"),
            (["name": "root", "state": "absent"], "root cannot be removed"), ([:], "'name' is missing"),
        ] as [(Value, String)])
    func refused(task: Value, message: String) {
        let said = mistakes(Group.self, task)
        #expect(said.contains(message), "\(said)")
    }

    @Test("what is there decides")
    func difference() throws {
        let found = try accounts()
        func difference(_ task: Value) throws -> Difference { try resource(Group.self, task).difference(from: found) }
        #expect(try difference("media") == .none("present, gid 2000"))
        #expect(try difference(["name": "nosuch", "state": "absent"]) == .none("no such group"))
        #expect(try script(difference(["name": "new", "gid": 7, "system": true])) == "groupadd -r -g 7 -- new")
        #expect(
            try details(difference(["name": "media", "gid": 7])).first == .attribute("gid", from: "2000", to: "7"))
        #expect(try difference(["name": "media", "gid": 27]).cause == "27 is the number of the group sudo")
        #expect(try difference(["name": "users", "state": "absent"]).cause == "users is the own group of bob")
        #expect(
            try details(difference(["name": "media", "state": "absent"]))
                == [.attribute("members", from: "alice, bob", to: nil)])
    }
}

@Suite struct UserTests {
    static let hash = "$6$salt$Zm9vYmFy"

    @Test(
        "fields that do not go together are refused, and a password is never shown",
        arguments: [
            (["name": "a b"], "'a b' is no name of an account"), (["name": "a", "uid": 0], "0 is no number for a"),
            (["name": "a", "groups": ["x", "-y"]], "'-y' is no name"),
            (["name": "a", "append": false], "needs 'groups'"),
            (["name": "a", "comment": "x:y"], "user.comment: ':' cannot be in it"),
            (["name": "a", "shell": "/x\ny"], "user.shell: a newline cannot be in it"),
            (["name": "a", "comment": "x\ty"], "user.comment: a tab cannot be in it"),
            (["name": "a", "home": "/home/a\u{1b}"], "user.home: an escape cannot be in it"),
            (["name": "a", "shell": "sh"], "absolute path"),
            (["name": "a", "remove_home": true], "goes with state: absent"),
            (["name": "a", "state": "absent", "uid": 5], "'uid' has no meaning"),
            (["name": "root", "state": "absent"], "root cannot be removed"),
            (["name": "a", "password": "hunter2"], "it is no hash of a password"),
            (["name": "a", "password": "$6$salt$a:b"], "it is no hash of a password"),
            (["name": "a", "password": "*", "locked": false], "nothing can be unlocked"),
        ] as [(Value, String)])
    func refused(task: Value, message: String) {
        let said = mistakes(User.self, task)
        #expect(said.contains(message), "\(said)")
        #expect(!said.contains("hunter2"))
    }

    private func difference(
        _ task: Value, password: UserPassword.Found = .init(state: .set, isWanted: false), hasHome: Bool = true,
        hasShell: Bool = true
    ) throws -> Difference {
        try resource(User.self, task).difference(
            from: .init(accounts: accounts(), password: password, hasHome: hasHome, hasShell: hasShell))
    }

    @Test("what is there decides, old to new")
    func difference() throws {
        #expect(try difference("alice") == .none("present, uid 1001"))
        let update = try difference([
            "name": "alice", "uid": 1005, "group": "100", "groups": "media", "append": false, "shell": "/bin/bash",
            "home": "/srv/alice", "comment": "A. B.",
        ])
        #expect(
            details(update) == [
                .attribute("uid", from: "1001", to: "1005"), .attribute("group", from: "alice", to: "users"),
                .attribute("groups", from: "media, sudo", to: "media"),
                .attribute("home", from: "/home/alice", to: "/srv/alice"),
                .attribute("shell", from: "/bin/sh", to: "/bin/bash"),
                .attribute("comment", from: "Alice", to: "A. B."),
            ])
        #expect(
            script(update).hasPrefix(
                "usermod -u 1005 -g users -G media -d /srv/alice -s /bin/bash -c 'A. B.' -- alice || "))
        #expect(try difference(["name": "alice", "groups": ["sudo", "alice"]]).isNone)
        #expect(try details(difference(["name": "alice", "groups": [], "append": false])).count == 1)
        #expect(
            try details(difference(["name": "bob", "groups": "sudo"]))
                == [.attribute("groups", from: "media", to: "media, sudo")])
        #expect(
            try details(difference("bob", hasHome: false))
                == [.attribute("home directory", from: nil, to: "/home/bob")])
        #expect(try difference(["name": "bob", "create_home": false], hasHome: false).isNone)
        #expect(try difference(["name": "bob", "uid": 1001]).cause == "1001 is the number of the user alice")
        #expect(
            try difference(["name": "bob", "group": "nosuch"]).cause == "the group nosuch does not exist on the node")
        #expect(
            try difference(["name": "bob", "shell": "/bin/x"], hasShell: false).cause
                == "/bin/x is no program of the node")
    }

    @Test("a new one gets what was asked for, and the group of its name where there is one")
    func new() throws {
        let user = try difference(["name": "media", "system": true, "uid": 300, "groups": ["sudo"], "locked": true])
        #expect(
            details(user) == [
                .attribute("uid", from: nil, to: "300"), .attribute("group", from: nil, to: "media"),
                .attribute("groups", from: nil, to: "sudo"),
            ])
        #expect(script(user) == "useradd -r -u 300 -g media -G sudo -M -- media || exit")
        #expect(try script(difference("carol")) == "useradd -m -- carol || exit")
        #expect(
            try difference(["name": "carol", "locked": false]).cause == "carol has no password that could be unlocked")
        #expect(try difference(["name": "carol", "state": "absent"]).isNone)
        #expect(
            try details(difference(["name": "bob", "state": "absent", "remove_home": true])) == [
                .note("removes /home/bob")
            ])
    }

    @Test(
        "a password is set, kept, locked and unlocked",
        arguments: [
            (["password": .string(hash)], "set wanted", ""), (["password": .string(hash)], "locked wanted", ""),
            (["password": .string(hash)], "set", "printf '%s\\n' 'alice:\(hash)' | chpasswd -e || exit"),
            (["password": .string(hash)], "locked", "printf '%s\\n' 'alice:!\(hash)' | chpasswd -e || exit"),
            (
                ["password": .string(hash), "locked": false], "locked wanted", "usermod -U -- alice || exit"
            ),
            (
                ["password": .string(hash), "locked": true], "set wanted", "usermod -L -- alice || exit"
            ),
            (["password": "*"], "none", ""), (["password": "*", "locked": true], "none wanted", ""),
            (["password": "*"], "set", "printf '%s\\n' 'alice:*' | chpasswd -e || exit"),
            (["locked": true], "set", "usermod -L -- alice || exit"),
            (["locked": true], "empty", "usermod -L -- alice || exit"),
            (["locked": true], "none", ""), (["locked": true], "locked", ""), (["locked": false], "set", ""),
            (["locked": false], "locked", "usermod -U -- alice || exit"),
        ] as [(Value, String, String)])
    func password(task: Value, found: String, wanted: String) throws {
        var reader = FieldReader(fields(found), deed: "test")
        let difference = try difference(task.with(["name": "alice"]), password: try UserPassword.Found(&reader))
        #expect(script(difference) == wanted)
        #expect(!details(difference).map { "\($0)" }.joined().contains(Self.hash))
        if case .change(let change) = difference, task["password"] != nil, !found.contains("wanted") {
            #expect(change.isSensitive)
        }
    }

    @Test("each shell tells this machine's users, homes and shells", arguments: shells)
    func looks(shell: [String]) async throws {
        guard try await Program.run("sh", ["-c", "command -v \(shell[0])"]).status == 0 else { return }
        let found = try await look(
            [
                resource(User.self, ["name": "root", "shell": "/bin/sh"]),
                resource(User.self, ["name": "kubani-nobody", "home": "/no/such", "shell": "/no/such"]),
            ], by: shell)
        #expect(found[0].accounts.user("root")?.home == "/root")
        #expect(found.map(\.hasHome) == [true, false])
        #expect(found.map(\.hasShell) == [true, false])
        #expect(found[1].accounts.user("kubani-nobody") == nil)
        #expect(found[0].accounts.group("root")?.gid == 0)
    }

    @Test("a password reaches chpasswd by its standard input, and no process's arguments")
    func arguments() async throws {
        let folder = try TemporaryFolder()
        func file(_ name: String) -> String { "\(folder.path)/\(name)" }
        func text(_ name: String) throws -> String { try String(contentsOfFile: file(name), encoding: .utf8) }
        let standIn = "#!/bin/sh\ncat >'\(file("in"))'; echo \"$*\" >>'\(file("in"))'; ps -eo args >'\(file("seen"))'\n"
        try standIn.write(toFile: file("chpasswd"), atomically: true, encoding: .utf8)
        try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: file("chpasswd"))
        let set = try script(difference(["name": "alice", "password": .string(Self.hash)]))
        for shell in shells where try await Program.run("sh", ["-c", "command -v \(shell[0])"]).status == 0 {
            // By standard input, as the node's driver has it.
            let ran = try await Program.run(
                shell[0], shell.dropFirst().filter { $0 != "-c" }, stdin: "PATH='\(folder.path)':$PATH\n(\(set)\n)\n")
            #expect(ran.status == 0, "\(ran)")
            #expect(try text("in") == "alice:\(Self.hash)\n-e\n")
            let seen = try text("seen")
            #expect(seen.contains("chpasswd -e") && !seen.contains(Self.hash.dropFirst(3)), "\(seen)")
        }
    }

    @Test("users on one node leave each other alone, and not the groups that they are in")
    func effects() throws {
        func overlap(_ a: any ResourceKind, _ b: [Effect]) -> Bool {
            a.touches.contains { a in b.contains { a.overlaps($0) } }
        }
        let found = User.Found(
            accounts: try accounts(), password: .init(state: .set, isWanted: false), hasHome: true, hasShell: true)
        let bob = try resource(User.self, ["name": "bob", "groups": "media"]).dependsOn(found)
        #expect(try !overlap(resource(User.self, "alice"), bob))
        #expect(try overlap(resource(User.self, "bob"), bob))
        #expect(try overlap(resource(Group.self, "media"), bob))
        #expect(try !overlap(resource(Group.self, "sudo"), bob))
        #expect(try overlap(resource(Line.self, ["path": "/etc/passwd", "line": "x"]), bob))
    }
}

@Suite struct AuthorizedKeyTests {
    static let one = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAABAgMEBQYHCAkKCwwNDg8QERITFBUWFxgZGhscHR4f"
    static let two = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAABAgMEBQYHCAkKCwwNDg8QERITFBUWFxgZGhscHR4g"

    @Test(
        "what is no public key, and fields that do not go together, are refused",
        arguments: [
            (["user": "a", "key": "ssh-ed25519 AAAA"], "is no public key of OpenSSH"),
            (
                ["user": "a", "key": "ssh-rsa AAAAC3NzaC1lZDI1NTE5AAAAIAABAgMEBQYHCAkKCwwNDg8QERITFBUWFxgZGhscHR4f"],
                "is no public key"
            ),
            (["user": "a", "key": "-----BEGIN OPENSSH PRIVATE KEY-----\nAAAA\n"], "this is a private key"),
            (["user": "a", "key": "# only a comment"], "at least one key is needed"),
            (["user": "../a", "key": .string(one)], "is no name of an account"),
            (["user": "a", "key": .string(one), "options": "no-pty, x"], "cannot stand before a key"),
            (["user": "a", "key": .string(one), "options": "command=\"x"], "cannot stand before a key"),
            (["user": "a", "key": .string("no-pty " + one), "options": "no-pty"], "has options of its own"),
            (["user": "a", "key": .string(one), "state": "absent", "exclusive": true], "'exclusive' has no meaning"),
        ] as [(Value, String)])
    func refused(task: Value, message: String) {
        let said = mistakes(AuthorizedKey.self, task)
        #expect(said.contains(message), "\(said)")
        #expect(!said.contains("AAAA\n"))
    }

    @Test("a key's line is read with its options and its comment")
    func line() throws {
        let key = try #require(PublicKey(#"  from="a b",command="say \"hi there\"" \#(Self.one) me at home"#))
        #expect(key.options == #"from="a b",command="say \"hi there\"""#)
        #expect(key.comment == "me at home")
        #expect(PublicKey("") == nil && PublicKey("# x") == nil && PublicKey("no-pty") == nil)
    }

    @Test(
        "lines come, go and stay",
        arguments: [
            ([:], "", "ONE me\n"), ([:], "ONE other\n", "ONE other\n"), ([:], "no-pty ONE x\nTWO", "no-pty ONE x\nTWO"),
            ([:], "# c\nTWO two", "# c\nTWO two\nONE me\n"), (["options": "no-pty"], "ONE x\n", "no-pty ONE x\n"),
            (["options": ""], "no-pty ONE x\n", "ONE x\n"),
            (["exclusive": true], "# c\nTWO\nno-pty ONE x\n", "# c\nONE x\n"),
            (["state": "absent"], "TWO\nno-pty ONE x\n# c\n", "TWO\n# c\n"), (["state": "absent"], "TWO\n", "TWO\n"),
        ] as [(Value, String, String)])
    func edit(task: Value, old: String, new: String) throws {
        func text(_ short: String) -> String {
            short.replacing("ONE", with: Self.one).replacing("TWO", with: Self.two)
        }
        let key = try resource(
            AuthorizedKey.self, task.with(["user": "a", "key": .string(Self.one + " me")]))
        let applied = key.edit.applied(to: Array(text(old).utf8))
        #expect(String(decoding: applied, as: UTF8.self) == text(new))
        #expect(key.edit.applied(to: applied) == applied)
    }

    @Test("links in a home are refused, wrong modes and owners are put right")
    func difference() throws {
        let key = try resource(AuthorizedKey.self, ["user": "alice", "key": .string(Self.one)])
        let user = try #require(try accounts().user("alice"))
        func entry(_ kind: NodeEntry.Kind, _ mode: UInt16, _ uid: Int = 1001) -> NodeEntry {
            NodeEntry(
                kind: kind, mode: mode, uid: uid, gid: uid, owner: uid == 0 ? "root" : "alice", group: "alice", size: 9)
        }
        let content = Array((Self.one + "\n").utf8)
        var found = AuthorizedKey.Found(
            user: user, home: entry(.directory, 0o755), folder: entry(.directory, 0o700), file: entry(.file, 0o600),
            content: content)
        #expect(key.difference(from: found) == .none("/home/alice/.ssh/authorized_keys has it"))
        found.folder = entry(.directory, 0o755, 0)
        found.file = entry(.file, 0o644)
        #expect(
            details(key.difference(from: found)) == [
                .attribute("directory's mode", from: "0755", to: "0700"),
                .attribute("directory's owner", from: "root", to: "alice"),
                .attribute("file's mode", from: "0644", to: "0600"),
            ])
        found.folder = entry(.link, 0o777)
        #expect(key.difference(from: found).cause == "/home/alice/.ssh is a symbolic link")
        found.folder = nil
        found.file = nil
        found.content = nil
        #expect(key.difference(from: found).change?.action == .create)
        found.home = nil
        #expect(key.difference(from: found).cause == "/home/alice, the home of alice, is no directory")
        found.user = nil
        #expect(key.difference(from: found).cause == "the user alice does not exist on the node")
    }

    @Test("each shell tells this machine's keys, and follows no link", arguments: shells)
    func looks(shell: [String]) async throws {
        guard try await Program.run("sh", ["-c", "command -v \(shell[0])"]).status == 0 else { return }
        let found = try await look(
            ["root", "kubani-nobody", "nobody"].map {
                try resource(AuthorizedKey.self, ["user": .string($0), "key": .string(Self.one)])
            }, by: shell)
        #expect(found[0].user?.home == "/root" && found[0].home?.kind == .directory)
        #expect(found[1] == .init())
        #expect(found[2].user?.name == "nobody" && found[2].file == nil)
    }
}
