import Kubernetes
import Model
import OrderedCollections
import Report
import Tailscale

/// What `kubani discover` shows.
struct DiscoveryText {
    var style: Style
    var moment: Moment
    /// Whether there is an inventory, and whether the cluster was asked; their columns are left out otherwise.
    var knowsInventory: Bool
    var knowsCluster: Bool

    func table(_ machines: [DiscoveredMachine]) -> String {
        let header =
            ["NAME", "ADDRESS", "OS", "TAILSCALE", "TAGS"] + (knowsInventory ? ["INVENTORY"] : [])
            + (knowsCluster ? ["CLUSTER"] : [])
        return TableText.render(header, machines.map(row), style: style)
    }

    private func row(_ machine: DiscoveredMachine) -> TableText.Row {
        let status = StatusText(style: style, moment: moment, knowsTailnet: true)
        let peer = machine.peer
        var cells = [
            peer.name + (machine.isThis ? " (this machine)" : ""), machine.address, peer.os.isEmpty ? "-" : peer.os,
            status.tailscale(peer),
            peer.tags.isEmpty
                ? "-" : peer.tags.map { $0.hasPrefix("tag:") ? String($0.dropFirst(4)) : $0 }.joined(separator: ","),
        ]
        var tints: [Int: Style.Tint] = [3: peer.isOnline ? .green : .dim]
        if knowsInventory {
            if machine.machine != nil { tints[cells.count] = .green }
            cells.append(machine.machine?.name ?? "-")
        }
        if knowsCluster {
            if let node = machine.node { tints[cells.count] = node.isReady ? .green : .red }
            cells.append(machine.node.map { standing($0, machine, status) } ?? "-")
        }
        return TableText.Row(cells, tints: tints)
    }

    /// `Ready`, and the node's name where the inventory calls it otherwise.
    private func standing(_ node: NodeStatus, _ machine: DiscoveredMachine, _ status: StatusText) -> String {
        let expected = machine.machine?.name ?? machine.peer.name
        let picture = NodePicture(
            name: node.name, machine: InventoryMachine(name: node.name, groups: [], addresses: []), node: node,
            peer: machine.peer, state: .init(node.readiness))
        return (node.name == expected ? "" : "\(node.name): ") + status.standing(picture)
    }

    /// What to do with those that are not in the inventory; nil where there is nothing.
    ///
    /// - Parameter inventory: the path to name, where it is not the usual one.
    func hint(_ candidates: [DiscoveredMachine], inventory: String?) -> String? {
        guard let first = candidates.first(where: \.peer.isOnline) ?? candidates.first else { return nil }
        let names = candidates.map(\.peer.name).joined(separator: ", ")
        let path = inventory.map { " -i \($0)" } ?? ""
        return "Not in the inventory: \(names).\n"
            + "To add one: kubani add-node \(first.peer.name) \(first.address)\(path)"
    }

    /// Its keys are in docs/STATUS.md.
    static func json(_ machine: DiscoveredMachine) -> Value {
        var all = StatusJSON.peer(machine.peer).map ?? [:]
        all["host_name"] = .string(machine.peer.hostName)
        all["os"] = .string(machine.peer.os)
        all["tags"] = StatusJSON.texts(machine.peer.tags)
        all["this_machine"] = .bool(machine.isThis)
        all["inventory"] =
            machine.machine.map { ["host": .string($0.name), "groups": StatusJSON.texts($0.groups)] } ?? .null
        all["node"] =
            machine.node.map {
                ["name": .string($0.name), "state": .string(NodePicture.State($0.readiness).rawValue)]
            } ?? .null
        return .map(all)
    }
}
