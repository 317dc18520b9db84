/// How to reach a host's root shell, from the inventory's rendered `ansible_…` variables and the command line.
public struct ConnectionSettings: Sendable, Hashable {
    /// `openssh` is the user's own program `ssh`, `local` a process of this machine.
    public enum Method: String, Sendable, Hashable { case ssh, openssh, local }

    public var method: Method = .ssh
    /// The host's name in the inventory.
    public var host: String
    /// What to connect to; the inventory name unless `ansible_host` says otherwise.
    public var address: String
    public var port: Int?
    public var user: String?
    public var privateKeyFile: String?
    /// `ansible_ssh_args`, `ansible_ssh_common_args` and `ansible_ssh_extra_args`, as OpenSSH's options: -o ProxyJump=…,
    /// -J, -o ProxyCommand=…
    public var commonArguments: String?
    public var password: Secret?
    public var becomes = true
    public var becomeUser = "root"
    public var becomePassword: Secret?

    public init(host: String, address: String? = nil) {
        self.host = host
        self.address = address ?? host
    }
}

/// A secret text that never shows itself; `reveal` is called only where it is handed on.
public struct Secret: Sendable, Hashable, CustomStringConvertible, CustomReflectable {
    private let text: String
    public init(_ text: String) { self.text = text }
    public func reveal() -> String { text }
    public var description: String { "(sensitive)" }
    public var customMirror: Mirror { Mirror(self, children: []) }
}
