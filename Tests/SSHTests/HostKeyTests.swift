import Foundation
import Model
import TestSupport
import Testing

@testable import SSH

@Suite("host keys of a real sshd", Needs.program("sshd"), .serialized)
struct HostKeyTests {
    @Test("an unknown host key is refused with its fingerprint and the way out")
    func unknown() async throws {
        let server = try await LocalServer.start(hostKeys: ["ed25519"])
        defer { server.stop() }
        let key = try await server.authorizedKey()
        let failure = await refusal {
            try await SSHConnector(options: server.options).connect(server.settings(key: key))
        }
        let fingerprint = try #require(PublicKey(line: try server.hostKey("ed25519"))).fingerprint
        #expect(failure?.cause == "its host key is not known: ED25519 \(fingerprint)")
        #expect(failure?.hint?.contains("--accept-new-host-keys") == true)
        #expect(!FileManager.default.fileExists(atPath: server.knownHosts))
    }

    @Test("an accepted new key is written down, readable by the user alone, and known the next time")
    func accepted() async throws {
        let server = try await LocalServer.start()
        defer { server.stop() }
        let key = try await server.authorizedKey()
        var options = server.options
        options.acceptNewHostKeys = true
        await (try SSHConnector(options: options).connect(server.settings(key: key))).close()
        let attributes = try FileManager.default.attributesOfItem(atPath: server.knownHosts)
        #expect(attributes[.posixPermissions] as? Int == 0o600)
        #expect(
            try String(contentsOfFile: server.knownHosts, encoding: .utf8).hasPrefix(
                "[127.0.0.1]:\(server.port) ssh-ed25519 "))
        await (try SSHConnector(options: server.options).connect(server.settings(key: key))).close()
        // OpenSSH reads the line too.
        let found = try await Program.run("ssh-keygen", ["-F", "[127.0.0.1]:\(server.port)", "-f", server.knownHosts])
        #expect(found.status == 0)
    }

    @Test(
        "a changed key is refused with both fingerprints and the place of the old one, even when new ones are accepted")
    func changed() async throws {
        let server = try await LocalServer.start()
        defer { server.stop() }
        let key = try await server.authorizedKey()
        let other = server.folder.appending(path: "other").path
        try await LocalServer.makeKey(other, type: "ed25519")
        let line = try String(contentsOfFile: other + ".pub", encoding: .utf8)
        try Data("# a comment\n[127.0.0.1]:\(server.port) \(line)".utf8).write(to: URL(filePath: server.knownHosts))
        var options = server.options
        options.acceptNewHostKeys = true
        let failure = await refusal { [options] in
            try await SSHConnector(options: options).connect(server.settings(key: key))
        }
        let old = try #require(PublicKey(line: line)).fingerprint
        let new = try #require(PublicKey(line: try server.hostKey("ed25519"))).fingerprint
        #expect(failure?.cause.contains("CHANGED") == true)
        #expect(failure?.detail?.contains(old) == true)
        #expect(failure?.detail?.contains(new) == true)
        #expect(failure?.detail?.contains("\(server.knownHosts):2") == true)
        #expect(failure?.hint?.contains("ssh-keygen -f \(server.knownHosts) -R '[127.0.0.1]:\(server.port)'") == true)
    }

    @Test(
        "a hashed known_hosts is understood, and the key type that it has is asked for",
        arguments: ["ed25519", "ecdsa"])
    func hashed(type: String) async throws {
        let server = try await LocalServer.start()
        defer { server.stop() }
        let key = try await server.authorizedKey()
        try server.know([type])
        let hashed = try await Program.run("ssh-keygen", ["-H", "-f", server.knownHosts])
        #expect(hashed.status == 0)
        #expect(try String(contentsOfFile: server.knownHosts, encoding: .utf8).hasPrefix("|1|"))
        await (try SSHConnector(options: server.options).connect(server.settings(key: key))).close()
    }

    @Test("a key that Tailscale vouches for needs no known_hosts")
    func vouched() async throws {
        let server = try await LocalServer.start()
        defer { server.stop() }
        let key = try await server.authorizedKey()
        let connector = SSHConnector(options: server.options)
        await (try connector.connect(server.settings(key: key), vouched: [try server.hostKey("ecdsa")])).close()
    }

    @Test(
        "a known_hosts that cannot be read ends the login: nothing is let in, and nothing written down",
        arguments: ["folder", "user", "system", "revoked"])
    func unreadable(which: String) async throws {
        let server = try await LocalServer.start()
        defer { server.stop() }
        let key = try await server.authorizedKey()
        var options = server.options
        options.acceptNewHostKeys = true
        var settings = server.settings(key: key)
        let folder = server.folder.appending(path: "folder").path
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: false)
        let loop = server.folder.appending(path: "loop").path
        try FileManager.default.createSymbolicLink(atPath: loop, withDestinationPath: loop)
        let file = ["folder": folder, "revoked": "\(server.folder.path)/none"][which] ?? loop
        switch which {
        case "system": options.systemKnownHostsFiles = [file]
        case "revoked": settings.commonArguments = "-o RevokedHostKeys=\(file)"
        default: settings.commonArguments = "-o UserKnownHostsFile='\(server.knownHosts) \(file)'"
        }
        let failure = await refusal { [options, settings] in try await SSHConnector(options: options).connect(settings)
        }
        #expect(failure?.code == .unreachable)
        #expect(failure?.deed.hasPrefix("trust ") == true)
        #expect(failure?.cause.contains(file) == true, "\(failure as Any)")
        #expect(!FileManager.default.fileExists(atPath: server.knownHosts))
    }

    @Test("a revoked host key is refused though known_hosts has it: by @revoked, and by RevokedHostKeys")
    func revoked() async throws {
        let server = try await LocalServer.start(hostKeys: ["ed25519"])
        defer { server.stop() }
        let key = try await server.authorizedKey()
        try server.know()
        let list = server.folder.appending(path: "revoked").path
        try Data((try server.hostKey("ed25519") + "\n").utf8).write(to: URL(filePath: list))
        var settings = server.settings(key: key)
        settings.commonArguments = "-o RevokedHostKeys=\(list)"
        let byFile = await refusal { [settings] in try await SSHConnector(options: server.options).connect(settings) }
        #expect(byFile?.cause.contains("is revoked (\(list))") == true, "\(byFile as Any)")
        let known = try String(contentsOfFile: server.knownHosts, encoding: .utf8)
        try Data("\(known)@revoked * \(try server.hostKey("ed25519"))\n".utf8).write(
            to: URL(filePath: server.knownHosts))
        let byLine = await refusal {
            try await SSHConnector(options: server.options).connect(server.settings(key: key))
        }
        #expect(byLine?.cause.contains("is revoked (\(server.knownHosts):2)") == true, "\(byLine as Any)")
    }

    @Test("where an authority alone vouches for a host, its line is named, also where new keys are accepted")
    func authority() async throws {
        let server = try await LocalServer.start(hostKeys: ["ed25519"])
        defer { server.stop() }
        let key = try await server.authorizedKey()
        let line = "@cert-authority [127.0.0.1]:\(server.port) \(try server.hostKey("ed25519"))\n"
        try Data(line.utf8).write(to: URL(filePath: server.knownHosts))
        var options = server.options
        options.acceptNewHostKeys = true
        let failure = await refusal { [options] in
            try await SSHConnector(options: options).connect(server.settings(key: key))
        }
        #expect(failure?.cause.contains("@cert-authority, \(server.knownHosts):1") == true, "\(failure as Any)")
        #expect(failure?.hint?.contains("--transport openssh") == true)
        #expect(try String(contentsOfFile: server.knownHosts, encoding: .utf8) == line)
    }

    @Test("where only its RSA key is known nobody is told to remove it, for it was not asked for")
    func onlyRSAKnown() async throws {
        let server = try await LocalServer.start(hostKeys: ["rsa", "ed25519"])
        defer { server.stop() }
        let key = try await server.authorizedKey()
        try server.know(["rsa"])
        if SessionHandle.upgradesRSA {
            await (try SSHConnector(options: server.options).connect(server.settings(key: key))).close()
            return
        }
        let failure = await refusal {
            try await SSHConnector(options: server.options).connect(server.settings(key: key))
        }
        #expect(failure?.cause.contains("is known as RSA") == true, "\(failure as Any)")
        #expect(failure?.hint?.contains("--transport openssh") == true)
        #expect(failure?.hint?.contains("ssh-keygen -f") == false)
    }

    @Test("a server with only an RSA host key works, or is a clear error where libssh2 is too old for it")
    func onlyRSA() async throws {
        let server = try await LocalServer.start(hostKeys: ["rsa"])
        defer { server.stop() }
        let key = try await server.authorizedKey()
        try server.know(["rsa"])
        if SessionHandle.upgradesRSA {
            await (try SSHConnector(options: server.options).connect(server.settings(key: key))).close()
        } else {
            let failure = await refusal {
                try await SSHConnector(options: server.options).connect(server.settings(key: key))
            }
            #expect(failure?.cause == "no agreement with the server: nothing in common for HostKeyAlgorithms")
            #expect(failure?.detail?.contains("of the server: rsa-sha2-512, rsa-sha2-256") == true)
            #expect(failure?.hint?.contains("--transport openssh") == true)
        }
    }
}
