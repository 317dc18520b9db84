import Foundation
import Model
import Synchronization
import TestSupport
import Testing

@testable import SSH

@Suite("logging in to a real sshd", Needs.program("sshd"), .serialized)
struct LoginTests {
    @Test(
        "a key of any kind and format logs in",
        arguments: [
            ("ed25519", []), ("ecdsa", ["-b", "256"]), ("ecdsa", ["-b", "384"]), ("ecdsa", ["-b", "521"]),
            ("rsa", ["-b", "2048"]), ("rsa", ["-b", "3072", "-m", "PEM"]), ("rsa", ["-b", "2048", "-m", "PKCS8"]),
            ("ecdsa", ["-m", "PEM"]), ("ecdsa", ["-m", "PKCS8"]),
        ] as [(String, [String])])
    func keys(type: String, more: [String]) async throws {
        let server = try await LocalServer.start()
        defer { server.stop() }
        let key = try await server.authorizedKey(type: type, more)
        try server.know()
        let connection = try await SSHConnector(options: server.options).connect(server.settings(key: key))
        let result = try await connection.run("echo here; echo there >&2; exit 3")
        #expect(result.output == "here\n")
        #expect(String(decoding: result.stderr, as: UTF8.self) == "there\n")
        #expect(result.status == 3)
        await connection.close()
    }

    @Test("the usual key files of the home directory are tried")
    func usualKey() async throws {
        let server = try await LocalServer.start()
        defer { server.stop() }
        _ = try await server.authorizedKey(".ssh/id_ecdsa", type: "ecdsa")
        try server.know()
        let connection = try await SSHConnector(options: server.options).connect(server.settings())
        #expect(try await connection.run("echo in").output == "in\n")
    }

    @Test(
        "a passphrase is asked for once, however many hosts want the key",
        arguments: [
            ("ed25519", ["-a", "1"]), ("rsa", ["-b", "2048", "-a", "1"]),
            ("ecdsa", ["-a", "1", "-Z", "aes256-gcm@openssh.com"]), ("rsa", ["-b", "2048", "-m", "PEM"]),
        ] as [(String, [String])])
    func passphrase(type: String, more: [String]) async throws {
        let server = try await LocalServer.start()
        defer { server.stop() }
        let key = try await server.authorizedKey(type: type, more, passphrase: "open sesame")
        try server.know()
        let asked = Counter()
        var options = server.options
        options.askPassphrase = { path in
            asked.increment()
            #expect(path == key)
            return Secret("open sesame")
        }
        let connector = SSHConnector(options: options)
        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<4 {
                group.addTask {
                    let connection = try await connector.connect(server.settings(key: key))
                    #expect(try await connection.run("echo in").output == "in\n")
                }
            }
            try await group.waitForAll()
        }
        #expect(asked.value == 1)
    }

    @Test("the time that a person takes for a passphrase is not the server's")
    func slowPerson() async throws {
        let server = try await LocalServer.start()
        defer { server.stop() }
        let key = try await server.authorizedKey("id", type: "ed25519", ["-a", "1"], passphrase: "right")
        try server.know()
        var options = server.options
        options.connectTimeout = .seconds(4)
        options.askPassphrase = { _ in
            try? await Task.sleep(for: .seconds(5))
            return Secret("right")
        }
        await (try SSHConnector(options: options).connect(server.settings(key: key))).close()
    }

    @Test("a wrong passphrase is an error that says so")
    func wrongPassphrase() async throws {
        let server = try await LocalServer.start()
        defer { server.stop() }
        let key = try await server.authorizedKey("id", type: "ed25519", ["-a", "1"], passphrase: "right")
        try server.know()
        var options = server.options
        options.askPassphrase = { _ in Secret("wrong") }
        let failure = await refusal { [options] in
            try await SSHConnector(options: options).connect(server.settings(key: key))
        }
        #expect(failure?.code == .unreachable)
        #expect(failure?.detail?.contains("the passphrase is wrong") == true)
    }

    @Test("a key that the server does not know is refused with what was tried and what may help")
    func wrongKey() async throws {
        let server = try await LocalServer.start()
        defer { server.stop() }
        let key = server.folder.appending(path: "stranger").path
        try await LocalServer.makeKey(key, type: "ed25519")
        try server.know()
        let failure = await refusal {
            try await SSHConnector(options: server.options).connect(server.settings(key: key))
        }
        #expect(failure?.code == .unreachable)
        #expect(failure?.host == "node")
        #expect(failure?.deed.contains("log in as \(server.user)") == true)
        #expect(failure?.detail?.contains(key) == true)
        #expect(failure?.detail?.contains("refused") == true)
        #expect(failure?.hint?.contains("authorized_keys") == true)
    }

    @Test("a key file that is not there is named")
    func missingKey() async throws {
        let server = try await LocalServer.start()
        defer { server.stop() }
        try server.know()
        let failure = await refusal {
            try await SSHConnector(options: server.options).connect(server.settings(key: "/nowhere/id"))
        }
        #expect(failure?.detail == "/nowhere/id: no such file")
    }

    @Test("the agent signs with each kind of key", Needs.program("ssh-agent"), arguments: ["ed25519", "ecdsa", "rsa"])
    func agent(type: String) async throws {
        let server = try await LocalServer.start()
        defer { server.stop() }
        let key = try await server.authorizedKey(type: type)
        let agent = try await RunningAgent.start(in: server.folder)
        defer { agent.stop() }
        try await agent.add(key)
        try FileManager.default.removeItem(atPath: key)
        try server.know()
        var options = server.options
        options.agentSocket = agent.socket
        let connection = try await SSHConnector(options: options).connect(server.settings())
        #expect(try await connection.run("echo in").output == "in\n")
    }

    @Test("IdentitiesOnly keeps the agent's other keys from the server", Needs.program("ssh-agent"))
    func identitiesOnly() async throws {
        let server = try await LocalServer.start(settings: ["MaxAuthTries 2"])
        defer { server.stop() }
        let agent = try await RunningAgent.start(in: server.folder)
        defer { agent.stop() }
        for number in 0..<4 {
            let path = server.folder.appending(path: "other\(number)").path
            try await LocalServer.makeKey(path, type: "ed25519")
            try await agent.add(path)
        }
        let key = try await server.authorizedKey()
        try server.know()
        var options = server.options
        options.agentSocket = agent.socket
        var settings = server.settings(key: key)
        let failure = await refusal { [options, settings] in try await SSHConnector(options: options).connect(settings)
        }
        #expect(failure?.code == .unreachable)
        #expect(failure?.detail?.contains("(agent: ") == true)
        #expect(failure?.hint?.contains("IdentitiesOnly") == true)
        settings.commonArguments = "-o IdentitiesOnly=yes"
        let connection = try await SSHConnector(options: options).connect(settings)
        #expect(try await connection.run("echo in").output == "in\n")
    }

    @Test("a server that takes nothing we have says what it takes")
    func nothingToOffer() async throws {
        let server = try await LocalServer.start(settings: [
            "PubkeyAuthentication no", "PasswordAuthentication yes", "KbdInteractiveAuthentication no",
        ])
        defer { server.stop() }
        try server.know()
        let failure = await refusal { try await SSHConnector(options: server.options).connect(server.settings()) }
        #expect(failure?.cause == "there was nothing to log in with (it takes password)")
        #expect(failure?.hint?.contains("--ask-pass") == true)
    }
}

