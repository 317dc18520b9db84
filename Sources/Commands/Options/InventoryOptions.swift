import ArgumentParser
import Inventory
import Model
import OrderedCollections
import Roles

/// Which inventory, and which of its hosts.
struct InventoryOptions: ParsableArguments {
    @OptionGroup var source: SourceOptions

    @Option(
        name: [.short, .long],
        help: ArgumentHelp("Only these hosts: an Ansible pattern such as 'workers:!n3'.", valueName: "pattern"))
    var limit: String?

    var path: String { source.path }
    var extraVars: [String] { source.extraVars }

    func load() throws(InputErrors) -> Inventory { try source.load() }

    func site(
        of inventory: Inventory, adding variables: OrderedDictionary<String, Value> = [:]
    ) throws(InputErrors) -> Site {
        try source.site(of: inventory, adding: variables)
    }

    /// Those that `--limit` leaves.
    ///
    /// - Throws: where none is left.
    func hosts(of inventory: Inventory) throws(InputErrors) -> [Host] {
        guard let limit else { return inventory.hosts }
        let hosts = try inventory.hosts(matching: limit)
        if hosts.isEmpty {
            throw InputErrors(.noHost(limit: limit))
        }
        return hosts
    }
}

extension InputError {
    static func noHost(limit: String) -> InputError {
        InputError("--limit '\(limit)' leaves no host", hint: "kubani inventory list shows hosts and groups")
    }
}
