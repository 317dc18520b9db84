import Inventory
import Model
import OrderedCollections
import Roles
import Template
import YAML

/// Finds what a key stands for in the variables of a host or a group.
struct ConfigLookup {
    struct Found {
        var value: Value
        var origin: Origin?
        /// It holds a template that only a host can fill in.
        var isUnrendered = false
    }

    let inventory: Inventory
    let owner: VariableOwner
    let extraVariables: OrderedDictionary<String, Value>

    /// - Throws: where there is no such value, with the nearest name or where else it is set.
    func find(_ key: ConfigKey, renders: Bool) throws(InputErrors) -> Found {
        let variables = inventory.variables(of: owner)
        guard let variable = extraVariables[key.name] ?? variables[key.name] else {
            throw InputErrors(unset(key.name, among: variables.keys))
        }
        var key = key
        key.join(within: variable)
        // Down to the part that is asked for: what lies beside it need not be rendered.
        var depth = 1
        while depth < key.path.count, variable.value(at: key.path[1...depth]) != nil { depth += 1 }
        let part = variable.value(at: key.path[1..<depth]) ?? variable
        guard renders, hasTemplates(part) else {
            return Found(value: try rest(of: key, depth, in: part), origin: part.origin)
        }
        let value: Value
        do throws(InputErrors) { value = try rendered(part) } catch {
            guard case .group = owner else { throw error }
            return Found(value: try rest(of: key, depth, in: part), origin: part.origin, isUnrendered: true)
        }
        if let unknown = value.unknowns.first {
            throw InputErrors(
                InputError(
                    "'\(key)' is known once \(unknown.because) is read", at: part.origin,
                    hint: "--raw shows it as it is written"))
        }
        return Found(value: try rest(of: key, depth, in: value), origin: part.origin)
    }

    private func hasTemplates(_ value: Value) -> Bool {
        switch value.content {
        case .string(let text): Template.isNeeded(for: text)
        case .list(let items): items.contains(where: hasTemplates)
        case .map(let map): map.values.contains(where: hasTemplates)
        default: false
        }
    }

    private func rendered(_ value: Value) throws(InputErrors) -> Value {
        switch owner {
        case .host(let name):
            let site = Site(
                hosts: inventory.hosts, groups: inventory.membership, extraVariables: extraVariables)
            return try render(value, in: site.scope(host: name))
        case .group:
            return try render(
                value, in: VariableScope(layers: [inventory.variables(of: owner), extraVariables]))
        }
    }

    /// What is below a value that was found; the path may lead on into what a template gave.
    private func rest(of key: ConfigKey, _ depth: Int, in value: Value) throws(InputErrors) -> Value {
        guard depth < key.path.count else { return value }
        if let found = value.value(at: key.path[depth...]) { return found }
        let above = key.path[..<depth].joined(separator: ".")
        let step = key.path[depth]
        if let map = value.map {
            let near = nearestName(to: step, among: map.keys).map { "did you mean '\($0)'?" }
            throw InputErrors(
                InputError(
                    "'\(above)' has no '\(step)'", at: value.origin,
                    hint: near ?? (map.isEmpty ? nil : "it has \(map.keys.joined(separator: ", "))")))
        }
        let what = value.list.map { "a list of \($0.count)" } ?? value.typeName
        throw InputErrors(InputError("'\(above)' is \(what), and has no '\(step)'", at: value.origin))
    }

    private func unset(_ name: String, among names: some Sequence<String>) -> InputError {
        let others = (inventory.groups.keys.map { VariableOwner.group($0) } + inventory.hosts.map { .host($0.name) })
            .filter { $0 != owner && inventory.ownVariables(of: $0)[name] != nil }
        if !others.isEmpty {
            let shown = others.prefix(4).map(\.name).joined(separator: ", ")
            return InputError(
                "'\(name)' is not set for \(owner)",
                hint: "it is for \(shown)\(others.count > 4 ? " and others" : ""): see --scope")
        }
        if let known = KnownVariables[name] {
            return InputError(
                "'\(name)' is not set for \(owner)", hint: known.standard.map { "what holds without it: \($0)" })
        }
        let roles = (try? RoleLibrary(folders: RoleFolders.find(given: [])))?.roles ?? []
        for role in roles {
            guard let standard = role.defaults[name] else { continue }
            return InputError(
                "'\(name)' is not set for \(owner)", hint: "the role \(role.name) has for it: \(standard)")
        }
        let known = KnownVariables.all.map(\.name) + roles.flatMap(\.defaults.keys)
        let near = nearestName(to: name, among: Array(names) + known)
        return InputError(
            "there is no variable '\(name)' in \(inventory.path)", hint: near.map { "did you mean '\($0)'?" })
    }
}
