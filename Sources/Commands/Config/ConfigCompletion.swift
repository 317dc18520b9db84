import ArgumentParser
import Inventory
import Model
import OrderedCollections

/// What a shell may complete: variables, groups and hosts.
enum ConfigCompletion {
    static let keys = CompletionKind.list(KnownVariables.all.filter { $0.area != .accepted }.map(\.name))

    /// The groups and hosts of the inventory that the words so far name.
    static let scopes = CompletionKind.custom { words, _, _ in
        guard let inventory = inventory(in: words) else { return ["all", "control_plane", "workers"] }
        return inventory.groups.keys.filter { $0 != "ungrouped" } + inventory.hosts.map(\.name)
    }

    /// Its hosts.
    static let hosts = CompletionKind.custom { words, _, _ in inventory(in: words)?.hosts.map(\.name) ?? [] }

    private static func inventory(in words: [String]) -> Inventory? {
        let option = words.lastIndex { $0 == "-i" || $0 == "--inventory" }
        var options = SourceOptions()
        options.inventory = option.flatMap { words.indices.contains($0 + 1) ? words[$0 + 1] : nil }
        options.extraVars = []
        return try? options.load()
    }
}
