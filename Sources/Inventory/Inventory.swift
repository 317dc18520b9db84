import Model
import OrderedCollections

/// The machines and groups of an inventory in Ansible's YAML or INI format, with the variables beside it.
///
/// Variables come from the inventory and from `group_vars` and `host_vars` beside it, never from the current folder. For
/// a host, from weak to strong: the inventory's own variables of `all`, of its groups, then `group_vars/all`,
/// `group_vars` of its groups, the host's variables in the inventory, and `host_vars`. Of its groups a deeper one is
/// stronger, then one of higher `ansible_group_priority`, then the later name.
public struct Inventory: Sendable {
    /// A group as it is declared.
    public struct Group: Sendable {
        public let name: String
        /// The hosts that it has itself, in the inventory's order; `Inventory.hosts(inGroup:)` gives its children's too.
        public var hosts: [String]
        public var children: [String]
        /// Its own variables, group_vars over those of the inventory.
        public var variables: OrderedDictionary<String, Value>
        /// Where it is first named; nil for `all` and `ungrouped` where they are not.
        public var origin: Origin?
        var parents: [String]
        var depth: Int
        var priority: Int
        /// The same as they are written: those of the inventory, and of group_vars.
        var written: Written
    }

    /// What is written of a host or a group, in the inventory and in the files beside it.
    struct Written: Sendable {
        var own: OrderedDictionary<String, Declaration> = [:]
        var beside: OrderedDictionary<String, Declaration> = [:]

        /// Where the value of a variable comes from.
        subscript(name: String) -> Declaration? { beside[name] ?? own[name] }
    }

    /// In the inventory's order, variables merged, templates not rendered. Variables that hold secrets by their names
    /// (`secretNames`) are marked so.
    public let hosts: [Host]
    /// By name, `all` and `ungrouped` first, then in the inventory's order.
    public let groups: OrderedDictionary<String, Group>
    /// Which names tell a secret: those that do anywhere, and those of `kubani_secrets`.
    public let secretNames: SecretNames
    /// What is read but looks like a mistake.
    public let warnings: [InputError]
    /// The folder of the inventory, as Ansible's `inventory_dir`.
    public let folder: String
    /// The path that it was read from.
    public let path: String

    let hostPlaces: [String: Origin]
    let hostFiles: [String: String]
    let hostWritten: [String: Written]
    let sources: [String: [UInt8]]
    /// The inventory's own files, in the order in which they were read.
    let inventoryFiles: [String]
    let positions: [String: Int]

    /// Reads a file, or a folder of them.
    ///
    /// - Parameter secrets: names of variables that hold secrets, beside those that say so.
    /// - Throws: every mistake in reading at once. Whether the variables make sense is what `check` asks.
    public init(reading path: String, secrets: [String] = []) throws(InputErrors) {
        try self.init(reading: path, replacing: [:], secrets: secrets)
    }

    /// - Parameter replacing: what to take for the content of files, by their paths, in place of what they hold.
    init(reading path: String, replacing: [String: [UInt8]], secrets: [String] = []) throws(InputErrors) {
        let source = try InventorySource(path)
        var builder = InventoryBuilder()
        let read = try source.read(into: &builder, replacing: replacing)
        builder.reconcile()
        self.path = source.path
        folder = source.folder

        var files = VariableFiles(beside: source.folder, replacing: replacing)
        let depths = builder.depths()
        var groupWritten: [String: Written] = [:]
        for (name, draft) in builder.groups {
            groupWritten[name] = Written(own: draft.variables, beside: files.variables(of: name, in: "group_vars"))
        }
        var hostWritten: [String: Written] = [:]
        for (name, draft) in builder.hosts {
            hostWritten[name] = Written(own: draft.variables, beside: files.variables(of: name, in: "host_vars"))
        }
        let names = Self.secretNames(Array(groupWritten.values) + Array(hostWritten.values), and: secrets)
        var groups: OrderedDictionary<String, Group> = [:]
        for (name, draft) in builder.groups {
            let written = groupWritten[name] ?? Written()
            groups[name] = Group(
                name: name, hosts: Array(draft.hosts), children: Array(draft.children),
                variables: Self.merged([written.own, written.beside], names), origin: draft.origin,
                parents: Array(draft.parents), depth: depths[name] ?? 0, priority: draft.priority, written: written)
        }
        var direct: [String: Set<String>] = [:]
        for (name, draft) in builder.groups { for host in draft.hosts { direct[host, default: []].insert(name) } }

        let ordered = Self.byStrength(groups)
        var hosts: [Host] = []
        for name in builder.hosts.keys {
            let own = direct[name] ?? []
            let member = own.reduce(into: own) { $0.formUnion(builder.ancestors(of: $1)) }
            let written = hostWritten[name] ?? Written()
            let layers = Self.layers(of: member, in: ordered) + [written.own, written.beside]
            let groups = member.subtracting(["all", "ungrouped"]).sorted()
            hosts.append(Host(name: name, groups: groups, variables: Self.merged(layers, names)))
        }
        if !files.errors.isEmpty { throw InputErrors(files.errors) }
        secretNames = names
        self.hosts = hosts
        self.groups = groups
        self.hostWritten = hostWritten
        warnings = InputErrors(builder.warnings).errors
        hostPlaces = builder.hosts.reduce(into: [:]) { $0[$1.key] = $1.value.origin }
        hostFiles = builder.hosts.reduce(into: [:]) { $0[$1.key] = $1.value.file }
        sources = files.read.merging(read.map { ($0.key, $0.value) }) { $1 }
        inventoryFiles = Array(read.keys)
        positions = Dictionary(uniqueKeysWithValues: hosts.enumerated().map { ($1.name, $0) })
    }

