import Model
import OrderedCollections
import Resources
import Template

/// What all hosts of a run share: the inventory's hosts and groups, the values given on the command line, the facts
/// read so far.
public struct Site: Sendable {
    /// All hosts of the inventory, also those that the run leaves out.
    public let hosts: OrderedDictionary<String, Host>
    /// Group → hosts, in the inventory's order; with `all` and `ungrouped`.
    public let groups: OrderedDictionary<String, [String]>
    /// Of `--extra-vars`: above everything else.
    public let extraVariables: OrderedDictionary<String, Value>
    /// Which names tell a secret, of roles' defaults, too.
    public let secretNames: SecretNames
    /// By host; a host without is not known yet.
    public var facts: [String: Value]
    /// The hosts that this run looks at and that answered; nil while that is not known yet.
    public var reached: [String]?
    /// Those that it wanted to look at and that did not answer.
    public var unreachable: [String] = []
    /// The names that some role's task exports; nil where they are not known.
    var exportNames: Set<String>?
    /// Texts of the network that roles name.
    public let texts = RemoteTexts()
    /// Templates parsed so far, whichever host or role they are for.
    let templates = TemplateCache()
    /// What tasks were found to be about, where nothing that is still to be read has a part in it.
    let resolutions = LastingResolutions()

    public init(
        hosts: [Host], groups: OrderedDictionary<String, [String]>,
        extraVariables: OrderedDictionary<String, Value> = [:], facts: [String: Value] = [:],
        secretNames: SecretNames = .usual
    ) {
        self.hosts = OrderedDictionary(hosts.map { ($0.name, $0) }, uniquingKeysWith: { a, _ in a })
        self.groups = groups
        self.extraVariables = extraVariables
        self.facts = facts
        self.secretNames = secretNames
    }

    /// What all hosts' variables, and the defaults of roles, hold of secrets.
    public func secrecy(_ library: RoleLibrary? = nil) -> Secrecy {
        let defaults = library?.roles.map { Value.map(marked($0.defaults)) } ?? []
        return .ofRun(hosts.values.map { .map($0.variables) } + [.map(extraVariables)] + defaults)
    }

    /// A role is read without knowing what else this inventory takes for secret.
    private func marked(_ defaults: OrderedDictionary<String, Value>) -> OrderedDictionary<String, Value> {
        secretNames.patterns.isEmpty ? defaults : Value.map(defaults).named("", by: secretNames).map ?? defaults
    }

    func facts(of host: String) -> Value {
        facts[host] ?? .unknown(Unknown(because: "the facts of \(host), which were not read"))
    }

    /// The variables of a host as templates see them, with a role's defaults at the bottom.
    public func scope(
        host: String, role: String? = nil, defaults: OrderedDictionary<String, Value> = [:],
        exports: Exports = Exports()
    ) -> VariableScope {
        VariableScope(
            layers: [marked(defaults), hosts[host]?.variables ?? [:], extraVariables],
            magic: MagicScope(site: self, host: host, role: role, defaults: defaults, exports: exports), label: host,
            cache: templates)
    }
}

/// The names that are there without anybody setting them, as Ansible has them: `inventory_hostname`, `groups`,
/// `group_names`, `hostvars`; and kubani's own: `facts`, `exports`, `role_name`.
struct MagicScope: Scope {
    let site: Site
    let host: String
    let role: String?
    let defaults: OrderedDictionary<String, Value>
    let exports: Exports

    var knownNames: [String] {
        ["inventory_hostname", "group_names", "groups", "hostvars", "facts", "exports", "reached", "unreachable"]
            + (role == nil ? [] : ["role_name"])
    }

    func resolve(_ path: [Value]) throws(InputErrors) -> (value: Value, consumed: Int)? {
        guard let root = path.first?.string else { return nil }
        switch root {
        case "inventory_hostname": return (.string(host), 1)
        case "group_names": return (.list((site.hosts[host]?.groups ?? []).map { .string($0) }), 1)
        case "groups": return (.map(site.groups.mapValues { .list($0.map { .string($0) }) }), 1)
        case "facts": return (facts(path), 1)
        case "reached": return (hosts(site.reached), 1)
        case "unreachable": return (hosts(site.reached.map { _ in site.unreachable }), 1)
        case "role_name": return role.map { (.string($0), 1) }
        case "exports": return exported(by: host, path, from: 1)
        case "hostvars": return try variable(of: path)
        default: return nil
        }
    }

    /// Before they are read, a name that is none of theirs is a mistake already, found in an outline of them.
    private func facts(_ path: [Value]) -> Value {
        Passing.note()
        if let altered = exports.facts[host] { return altered }
        let isRead = site.facts[host] != nil
        return isRead || Facts.has(path.dropFirst().map(\.string)) ? site.facts(of: host) : Facts.outline
    }

    private func hosts(_ names: [String]?) -> Value {
        Passing.note()
        return names.map { .list($0.map { .string($0) }) }
            ?? .unknown(Unknown(because: "which hosts can be reached, which was not tried yet"))
    }

    /// `hostvars[HOST]`, `hostvars[HOST].NAME…`: the other host's variables, rendered in its own scope, only the one
    /// that is asked for.
    private func variable(of path: [Value]) throws(InputErrors) -> (value: Value, consumed: Int)? {
        guard path.count > 1 else {
            return (.map(try site.hosts.mapValuesThrowing { host throws(InputErrors) in try all(of: host.name) }), 1)
        }
        guard let name = path[1].string else { return nil }
        guard site.hosts[name] != nil else {
            throw InputErrors(
                InputError(
                    "hostvars: the inventory has no host '\(name)'", at: path[1].origin,
                    hint: nearestName(to: name, among: site.hosts.keys).map { "did you mean '\($0)'?" }))
        }
        guard path.count > 2 else { return (try all(of: name), 2) }
        if path[2].string == "exports" { return exported(by: name, path, from: 3) }
        let other = site.scope(host: name, role: role, defaults: defaults, exports: exports)
        guard let found = try other.resolve(Array(path[2...])) else { return nil }
        return (found.value, found.consumed + 2)
    }

    private func all(of host: String) throws(InputErrors) -> Value {
        let scope = site.scope(host: host, role: role, defaults: defaults, exports: exports)
        return try render(.map(site.hosts[host]?.variables ?? [:]), in: scope, cache: site.templates)
    }

    private func exported(by host: String, _ path: [Value], from index: Int) -> (value: Value, consumed: Int)? {
        guard index < path.count, let name = path[index].string else { return nil }
        Passing.note()
        // What no task exports is not waited for: there is no such key.
        if let names = site.exportNames, !names.contains(name) {
            let all = names.sorted().map { ($0, exports.value(host: host, name: $0)) }
            return (.map(OrderedDictionary(uniqueKeysWithValues: all)), index)
        }
        return (exports.value(host: host, name: name), index + 1)
    }
}

extension OrderedDictionary {
    func mapValuesThrowing<New>(_ transform: (Value) throws(InputErrors) -> New) throws(InputErrors)
        -> OrderedDictionary<Key, New>
    {
        var out: OrderedDictionary<Key, New> = [:]
        for (key, value) in self { out[key] = try transform(value) }
        return out
    }
}
