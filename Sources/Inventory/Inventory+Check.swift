import Model
import OrderedCollections
import YAML

extension Inventory {
    /// All that is wrong with the cluster that the inventory describes, errors and warnings, in the order of places.
    ///
    /// - Parameter variables: a host's variables; with templates rendered where the caller can. What still holds a
    ///   template is not checked.
    public func check(variables: (Host) -> OrderedDictionary<String, Value> = { $0.variables }) -> [InputError] {
        var check = InventoryCheck(inventory: self, hosts: hosts.map { ($0, variables($0)) })
        check.run()
        var seen: Set<InputError> = []
        return InputErrors((warnings + check.found).map(withLine).filter { seen.insert($0).inserted }).errors
    }

    private func withLine(_ error: InputError) -> InputError {
        guard error.sourceLine == nil, let origin = error.origin, let bytes = sources[origin.file] else { return error }
        let lines = bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
        guard lines.indices.contains(origin.line - 1) else { return error }
        var error = error
        var line = String(decoding: lines[origin.line - 1], as: UTF8.self)
        if line.hasSuffix("\r") { line.removeLast() }
        error.sourceLine = SourceLine.shown(line)
        return error
    }
}

/// Whether a value still holds a template, so that its type is not known yet.
func holdsTemplate(_ value: Value) -> Bool {
    switch value.content {
    case .string(let s): s.contains("{{") || s.contains("{%")
    case .list(let items): items.contains(where: holdsTemplate)
    case .map(let map): map.values.contains(where: holdsTemplate)
    case .unknown: true
    default: false
    }
}

private struct InventoryCheck {
    let inventory: Inventory
    let hosts: [(host: Host, variables: OrderedDictionary<String, Value>)]
    var found: [InputError] = []

    mutating func run() {
        names()
        types()
        controlPlane()
        networks()
        addresses()
        endpoints()
    }

    /// Misspelt names, where they are written. Other unknown names are people's own.
    private mutating func names() {
        for (name, declaration) in inventory.declarations {
            guard let meant = Misspelling.meant(by: name, among: KnownVariables.byName.keys) else { continue }
            found.append(
                InputError(
                    "'\(name)' is no variable that kubani knows",
                    at: declaration.nameOrigin ?? declaration.value.origin,
                    hint: "did you mean '\(meant)'?"))
        }
    }

    /// Values of the wrong type: those that reach a host, and those of groups that no host is in.
    private mutating func types() {
        for (_, variables) in hosts {
            for (name, value) in variables { found += KnownVariables.mistakes(in: value, of: name) }
        }
        for (name, declaration) in inventory.declarations {
            found += KnownVariables.mistakes(in: declaration.value, of: name)
        }
    }

    private mutating func controlPlane() {
        let servers = inventory.hosts(inGroup: "control_plane")
        guard let group = inventory.groups["control_plane"] else {
            let near = nearestName(to: "control_plane", among: inventory.groups.keys)
            found.append(
                InputError(
                    "there is no group control_plane", at: near.flatMap { inventory.groups[$0]?.origin } ?? start,
                    hint: near.map { "did you mean control_plane by '\($0)'?" }
                        ?? "name it with one server at least: all: children: control_plane: hosts:"))
            return
        }
        let origin = group.origin ?? start
        if servers.isEmpty {
            found.append(
                InputError("the group control_plane has no host", at: origin, hint: "a cluster needs a server"))
        } else if servers.count.isMultiple(of: 2) {
            found.append(
                InputError(
                    "\(servers.count) servers withstand no more failures than \(servers.count - 1)", at: origin,
                    hint: "make it an odd number", severity: .warning))
        }
        for host in servers where host.groups.contains("workers") {
            found.append(
                InputError(
                    "\(host.name) is in control_plane and in workers: it is set up as a server",
                    at: inventory.hostPlaces[host.name], severity: .warning))
        }
    }

    private var start: Origin { Origin(file: inventory.path, line: 1, column: 1) }

    /// The three networks must not overlap.
    private mutating func networks() {
        let names = ["tailscale_network", "cluster_cidr", "service_cidr"]
        for (_, variables) in hosts {
            let networks = names.compactMap { name -> (name: String, network: IPv4Network, origin: Origin?)? in
                network(name, variables).map { (name, $0, variables[name]?.origin) }
            }
            for (i, a) in networks.enumerated() {
                for b in networks[(i + 1)...] where a.network.overlaps(b.network) {
                    found.append(
                        InputError(
                            "\(b.name) \(b.network) overlaps with \(a.name) \(a.network)", at: b.origin ?? a.origin))
                }
            }
        }
    }

    /// A network that is set well, or the standard one; nil where it is set badly or by a template.
    private func network(_ name: String, _ variables: OrderedDictionary<String, Value>) -> IPv4Network? {
        guard let value = variables[name], !value.isNull else {
            return KnownVariables[name]?.standard.flatMap { IPv4Network($0) }
        }
        return value.string.flatMap { IPv4Network($0) }
    }

    private mutating func addresses() {
        var owners: [IPv4Address: (name: String, origin: Origin?)] = [:]
        for (host, variables) in hosts {
            guard let value = variables["tailscale_ip"], !value.isNull else {
                let isHelper =
                    variables["ansible_connection"] == "local"
                    && Set(host.groups).isDisjoint(with: ["control_plane", "workers"])
                if !isHelper {
                    found.append(
                        InputError(
                            "\(host.name) has no tailscale_ip", at: inventory.hostPlaces[host.name],
                            hint: "tailscale ip -4, asked on the machine, prints it"))
                }
                continue
            }
            guard let address = value.string.flatMap({ IPv4Address($0) }) else { continue }
            if let network = network("tailscale_network", variables), !network.contains(address) {
                found.append(
                    InputError(
                        "the tailscale_ip of \(host.name), \(address), is not in tailscale_network \(network)",
                        at: value.origin, hint: "tailscale ip -4, asked on the machine, prints it"))
            }
            if let owner = owners[address] {
                found.append(
                    InputError(
                        "\(host.name) has the same tailscale_ip as \(owner.name): \(address)", at: value.origin,
                        hint: owner.origin.map { "\(owner.name)'s is at \($0)" }))
            } else {
                owners[address] = (host.name, value.origin)
            }
        }
    }

    /// Two hosts at one SSH address and port are one machine.
    private mutating func endpoints() {
        var owners: [String: (name: String, origin: Origin?)] = [:]
        for (host, variables) in hosts where variables["ansible_connection"] != "local" {
            guard let value = variables["ansible_host"], let name = value.string, !holdsTemplate(value) else {
                continue
            }
            let port = variables["ansible_port"].flatMap(VariableKind.text) ?? ""
            guard !port.contains("{{") else { continue }
            let endpoint = "\(name.lowercased()):\(port.isEmpty ? "22" : port)"
            if let owner = owners[endpoint] {
                found.append(
                    InputError(
                        "\(host.name) has the same ansible_host as \(owner.name): \(name)", at: value.origin,
                        hint: owner.origin.map { "\(owner.name)'s is at \($0)" }))
            } else {
                owners[endpoint] = (host.name, value.origin)
            }
        }
    }
}
