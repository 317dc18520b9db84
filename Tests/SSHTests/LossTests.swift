import Foundation
import Model
import Shell
import TestSupport
import Testing

@testable import SSH

@Suite("connections that go wrong", .serialized)
struct LossTests {
    private func settings(_ port: Int) -> ConnectionSettings {
        var settings = ConnectionSettings(host: "node", address: "127.0.0.1")
        settings.port = port
        return settings
    }

    private func options(_ limit: Duration) -> SSHOptions {
        var options = SSHOptions()
        options.connectTimeout = limit
        options.configFile = "none"
        options.home = "/nonexistent"
        return options
    }

    @Test("nobody listens: refused at once, with a hint")
    func refused() async throws {
        let port = try freePort()
        let failure = await refusal { try await SSHConnector(options: options(.seconds(5))).connect(settings(port)) }
        #expect(failure?.cause == "Connection refused")
        #expect(failure?.hint?.contains("is sshd running?") == true)
    }

    @Test(
        "a server that says nothing, or its name and nothing more, is given up at the deadline",
        arguments: ["", "SSH-2.0-Silence\r\n"])
    func silent(greeting: String) async throws {
        let listener = try Listener { client in
            _ = greeting.withCString { send(client, $0, strlen($0), Int32(MSG_NOSIGNAL)) }
            var buffer = [UInt8](repeating: 0, count: 4096)
            while read(client, &buffer, buffer.count) > 0 {}
            close(client)
        }
        defer { listener.stop() }
        let began = ContinuousClock.now
        let failure = await refusal {
            try await SSHConnector(options: options(.milliseconds(700))).connect(settings(listener.port))
        }
        #expect(failure?.code == .unreachable)
        #expect(failure?.cause.contains("does not answer") == true)
        #expect(ContinuousClock.now - began < .seconds(5))
    }

    @Test("something that is no SSH server is an error, not a wait")
    func notSSH() async throws {
        let listener = try Listener { client in
            let text = "HTTP/1.1 400 Bad Request\r\n\r\n"
            _ = text.withCString { send(client, $0, strlen($0), Int32(MSG_NOSIGNAL)) }
            close(client)
        }
        defer { listener.stop() }
        let failure = await refusal {
            try await SSHConnector(options: options(.seconds(8))).connect(settings(listener.port))
        }
        #expect(failure?.code == .unreachable)
    }

    @Test("a name that cannot be looked up is an error that says so")
    func noSuchName() async throws {
        var settings = settings(22)
        settings.address = "no-such-host.invalid"
        let failure = await refusal { [settings] in
            try await SSHConnector(options: options(.seconds(8))).connect(settings)
        }
        #expect(failure?.cause.contains("no-such-host.invalid") == true)
    }

    @Test(
        "an address that could pass for an option or a command is refused before anything runs",
        arguments: ["-oX", "a b", "$(id)", "a;b"])
    func wickedAddress(address: String) async throws {
        var settings = settings(22)
        settings.address = address
        let failure = await refusal { [settings] in
            try await SSHConnector(options: options(.seconds(2))).connect(settings)
        }
        #expect(failure?.hint == "look at ansible_host")
    }

    @Test(
        "a connection cut after any number of bytes is a clear failure within its deadline", Needs.program("sshd"),
        arguments: [
            0, 1, 20, 21, 40, 41, 42, 60, 300, 1000, 1100, 1500, 1700, 1800, 1900, 2000, 2100, 2200, 2300, 2400, 2600,
        ])
    func cut(after bytes: Int) async throws {
        let server = try await LocalServer.start(hostKeys: ["ed25519"])
        defer { server.stop() }
        let key = try await server.authorizedKey()
        let proxy = try Listener.cutting(after: bytes, to: server.port)
        defer { proxy.stop() }
        var settings = server.settings(key: key)
        settings.port = proxy.port
        var options = server.options
        options.connectTimeout = .seconds(6)
        try Data("[127.0.0.1]:\(proxy.port) \(try server.hostKey("ed25519"))\n".utf8)
            .write(to: URL(filePath: server.knownHosts))
        let began = ContinuousClock.now
        do {
            let connection = try await SSHConnector(options: options).connect(settings)
            _ = try await connection.run("head -c 100000 /dev/zero")
            Issue.record("\(bytes) bytes were enough for all")
        } catch let failure as Failure {
            #expect(failure.code == .unreachable, "\(failure)")
            #expect(failure.host == "node")
            #expect(!failure.cause.isEmpty)
        }
        #expect(ContinuousClock.now - began < .seconds(12))
    }

    @Test("a connection that is lost under a command says that it may go on there", Needs.program("sshd"))
    func lostUnderCommand() async throws {
        let server = try await LocalServer.start(hostKeys: ["ed25519"])
        defer { server.stop() }
        let key = try await server.authorizedKey()
        let proxy = try Listener.cutting(after: 50_000, to: server.port)
        defer { proxy.stop() }
        try Data("[127.0.0.1]:\(proxy.port) \(try server.hostKey("ed25519"))\n".utf8)
            .write(to: URL(filePath: server.knownHosts))
        var settings = server.settings(key: key)
        settings.port = proxy.port
        let connection = try await SSHConnector(options: server.options).connect(settings)
        #expect(await connection.isAlive)
        do {
            _ = try await connection.run("head -c 1000000 /dev/zero")
            Issue.record("nothing was lost")
        } catch let failure as Failure {
            #expect(failure.code == .unreachable)
            #expect(failure.hint?.contains("may go on") == true)
        }
        #expect(await !connection.isAlive)
        let next = try await connection.reconnect()
        #expect(try await next.run("echo back").output == "back\n")
    }

    @Test("an idle connection that the server ends is seen to be dead", Needs.program("sshd"))
    func idleLoss() async throws {
        let server = try await LocalServer.start()
        defer { server.stop() }
        let connection = try await server.connect()
        // The shell's parent is the sshd of this session.
        let channel = try await connection.exec("kill $PPID")
        let deadline = ContinuousClock.now + .seconds(10)
        while await connection.isAlive, ContinuousClock.now < deadline { try await Task.sleep(for: .milliseconds(5)) }
        #expect(await !connection.isAlive)
        await channel.close()
    }
}
