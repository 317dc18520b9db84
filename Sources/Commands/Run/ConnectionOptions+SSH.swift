import Model
import SSH

extension ConnectionOptions {
    /// What holds for all connections of a run.
    func ssh(_ console: Console, _ narrator: Narrator) -> SSHOptions {
        var ssh = SSHOptions()
        ssh.forks = forks
        ssh.connectTimeout = .seconds(connectTimeout)
        ssh.acceptNewHostKeys = acceptNewHostKeys
        ssh.askPassphrase = { file in narrator.asking { console.askSecret("Passphrase of \(file): ") } }
        return ssh
    }

    /// The settings with what the command line says of all hosts, and the passwords that are to be asked for; each is
    /// asked for once.
    func completed(
        _ settings: [ConnectionSettings], _ console: Console, _ narrator: Narrator
    ) -> [ConnectionSettings] {
        let password = askPass ? narrator.asking { console.askSecret("SSH password: ") } : nil
        let become = askBecomePass ? narrator.asking { console.askSecret("sudo password: ") } : nil
        return settings.map { host in
            var host = host
            if host.method != .local, let transport { host.method = transport == .openssh ? .openssh : .ssh }
            host.password = host.password ?? password
            host.becomePassword = host.becomePassword ?? become
            return host
        }
    }
}
