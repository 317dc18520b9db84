import Kubernetes
import Model
import Tailscale

/// One node as it is meant to be, as the cluster has it and as the tailnet sees it.
struct NodePicture: Sendable, Equatable {
    var name: String
    /// nil where the inventory does not have it.
    var machine: InventoryMachine?
    /// nil where the cluster does not have it, or could not be asked.
    var node: NodeStatus?
    /// nil where the tailnet does not have it, or could not be asked.
    var peer: TailscaleStatus.Peer?
    var state: State

    enum State: String, Sendable, Equatable {
        case ready = "Ready"
        /// The kubelet says so, and why.
        case notReady = "NotReady"
        /// The kubelet has said nothing for a while.
        case silent = "Silent"
        /// It has registered, and not said anything yet.
        case untold = "Untold"
        case notInCluster = "NotInCluster"
        /// The cluster could not be asked.
        case unknown = "Unknown"

        init(_ readiness: NodeStatus.Readiness) {
            switch readiness {
            case .ready: self = .ready
            case .notReady: self = .notReady
            case .silent: self = .silent
            case .untold: self = .untold
            }
        }
    }

    /// Where it is: in the cluster, or else where the inventory says.
    var address: String { node?.internalAddresses.first ?? machine?.addresses.first ?? "" }

    /// What the cluster calls its roles, and where that says nothing, what the inventory wants.
    var roles: [String] {
        let told = node?.roles ?? []
        return told.isEmpty ? machine?.roles ?? [] : told
    }

    /// What is wrong beside the state, or may surprise.
    var troubles: [String] {
        var troubles: [String] = []
        switch node?.readiness {
        case .notReady(_, let message): troubles += message.isEmpty ? [] : [message]
        case .silent(let since, let message): troubles.append("since \(since): \(message)")
        default: break
        }
        troubles += node?.troubles ?? []
        if let node, let machine, !machine.addresses.isEmpty, !node.internalAddresses.isEmpty,
            !machine.isReached(at: node.internalAddresses)
        {
            troubles.append(
                "address: the cluster has \(node.internalAddresses.joined(separator: ", ")), the inventory "
                    + machine.addresses.joined(separator: ", "))
        }
        return troubles
    }
}

/// Puts together what the three sources tell of the nodes.
struct NodeJoin: Sendable {
    /// Servers and workers.
    var machines: [InventoryMachine]
    /// nil where the cluster could not be asked.
    var nodes: [NodeStatus]?
    /// nil where Tailscale could not be asked.
    var peers: [TailscaleStatus.Peer]?
    /// Whether nodes that are not among the machines are shown.
    var showsOthers = true

    /// The inventory's in its order, then the others by name.
    ///
    /// A node is a machine's by its name, which kubani gives it, and else by its address.
    var pictures: [NodePicture] {
        var left = nodes ?? []
        func take(_ isIt: (NodeStatus) -> Bool) -> NodeStatus? {
            left.firstIndex(where: isIt).map { left.remove(at: $0) }
        }
        var found = machines.map { machine in take { $0.name == machine.name } }
        for (i, machine) in machines.enumerated() where found[i] == nil {
            found[i] = take { machine.isReached(at: $0.internalAddresses) }
        }
        let known = zip(machines, found).map { picture($0, $1) }
        return known + (showsOthers ? left.sorted { $0.name < $1.name }.map { picture(nil, $0) } : [])
    }

    private func picture(_ machine: InventoryMachine?, _ node: NodeStatus?) -> NodePicture {
        let state = node.map { NodePicture.State($0.readiness) } ?? (nodes == nil ? .unknown : .notInCluster)
        let peer = peers?.first { peer in
            machine?.isReached(at: peer.addresses + [peer.dnsName]) == true
                || node.map { !Set($0.internalAddresses).isDisjoint(with: peer.addresses) } == true
        }
        return NodePicture(
            name: node?.name ?? machine?.name ?? "", machine: machine, node: node, peer: peer, state: state)
    }
}
