import Foundation
import TestSupport
import Testing

/// A real sshd on loopback with keys of its own, for one test; stopped by its process id. Whoever runs the tests may log
/// in with `key`.
final class LoopbackSSHD: Sendable {
    let folder: TemporaryFolder
    let port: Int
    let daemon: Daemon
    var key: String { "\(folder.path)/key" }
    var knownHosts: String { "\(folder.path)/known_hosts" }

    /// - Parameter isKnown: whether `knownHosts` has its key.
    init(isKnown: Bool = true) async throws {
        folder = try TemporaryFolder("kubani-sshd")
        // Nobody listens there once it is given back.
        port = try SilentPort().number
        let path = folder.path
        for name in ["key", "host"] {
            let made = try await Program.run("ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-f", "\(path)/\(name)"])
            try #require(made.status == 0, "\(made.stderr)")
        }
        try FileManager.default.copyItem(atPath: "\(path)/key.pub", toPath: "\(path)/authorized_keys")
        let hostKey = try String(contentsOfFile: "\(path)/host.pub", encoding: .utf8)
        try (isKnown ? "[127.0.0.1]:\(port) \(hostKey)" : "").write(
            toFile: "\(path)/known_hosts", atomically: true, encoding: .utf8)
        try """
        Port \(port)
        ListenAddress 127.0.0.1
        HostKey \(path)/host
        AuthorizedKeysFile \(path)/authorized_keys
        UsePAM no
        StrictModes no
        PermitRootLogin yes
        SetEnv HOME=\(path)
        PidFile none

        """.write(toFile: "\(path)/sshd_config", atomically: true, encoding: .utf8)
        if NSUserName() == "root" {
            try FileManager.default.createDirectory(atPath: "/run/sshd", withIntermediateDirectories: true)
        }
        daemon = try Daemon.start(
            "/usr/sbin/sshd", ["-D", "-e", "-f", "\(path)/sshd_config"], until: "Server listening")
    }

    func stop() { daemon.stop() }

    /// A host of an inventory, in YAML's flow style.
    func host(_ more: String = "", at address: String = "100.64.0.9") -> String {
        "{ tailscale_ip: \(address), ansible_host: 127.0.0.1, ansible_port: \(port), "
            + "ansible_ssh_private_key_file: \(key), ansible_become: false, "
            + "ansible_ssh_common_args: -o UserKnownHostsFile=\(knownHosts)\(more) }"
    }
}
