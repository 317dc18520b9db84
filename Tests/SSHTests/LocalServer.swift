import Foundation
import Model
import TestSupport

@testable import SSH

/// A real sshd on loopback with its own keys and configuration, for one test; stopped by its process id.
final class LocalServer: Sendable {
    let folder: URL
    let port: Int
    let user = NSUserName()
    private let daemon: Daemon

    private init(folder: URL, port: Int, daemon: Daemon) {
        self.folder = folder
        self.port = port
        self.daemon = daemon
    }

    /// - Parameters:
    ///   - hostKeys: the types of its host keys.
    ///   - settings: further lines of sshd_config, which win.
    static func start(hostKeys: [String] = ["ed25519", "ecdsa"], settings: [String] = []) async throws -> LocalServer {
        let folder = URL(filePath: NSTemporaryDirectory()).appending(path: "kubani-ssh-\(UUID().uuidString)")
        try FileManager.default.createDirectory(
            at: folder.appending(path: ".ssh"), withIntermediateDirectories: true,
            attributes: [.posixPermissions: 0o700])
        var config = settings
        let port = try freePort()
        config += [
            "Port \(port)", "ListenAddress 127.0.0.1", "UsePAM no", "StrictModes no", "PermitRootLogin yes",
            "PidFile none", "AuthorizedKeysFile \(folder.path)/authorized_keys", "LogLevel VERBOSE",
            "MaxStartups 200:30:300",
            // The login shell of whoever runs the tests reads its startup files there: none.
            "SetEnv HOME=\(folder.path)",
        ]
        for type in hostKeys {
            let path = folder.appending(path: "host_\(type)").path
            try await Self.makeKey(path, type: type)
            config.append("HostKey \(path)")
        }
        let configFile = folder.appending(path: "sshd_config")
        try Data(config.joined(separator: "\n").appending("\n").utf8).write(to: configFile)
        try Data().write(to: folder.appending(path: "authorized_keys"))
        if geteuid() == 0 {
            try FileManager.default.createDirectory(atPath: "/run/sshd", withIntermediateDirectories: true)
        }
        let daemon = try Daemon.start("/usr/sbin/sshd", ["-D", "-e", "-f", configFile.path], until: "Server listening")
        return LocalServer(folder: folder, port: port, daemon: daemon)
    }

    struct Problem: Error { var message: String }

    func stop() {
        daemon.stop()
        try? FileManager.default.removeItem(at: folder)
    }

    // MARK: - Keys

    /// Makes a key pair.
    static func makeKey(_ path: String, type: String, _ more: [String] = [], passphrase: String = "") async throws {
        let made = try await Program.run(
            "ssh-keygen", ["-q", "-t", type, "-N", passphrase, "-C", "test", "-f", path] + more)
        guard made.status == 0 else { throw Problem(message: made.stderr) }
    }

    /// Makes a key pair that may log in.
    func authorizedKey(_ name: String = "id", type: String = "ed25519", _ more: [String] = [], passphrase: String = "")
        async throws -> String
    {
        let path = folder.appending(path: name).path
        try await Self.makeKey(path, type: type, more, passphrase: passphrase)
        try authorize(path)
        return path
    }

    func authorize(_ path: String) throws {
        let handle = try FileHandle(forWritingTo: folder.appending(path: "authorized_keys"))
        try handle.seekToEnd()
        try handle.write(contentsOf: Data(contentsOf: URL(filePath: path + ".pub")))
        try handle.close()
    }

    func hostKey(_ type: String) throws -> String {
        try String(contentsOf: folder.appending(path: "host_\(type).pub"), encoding: .utf8)
            .trimmingCharacters(in: .whitespacesAndNewlines)
    }

    // MARK: - How to reach it

    var knownHosts: String { folder.appending(path: ".ssh/known_hosts").path }

    /// Writes down its own host keys, under a name.
    func know(_ types: [String] = ["ed25519"], as name: String? = nil) throws {
        let lines = try types.map { "\(name ?? "[127.0.0.1]:\(port)") \(try hostKey($0))\n" }
        try Data(lines.joined().utf8).write(to: URL(filePath: knownHosts))
    }

    var options: SSHOptions {
        var options = SSHOptions()
        options.home = folder.path
        options.agentSocket = nil
        options.systemKnownHostsFiles = []
        options.configFile = "none"
        options.connectTimeout = .seconds(20)
        return options
    }

    func settings(key: String? = nil) -> ConnectionSettings {
        var settings = ConnectionSettings(host: "node", address: "127.0.0.1")
        settings.port = port
        settings.user = user
        settings.privateKeyFile = key
        return settings
    }

    /// A connection that all of a test's other parts take for granted.
    func connect() async throws -> SSHConnection {
        let key = try await authorizedKey()
        try know()
        return try await SSHConnector(options: options).connect(settings(key: key))
    }
}

/// A port that nobody listens on at the moment.
func freePort() throws -> Int {
    let listener = try Listener { _ in }
    defer { listener.stop() }
    return listener.port
}
