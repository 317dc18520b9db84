/// Whether a server's host key is the one we know: a pure decision.
struct HostKeyCheck: Sendable {
    enum Verdict: Sendable, Hashable {
        case trusted
        /// No key is known for the host. `elsewhere` are keys of other types that are.
        case unknown(elsewhere: [KnownHosts.Line])
        /// Another key of this type is known.
        case changed(KnownHosts.Line)
        case revoked(KnownHosts.Line)
    }

    /// The name that the key is known by: ssh_config's HostKeyAlias, or what we connect to.
    var name: String
    var port: Int
    var known: KnownHosts
    /// Keys that Tailscale's control plane vouches for at this address.
    var vouched: [PublicKey] = []

    func verdict(on key: PublicKey) -> Verdict {
        let lines = known.lines(for: name, port: port)
        // OpenSSH takes a key known without a port for one at another port; a mismatch there says nothing.
        let portless = port == 22 ? [] : known.lines(for: name, port: 22)
        if let revoked = (lines + portless).first(where: { $0.marker == .revoked && $0.key == key }) {
            return .revoked(revoked)
        }
        if vouched.contains(key) { return .trusted }
        let plain = lines.filter { $0.marker == .none }
        if (plain + portless.filter { $0.marker == .none }).contains(where: { $0.key == key }) { return .trusted }
        if let other = plain.first(where: { $0.key.type == key.type }) { return .changed(other) }
        return .unknown(elsewhere: plain)
    }

    /// The host-key algorithms to ask for: those of known keys first, for libssh2 would pick by itself and then meet a
    /// key that nobody knows.
    func algorithms(supported: [String]) -> [String] {
        var lines = known.lines(for: name, port: port).filter { $0.marker == .none }
        if lines.isEmpty, port != 22 { lines = known.lines(for: name, port: 22).filter { $0.marker == .none } }
        let types = vouched.map(\.type) + lines.map(\.key.type)
        var order: [String] = []
        for algorithm in types.flatMap(KeyType.algorithms) + KeyType.preferred + supported
        where supported.contains(algorithm) && !order.contains(algorithm) {
            order.append(algorithm)
        }
        // What nobody knows and OpenSSH gave up is not asked for.
        return order.filter { types.flatMap(KeyType.algorithms).contains($0) || KeyType.preferred.contains($0) }
    }
}
