import Inventory
import Kubernetes
import Model
import Tailscale

/// A machine of the tailnet, and what the inventory and the cluster know of it.
struct DiscoveredMachine: Sendable, Equatable {
    var peer: TailscaleStatus.Peer
    /// Whether kubani runs on it.
    var isThis: Bool
    var machine: InventoryMachine?
    var node: NodeStatus?

    var address: String { peer.addresses.first ?? "" }
}

/// Which machines of a tailnet are shown, and who knows them.
struct Discovery: Sendable {
    var tailnet: TailscaleStatus
    /// All hosts of the inventory; nil where there is none.
    var machines: [InventoryMachine]?
    /// nil where the cluster was not asked.
    var nodes: [NodeStatus]?
    var onlineOnly = false
    /// Shell globs; a name has to match one.
    var filter: String?

    /// This machine first, the others by name.
    var found: [DiscoveredMachine] {
        tailnet.machines.filter(isWanted).map { peer in
            let names = peer.addresses + [peer.dnsName]
            let machine = machines?.first { $0.isReached(at: names) }
            return DiscoveredMachine(
                peer: peer, isThis: peer == tailnet.own, machine: machine,
                node: nodes?.first { !Set($0.internalAddresses).isDisjoint(with: peer.addresses) }
                    ?? nodes?.first { isNamed($0, peer, machine) })
        }
    }

    /// By its name; one that says that it is elsewhere in the tailnet is another.
    private func isNamed(_ node: NodeStatus, _ peer: TailscaleStatus.Peer, _ machine: InventoryMachine?) -> Bool {
        guard node.name == machine?.name ?? peer.name else { return false }
        return !tailnet.machines.contains { !Set($0.addresses).isDisjoint(with: node.internalAddresses) }
    }

    private func isWanted(_ peer: TailscaleStatus.Peer) -> Bool {
        if onlineOnly, !peer.isOnline { return false }
        guard let filter = filter?.lowercased() else { return true }
        return [peer.name, peer.dnsName, peer.hostName].contains { Glob.matches(filter, $0.lowercased()) }
    }

    /// Those that could be added: kubani's nodes run Linux.
    var candidates: [DiscoveredMachine] {
        machines == nil ? [] : found.filter { $0.machine == nil && !$0.isThis && $0.peer.os == "linux" }
    }
}
