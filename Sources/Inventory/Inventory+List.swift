import Model
import OrderedCollections

extension Inventory {
    /// What `ansible-inventory --list` prints for this inventory, its variables as written: groups with their own hosts
    /// and children, and under `_meta` every host's merged variables. Secrets are in it, unmarked, as they are there.
    public func listJSON() -> Value {
        var out: OrderedDictionary<String, Value> = [:]
        var seen: Set<String> = ["all"]
        var open = ["all"]
        while let name = open.popLast() {
            guard let group = groups[name] else { continue }
            var entry: OrderedDictionary<String, Value> = [:]
            if !group.children.isEmpty { entry["children"] = .list(group.children.map { .string($0) }) }
            if name != "all", !group.hosts.isEmpty { entry["hosts"] = .list(group.hosts.map { .string($0) }) }
            if !entry.isEmpty { out[name] = .map(entry) }
            open += group.children.reversed().filter { seen.insert($0).inserted }
        }
        var variables: OrderedDictionary<String, Value> = [:]
        for host in hosts {
            var shown = host.variables
            shown.removeAll { Self.internalNames.contains($0.key) }
            shown.sort { $0.key.unicodeScalars.lexicographicallyPrecedes($1.key.unicodeScalars) }
            if !shown.isEmpty { variables[host.name] = .map(shown.mapValues(\.revealed)) }
        }
        out["_meta"] = ["hostvars": .map(variables), "profile": "inventory_legacy"]
        out.sort { $0.key.unicodeScalars.lexicographicallyPrecedes($1.key.unicodeScalars) }
        return .map(out)
    }

    /// Names that Ansible keeps for itself and so leaves out.
    private static let internalNames: Set<String> = [
        "ansible_async_path", "ansible_collection_name", "ansible_config_file", "ansible_dependent_role_names",
        "ansible_diff_mode", "ansible_facts", "ansible_forks", "ansible_inventory_sources", "ansible_limit",
        "ansible_play_batch", "ansible_play_hosts", "ansible_play_hosts_all", "ansible_play_role_names",
        "ansible_playbook_python", "ansible_role_name", "ansible_role_names", "ansible_run_tags", "ansible_skip_tags",
        "ansible_verbosity", "ansible_version", "inventory_dir", "inventory_file", "inventory_hostname",
        "inventory_hostname_short", "groups", "group_names", "hostvars", "playbook_dir", "play_hosts", "role_name",
        "role_names", "role_path", "role_uuid",
    ]
}
