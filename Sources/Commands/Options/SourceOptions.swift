import ArgumentParser
import Inventory
import Model
import OrderedCollections
import Roles

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// Which inventory, and what is said above it.
struct SourceOptions: ParsableArguments {
    @Option(
        name: [.short, .customLong("inventory")],
        help: ArgumentHelp(
            "The inventory: Ansible's YAML or INI, a file or a folder. (default: $KUBANI_INVENTORY or "
                + "inventory/hosts.yml)",
            valueName: "path"),
        completion: .file())
    var inventory: String?

    @Option(
        name: [.short, .customLong("extra-vars")],
        help: ArgumentHelp("Variables above all others: k=v, JSON or @file. May be repeated.", valueName: "vars"))
    var extraVars: [String] = []

    var path: String {
        if let inventory { return inventory }
        let named = ProcessInfo.processInfo.environment["KUBANI_INVENTORY"] ?? ""
        return named.isEmpty ? "inventory/hosts.yml" : named
    }

    func load() throws(InputErrors) -> Inventory {
        try Inventory(reading: path, secrets: ExtraVariables.secretPatterns(extraVars))
    }

    /// The inventory and what is said above it, as roles see them.
    ///
    /// - Parameter variables: above even that.
    func site(
        of inventory: Inventory, adding variables: OrderedDictionary<String, Value> = [:]
    ) throws(InputErrors) -> Site {
        Site(
            hosts: inventory.hosts, groups: inventory.membership,
            extraVariables: try ExtraVariables.read(extraVars, by: inventory.secretNames).merging(variables) { $1 },
            secretNames: inventory.secretNames)
    }
}
