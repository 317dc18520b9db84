import Foundation
import Model
import TestSupport
import Testing

@testable import SSH

@Suite("which algorithms may be agreed on")
struct AlgorithmTests {
    @Test(
        "a rule of ssh_config replaces, adds, takes away or puts first, by names and patterns",
        arguments: [
            (nil, ["chacha20-poly1305@openssh.com", "aes128-ctr", "aes192-ctr", "aes256-ctr"]),
            ("aes256-ctr,3des-cbc", ["aes256-ctr", "3des-cbc"]), ("aes256*", ["aes256-ctr", "aes256-gcm@openssh.com"]),
            ("+3des-cbc", ["aes256-gcm@openssh.com", "3des-cbc"]), ("+aes128-ctr", ["aes128-gcm@openssh.com"]),
            ("-aes1*,chacha*", ["aes256-ctr"]), ("^3des-cbc,aes256-ctr", ["3des-cbc", "aes256-ctr", "chacha20"]),
            ("nonsense", []),
        ] as [(String?, [String])])
    func rules(rule: String?, parts: [String]) {
        var algorithms = Algorithms()
        algorithms.rules[.cipher] = rule
        let allowed = algorithms.allowed(.cipher, known: ["aes128-ctr", "3des-cbc"])
        #expect(Set(allowed).count == allowed.count)
        // In this order, and nothing weak that was not named.
        var rest = allowed[...]
        for part in parts {
            rest = rest.drop { !$0.hasPrefix(part) }
            #expect(rest.popFirst() != nil, "\(part) in \(allowed)")
        }
        #expect(allowed.contains("3des-cbc") == (rule?.contains("3des-cbc") ?? false))
        if parts.isEmpty { #expect(allowed.isEmpty) }
    }

    @Test("the defaults are those of the ssh that is installed", Needs.program("ssh"))
    func defaults() async throws {
        let told = try await Program.run("ssh", ["-F", "none", "-G", "x"]).stdout
        for kind in AlgorithmKind.allCases {
            let line = try #require(
                told.split(separator: "\n").first { $0.hasPrefix("\(kind.rawValue.lowercased()) ") })
            let names = line.drop { $0 != " " }.dropFirst().split(separator: ",").map(String.init)
            // A newer ssh knows more, and has given up more: what is ours and not its own must not be weak.
            let strange = Set(kind.standard).subtracting(names).subtracting(["mlkem768x25519-sha256"])
            #expect(strange.isEmpty, "\(kind): \(strange)")
        }
    }

    @Test("a server's offer is read from its first packet, and from nothing less")
    func offer() throws {
        var packet = WireWriter()
        packet.byte(20)
        for _ in 0..<16 { packet.byte(7) }
        for list in ["a,ext-info-s,kex-strict-s-v00@openssh.com", "h", "c,d", "d,c,e", "m", "n"] { packet.string(list) }
        var bytes = Array("a word\r\nSSH-2.0-x\r\n".utf8)
        var frame = WireWriter()
        frame.uint32(UInt32(packet.bytes.count + 1))
        frame.byte(0)
        bytes += frame.bytes + packet.bytes
        let offer = try #require(ServerOffer(bytes))
        #expect(AlgorithmKind.allCases.map(offer.algorithms) == [["a"], ["h"], ["c", "d"], []])
        for count in 0..<bytes.count { #expect(ServerOffer(Array(bytes.prefix(count))) == nil) }
    }

    private static let weakOnes: [(AlgorithmKind, String, [String])] = [
        (.exchange, "diffie-hellman-group1-sha1", ["ed25519"]), (.cipher, "3des-cbc", ["ed25519"]),
        (.mac, "hmac-md5-96", ["ed25519"]), (.hostKey, "ssh-rsa", ["rsa"]),
    ]

    @Test(
        "what ssh refuses as weak is refused, and taken where the user says so", Needs.program("sshd"),
        arguments: weakOnes)
    func weak(kind: AlgorithmKind, name: String, hostKeys: [String]) async throws {
        let server = try await LocalServer.start(hostKeys: hostKeys, settings: ["\(kind.rawValue) \(name)"])
        defer { server.stop() }
        let key = try await server.authorizedKey()
        try server.know(hostKeys)
        var settings = server.settings(key: key)
        let failure = await refusal { [settings] in try await SSHConnector(options: server.options).connect(settings) }
        #expect(failure?.cause == "no agreement with the server: nothing in common for \(kind.rawValue)")
        #expect(failure?.detail?.hasPrefix("\(kind.rawValue) of the server: \(name)\n") == true, "\(failure as Any)")
        #expect(failure?.hint?.contains("-o \(kind.rawValue)=+\(name)") == true)
        settings.commonArguments = "-o \(kind.rawValue)=+\(name)"
        await (try SSHConnector(options: server.options).connect(settings)).close()
        // The same in a configuration file, and for the same host alone.
        let config = server.folder.appending(path: "config").path
        try Data(
            "Host other\n Port 1\nHost 127.0.0.1\n \(kind.rawValue) +\(name)\n UserKnownHostsFile \(server.knownHosts)\n"
                .utf8
        )
        .write(to: URL(filePath: config))
        settings.commonArguments = "-F \(config)"
        await (try SSHConnector(options: server.options).connect(settings)).close()
    }

    @Test(
        "what a hardened server offers and libssh2 lacks is told from both sides, with the other way",
        Needs.program("sshd"),
        arguments: [
            (.mac, "hmac-sha2-512-etm@openssh.com"), (.cipher, "chacha20-poly1305@openssh.com"),
        ] as [(AlgorithmKind, String)])
    func hardened(kind: AlgorithmKind, name: String) async throws {
        let server = try await LocalServer.start(settings: ["\(kind.rawValue) \(name)"])
        defer { server.stop() }
        let key = try await server.authorizedKey()
        try server.know()
        do throws(Failure) {
            // A newer libssh2 knows some of them.
            await (try SSHConnector(options: server.options).connect(server.settings(key: key))).close()
        } catch {
            let failure = error
            #expect(failure.detail?.contains("\(kind.rawValue) of the server: \(name)") == true, "\(failure)")
            #expect(failure.detail?.contains("of libssh2 \(SessionHandle.version) here: ") == true)
            #expect(failure.hint?.contains("--transport openssh") == true)
        }
    }

    @Test("rules that leave nothing are an error, and no reason to take anything", Needs.program("sshd"))
    func nothingLeft() async throws {
        let server = try await LocalServer.start()
        defer { server.stop() }
        let key = try await server.authorizedKey()
        try server.know()
        var settings = server.settings(key: key)
        for rule in ["Ciphers=none-such", "MACs=-*", "-c none-such"] {
            settings.commonArguments = rule.hasPrefix("-") ? rule : "-o \(rule)"
            let failure = await refusal { [settings] in
                try await SSHConnector(options: server.options).connect(settings)
            }
            #expect(failure?.cause.contains("knows none of the") == true, "\(failure as Any)")
        }
    }
}