@Suite("passwords, with a user made for the test", Needs.program("sshd"), Needs.root, .serialized)
struct PasswordTests {
    @Test("a password logs in, and a wrong one is refused")
    func password() async throws {
        let server = try await LocalServer.start(settings: ["PasswordAuthentication yes"])
        defer { server.stop() }
        try server.know()
        let user = try await TemporaryUser.make(password: "correct horse")
        var settings = server.settings()
        settings.user = user.name
        settings.password = Secret("correct horse")
        do {
            let connection = try await SSHConnector(options: server.options).connect(settings)
            #expect(try await connection.run("id -un").output == "\(user.name)\n")
            await connection.close()
            settings.password = Secret("wrong")
            let failure = await refusal { [settings] in
                try await SSHConnector(options: server.options).connect(settings)
            }
            #expect(failure?.detail?.contains("password: refused") == true)
            #expect(failure?.description.contains("wrong") == false)
        } catch {
            await user.remove()
            throw error
        }
        await user.remove()
    }
}

@Suite("none, the method of Tailscale SSH", Needs.program("sshd"), Needs.root, .serialized)
struct NoneTests {
    @Test("a server that asks for nothing is given nothing: no key, no password")
    func none() async throws {
        let server = try await LocalServer.start(settings: ["PermitEmptyPasswords yes", "PasswordAuthentication yes"])
        defer { server.stop() }
        try server.know()
        let user = try await TemporaryUser.make(password: nil)
        var settings = server.settings()
        settings.user = user.name
        let result: String
        do {
            let connection = try await SSHConnector(options: server.options).connect(settings)
            result = try await connection.run("id -un").output
            await connection.close()
        } catch {
            await user.remove()
            throw error
        }
        await user.remove()
        #expect(result == "\(user.name)\n")
    }
}

/// What a call that must fail threw.
func refusal(_ call: @Sendable () async throws -> SSHConnection) async -> Failure? {
    do {
        let connection = try await call()
        await connection.close()
        Issue.record("it connected")
        return nil
    } catch {
        if error as? Failure == nil { Issue.record(error) }
        return error as? Failure
    }
}

final class Counter: Sendable {
    private let count = Mutex(0)
    func increment() { count.withLock { $0 += 1 } }
    var value: Int { count.withLock { $0 } }
}

/// A real ssh-agent with a socket of its own.
struct RunningAgent {
    var socket: String
    private let daemon: Daemon

    static func start(in folder: URL) async throws -> RunningAgent {
        let socket = folder.appending(path: "agent").path
        // It prints its socket once it listens there.
        let daemon = try Daemon.start("/usr/bin/ssh-agent", ["-D", "-a", socket], until: "SSH_AUTH_SOCK")
        return RunningAgent(socket: socket, daemon: daemon)
    }

    func add(_ key: String) async throws {
        let added = try await Program.run("ssh-add", ["-q", key], environment: ["SSH_AUTH_SOCK": socket])
        guard added.status == 0 else { throw LocalServer.Problem(message: added.stderr) }
    }

    func stop() { daemon.stop() }
}

/// A user of this machine for one test.
struct TemporaryUser {
    var name: String

    /// - Parameter password: nil for a user who has none and needs none.
    static func make(password: String?) async throws -> TemporaryUser {
        let name = "kubani\(UInt32.random(in: 1000...999_999))"
        let made = try await Program.run("/usr/sbin/useradd", ["-M", "-N", "-d", "/tmp", "-s", "/bin/sh", name])
        guard made.status == 0 else { throw LocalServer.Problem(message: made.stderr) }
        let user = TemporaryUser(name: name)
        let set =
            if let password {
                try await Program.run("/usr/sbin/chpasswd", stdin: "\(name):\(password)\n")
            } else {
                try await Program.run("/usr/bin/passwd", ["-d", name])
            }
        guard set.status == 0 else {
            await user.remove()
            throw LocalServer.Problem(message: set.stderr)
        }
        return user
    }

    func remove() async { _ = try? await Program.run("/usr/sbin/userdel", [name]) }
}
