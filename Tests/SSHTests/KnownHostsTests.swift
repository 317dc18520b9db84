import Foundation
import TestSupport
import Testing

@testable import SSH

private let one = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAABAgMEBQYHCAkKCwwNDg8QERITFBUWFxgZGhscHR4f"
private let two = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIP8BAgMEBQYHCAkKCwwNDg8QERITFBUWFxgZGhscHR4f"

@Suite("known_hosts")
struct KnownHostsTests {
    @Test(
        "names match as OpenSSH matches them",
        arguments: [
            ("node", "node", 22, true), ("node", "Node", 22, true), ("NODE", "node", 22, true),
            ("node,other", "other", 22, true), ("node", "nodes", 22, false), ("node*", "nodes", 22, true),
            ("nod?", "node", 22, true), ("nod?", "nod", 22, false), ("*.net,!bad.net", "good.net", 22, true),
            ("*.net,!bad.net", "bad.net", 22, false), ("!bad.net,*.net", "bad.net", 22, false),
            ("[node]:2222", "node", 2222, true), ("[node]:2222", "node", 22, false), ("node", "node", 2222, false),
            ("[*]:2222", "node", 2222, true), ("100.64.0.?", "100.64.0.7", 22, true), ("fd7a::1", "fd7a::1", 22, true),
            ("*", "", 22, true), ("", "node", 22, false),
        ] as [(String, String, Int, Bool)])
    func names(field: String, host: String, port: Int, isMatched: Bool) {
        #expect(KnownHosts.matches(field, KnownHosts.name(host, port: port)) == isMatched)
    }

    @Test("hashed names are found, others are not")
    func hashed() throws {
        let key = try #require(PublicKey(line: one))
        let line = KnownHosts.newLine("Node", port: 2222, key: key, isHashed: true)
        #expect(line.hasPrefix("|1|"))
        let known = KnownHosts(line, file: "known_hosts")
        #expect(known.lines(for: "node", port: 2222).map(\.key) == [key])
        #expect(known.lines(for: "node", port: 22).isEmpty)
        for wrong in ["|1|", "|1|x|y", "|1||", "|2|a|b", "|1|a|b|c"] {
            #expect(!KnownHosts.matches(wrong, "node"))
        }
    }

    @Test("lines that cannot be read let nobody in; the others keep their numbers")
    func lines() {
        let text =
            "# comment\n\nnode \(one) me@laptop\r\nnode ssh-ed25519 !!!\nnode\n@nonsense node \(one)\n\t node2 \(two)\n"
        let known = KnownHosts(text, file: "kh")
        #expect(known.lines.map(\.place) == ["kh:3", "kh:7"])
        #expect(known.damaged.map(\.place) == ["kh:4", "kh:5", "kh:6"])
    }

    @Test(
        "a key is trusted, unknown, changed or revoked",
        arguments: [
            ("", one, "unknown"), ("node \(one)", one, "trusted"), ("node \(two)", one, "changed"),
            ("node \(two)\nnode \(one)", one, "trusted"), ("@revoked node \(one)", one, "revoked"),
            ("node \(one)\n@revoked * \(one)", one, "revoked"), ("@cert-authority * \(two)", one, "uncertified"),
            ("@cert-authority * \(two)\nnode \(one)", one, "trusted"), ("node ssh-ed25519 AAAA", one, "illegible"),
            ("node,x", one, "illegible"), ("@what node \(one)", one, "illegible"),
            ("n* ssh-ed25519 AAAA", one, "illegible"),
            ("other ssh-ed25519 AAAA", one, "unknown"), ("node 1024 35 1234", one, "unknown"),
            ("node ssh-ed25519 AAAA\nnode \(one)", one, "trusted"),
            ("other \(two)", one, "unknown"),
        ] as [(String, String, String)])
    func verdicts(text: String, key: String, verdict: String) throws {
        let check = HostKeyCheck(name: "node", port: 22, known: KnownHosts(text, file: "kh"))
        #expect("\(check.verdict(on: try #require(PublicKey(line: key))))".hasPrefix(verdict))
    }

