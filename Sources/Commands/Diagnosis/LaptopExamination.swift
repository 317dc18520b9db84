import Model
import Report
import SSH
import Tailscale

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif
#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// Whether this machine has what kubani uses. Most of it can be done without, and says so.
struct LaptopExamination {
    let ssh: SSHOptions
    let environment: [String: String]
    /// The hosts of the inventory; empty where there is none yet.
    let settings: [ConnectionSettings]

    func run() async -> [Finding] {
        async let tailscale = tailscale()
        async let keys = LoginKeys.find(ssh)
        return [client, agent(await keys), login(await keys), knownHosts, await tailscale, kubectl, ansible, journals]
    }

    private var client: Finding {
        if let path = program("ssh") { return Finding("ssh", .ok, path) }
        return Finding(
            "ssh", .warn, "there is no ssh here: ~/.ssh/config, jump hosts by it and ProxyCommand cannot be used",
            hint: "install OpenSSH's client")
    }

    private func agent(_ keys: LoginKeys) -> Finding {
        if let count = keys.agentKeys { return Finding("ssh agent", .ok, counted(count, "key")) }
        if keys.namesAgent {
            return Finding(
                "ssh agent", .warn, "SSH_AUTH_SOCK names one, and nobody answers there",
                hint: "eval $(ssh-agent); ssh-add")
        }
        return Finding("ssh agent", .ok, "none; key files are used")
    }

    private func login(_ keys: LoginKeys) -> Finding {
        let named = Set(settings.filter { $0.method == .ssh }.compactMap(\.privateKeyFile)).sorted()
        let missing = named.filter { access(ssh.home(of: $0), R_OK) != 0 }
        if let first = missing.first {
            return Finding(
                "ssh keys", .fail, "\(first), which the inventory names, cannot be read",
                hint: "correct ansible_ssh_private_key_file")
        }
        let count = named.count + keys.files.count + (keys.agentKeys ?? 0)
        if count > 0 {
            let all = named + keys.files + (keys.agentKeys ?? 0 > 0 ? ["the agent's"] : [])
            return Finding("ssh keys", .ok, all.joined(separator: ", "))
        }
        let hasPasswords = !settings.isEmpty && settings.allSatisfy { $0.method == .local || $0.password != nil }
        if hasPasswords { return Finding("ssh keys", .ok, "none; the inventory has passwords") }
        return Finding(
            "ssh keys", .warn, "there are none to log in with",
            hint: "ssh-keygen -t ed25519, then ssh-copy-id USER@NODE; or --ask-pass")
    }

    private var knownHosts: Finding {
        let path = "\(ssh.home)/.ssh/known_hosts"
        if access(path, R_OK) == 0 { return Finding("known_hosts", .ok, path) }
        return Finding(
            "known_hosts", .warn, "\(path): \(String(cString: strerror(errno))): no host key is known by it",
            hint: "connect once with ssh, or use --accept-new-host-keys")
    }

    private func tailscale() async -> Finding {
        do throws(Failure) {
            let status = try await Tailscale.status(environment)
            let address = status.own?.addresses.first.map { ", \($0)" } ?? ""
            return Finding("tailscale", .ok, "up, on \(status.tailnet)\(address)")
        } catch {
            return Finding(
                "tailscale", .warn, error.cause + ": nodes cannot be reached by Tailscale addresses", hint: error.hint)
        }
    }

    private var kubectl: Finding {
        if let path = program("kubectl") { return Finding("kubectl", .ok, path) }
        return Finding(
            "kubectl", .warn, "there is none here; kubani does without",
            hint:
                "to look into the cluster yourself: https://kubernetes.io/docs/tasks/tools/, or sudo k3s kubectl on a server"
        )
    }

    private var ansible: Finding { Finding("ansible", .ok, "not needed: its inventories are read as they are") }

    private var journals: Finding {
        // Of what is not there yet, the folder that it will be made in.
        var place = ".kubani/runs"
        while access(place, F_OK) != 0, errno == ENOENT, place != "." {
            place = place.contains("/") ? String(place.prefix { $0 != "/" }) : "."
        }
        if access(place, W_OK | X_OK) == 0 { return Finding("journals", .ok, ".kubani/runs can be written") }
        return Finding(
            "journals", .warn, ".kubani/runs cannot be written: \(String(cString: strerror(errno)))",
            hint: "run kubani in a folder of yours; a run without a journal is no worse otherwise")
    }

    /// Where a program of $PATH is.
    private func program(_ name: String) -> String? {
        (environment["PATH"] ?? "").split(separator: ":").map { "\($0)/\(name)" }.first { access($0, X_OK) == 0 }
    }
}

extension SSHOptions {
    /// A path with its `~` filled in.
    fileprivate func home(of path: String) -> String { path.hasPrefix("~/") ? home + path.dropFirst() : path }
}
