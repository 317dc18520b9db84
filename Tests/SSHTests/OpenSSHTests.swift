import Foundation
import Model
import Shell
import TestSupport
import Testing

@testable import SSH

@Suite("the way by the user's own ssh", Needs.program("sshd"), Needs.program("ssh"), .serialized)
struct OpenSSHTests {
    private func refusal(
        _ settings: ConnectionSettings, _ options: SSHOptions
    ) async -> Failure? {
        do throws(Failure) {
            let channel = try await SSHConnector(options: options).startBySSH("echo in", on: settings)
            await channel.close()
            Issue.record("it connected")
            return nil
        } catch { return error }
    }

    private func output(_ settings: ConnectionSettings, _ options: SSHOptions, _ command: Script = "echo in")
        async throws -> String
    {
        let channel = try await SSHConnector(options: options).startBySSH(command, on: settings)
        try await channel.finishInput()
        let result = try await channel.all()
        #expect(result.status == 0)
        return result.output
    }

    @Test(
        "a server that libssh2 cannot reach is reached, with nothing but what the command prints",
        arguments: [
            ["MACs hmac-sha2-512-etm@openssh.com"],
            ["Ciphers chacha20-poly1305@openssh.com,aes256-gcm@openssh.com"], ["HostKeyAlgorithms rsa-sha2-512"],
        ])
    func hardened(lines: [String]) async throws {
        let server = try await LocalServer.start(hostKeys: ["ed25519", "rsa"], settings: lines)
        defer { server.stop() }
        let key = try await server.authorizedKey()
        try server.know(["ed25519", "rsa"])
        #expect(try await output(server.settings(key: key), server.options) == "in\n")
    }

    @Test("bytes of all values pass, and a shell of a node runs over it")
    func shell() async throws {
        let server = try await LocalServer.start()
        defer { server.stop() }
        let key = try await server.authorizedKey()
        try server.know()
        var settings = server.settings(key: key)
        settings.becomes = false
        let channel = try await SSHConnector(options: server.options).startBySSH(openShell(settings), on: settings)
        let shell = DriverShell(channel: channel, host: "node", becomes: false)
        let bytes = (0..<100_000).map { UInt8(truncatingIfNeeded: $0 &* 31) }
        let path = server.folder.appending(path: "bytes").path
        let outcomes = try await shell.perform([
            .write(FileWrite(path: path, content: .bytes(bytes))), .run("cat \(path)", deadline: .seconds(20)),
        ])
        #expect(outcomes.last?.stdout == bytes)
        #expect(channel.isAlive)
        await shell.close()
        _ = await channel.exitStatus()
        #expect(!channel.isAlive)
    }

    @Test(
        "host keys are strict whatever the configuration says: unknown and changed ones are refused",
        arguments: ["", "-o StrictHostKeyChecking=no"], [false, true])
    func strict(arguments: String, accepts: Bool) async throws {
        let server = try await LocalServer.start(hostKeys: ["ed25519"])
        defer { server.stop() }
        let key = try await server.authorizedKey()
        var options = server.options
        options.acceptNewHostKeys = accepts
        var settings = server.settings(key: key)
        settings.commonArguments = arguments.isEmpty ? nil : arguments
        if accepts || !arguments.isEmpty {
            // As with libssh2, `no` takes new keys, and no changed ones.
            #expect(try await output(settings, options) == "in\n")
            let known = try String(contentsOfFile: server.knownHosts, encoding: .utf8)
            #expect(known.contains("ssh-ed25519"))
        } else {
            let failure = await refusal(settings, options)
            #expect(failure?.code == .unreachable)
            #expect(failure?.cause.contains("No ED25519 host key is known") == true, "\(failure as Any)")
            #expect(failure?.hint?.contains("--accept-new-host-keys") == true)
        }
        let other = server.folder.appending(path: "other").path
        try await LocalServer.makeKey(other, type: "ed25519")
        let line = "[127.0.0.1]:\(server.port) " + (try String(contentsOfFile: other + ".pub", encoding: .utf8))
        try Data(line.utf8).write(to: URL(filePath: server.knownHosts))
        let changed = await refusal(settings, options)
        #expect(changed?.detail?.contains("HAS CHANGED") == true, "\(changed as Any)")
        #expect(try String(contentsOfFile: server.knownHosts, encoding: .utf8) == line)
    }

    @Test("a known_hosts that cannot be read ends the login here, too")
    func unreadable() async throws {
        let server = try await LocalServer.start()
        defer { server.stop() }
        let key = try await server.authorizedKey()
        var options = server.options
        options.acceptNewHostKeys = true
        try FileManager.default.createDirectory(atPath: server.knownHosts, withIntermediateDirectories: false)
        let failure = await refusal(server.settings(key: key), options)
        #expect(failure?.cause.contains(server.knownHosts) == true, "\(failure as Any)")
    }

