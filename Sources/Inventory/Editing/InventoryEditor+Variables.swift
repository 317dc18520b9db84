import Model
import OrderedCollections
import YAML

extension InventoryEditor {
    /// Sets a variable, or a part of one, of a group or a host: where its value now comes from, in the inventory or in
    /// group_vars or host_vars. A new one goes to the file of variables that the group or host has (of several `main`,
    /// then `vars`, then the first), or else to the inventory.
    ///
    /// - Parameter path: the variable's name, then keys and indices within it.
    /// - Throws: where the value could not take effect, or more than it would change.
    public mutating func set(_ value: Value, at path: [String], for owner: VariableOwner) throws(InputErrors) {
        guard let name = path.first else { return }
        let before = inventory
        try change { (editor) throws(InputErrors) in
            if let file = try editor.variableFile(of: name, for: owner) {
                try editor.edit(variables: file) { (edit) throws(InputErrors) in try edit.set(value, at: path) }
            } else {
                let file = try editor.inventoryFile(of: name, for: owner)
                try editor.edit(file) { (text) throws(InputErrors) in try text.set(value, at: path, for: owner) }
            }
        }
        let written = inventory.written(for: owner)[name]?.value
        guard name == "ansible_group_priority" || written?.value(at: path.dropFirst())?.isSame(as: value) == true else {
            throw InputErrors(
                InputError(
                    "'\(name)' is set for \(owner) in another place too, which counts more", at: written?.origin,
                    hint: "remove one of them by hand"))
        }
        try refuseOthers(than: name, of: owner, from: before)
        try noteOverridden(name, owner, written)
    }

    /// Sets a variable of all hosts: everywhere where it is set now, of groups and of hosts, or else of `all`.
    public mutating func setEverywhere(_ name: String, to value: Value) throws(InputErrors) {
        let everybody = inventory.groups.keys.map { VariableOwner.group($0) } + inventory.hosts.map { .host($0.name) }
        let owners = everybody.filter { inventory.written(for: $0)[name] != nil }
        let before = notes
        // Groups above come first: what is said of them may be stronger than what those below say.
        for owner in owners.isEmpty ? [.group("all")] : owners { try set(value, at: [name], for: owner) }
        // Those who had another value meanwhile have this one now.
        notes = before
    }

    /// Removes a variable, or a part of one, where its value now comes from. Another one that was hidden by it then holds,
    /// and is noted.
    public mutating func unset(_ path: [String], for owner: VariableOwner) throws(InputErrors) {
        guard let name = path.first else { return }
        guard let found = inventory.written(for: owner)[name], found.value.value(at: path.dropFirst()) != nil else {
            let known = inventory.ownVariables(of: owner).keys
            let near = nearestName(to: name, among: known)
            throw InputErrors(
                InputError(
                    "'\(path.joined(separator: "."))' is not set for \(owner)",
                    hint: near.flatMap { $0 == name ? nil : "did you mean '\($0)'?" }))
        }
        let before = inventory
        try change { (editor) throws(InputErrors) in
            if let file = try editor.variableFile(of: name, for: owner) {
                try editor.edit(variables: file) { (edit) throws(InputErrors) in
                    try edit.remove(path, leaving: path.count == 1 ? .nothing : .emptyCollection)
                }
            } else {
                let file = try editor.inventoryFile(of: name, for: owner)
                guard try editor.text(of: file).sets(name, for: owner) else {
                    throw InputErrors(
                        InputError(
                            "'\(name)' is set for all hosts of a range, not for \(owner) alone", at: found.value.origin,
                            hint: "change the inventory by hand"))
                }
                try editor.edit(file) { (text) throws(InputErrors) in try text.unset(path, for: owner) }
            }
        }
        try refuseOthers(than: name, of: owner, from: before)
        if path.count == 1, let rest = inventory.written(for: owner)[name] {
            note("'\(name)' is set for \(owner) here too: this value holds now", at: rest.value.origin)
        }
    }

    /// The file of group_vars or host_vars that a variable is set in, or a new one goes to.
    private func variableFile(of name: String, for owner: VariableOwner) throws(InputErrors) -> String? {
        let written = inventory.written(for: owner)
        if let found = written.beside[name] { return found.nameOrigin?.file ?? found.value.origin?.file }
        if written.own[name] != nil { return nil }
        let kind = if case .group = owner { "group_vars" } else { "host_vars" }
        let files = try VariableFiles(beside: inventory.folder).files(of: owner.name, in: kind)
        func stem(_ file: String) -> Substring { (file.split(separator: "/").last ?? "").prefix { $0 != "." } }
        return files.first { stem($0) == "main" } ?? files.first { stem($0) == "vars" } ?? files.first
    }

    /// The file of the inventory that a variable is set in, or a new one goes to.
    private mutating func inventoryFile(of name: String, for owner: VariableOwner) throws(InputErrors) -> String {
        let files = inventoryFiles
        for file in files.reversed() where try text(of: file).sets(name, for: owner) { return file }
        var best: (file: String, presence: GroupPresence)?
        for file in files {
            let text = try text(of: file)
            let presence: GroupPresence =
                switch owner {
                case .group(let group): text.presence(of: group)
                case .host(let host): text.lists(host) ? .hasHosts : .none
                }
            if presence > best?.presence ?? .none { best = (file, presence) }
        }
        return best?.file ?? files.first ?? inventory.path
    }

    private func hosts(of owner: VariableOwner) -> [Host] {
        switch owner {
        case .group(let name): inventory.hosts(inGroup: name)
        case .host(let name): inventory.host(named: name).map { [$0] } ?? []
        }
    }

    /// Hosts that are not meant, and other variables, have to stay as they were.
    private func refuseOthers(than name: String, of owner: VariableOwner, from before: Inventory) throws(InputErrors) {
        let meant = Set(hosts(of: owner).map(\.name))
        for (a, b) in zip(before.hosts, inventory.hosts) {
            var (x, y) = (a.variables, b.variables)
            if meant.contains(a.name) { (x[name], y[name]) = (nil, nil) }
            guard a.name == b.name, a.groups == b.groups, Value.map(x).isSame(as: .map(y)) else {
                throw InputErrors(
                    InputError(
                        "this would change more than '\(name)' of \(owner): \(a.name)", at: before.hostPlaces[a.name],
                        hint: "change the inventory by hand"))
            }
        }
    }

    /// Tells of the hosts that have a stronger value.
    private mutating func noteOverridden(
        _ name: String, _ owner: VariableOwner, _ written: Value?
    ) throws(InputErrors) {
        guard case .group(let group) = owner, let written else { return }
        // group_vars of a group above are stronger than what the inventory's files say of a group.
        if let effective = inventory.variables(ofGroup: group)[name], !effective.isSame(as: written) {
            throw InputErrors(
                InputError(
                    "'\(name)' of \(owner) would have no effect: this one is stronger", at: effective.origin,
                    hint:
                        "make a file \(Disk.joined(inventory.folder, "group_vars"))/\(group).yml, which is stronger still, "
                        + "and set it again"))
        }
        let others = hosts(of: owner).compactMap { host in
            host.variables[name].flatMap { $0.isSame(as: written) ? nil : (host.name, $0.origin) }
        }
        for (host, origin) in others.prefix(3) { note("\(host) has its own \(name), which is stronger", at: origin) }
        if others.count > 3 { note("and so have \(others.count - 3) more hosts", at: nil) }
    }
}
