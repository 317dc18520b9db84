import ArgumentParser
import Inventory
import Model

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// Which inventory, and which of its hosts.
struct InventoryOptions: ParsableArguments {
    @Option(
        name: [.short, .customLong("inventory")],
        help: ArgumentHelp(
            "The inventory: Ansible's YAML or INI. (default: $KUBANI_INVENTORY or inventory/hosts.yml)",
            valueName: "path"))
    var inventory: String?

    @Option(
        name: [.short, .long],
        help: ArgumentHelp("Only these hosts: an Ansible pattern such as 'workers:!n3'.", valueName: "pattern"))
    var limit: String?

    @Option(
        name: [.short, .customLong("extra-vars")],
        help: ArgumentHelp("Variables above all others: k=v, JSON or @file. May be repeated.", valueName: "vars"))
    var extraVars: [String] = []

    var path: String { inventory ?? ProcessInfo.processInfo.environment["KUBANI_INVENTORY"] ?? "inventory/hosts.yml" }

    /// Those that `--limit` leaves.
    func hosts(of inventory: Inventory) throws(InputErrors) -> [Host] {
        if let limit { return try inventory.hosts(matching: limit) }
        return inventory.hosts
    }

    func load() throws(InputErrors) -> Inventory { try Inventory(reading: path) }
}
