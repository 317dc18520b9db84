import Model
import OrderedCollections
import YAML

extension Inventory {
    /// All that is wrong with the cluster that the inventory describes, errors and warnings, in the order of places.
    ///
    /// - Parameters:
    ///   - ofRoles: names that mean something to roles, their defaults: what lies very near one is a warning.
    ///   - variables: a host's variables; with templates rendered where the caller can. What still holds a template is
    ///     not checked.
    public func check(
        ofRoles: Set<String> = [], variables: (Host) -> OrderedDictionary<String, Value> = { $0.variables }
    ) -> [InputError] {
        var check = InventoryCheck(inventory: self, hosts: hosts.map { ($0, variables($0)) }, ofRoles: ofRoles)
        check.run()
        var seen: Set<InputError> = []
        return InputErrors((warnings + check.found).map(withLine).filter { seen.insert($0).inserted }).errors
    }

    /// What is wrong with variables that stand above the inventory's: misspelt names, and values of a wrong type.
    public func check(
        extraVariables: OrderedDictionary<String, Value>, ofRoles: Set<String> = []
    ) -> [InputError] {
        let own = ofRoles.union(declarations.map(\.name))
        return extraVariables.flatMap { name, value in
            ([misspelling(name, ofRoles: own)] + KnownVariables.mistakes(of: name, value)).compactMap(\.self)
        }.map { error in
            var error = error
            error.message = "--extra-vars: " + error.message
            return error
        }
    }

    /// A known variable misspelt is an error; one of a role, or one that may be somebody's own, a warning.
    fileprivate func misspelling(_ name: String, at origin: Origin? = nil, ofRoles: Set<String>) -> InputError? {
        guard !ofRoles.contains(name) else { return nil }
        if let meant = Misspelling.meant(by: name, among: KnownVariables.byName.keys) {
            return InputError(
                "'\(name)' is no variable that kubani knows", at: origin, hint: "did you mean '\(meant)'?")
        }
        guard KnownVariables[name] == nil, let meant = Misspelling.meant(by: name, among: ofRoles.sorted()) else {
            return nil
        }
        return InputError(
            "'\(name)' is no variable that a role knows", at: origin, hint: "did you mean '\(meant)'?",
            severity: .warning)
    }

    private func withLine(_ error: InputError) -> InputError {
        guard error.sourceLine == nil, let origin = error.origin, let bytes = sources[origin.file] else { return error }
        let lines = bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
        guard lines.indices.contains(origin.line - 1) else { return error }
        var error = error
        var line = String(decoding: lines[origin.line - 1], as: UTF8.self)
        if line.hasSuffix("\r") { line.removeLast() }
        error.sourceLine = SourceLine.shown(line, by: secretNames)
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
    let ofRoles: Set<String>
    var found: [InputError] = []

    mutating func run() {
        names()
        types()
        controlPlane()
        networks()
        addresses()
        endpoints()
        nodeNames()
        sharedVariables()
        withoutEffect()
        found += inventory.uselessSecretPatterns(further: ofRoles)
    }

    /// Misspelt names, where they are written. Other unknown names are people's own.
    private mutating func names() {
        for (name, declaration) in inventory.declarations {
            let origin = declaration.nameOrigin ?? declaration.value.origin
            if let mistake = inventory.misspelling(name, at: origin, ofRoles: ofRoles) { found.append(mistake) }
        }
    }

    /// Values of the wrong type: those that reach a host, and those of groups that no host is in.
    private mutating func types() {
        for (_, variables) in hosts {
            for (name, value) in variables { found += KnownVariables.mistakes(of: name, value) }
        }
        for (name, declaration) in inventory.declarations {
            found += KnownVariables.mistakes(
                of: name, declaration.value.named(name, by: inventory.secretNames))
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

    /// Two hosts at one SSH address and port are one machine, unless the ways there differ: two sites may have the same
    /// private addresses, each behind its own jump host.
    private mutating func endpoints() {
        var owners: [String: (name: String, origin: Origin?)] = [:]
        for (host, variables) in hosts where variables["ansible_connection"] != "local" {
            guard let value = variables["ansible_host"], let name = value.string, !holdsTemplate(value) else {
                continue
            }
            let port = variables["ansible_port"].flatMap(VariableKind.text) ?? ""
            guard !port.contains("{{") else { continue }
            let way = variables["ansible_ssh_common_args"]?.string ?? ""
            let endpoint = "\(name.lowercased()):\(port.isEmpty ? "22" : port) \(way)"
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

    /// A node is called in Kubernetes as in the inventory.
    private mutating func nodeNames() {
        for (host, _) in hosts where !Set(host.groups).isDisjoint(with: ["control_plane", "workers"]) {
            guard !KubernetesSyntax.isSubdomain(host.name[...]) else { continue }
            found.append(
                InputError(
                    "'\(host.name)' cannot be a node's name in Kubernetes", at: inventory.hostPlaces[host.name],
                    hint: "lower case letters, digits and '-', at most 63; maybe with dots between such"))
        }
    }

    /// What k3s refuses to have different on a cluster's servers.
    private mutating func sharedVariables() {
        let servers = hosts.filter { $0.host.groups.contains("control_plane") }
        guard let first = servers.first else { return }
        for known in KnownVariables.all where known.isShared {
            for server in servers.dropFirst() where server.variables[known.name] != first.variables[known.name] {
                let value = server.variables[known.name] ?? first.variables[known.name]
                found.append(
                    InputError(
                        "\(known.name) of \(server.host.name) is not that of \(first.host.name)", at: value?.origin,
                        hint: "all servers of a cluster must have the same: set it for all of control_plane"))
            }
        }
    }

    /// Variables that are set to something and of which nothing comes yet.
    private mutating func withoutEffect() {
        for (name, declaration) in inventory.declarations {
            guard let known = KnownVariables[name], !known.hasEffect, asksForSomething(declaration.value),
                known.kind.mistakes(in: declaration.value).isEmpty
            else {
                continue
            }
            found.append(
                InputError(
                    "\(name) has no effect yet", at: declaration.nameOrigin ?? declaration.value.origin,
                    severity: .warning))
        }
    }

    private func asksForSomething(_ value: Value) -> Bool {
        if let text = value.string { return !["", "no", "false", "off"].contains(text.lowercased()) }
        return !value.isNull && value.bool != false
    }
}
