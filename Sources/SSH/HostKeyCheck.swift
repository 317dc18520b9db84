/// Whether a server's host key is the one we know: a pure decision.
struct HostKeyCheck: Sendable {
    enum Verdict: Sendable, Hashable {
        case trusted
        /// No key is known for the host. `elsewhere` are keys of other types that are.
        case unknown(elsewhere: [KnownHosts.Line])
        /// Another key of this type is known.
        case changed(KnownHosts.Line)
        /// Where that is said.
        case revoked(String)
        /// Tailscale vouches for others.
        case disowned
        /// An authority vouches for the host's certificates, which libssh2 cannot be shown.
        case uncertified(KnownHosts.Line)
        /// A line that names the host cannot be read: nobody can tell whether its key is known.
        case illegible(KnownHosts.Damaged)
    }

    /// The name that the key is known by: ssh_config's HostKeyAlias, or what we connect to.
    var name: String
    var port: Int
    var known: KnownHosts
    /// Keys that Tailscale's control plane vouches for at this address.
    var vouched: [PublicKey] = []
    /// RevokedHostKeys, and the file's name.
    var revoked: (keys: RevokedKeys, file: String)?

    func verdict(on key: PublicKey) -> Verdict {
        let lines = known.lines(for: name, port: port)
        // OpenSSH takes a key known without a port for one at another port; a mismatch there says nothing.
        let portless = port == 22 ? [] : known.lines(for: name, port: 22)
        if let revoked = (lines + portless).first(where: { $0.marker == .revoked && $0.key == key }) {
            return .revoked(revoked.place)
        }
        if let revoked, revoked.keys.contains(key) { return .revoked(revoked.file) }
        if vouched.contains(key) { return .trusted }
        let plain = lines.filter { $0.marker == .none }
        if (plain + portless.filter { $0.marker == .none }).contains(where: { $0.key == key }) { return .trusted }
        if let other = plain.first(where: { $0.key.type == key.type }) { return .changed(other) }
        // It vouches for the machine's own sshd, which is at port 22.
        if !vouched.isEmpty, port == 22 { return .disowned }
        if plain.isEmpty {
            if let authority = lines.first(where: { $0.marker == .certificateAuthority }) {
                return .uncertified(authority)
            }
            if let damage = known.damage(for: name, port: port) { return .illegible(damage) }
        }
        return .unknown(elsewhere: plain)
    }

    /// The host-key algorithms to ask for: those of known keys first, for libssh2 would pick by itself and then meet a
    /// key that nobody knows.
    func ordered(_ allowed: [String]) -> [String] {
        var lines = known.lines(for: name, port: port).filter { $0.marker == .none }
        if lines.isEmpty, port != 22 { lines = known.lines(for: name, port: 22).filter { $0.marker == .none } }
        let known = Set((vouched.map(\.type) + lines.map(\.key.type)).flatMap(KeyType.algorithms))
        return allowed.filter(known.contains) + allowed.filter { !known.contains($0) }
    }
}
