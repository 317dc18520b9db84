import Model

/// The part of ssh_config that we follow, with the first value of each keyword, as OpenSSH has it.
struct SSHSettings: Sendable, Hashable {
    enum StrictChecking: Sendable, Hashable { case yes, acceptNew }

    var hostname: String?
    var user: String?
    var port: Int?
    var identityFiles: [String] = []
    var identitiesOnly: Bool?
    /// A socket's path, `SSH_AUTH_SOCK` or `none`.
    var identityAgent: String?
    /// Hops with commas between them, or `none`.
    var proxyJump: String?
    var proxyCommand: String?
    var userKnownHostsFiles: [String]?
    var systemKnownHostsFiles: [String]?
    var strictHostKeyChecking: StrictChecking?
    var hostKeyAlias: String?
    var hashKnownHosts: Bool?
    var revokedHostKeys: String?
    var algorithms = Algorithms()

    init() {}

    /// What `ssh -G` prints: a keyword and its value on each line.
    init(resolved text: String) {
        for line in text.split(whereSeparator: \.isNewline) {
            let parts = line.split(separator: " ", maxSplits: 1)
            if parts.count == 2 { set(String(parts[0]), to: String(parts[1])) }
        }
    }

    static let keywords: Set<String> = [
        "hostname", "user", "port", "identityfile", "identitiesonly", "identityagent", "proxyjump", "proxycommand",
        "userknownhostsfile", "globalknownhostsfile", "stricthostkeychecking", "hostkeyalias", "revokedhostkeys",
        "ciphers", "macs", "kexalgorithms", "hostkeyalgorithms",
    ]

    /// Sets what is not set yet; keywords of no interest here are left alone.
    mutating func set(_ keyword: String, to value: String) {
        switch keyword.lowercased() {
        case "hostname": hostname = hostname ?? value
        case "user": user = user ?? value
        case "port": port = port ?? Int(value)
        case "identityfile": if value != "none", !identityFiles.contains(value) { identityFiles.append(value) }
        case "identitiesonly": identitiesOnly = identitiesOnly ?? Self.isOn(value)
        case "identityagent": identityAgent = identityAgent ?? value
        case "proxyjump": if proxyCommand == nil { proxyJump = proxyJump ?? value }
        case "proxycommand": if proxyJump == nil { proxyCommand = proxyCommand ?? value }
        case "userknownhostsfile": userKnownHostsFiles = userKnownHostsFiles ?? Self.paths(value)
        case "globalknownhostsfile": systemKnownHostsFiles = systemKnownHostsFiles ?? Self.paths(value)
        case "stricthostkeychecking":
            // `no` would also take changed keys; here none is, ever.
            let accepts = ["accept-new", "no", "off", "false"].contains(value.lowercased())
            strictHostKeyChecking = strictHostKeyChecking ?? (accepts ? .acceptNew : .yes)
        case "hostkeyalias": hostKeyAlias = hostKeyAlias ?? value
        case "hashknownhosts": hashKnownHosts = hashKnownHosts ?? Self.isOn(value)
        case "revokedhostkeys": revokedHostKeys = revokedHostKeys ?? value
        case "ciphers": rule(.cipher, value)
        case "macs": rule(.mac, value)
        case "kexalgorithms": rule(.exchange, value)
        case "hostkeyalgorithms": rule(.hostKey, value)
        default: break
        }
    }

    private mutating func rule(_ kind: AlgorithmKind, _ value: String) {
        algorithms.rules[kind] = algorithms.rules[kind] ?? value
    }

    private static func isOn(_ value: String) -> Bool { ["yes", "true", "on"].contains(value.lowercased()) }

    private static func paths(_ value: String) -> [String] {
        value == "none" ? [] : (ShellWords.split(value) ?? [value])
    }
}
