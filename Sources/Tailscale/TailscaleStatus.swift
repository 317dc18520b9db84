import Model
import OrderedCollections

/// What Tailscale tells of this machine's tailnet (ipnstate.Status, tailscale/tailscale).
public struct TailscaleStatus: Sendable {
    public struct Peer: Sendable, Hashable {
        /// Not unique on a tailnet.
        public var hostName: String
        /// Unique, without the dot at its end: `nuc.example.ts.net`. Empty where the tailnet has no names.
        public var dnsName: String
        public var os: String
        /// The IPv4 address first.
        public var addresses: [String]
        public var isOnline: Bool
        /// When a machine that is off was seen, as `2026-11-24T10:00:00Z`; nil where it is on, or never was seen.
        public var lastSeen: String?
        public var tags: [String]
        /// A machine of somebody else's, here only because one of ours was shared with them.
        public var isSharee: Bool
        /// A VPN company's way out, one of hundreds that a tailnet may have: no machine of ours.
        public var isRentedExit: Bool
        /// Host keys that the control plane vouches for, as lines: `ssh-ed25519 AAAA…`. Empty where it has none.
        public var sshHostKeys: [String]

        /// What the tailnet calls it: the first part of its DNS name, or else its host name.
        public var name: String {
            let first = dnsName.prefix { $0 != "." }
            return first.isEmpty ? hostName : String(first)
        }

        init(_ json: Value) {
            func text(_ key: String) -> String { json[key]?.string ?? "" }
            func texts(_ key: String) -> [String] { (json[key]?.list ?? []).compactMap(\.string) }
            hostName = text("HostName")
            dnsName = text("DNSName").hasSuffix(".") ? String(text("DNSName").dropLast()) : text("DNSName")
            os = text("OS")
            let all = texts("TailscaleIPs")
            addresses = all.filter { !$0.contains(":") } + all.filter { $0.contains(":") }
            isOnline = json["Online"]?.bool ?? false
            // Go's zero time is no time at all.
            lastSeen =
                isOnline || text("LastSeen").hasPrefix("0001-") || text("LastSeen").isEmpty ? nil : text("LastSeen")
            tags = texts("Tags")
            isSharee = json["ShareeNode"]?.bool ?? false
            // Only such have a place that the control plane knows.
            isRentedExit = json["ExitNodeOption"]?.bool == true && json["Location"]?.map != nil
            sshHostKeys = texts("sshHostKeys")
        }
    }

    /// "Running" where it is up.
    public var backendState: String
    /// What the tailnet is called, such as its owner's address; empty where that is not told.
    public var tailnet: String
    /// This machine; nil where it is not logged in.
    public var own: Peer?
    /// All others, those that were shared with too.
    public var peers: [Peer]

    /// - Parameter json: the whole answer, read as a value.
    public init(_ json: Value) {
        backendState = json["BackendState"]?.string ?? ""
        tailnet = json["CurrentTailnet"]?["Name"]?.string ?? ""
        own = json["Self"].flatMap { $0.map == nil ? nil : Peer($0) }
        peers = (json["Peer"]?.map ?? [:]).values.map(Peer.init)
    }

    /// The tailnet's machines, this one first, the others by name.
    public var machines: [Peer] {
        [own].compactMap { $0 }
            + peers.filter { !$0.isSharee && !$0.isRentedExit }.sorted {
                ($0.name, $0.addresses.first ?? "") < ($1.name, $1.addresses.first ?? "")
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
