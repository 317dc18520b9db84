import Model
import OrderedCollections

extension InventoryEditor {
    /// Adds a machine to the cluster's inventory: a host whose name Kubernetes takes, with its Tailscale address and, where
    /// each of the others sets `ansible_host` for itself, with that too.
    ///
    /// - Parameters:
    ///   - group: `workers` or `control_plane`.
    ///   - variables: what the host has beside its address.
    /// - Throws: all that is wrong with the name, the address and the variables at once.
    public mutating func addNode(
        _ name: String, address: String, to group: String, variables: OrderedDictionary<String, Value>
    ) throws(InputErrors) {
        var errors = nameMistakes(name) + addressMistakes(address, of: name, in: group)
        for (variable, value) in variables { errors += KnownVariables.mistakes(of: variable, value) }
        notes += errors.filter { $0.severity == .warning }
        errors.removeAll { $0.severity == .warning }
        if !errors.isEmpty { throw InputErrors(errors) }
        var all: OrderedDictionary<String, Value> = ["tailscale_ip": .string(address)]
        if let host = connectionAddress(address, in: group) { all["ansible_host"] = host }
        all.merge(variables) { $1 }
        try addHost(name, to: group, variables: all)
    }

    private func nameMistakes(_ name: String) -> [InputError] {
        if let place = inventory.hostPlaces[name] {
            return [
                InputError(
                    "\(name) is in the inventory already", at: place,
                    hint: "kubani config-set --scope \(name) changes its variables")
            ]
        }
        guard KubernetesSyntax.isSubdomain(name[...]) else {
            let lower = name.lowercased().map { "_ ".contains($0) ? "-" : $0 }
            let hint = KubernetesSyntax.isSubdomain(String(lower)[...]) ? "such as '\(String(lower))'" : nil
            return [
                InputError(
                    "'\(name)' is no name of a node: those have lower case letters, digits, '-' and '.'", hint: hint)
            ]
        }
        return []
    }

    private func addressMistakes(_ text: String, of name: String, in group: String) -> [InputError] {
        guard let address = IPv4Address(text) else {
            return [
                InputError("'\(text)' is no IPv4 address", hint: "tailscale ip -4, asked on the machine, prints it")
            ]
        }
        let set = inventory.variables(ofGroup: inventory.groups[group] == nil ? "all" : group)["tailscale_network"]
        let written = set?.string ?? KnownVariables["tailscale_network"]?.standard
        if let network = written.flatMap({ IPv4Network($0) }), !network.contains(address) {
            return [
                InputError(
                    "\(address) is not in tailscale_network \(network)", at: set?.origin,
                    hint: "tailscale ip -4, asked on the machine, prints it")
            ]
        }
        for host in inventory.hosts {
            guard let value = host.variables["tailscale_ip"], value.string.flatMap({ IPv4Address($0) }) == address
            else {
                continue
            }
            return [InputError("\(host.name) has the address \(address) already", at: value.origin)]
        }
        return []
    }

    /// The `ansible_host` of a new host, where those of its group, or all where that has none, have one each.
    private func connectionAddress(_ address: String, in group: String) -> Value? {
        let members = inventory.hosts(inGroup: group)
        let others = members.isEmpty ? inventory.hosts : members
        let values = others.map { inventory.ownVariables(of: .host($0.name))["ansible_host"]?.string }
        guard let first = values.first ?? nil, !values.contains(nil) else { return nil }
        let isTemplate = first.contains("{{") && values.allSatisfy { $0 == first }
        return .string(isTemplate ? first : address)
    }
}