    private static func secretNames(_ all: [Written], and more: [String]) -> SecretNames {
        let declared = all.flatMap { [$0.own, $0.beside] }.compactMap { $0[SecretVariables.name] }
        return SecretNames(Array(Set(declared.flatMap { SecretVariables.patterns(in: $0.value) } + more)).sorted())
    }

    /// Every variable set anywhere, for checks of what is written, whichever host it reaches.
    var declarations: [(name: String, declaration: Declaration)] {
        (groups.values.map(\.written) + hosts.compactMap { hostWritten[$0.name] })
            .flatMap { [$0.own, $0.beside] }.flatMap { layer in layer.map { ($0.key, $0.value) } }
    }

    /// What a host would have that is in this group alone, and has no variables of its own.
    public func variables(ofGroup name: String) -> OrderedDictionary<String, Value> {
        var member: Set<String> = []
        var open = [name]
        while let next = open.popLast() {
            if member.insert(next).inserted { open += groups[next]?.parents ?? [] }
        }
        return Self.merged(Self.layers(of: member, in: Self.byStrength(groups)), secretNames)
    }

    /// The weakest first: by depth, then by priority, then by name.
    private static func byStrength(_ groups: OrderedDictionary<String, Group>) -> [Group] {
        groups.values.sorted { a, b in
            if a.depth != b.depth { return a.depth < b.depth }
            return a.priority == b.priority
                ? a.name.unicodeScalars.lexicographicallyPrecedes(b.name.unicodeScalars) : a.priority < b.priority
        }
    }

    /// The variables that groups give, the weakest first: all those of the inventory, then all of group_vars.
    private static func layers(of member: Set<String>, in ordered: [Group]) -> [OrderedDictionary<String, Declaration>]
    {
        let all = ordered.filter { $0.name == "all" }
        let groups = all + ordered.filter { $0.name != "all" && member.contains($0.name) }
        return groups.map(\.written.own) + groups.map(\.written.beside)
    }

    public func host(named name: String) -> Host? { positions[name].map { hosts[$0] } }

    /// The hosts of a group and of all groups below it, in Ansible's order; none where there is no such group.
    public func hosts(inGroup name: String) -> [Host] {
        var groupsSeen: Set<String> = [name]
        var open = [name]
        var found: OrderedSet<String> = []
        while !open.isEmpty {
            for group in open { found.append(contentsOf: groups[group]?.hosts ?? []) }
            open = open.flatMap { groups[$0]?.children ?? [] }.filter { groupsSeen.insert($0).inserted }
        }
        return found.compactMap { host(named: $0) }
    }

    /// What Ansible lets a template see of a host beside its variables: `inventory_hostname`, `inventory_hostname_short`,
    /// `inventory_dir`, `inventory_file`, `group_names` and `groups`.
    public func magicVariables(of host: Host) -> OrderedDictionary<String, Value> {
        let isAddress = IPv4Address(host.name) != nil || HostAddress.isIPv6(Array(host.name.unicodeScalars))
        let short = isAddress ? host.name : String(host.name.prefix { $0 != "." })
        let names = host.groups.isEmpty ? ["ungrouped"] : host.groups
        return [
            "inventory_hostname": .string(host.name), "inventory_hostname_short": .string(short),
            "inventory_dir": .string(folder), "inventory_file": .string(hostFiles[host.name] ?? path),
            "group_names": .list(names.map { .string($0) }),
            "groups": .map(
                groups.keys.reduce(into: [:]) { $0[$1] = .list(hosts(inGroup: $1).map { .string($0.name) }) }),
        ]
    }

    static func merged(
        _ layers: [OrderedDictionary<String, Declaration>], _ names: SecretNames
    ) -> OrderedDictionary<String, Value> {
        var out: OrderedDictionary<String, Value> = [:]
        for layer in layers {
            for (name, declaration) in layer {
                out[name] = declaration.value.named(name, by: names)
            }
        }
        return out
    }
}
