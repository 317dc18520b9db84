import Model

/// What a package manager would do, by its own word.
struct PackageSimulation: Sendable, Equatable {
    struct Item: Sendable, Hashable {
        var name: String
        var version: String
    }

    var installed: [Item] = []
    /// Their version: `1.0 → 1.1`.
    var upgraded: [Item] = []
    var removed: [Item] = []
    /// Why nothing may take these away, by name.
    var needed: [String: String] = [:]
    /// Why it would do nothing at all.
    var mistakes: [String] = []

    /// What kubani comes in by, or cannot do without, on whatever node.
    private static let always = [
        "openssh-server": "it lets kubani in", "sudo": "it makes kubani root", "systemd": "it is the node's init",
        "systemd-sysv": "it is the node's init", "init": "it is the node's init",
        "tailscale": "it is the cluster's network",
        "apt": "kubani installs packages by it", "dpkg": "kubani installs packages by it",
        "dnf": "kubani installs packages by it",
    ]

    /// The first among these packages that must stay, and why.
    static func needed(among names: [String], _ simulation: PackageSimulation?) -> (name: String, why: String)? {
        for name in names {
            // Only another architecture's has the architecture in its name.
            if let why = always[name] ?? simulation?.needed[name] { return (name, why) }
        }
        return nil
    }

    /// What comes and goes beside the packages asked for, removals first.
    func details(beside asked: [String], isPresent: Bool) -> [Detail] {
        let asked = Set(asked.flatMap { [$0, String($0.prefix { $0 != ":" })] })
        func others(_ items: [Item]) -> [Item] { items.filter { !asked.contains($0.name) } }
        func list(_ items: [Item]) -> String {
            let shown = items.prefix(12).map { $0.version.isEmpty ? $0.name : "\($0.name) \($0.version)" }
            let more = items.count > 12 ? ["and \(items.count - 12) more"] : []
            return (shown + more).joined(separator: ", ")
        }
        var details = others(removed).map {
            Detail.note("removes \($0.name) \($0.version), which \(isPresent ? "stands in the way" : "needs it")")
        }
        if case let items = others(installed), !items.isEmpty {
            details.append(.note("installs with it \(list(items))"))
        }
        if case let items = others(upgraded), !items.isEmpty {
            details.append(.note("upgrades with it \(list(items))"))
        }
        return details
    }
}
