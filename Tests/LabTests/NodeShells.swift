import Model
import SSH
import Shell
import TestSupport
import Testing

/// A root shell over real SSH, and the connection under it, as a run holds them.
struct NodeShells {
    let shell: DriverShell
    let connection: SSHConnection

    /// - Parameters:
    ///   - user: who logs in.
    ///   - password: what sudo is given.
    init(to node: String, in lab: Lab, user: String = "ops", password: String? = nil) async throws {
        var settings = ConnectionSettings(host: node, address: lab.address(node))
        settings.user = user
        settings.privateKeyFile = lab.key
        settings.commonArguments = lab.sshArguments
        settings.becomePassword = password.map { Secret($0) }
        connection = try await SSHConnector().connect(settings)
        shell = DriverShell(
            channel: try await connection.exec(openShell(settings)), host: node, password: settings.becomePassword)
    }

    func close() async {
        await shell.close()
        await connection.close()
    }
}

extension Lab {
    /// Works with a root shell on a node, and ends it.
    func withShell<T: Sendable>(
        on node: String, user: String = "ops", password: String? = nil, _ work: (DriverShell) async throws -> T
    ) async throws -> T {
        let opened = try await NodeShells(to: node, in: self, user: user, password: password)
        do {
            let result = try await work(opened.shell)
            await opened.close()
            return result
        } catch {
            await opened.close()
            throw error
        }
    }

    /// Makes users that log in by the lab's key: each with a login shell and, where given, a line of its own for sudo.
    func users(on node: String, _ users: [(name: String, shell: String, sudo: String)]) async throws {
        for user in users {
            try await read(
                node,
                """
                id -u \(user.name) >/dev/null 2>&1 || useradd -m -s '\(user.shell)' \(user.name)
                mkdir -p ~\(user.name)/.ssh
                cp /home/ops/.ssh/authorized_keys ~\(user.name)/.ssh/
                chown -R \(user.name): ~\(user.name)/.ssh
                echo '\(user.name):a b'"'"'c$d' | chpasswd
                printf '%s\\n' '\(user.sudo)' >/etc/sudoers.d/\(user.name)
                visudo -cqf /etc/sudoers.d/\(user.name)
                """)
        }
    }
}
