import Model
import OrderedCollections

/// What `tailscale status --json` tells of this machine's tailnet (ipnstate.Status, tailscale/tailscale).
public struct TailscaleStatus: Sendable {
    public struct Peer: Sendable, Hashable {
        /// Not unique on a tailnet.
        public var hostName: String
        public var addresses: [String]
        /// Host keys that the control plane vouches for, as lines: `ssh-ed25519 AAAA…`. Empty where it has none.
        public var sshHostKeys: [String]
    }

    /// "Running" where it is up.
    public var backendState: String
    public var peers: [Peer]

    /// - Parameter json: the whole answer, read as a value.
    public init(_ json: Value) {
        backendState = json["BackendState"]?.string ?? ""
        peers = (json["Peer"]?.map ?? [:]).values.map { peer in
            func texts(_ key: String) -> [String] { (peer[key]?.list ?? []).compactMap(\.string) }
            return Peer(
                hostName: peer["HostName"]?.string ?? "", addresses: texts("TailscaleIPs"),
                sshHostKeys: texts("sshHostKeys"))
        }
    }

    /// Vouched host keys by the peers' own Tailscale addresses; no other address of theirs counts.
    public var vouchedHostKeys: [String: [String]] {
        var keys: [String: [String]] = [:]
        for peer in peers where !peer.sshHostKeys.isEmpty {
            for address in peer.addresses { keys[address] = peer.sshHostKeys }
        }
        return keys
    }
}