    @Test("what Tailscale vouches for stands above a changed line, but not above a revoked one")
    func vouched() throws {
        let key = try #require(PublicKey(line: one))
        var check = HostKeyCheck(name: "node", port: 22, known: KnownHosts("node \(two)", file: "kh"), vouched: [key])
        #expect(check.verdict(on: key) == .trusted)
        check.known = KnownHosts("@revoked node \(one)", file: "kh")
        #expect(check.verdict(on: key) != .trusted)
        // Where it vouches for others, a key that nobody knows is no new one.
        check.known = KnownHosts()
        check.vouched = [try #require(PublicKey(line: two))]
        #expect(check.verdict(on: key) == .disowned)
    }

    @Test("a key known without a port serves at another port; a different one there says nothing")
    func portless() throws {
        let key = try #require(PublicKey(line: one))
        var check = HostKeyCheck(name: "node", port: 2222, known: KnownHosts("node \(one)", file: "kh"))
        #expect(check.verdict(on: key) == .trusted)
        check.known = KnownHosts("node \(two)", file: "kh")
        #expect(check.verdict(on: key) == .unknown(elsewhere: []))
    }

    @Test("the types of known keys are asked for first")
    func algorithms() throws {
        let allowed = ["ssh-ed25519", "ecdsa-sha2-nistp256", "rsa-sha2-512", "rsa-sha2-256"]
        let none = HostKeyCheck(name: "node", port: 22, known: KnownHosts())
        #expect(none.ordered(allowed) == allowed)
        let blob = { (type: String) in
            var writer = WireWriter()
            writer.string(type)
            return "\(type) \(Data(writer.bytes).base64EncodedString())"
        }
        let known = KnownHosts("node \(blob("ssh-rsa"))", file: "kh")
        #expect(
            HostKeyCheck(name: "node", port: 22, known: known).ordered(allowed)
                == ["rsa-sha2-512", "rsa-sha2-256", "ssh-ed25519", "ecdsa-sha2-nistp256"])
    }

    @Test("a line is added behind a missing newline, and the mode stays")
    func append() throws {
        let file = NSTemporaryDirectory() + "kubani-known-\(UUID().uuidString)"
        defer { try? FileManager.default.removeItem(atPath: file) }
        try Data("node \(one)".utf8).write(to: URL(filePath: file))
        try FileManager.default.setAttributes([.posixPermissions: 0o640], ofItemAtPath: file)
        let files = KnownHostsFiles(user: [file], system: [])
        #expect(files.append("other \(two)\n") == nil)
        #expect(try String(contentsOfFile: file, encoding: .utf8) == "node \(one)\nother \(two)\n")
        #expect(try FileManager.default.attributesOfItem(atPath: file)[.posixPermissions] as? Int == 0o640)
        #expect(try files.read().lines.count == 2)
    }

    @Test("only a file that is not there says nothing; what cannot be read is an error, whatever the reason")
    func unreadable() throws {
        let folder = try TemporaryFolder("kubani-known")
        #expect(try KnownHostsFiles(user: ["\(folder.path)/none", "/dev/null"], system: []).read().lines.isEmpty)
        let fifo = "\(folder.path)/fifo"
        #expect(mkfifo(fifo, 0o600) == 0)
        let loop = "\(folder.path)/loop"
        #expect(symlink(loop, loop) == 0)
        let huge = "\(folder.path)/huge"
        try Data("node \(one)\n".utf8).write(to: URL(filePath: huge))
        #expect(truncate(huge, 65 << 20) == 0)
        // Root may read what nobody may.
        let files = [folder.path, fifo, loop, huge, "\(huge)/below"]
        for file in files {
            #expect(throws: KnownHostsFiles.Unreadable.self, "\(file)") {
                try KnownHostsFiles(user: [file], system: []).read()
            }
            #expect(throws: KnownHostsFiles.Unreadable.self, "\(file)") {
                try KnownHostsFiles(user: ["/dev/null"], system: [file]).read()
            }
        }
    }

    @Test("keys that a RevokedHostKeys file names are told from others", Needs.program("ssh-keygen"))
    func revokedKeys() async throws {
        let folder = try TemporaryFolder("kubani-revoked")
        let keys = try [one, two].map { try #require(PublicKey(line: $0)) }
        let text = try RevokedKeys(Array("# gone\n\n\(one) lost laptop\n".utf8))
        #expect(text.contains(keys[0]) && !text.contains(keys[1]))
        #expect(throws: RevokedKeys.Problem.self) { try RevokedKeys(Array("\(one)\nssh-ed25519 AA\n".utf8)) }
        try Data("\(one)\n".utf8).write(to: URL(filePath: "\(folder.path)/key.pub"))
        for words in ["key: \(one)", "sha1: \(one)", "sha256: \(one)", "hash: \(keys[0].fingerprint)"] {
            let list = "\(folder.path)/list"
            try Data("\(words)\n".utf8).write(to: URL(filePath: "\(folder.path)/spec"))
            let made = try await Program.run("ssh-keygen", ["-k", "-f", list, "\(folder.path)/spec"])
            #expect(made.status == 0, "\(made.stderr)")
            let bytes = Array(try Data(contentsOf: URL(filePath: list)))
            let revoked = try RevokedKeys(bytes)
            #expect(revoked.contains(keys[0]) && !revoked.contains(keys[1]), "\(words)")
            #expect(throws: RevokedKeys.Problem.self) { try RevokedKeys(bytes.dropLast(3)) }
        }
    }

    @Test("fingerprints are those of ssh-keygen", Needs.program("ssh-keygen"))
    func fingerprint() async throws {
        let shown = try await Program.run("ssh-keygen", ["-lf", "-"], stdin: one + "\n")
        #expect(shown.stdout.contains(try #require(PublicKey(line: one)).fingerprint + " "))
    }
}
