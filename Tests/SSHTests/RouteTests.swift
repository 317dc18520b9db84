import Foundation
import Model
import TestSupport
import Testing

@testable import SSH

@Suite("jump hosts and proxy commands, with real sshds", Needs.program("sshd"), .serialized)
struct RouteTests {
    /// A jump host and a node that share a key and a known_hosts.
    private func pair(jumpSettings: [String] = []) async throws -> (LocalServer, LocalServer, String) {
        let jump = try await LocalServer.start(settings: jumpSettings)
        let node = try await LocalServer.start()
        let key = try await node.authorizedKey()
        try FileManager.default.copyItem(
            atPath: node.folder.appending(path: "authorized_keys").path,
            toPath: jump.folder.appending(path: "authorized_keys2").path)
        try jump.authorize(key)
        let lines = try [jump, node].map { "[127.0.0.1]:\($0.port) \(try $0.hostKey("ed25519"))\n" }
        try Data(lines.joined().utf8).write(to: URL(filePath: node.knownHosts))
        return (jump, node, key)
    }

    @Test("a node is reached through one jump host, and through two")
    func jumps() async throws {
        let (jump, node, key) = try await pair()
        defer { jump.stop() }
        defer { node.stop() }
        let connector = SSHConnector(options: node.options)
        var settings = node.settings(key: key)
        for hops in [
            "\(jump.user)@127.0.0.1:\(jump.port)",
            "\(jump.user)@127.0.0.1:\(node.port),\(jump.user)@127.0.0.1:\(jump.port)",
        ] {
            settings.commonArguments = "-o ProxyJump=\(hops)"
            let connection = try await connector.connect(settings)
            let output = try await connection.run("echo \"$SSH_CONNECTION\"; head -c 3000000 /dev/zero").stdout
            #expect(output.count > 3_000_000)
            await connection.close()
        }
    }

    @Test("-F is read for the jump host that it names, as ssh hands it on")
    func configuredJump() async throws {
        let (jump, node, key) = try await pair()
        defer { jump.stop() }
        defer { node.stop() }
        let config = node.folder.appending(path: "config").path
        try Data(
            """
            Host bastion
                HostName 127.0.0.1
                Port \(jump.port)
                User \(jump.user)
                IdentityFile \(key)
            Match originalhost 127.0.0.1
                ProxyJump bastion
            Match all
                UserKnownHostsFile \(node.knownHosts)

            """.utf8
        ).write(to: URL(filePath: config))
        var settings = node.settings(key: key)
        settings.commonArguments = "-F \(config)"
        let connection = try await SSHConnector(options: node.options).connect(settings)
        #expect(try await connection.run("echo in").output == "in\n")
        await connection.close()
    }

    @Test("hosts behind one jump host share its connection")
    func sharedJump() async throws {
        let (jump, node, key) = try await pair(jumpSettings: ["MaxStartups 1:100:1"])
        defer { jump.stop() }
        defer { node.stop() }
        let connector = SSHConnector(options: node.options)
        var settings = node.settings(key: key)
        settings.commonArguments = "-J \(jump.user)@127.0.0.1:\(jump.port)"
        try await withThrowingTaskGroup(of: Void.self) { group in
            for number in 0..<8 {
                group.addTask { [settings] in
                    let connection = try await connector.connect(settings)
                    #expect(try await connection.run("echo \(number)").output == "\(number)\n")
                }
            }
            try await group.waitForAll()
        }
    }

    @Test("a jump host that forwards nothing, and one that is down, are clear errors")
    func badJumps() async throws {
        let (jump, node, key) = try await pair(jumpSettings: ["AllowTcpForwarding no"])
        defer { jump.stop() }
        defer { node.stop() }
        var settings = node.settings(key: key)
        settings.commonArguments = "-J \(jump.user)@127.0.0.1:\(jump.port)"
        let closed = await refusal { [settings] in try await SSHConnector(options: node.options).connect(settings) }
        #expect(closed?.code == .unreachable)
        #expect(closed?.deed.contains("through") == true)
        #expect(closed?.hint?.contains("AllowTcpForwarding") == true)
        settings.commonArguments = "-J 127.0.0.1:\(try freePort())"
        let down = await refusal { [settings] in try await SSHConnector(options: node.options).connect(settings) }
        #expect(down?.cause.contains("the jump host 127.0.0.1 could not be reached") == true)
    }

    @Test("a ProxyCommand carries the connection; its tokens are filled in", Needs.program("bash"))
    func proxyCommand() async throws {
        let node = try await LocalServer.start()
        defer { node.stop() }
        let key = try await node.authorizedKey()
        try node.know()
        var settings = node.settings(key: key)
        settings.commonArguments = #"-o "ProxyCommand=bash -c 'exec 3<>/dev/tcp/%h/%p; cat <&3 & cat >&3'""#
        let connection = try await SSHConnector(options: node.options).connect(settings)
        #expect(try await connection.run("echo in").output == "in\n")
        await connection.close()
    }

    @Test("what a ProxyCommand says when it fails is shown")
    func failingProxyCommand() async throws {
        let node = try await LocalServer.start()
        defer { node.stop() }
        var settings = node.settings()
        settings.commonArguments = "-o 'ProxyCommand=sh -c \"echo the gate is shut >&2; exit 1\"'"
        let failure = await refusal { [settings] in try await SSHConnector(options: node.options).connect(settings) }
        #expect(failure?.code == .unreachable)
        #expect(failure?.detail == "the gate is shut\n")
    }

    @Test(
        "what stands between us and a host is left at the deadline, with the processes that it began",
        arguments: ["-o 'ProxyCommand=sleep 30'", "-o 'ProxyCommand=sh -c \"sleep 30 & sleep 30\"'", "-F CONFIG"])
    func silence(arguments: String) async throws {
        let folder = try TemporaryFolder("kubani-silence")
        let config = "\(folder.path)/config"
        try Data("Match exec \"sleep 30\"\n    Port 1\n".utf8).write(to: URL(filePath: config))
        var options = SSHOptions()
        options.configFile = "none"
        options.home = folder.path
        options.connectTimeout = .seconds(1)
        var settings = ConnectionSettings(host: "node", address: "127.0.0.1")
        settings.commonArguments = arguments.replacing("CONFIG", with: config)
        let began = ContinuousClock.now
        let failure = await refusal { [settings, options] in
            try await SSHConnector(options: options).connect(settings)
        }
        #expect(failure?.code == .unreachable)
        #expect(failure?.cause.contains(/does not answer|did not answer in time/) == true, "\(failure as Any)")
        #expect(ContinuousClock.now - began < .seconds(15))
    }

    @Test("ssh_config's Host section is followed, and the inventory's values win over it")
    func config() async throws {
        let node = try await LocalServer.start()
        defer { node.stop() }
        let key = try await node.authorizedKey()
        try node.know(as: "known-by-this")
        let config = node.folder.appending(path: "config")
        try Data(
            """
            Host alpha
                HostName 127.0.0.1
                Port \(node.port)
                User nobody-at-all
                IdentityFile \(key)
                HostKeyAlias known-by-this
                UserKnownHostsFile \(node.knownHosts)

            """.utf8
        ).write(to: config)
        var options = node.options
        options.configFile = config.path
        var settings = ConnectionSettings(host: "alpha")
        settings.user = node.user
        // A port other than 22 is part of the name that a key is known by.
        try node.know(as: "[known-by-this]:\(node.port)")
        let connection = try await SSHConnector(options: options).connect(settings)
        #expect(connection.peer == "\(node.user)@127.0.0.1:\(node.port)")
        await connection.close()
    }
}
