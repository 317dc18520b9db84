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
        commandName: "roles", abstract: "The roles at hand: list them, check them, begin one.",
        subcommands: [List.self, Check.self, Schema.self, New.self])

    struct List: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "List the roles in the order in which they run.",
            discussion: """
                EXAMPLES
                  kubani roles list
                  kubani roles list --roles ./my-roles
                  kubani roles list --json | jq -r '.[].role'
                """)

        @OptionGroup var roles: RoleOptions
        @Flag(name: .long, help: "JSON instead of text.") var json = false

        func run() throws {
            let console = Console()
            let library = try roles.library()
            try library.refuseMistakes()
            let roles = library.roles
            if json { return console.print(JSONText.pretty(.list(roles.map(Self.value)))) }
            let rows = roles.map { [$0.name, $0.hosts, String($0.tasks.count), $0.summary] }
            console.print(TableText.render(["ROLE", "HOSTS", "TASKS", "SUMMARY"], rows, style: console.style))
        }

        private static func value(_ role: Role) -> Value {
            [
                "role": .string(role.name), "summary": .string(role.summary), "hosts": .string(role.hosts),
                "after": .list(role.after.map { .string($0) }), "tasks": .int(role.tasks.count),
                "tags": .list(Set(role.allTags).sorted().map { .string($0) }), "folder": .string(role.folder),
            ]
        }
    }

    struct Check: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Report every mistake in the roles at once, with its line; no host is touched.",
            discussion: """
                Keys, kinds, types and templates are checked; where there is an inventory,
                also every name that the roles use, on each of its hosts.

                EXAMPLES
                  kubani roles check
                  kubani roles check --roles my-roles -i inventory/hosts.yml
                  kubani roles check --json | jq -r '.mistakes[].message'
                """)

        @OptionGroup var roles: RoleOptions
        @OptionGroup var inventory: InventoryOptions
        @Flag(name: .long, help: "JSON instead of text.") var json = false

        func run() throws {
            let console = Console()
            guard json else {
                let (roles, checked) = try check()
                return console.print("\(counted(roles, "role")), no mistake\(checked)")
            }
            var mistakes: [InputError] = []
            do { _ = try check() } catch let errors as InputErrors { mistakes = errors.errors }
            console.print(JSONText.pretty(["mistakes": MistakesJSON.value(mistakes)]))
            if !mistakes.isEmpty { try ExitStatus.wrongInput.exit() }
        }

        /// - Returns: how many roles there are, and, in words, on how many hosts they were checked.
        private func check() throws -> (roles: Int, on: String) {
            let library = try roles.library()
            var checked = ""
            if inventory.source.inventory != nil || FileManager.default.fileExists(atPath: inventory.path) {
                let inventory = try self.inventory.load()
                let chosen = Set(try self.inventory.hosts(of: inventory).map(\.name))
                let site = try self.inventory.site(of: inventory)
                try library.check(on: site) { role throws(InputErrors) in
                    try inventory.hosts(matching: role.hosts).map(\.name).filter(chosen.contains)
                }
                checked = ", on \(counted(chosen.count, "host")) of \(self.inventory.path)"
            }
            try library.refuseMistakes()
            return (library.roles.count, checked)
        }
    }

    struct Schema: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Print the JSON Schema of role files, for editors.",
            discussion: """
                EXAMPLES
                  kubani roles schema > roles/role.schema.json
                """)

        func run() { Console().print(JSONText.pretty(RoleSchema.value)) }
    }
}
