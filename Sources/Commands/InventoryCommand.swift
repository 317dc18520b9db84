import ArgumentParser
import Inventory
import Model
import Report
import Roles

struct InventoryCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "inventory", abstract: "Read the inventory: what it says, and what is wrong with it.",
        subcommands: [List.self, Check.self])

    struct List: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "List hosts and groups.",
            discussion: """
                EXAMPLES
                  kubani inventory list
                  kubani inventory list --limit 'workers:&gpu'
                  kubani inventory list --json          as ansible-inventory --list prints it
                """)

        @OptionGroup var inventory: InventoryOptions
        @Flag(name: .long, help: "As ansible-inventory --list prints it.") var json = false

        func run() throws {
            let console = Console()
            let inventory = try self.inventory.load()
            if json { return console.print(JSONText.pretty(inventory.listJSON())) }
            let hosts = try self.inventory.hosts(of: inventory)
            let width = hosts.map(\.name.count).max() ?? 0
            for host in hosts {
                let pad = String(repeating: " ", count: width - host.name.count)
                console.print("\(host.name)\(pad)  \(host.groups.joined(separator: ", "))")
            }
        }
    }

    struct Check: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Report every mistake in the inventory at once, with its line.",
            discussion: """
                EXAMPLES
                  kubani inventory check
                  kubani inventory check -i inventory/ha.yml

                EXIT STATUS
                  0 no mistake (warnings may be there)   1 mistakes
                """)

        @OptionGroup var inventory: InventoryOptions

        func run() throws {
            let console = Console()
            let inventory = try self.inventory.load()
            let site = Site(
                hosts: inventory.hosts, groups: inventory.membership,
                extraVariables: try ExtraVariables.read(self.inventory.extraVars))
            let found = inventory.check(on: site)
            for mistake in found { console.complain(mistake.description) }
            let errors = found.filter { $0.severity == .error }.count
            console.print(
                "\(inventory.hosts.count) hosts, \(errors) errors, \(found.count - errors) warnings: \(self.inventory.path)"
            )
            if errors > 0 { try ExitStatus.wrongInput.exit() }
        }
    }
}
