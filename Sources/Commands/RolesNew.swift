import ArgumentParser
import Model
import OrderedCollections
import Roles

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

extension RolesCommand {
    struct New: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Begin a role: a folder with a task, a template and a handler to make your own.",
            discussion: """
                Writes roles/NAME, or NAME in the first folder of --roles. What is there is
                left alone.

                EXAMPLES
                  kubani roles new ntp
                  kubani roles new ntp --roles my-roles

                EXIT STATUS
                  0  made; kubani roles check passes
                  1  no name for a role, or there is a role of that name: nothing is written
                """)

        @OptionGroup var roles: RoleOptions

        @Argument(help: "Its name: lower-case letters, digits and hyphens.") var name: String

        func run() throws {
            let scaffold = try RoleScaffold(name: name)
            let folder = roles.folders.first ?? "roles"
            try refuseExisting(in: folder)
            try scaffold.write(to: folder)
            let console = Console()
            for file in scaffold.files.keys { console.print("\(folder)/\(name)/\(file)") }
            let option = roles.folders.first.map { " --roles \(("\($0)" as Script).text)" } ?? ""
            console.print(
                """

                Make it your own: docs/ROLES.md has every kind of task, with an example. Then:
                  kubani roles check\(option)
                  kubani plan\(option) --tags \(name)
                """)
        }

        /// A role of that name, here or among kubani's own, whose place this one would take.
        private func refuseExisting(in folder: String) throws(InputErrors) {
            // The folder itself may not be there yet.
            let others = (try? RoleFolders.find(given: [])) ?? []
            for known in [folder] + others where FileManager.default.fileExists(atPath: "\(known)/\(name)") {
                throw InputErrors(
                    InputError("there is \(known)/\(name) already: nothing was written", hint: "choose another name"))
            }
        }
    }
}
