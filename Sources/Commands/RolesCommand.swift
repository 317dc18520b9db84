import ArgumentParser
import Inventory
import Model
import Report
import Roles

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

struct RolesCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "roles", abstract: "The roles at hand: list them, check them.",
        subcommands: [List.self, Check.self, Schema.self])

    struct List: ParsableCommand {
        static let configuration = CommandConfiguration(abstract: "List the roles in the order in which they run.")

        @OptionGroup var selection: SelectionOptions
        @Flag(name: .long, help: "JSON instead of text.") var json = false

        func run() throws {
            let console = Console()
            let library = try RoleLibrary(folders: RoleFolders.find(given: selection.roles))
            if json {
                return console.print(
                    JSONText.pretty(
                        .list(
                            library.roles.map { role in
                                [
                                    "role": .string(role.name), "summary": .string(role.summary),
                                    "hosts": .string(role.hosts), "after": .list(role.after.map { .string($0) }),
                                    "tasks": .int(role.tasks.count), "folder": .string(role.folder),
                                ]
                            })))
            }
            let width = library.roles.map(\.name.count).max() ?? 0
            for role in library.roles {
                let pad = String(repeating: " ", count: width - role.name.count)
                console.print("\(role.name)\(pad)  \(role.summary)  [\(role.hosts)]")
            }
        }
    }

    struct Check: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract:
                "Check roles without touching a host: keys, kinds, types, templates, and with an inventory, names.",
            discussion: """
                EXAMPLES
                  kubani roles check
                  kubani roles check --roles my-roles -i inventory/hosts.yml
                """)

        @OptionGroup var selection: SelectionOptions
        @OptionGroup var inventory: InventoryOptions

        func run() throws {
            let console = Console()
            let library = try RoleLibrary(folders: RoleFolders.find(given: selection.roles))
            var checked = ""
            if inventory.inventory != nil || FileManager.default.fileExists(atPath: inventory.path) {
                let inventory = try self.inventory.load()
                let site = Site(
                    hosts: inventory.hosts, groups: inventory.membership,
                    extraVariables: try ExtraVariables.read(self.inventory.extraVars))
                try library.check(on: site) { role throws(InputErrors) in
                    try inventory.hosts(matching: role.hosts).map(\.name)
                }
                checked = ", on the hosts of \(self.inventory.path)"
            }
            console.print("\(library.roles.count) roles are well formed\(checked)")
        }
    }

    struct Schema: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Print the JSON Schema of role files, for editors.")

        func run() { Console().print(JSONText.pretty(RoleSchema.value)) }
    }
}
