import Model
import OrderedCollections
import YAML

extension InventoryEditor {
    /// Adds a host to a group, below the hosts that it has; a group that is not there is made below `all`.
    ///
    /// - Throws: where a host or group of the name exists, or the name is no single host's.
    public mutating func addHost(
        _ name: String, to group: String, variables: OrderedDictionary<String, Value> = [:]
    ) throws(InputErrors) {
        if let place = inventory.hostPlaces[name] {
            throw InputErrors(InputError("\(name) is in the inventory already", at: place))
        }
        if let found = inventory.groups[name] {
            throw InputErrors(InputError("'\(name)' is a group of the inventory", at: found.origin))
        }
        guard let address = HostAddress(name), address.port == nil, (try? HostRange.names(name)) == [name] else {
            throw InputErrors(InputError("'\(name)' is no name of a host"))
        }
        let before = inventory
        try change { (editor) throws(InputErrors) in
            let file = try editor.file(for: group)
            try editor.edit(file) { (text) throws(InputErrors) in try text.add(name, to: group, variables: variables) }
        }
        try refuseOthers(than: name, from: before)
        guard let host = inventory.host(named: name), inventory.groups[group]?.hosts.contains(name) == true else {
            throw InputErrors(
                InputError("\(name) could not be added to \(group)", hint: "change the inventory by hand"))
        }
        for (variable, value) in variables where host.variables[variable].map({ !$0.isSame(as: value) }) ?? true {
            note(
                "\(name) has another \(variable) from host_vars",
                at: inventory.hostWritten[name]?[variable]?.value.origin)
        }
    }

    /// Takes a host out of every group of the inventory. Its files in host_vars stay, and are noted.
    ///
    /// - Throws: where there is no such host, or a range stands for it.
    public mutating func removeHost(_ name: String) throws(InputErrors) {
        guard inventory.host(named: name) != nil else {
            let near = nearestName(to: name, among: inventory.hosts.map(\.name))
            throw InputErrors(
                InputError("\(inventory.path) has no host '\(name)'", hint: near.map { "did you mean '\($0)'?" }))
        }
        let before = inventory
        try change { (editor) throws(InputErrors) in
            var errors: [InputError] = []
            for file in editor.inventoryFiles where try editor.text(of: file).lists(name) {
                do throws(InputErrors) {
                    try editor.edit(file) { (text) throws(InputErrors) in try text.remove(name) }
                } catch { errors += error.errors }
            }
            if !errors.isEmpty { throw InputErrors(errors) }
        }
        try refuseOthers(than: name, from: before)
        guard inventory.host(named: name) == nil else {
            throw InputErrors(InputError("\(name) could not be removed", hint: "change the inventory by hand"))
        }
        let left = (try? VariableFiles(beside: inventory.folder).files(of: name, in: "host_vars")) ?? []
        for file in left { note("\(file) is left as it is: variables of \(name)", at: nil) }
    }

    /// Every host but one has to be in the same groups with the same variables.
    private func refuseOthers(than name: String, from before: Inventory) throws(InputErrors) {
        let names = Set(before.hosts.map(\.name)).union(inventory.hosts.map(\.name)).subtracting([name])
        for other in names.sorted() {
            guard let a = before.host(named: other), let b = inventory.host(named: other), a.groups == b.groups,
                Value.map(a.variables).isSame(as: .map(b.variables))
            else {
                throw InputErrors(
                    InputError(
                        "this would change \(other) too", at: before.hostPlaces[other],
                        hint: "change the inventory by hand"))
            }
        }
    }

    /// The file that a group's new host belongs in: the first that lists hosts of it, or else names it, or else has hosts.
    private mutating func file(for group: String) throws(InputErrors) -> String {
        let files = inventoryFiles
        var best: (file: String, presence: GroupPresence)?
        for file in files {
            let presence = try text(of: file).presence(of: group)
            if presence > best?.presence ?? .none { best = (file, presence) }
        }
        if let best { return best.file }
        return inventory.hosts.first.flatMap { inventory.hostFiles[$0.name] } ?? files.first ?? inventory.path
    }

    mutating func note(_ message: String, at origin: Origin?, hint: String? = nil) {
        notes.append(InputError(message, at: origin, hint: hint, severity: .warning))
    }
}