    @Test("certificates work as in the user's terminal: the user's, and the host's by @cert-authority")
    func certificates() async throws {
        let folder = try TemporaryFolder("kubani-ca")
        let authority = "\(folder.path)/ca"
        try await LocalServer.makeKey(authority, type: "ed25519")
        let host = "\(folder.path)/host"
        try await LocalServer.makeKey(host, type: "ed25519")
        func sign(_ arguments: [String]) async throws {
            let signed = try await Program.run("ssh-keygen", ["-q", "-s", authority] + arguments)
            #expect(signed.status == 0, "\(signed.stderr)")
        }
        try await sign(["-I", "host", "-h", "-n", "127.0.0.1", "\(host).pub"])
        let server = try await LocalServer.start(
            hostKeys: [],
            settings: ["HostKey \(host)", "HostCertificate \(host)-cert.pub", "TrustedUserCAKeys \(authority).pub"])
        defer { server.stop() }
        let key = "\(folder.path)/id"
        try await LocalServer.makeKey(key, type: "ed25519")
        try await sign(["-I", "user", "-n", server.user, "\(key).pub"])
        let line =
            "@cert-authority 127.0.0.1,[127.0.0.1]:* \(try String(contentsOfFile: authority + ".pub", encoding: .utf8))"
        try Data(line.utf8).write(to: URL(filePath: server.knownHosts))
        #expect(try await output(server.settings(key: key), server.options) == "in\n")
    }

    @Test("a ControlMaster that is open is used, and none is left behind")
    func master() async throws {
        let server = try await LocalServer.start()
        defer { server.stop() }
        let key = try await server.authorizedKey()
        try server.know()
        let folder = try TemporaryFolder("km")
        let control = "\(folder.path)/c"
        let master = try Daemon.start(
            "/usr/bin/ssh",
            [
                "-F", "none", "-M", "-S", control, "-N", "-i", key, "-p", "\(server.port)", "-o",
                "UserKnownHostsFile=\(server.knownHosts)", "127.0.0.1",
            ], until: nil)
        defer { master.stop() }
        let deadline = ContinuousClock.now + .seconds(20)
        while !FileManager.default.fileExists(atPath: control), ContinuousClock.now < deadline {
            try await Task.sleep(for: .milliseconds(20))
        }
        // Nobody could log in anew.
        try Data().write(to: server.folder.appending(path: "authorized_keys"))
        var settings = server.settings()
        settings.commonArguments = "-o ControlPath=\(control) -o ControlMaster=auto -o ControlPersist=60"
        #expect(try await output(settings, server.options) == "in\n")
        settings.commonArguments = "-o ControlPath=\(folder.path)/d -o ControlMaster=auto -o ControlPersist=60"
        try server.authorize(key)
        settings.privateKeyFile = key
        #expect(try await output(settings, server.options) == "in\n")
        #expect(!FileManager.default.fileExists(atPath: "\(folder.path)/d"))
    }

    @Test("a jump host is held to its host key, whatever the configuration says of it, and -F counts for it")
    func jump() async throws {
        let jump = try await LocalServer.start(hostKeys: ["ed25519"])
        defer { jump.stop() }
        let node = try await LocalServer.start(hostKeys: ["ed25519"])
        defer { node.stop() }
        let key = try await node.authorizedKey()
        try jump.authorize(key)
        let config = node.folder.appending(path: "config").path
        try Data(
            """
            Host bastion
                HostName 127.0.0.1
                Port \(jump.port)
                StrictHostKeyChecking no
            Host *
                IdentityFile \(key)
                UserKnownHostsFile \(node.knownHosts)

            """.utf8
        ).write(to: URL(filePath: config))
        var settings = node.settings()
        settings.commonArguments = "-F \(config) -J \(jump.user)@bastion"
        func know(_ server: LocalServer, as other: LocalServer) throws -> String {
            let key = try other.hostKey("ed25519")
            return "[127.0.0.1]:\(server.port) \(key)\n"
        }
        let right = try know(node, as: node) + know(jump, as: jump)
        try Data(right.utf8).write(to: URL(filePath: node.knownHosts))
        #expect(try await output(settings, node.options) == "in\n")
        let wrong = try know(node, as: node) + know(jump, as: node)
        try Data(wrong.utf8).write(to: URL(filePath: node.knownHosts))
        let failure = await refusal(settings, node.options)
        #expect(failure?.detail?.contains("HAS CHANGED") == true, "\(failure as Any)")
    }

    @Test("a server that is silent is left at the deadline, and ssh is ended")
    func silence() async throws {
        let listener = try Listener { client in
            var buffer = [UInt8](repeating: 0, count: 4096)
            while read(client, &buffer, buffer.count) > 0 {}
            close(client)
        }
        defer { listener.stop() }
        var options = SSHOptions()
        options.configFile = "none"
        options.home = "/nonexistent"
        options.connectTimeout = .seconds(1)
        var settings = ConnectionSettings(host: "node", address: "127.0.0.1")
        settings.port = listener.port
        let began = ContinuousClock.now
        let failure = await refusal(settings, options)
        #expect(failure?.code == .unreachable)
        #expect(ContinuousClock.now - began < .seconds(10))
    }

    @Test("a password is not handed on, and what ssh says is told")
    func password() async throws {
        let server = try await LocalServer.start()
        defer { server.stop() }
        try server.know()
        var settings = server.settings()
        settings.password = Secret("x")
        let refused = await refusal(settings, server.options)
        #expect(refused?.cause == "ssh is not given passwords")
        settings.password = nil
        let denied = await refusal(settings, server.options)
        #expect(denied?.cause.contains("Permission denied") == true, "\(denied as Any)")
        #expect(denied?.hint?.contains("ssh-add") == true)
    }
}
