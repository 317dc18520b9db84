import Model

#if canImport(Darwin)
    import Darwin
#elseif canImport(Musl)
    import Musl
#else
    import Glibc
#endif

/// What holds for all connections of a run.
public struct SSHOptions: Sendable {
    /// How many handshakes may be under way at one time.
    public var forks = 32
    /// From looking up the name to being logged in; a person who is asked for a passphrase does not count.
    public var connectTimeout: Duration = .seconds(20)
    /// Takes and remembers the key of a host that nobody knows yet; a changed key is refused all the same.
    public var acceptNewHostKeys = false
    /// Where host keys are looked up and new ones added; nil follows ssh_config, then ~/.ssh/known_hosts.
    public var userKnownHostsFiles: [String]?
    /// nil follows ssh_config, then /etc/ssh/ssh_known_hosts.
    public var systemKnownHostsFiles: [String]?
    /// An ssh_config to read instead of the user's and the system's.
    public var configFile: String?
    /// The agent's socket; nil for no agent.
    public var agentSocket: String?
    /// A connection that was quiet for as long is asked for a sign of life; after four such it is given up.
    public var keepaliveInterval: Duration = .seconds(15)
    /// Asked at most once for each key file, and only when a server would take the key.
    public var askPassphrase: (@Sendable (_ keyFile: String) async -> Secret?)?
    /// The user's home directory, and the name to log in with where nothing says otherwise.
    public var home: String
    public var localUser: String

    /// As the environment has it.
    public init() {
        let entry = getpwuid(getuid())
        localUser = environment("USER") ?? "root"
        home = environment("HOME") ?? "/"
        if let entry {
            localUser = String(cString: entry.pointee.pw_name)
            if environment("HOME") == nil { home = String(cString: entry.pointee.pw_dir) }
        }
        agentSocket = environment("SSH_AUTH_SOCK")
    }

    /// A path with `~` and ssh_config's own tokens filled in.
    func expand(_ path: String, host: String, user: String) -> String {
        var out = ""
        var rest = Substring(path)
        if rest == "~" || rest.hasPrefix("~/") {
            out = home
            rest = rest.dropFirst()
        }
        while let character = rest.popFirst() {
            if character == "%", let token = rest.popFirst() {
                switch token {
                case "%": out += "%"
                case "d": out += home
                case "h": out += host
                case "r": out += user
                case "u": out += localUser
                default: out += "%\(token)"
                }
            } else if character == "$", rest.hasPrefix("{"), let end = rest.firstIndex(of: "}") {
                out += environment(String(rest[rest.index(after: rest.startIndex)..<end])) ?? ""
                rest = rest[rest.index(after: end)...]
            } else {
                out.append(character)
            }
        }
        return out
    }
}

private func environment(_ name: String) -> String? {
    guard let value = getenv(name) else { return nil }
    let text = String(cString: value)
    return text.isEmpty ? nil : text
}
