import ArgumentParser
import Inventory
import Model
import OrderedCollections
import Report
import Roles

struct InventoryCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "inventory", abstract: "Read the inventory: what it says, and what is wrong with it.",
        subcommands: [List.self, Check.self])

    struct List: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "List the hosts, where they are reached, and their groups.",
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
            let chosen = try self.inventory.hosts(of: inventory)
            if json {
                let all = inventory.listJSON()
                let names = self.inventory.limit == nil ? nil : Set(chosen.map(\.name))
                return console.print(JSONText.pretty(names.map { Self.limited(all, to: $0) } ?? all))
            }
            let site = try self.inventory.site(of: inventory)
            let rows = chosen.map { host in
                [host.name, Self.address(of: host.name, on: site), host.groups.joined(separator: ", ")]
            }
            console.print(TableText.render(["HOST", "ADDRESS", "GROUPS"], rows, style: console.style))
        }

        /// Where SSH would connect to, as far as the inventory says.
        private static func address(of host: String, on site: Site) -> String {
            guard let settings = try? ConnectionSettings(host: host, on: site) else { return "(see inventory check)" }
            if settings.method == .local { return "(this machine)" }
            return (settings.user.map { "\($0)@" } ?? "") + settings.address + (settings.port.map { ":\($0)" } ?? "")
        }

        /// The list with these hosts alone.
        private static func limited(_ list: Value, to names: Set<String>) -> Value {
            guard var groups = list.map else { return list }
            for (group, value) in groups {
                guard var entry = value.map else { continue }
                if let hosts = entry["hosts"]?.list {
                    entry["hosts"] = .list(hosts.filter { names.contains($0.string ?? "") })
                }
                if let variables = entry["hostvars"]?.map {
                    entry["hostvars"] = .map(variables.filter { names.contains($0.key) })
                }
                groups[group] = .map(entry)
            }
            return .map(groups)
        }
    }

    struct Check: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Report every mistake in the inventory at once, with its line.",
            discussion: """
                EXAMPLES
                  kubani inventory check
                  kubani inventory check -i inventory/ha.yml
                  kubani inventory check --extra-vars cluster_cidr=10.50.0.0/16
                  kubani inventory check --json | jq -r '.mistakes[].message'

                EXIT STATUS
                  0  no mistake; there may be warnings
                  1  mistakes
                """)

        @OptionGroup var inventory: SourceOptions
        @OptionGroup var roles: RoleOptions
        @Flag(name: .long, help: "JSON instead of text.") var json = false

        func run() throws {
            let console = Console()
            let (hosts, found): (Int, [InputError])
            do { (hosts, found) = try check() } catch let errors as InputErrors where json {
                (hosts, found) = (0, errors.errors)
            }
            let errors = found.filter { $0.severity == .error }.count
            if json {
                let told: Value = [
                    "inventory": .string(inventory.path), "hosts": .int(hosts), "mistakes": MistakesJSON.value(found),
                ]
                console.print(JSONText.pretty(told))
            } else {
                for mistake in found { console.complain(mistake.description) }
                console.print(
                    "\(inventory.path): \(counted(hosts, "host")), \(counted(errors, "mistake")), "
                        + counted(found.count - errors, "warning"))
            }
            if errors > 0 { try ExitStatus.wrongInput.exit() }
        }

        private func check() throws -> (hosts: Int, found: [InputError]) {
            let inventory = try self.inventory.load()
            let site = try self.inventory.site(of: inventory)
            // Roles are not needed here; where there are some, their variables are known.
            let library = try roles.folders.isEmpty ? try? roles.library() : roles.library()
            return (inventory.hosts.count, inventory.check(on: site, library))
        }
    }
}
