import Model
import OrderedCollections

/// A variable as it was set: the name's place and the value.
struct Declaration: Sendable {
    var nameOrigin: Origin?
    var value: Value
}

/// Hosts and groups while files are being read, with the rules by which Ansible joins them.
struct InventoryBuilder {
    struct GroupDraft {
        var hosts: OrderedSet<String> = []
        var children: OrderedSet<String> = []
        var parents: OrderedSet<String> = []
        var variables: OrderedDictionary<String, Declaration> = [:]
        var priority = 1
        var origin: Origin?
    }

    struct HostDraft {
        var variables: OrderedDictionary<String, Declaration> = [:]
        var origin: Origin?
        var file: String
    }

    private(set) var groups: OrderedDictionary<String, GroupDraft> = ["all": GroupDraft(), "ungrouped": GroupDraft()]
    private(set) var hosts: OrderedDictionary<String, HostDraft> = [:]
    private(set) var warnings: [InputError] = []

    init() { link("all", "ungrouped") }

    mutating func addGroup(_ name: String, at origin: Origin?) {
        guard groups[name] == nil else {
            if groups[name]?.origin == nil { groups[name]?.origin = origin }
            return
        }
        groups[name] = GroupDraft(origin: origin)
        let isWord = name.unicodeScalars.allSatisfy {
            $0 == "_" || $0.properties.isAlphabetic || ("0"..."9").contains($0)
        }
        if !isWord || name.first?.isNumber == true {
            warn(
                "the group's name '\(name)' is no variable name", at: origin,
                hint: "write groups['\(name)'] in templates")
        }
    }

    /// - Parameter port: holds only for a host that is new, as with Ansible.
    mutating func addHost(_ name: String, to group: String, port: Value?, at origin: Origin?, file: String) {
        if hosts[name] == nil {
            hosts[name] = HostDraft(origin: origin, file: file)
            if let port, port != 0 {
                hosts[name]?.variables["ansible_port"] = Declaration(nameOrigin: origin, value: port)
            }
        }
        groups[group]?.hosts.append(name)
    }

    /// - Returns: what is wrong, where the child would become its own ancestor.
    mutating func addChild(_ child: String, to group: String) -> String? {
        if child == group { return "the group '\(group)' cannot be its own child" }
        if ancestors(of: group).contains(child) {
            return "the group '\(child)' as a child of '\(group)' would be its own ancestor"
        }
        link(group, child)
        return nil
    }

    /// Sets a variable of the group of that name, or else of the host: so Ansible chooses where both exist.
    mutating func set(_ name: String, _ declaration: Declaration, of entity: String) -> InputError? {
        guard groups[entity] != nil else {
            hosts[entity]?.variables[name] = declaration
            return nil
        }
        guard name == "ansible_group_priority" else {
            groups[entity]?.variables[name] = declaration
            return nil
        }
        guard let priority = declaration.value.int ?? declaration.value.string.flatMap({ Int($0) }) else {
            return InputError("ansible_group_priority is a whole number", at: declaration.value.origin)
        }
        groups[entity]?.priority = priority
        return nil
    }

    mutating func warn(_ message: String, at origin: Origin?, hint: String? = nil) {
        warnings.append(InputError(message, at: origin, hint: hint, severity: .warning))
    }

    /// The last step: every group descends from `all`, and a host that no other group has is `ungrouped`.
    mutating func reconcile() {
        for name in groups.keys where name != "all" && ancestors(of: name).isEmpty { link("all", name) }
        for (name, host) in hosts {
            let others = groups.filter { $0.key != "all" && $0.key != "ungrouped" && $0.value.hosts.contains(name) }
            if others.isEmpty {
                groups["ungrouped"]?.hosts.append(name)
            } else {
                groups["ungrouped"]?.hosts.remove(name)
            }
            if groups[name] != nil {
                warn(
                    "'\(name)' is both a group and a host", at: host.origin,
                    hint: "the host's variables in this file count for the group")
            }
        }
    }

    /// The longest way from a group without parents (0) to each group: what is deeper wins.
    func depths() -> [String: Int] {
        var depths: [String: Int] = [:]
        var waiting = groups.mapValues(\.parents.count)
        var open: [String] = Array(groups.keys).filter { waiting[$0] == 0 }
        while let name = open.popLast() {
            for child in groups[name]?.children ?? [] {
                depths[child] = max(depths[child] ?? 0, (depths[name] ?? 0) + 1)
                waiting[child, default: 0] -= 1
                if waiting[child] == 0 { open.append(child) }
            }
        }
        return depths
    }

    func ancestors(of group: String) -> Set<String> {
        var seen: Set<String> = []
        var open: [String] = groups[group].map { Array($0.parents) } ?? []
        while let next = open.popLast() {
            if seen.insert(next).inserted { open += groups[next].map { Array($0.parents) } ?? [] }
        }
        return seen
    }

    private mutating func link(_ group: String, _ child: String) {
        groups[group]?.children.append(child)
        groups[child]?.parents.append(group)
    }
}
