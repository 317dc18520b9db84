/// A machine to log in to, with all that decides how: nothing is left to look up.
struct Target: Sendable, Hashable {
    /// The host's name in the inventory, or the hop's.
    var name: String
    var address: String
    var port = 22
    var user: String
    var keyFiles: [String]
    /// Whether somebody named the key files; the usual ones that are not there are not worth a word.
    var namesKeyFiles = false
    /// The inventory's key of the machine at the end, which often serves for the hops before it too.
    var lentKey: String?
    var identitiesOnly = false
    var agentSocket: String?
    var knownAs: String
    var userKnownHosts: [String]
    var systemKnownHosts: [String]
    /// RevokedHostKeys: a file that must be there.
    var revokedHostKeys: String?
    var algorithms = Algorithms()
    var acceptsNewHostKeys = false
    var hashesKnownHosts = false
    /// `-F` of the machine at the end: it holds for the hops before it too.
    var configFile: String?
    var route = Route.direct

    enum Route: Sendable, Hashable {
        case direct
        case jump([Hop])
        case command(String)
    }

    /// For messages.
    var peer: String {
        let place = address.contains(":") ? "[\(address)]" : address
        return "\(user)@\(place)" + (port == 22 ? "" : ":\(port)")
    }

    static let usualKeys = ["id_ed25519", "id_ecdsa", "id_rsa"]

    /// - Parameter alias: what the user calls the machine (`ansible_host`), before ssh_config renames it.
    init(name: String, alias: String, _ settings: SSHSettings, _ options: SSHOptions) {
        self.name = name
        let user = settings.user ?? options.localUser
        let address = (settings.hostname ?? alias).replacingToken("%h", with: alias)
        self.user = user
        self.address = address
        port = settings.port ?? 22
        func expanded(_ path: String) -> String { options.expand(path, host: address, user: user) }
        let usual = Self.usualKeys.map { "\(options.home)/.ssh/\($0)" }
        let named = settings.identityFiles.map(expanded)
        keyFiles = named.isEmpty ? usual : named
        namesKeyFiles = !named.isEmpty && !named.contains { usual.contains($0) }
        identitiesOnly = settings.identitiesOnly ?? false
        switch settings.identityAgent {
        case nil, "SSH_AUTH_SOCK"?: agentSocket = options.agentSocket
        case "none"?: agentSocket = nil
        case let path?: agentSocket = expanded(path)
        }
        knownAs = settings.hostKeyAlias ?? address
        let home = options.home
        userKnownHosts =
            options.userKnownHostsFiles ?? settings.userKnownHostsFiles?.map(expanded)
            ?? ["\(home)/.ssh/known_hosts", "\(home)/.ssh/known_hosts2"]
        systemKnownHosts =
            options.systemKnownHostsFiles ?? settings.systemKnownHostsFiles?.map(expanded)
            ?? ["/etc/ssh/ssh_known_hosts", "/etc/ssh/ssh_known_hosts2"]
        revokedHostKeys = settings.revokedHostKeys.flatMap { $0 == "none" ? nil : expanded($0) }
        algorithms = settings.algorithms
        acceptsNewHostKeys = options.acceptNewHostKeys || settings.strictHostKeyChecking == .acceptNew
        hashesKnownHosts = settings.hashKnownHosts ?? false
        if let jump = settings.proxyJump, jump != "none", let hops = Hop.list(jump), !hops.isEmpty {
            route = .jump(hops)
        } else if let command = settings.proxyCommand, command != "none" {
            route = .command(command)
        }
    }
}

extension String {
    fileprivate func replacingToken(_ token: String, with value: String) -> String {
        split(separator: token, omittingEmptySubsequences: false).joined(separator: value)
    }
}
