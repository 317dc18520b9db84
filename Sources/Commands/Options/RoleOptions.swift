import ArgumentParser
import Model
import Roles

/// Which roles.
struct RoleOptions: ParsableArguments {
    @Option(
        name: .customLong("roles"), parsing: .singleValue,
        help: ArgumentHelp(
            "A folder of roles. May be repeated. (default: $KUBANI_ROLES, roles/, and kubani's own)",
            valueName: "folder"),
        completion: .directory)
    var folders: [String] = []

    /// The roles there.
    ///
    /// - Throws: for a folder that is not there, and for none at all.
    func library() throws(InputErrors) -> RoleLibrary {
        let folders = try RoleFolders.find(given: folders)
        let library = RoleLibrary(folders: folders)
        if library.roles.isEmpty, library.mistakes.isEmpty {
            throw InputErrors(
                InputError(
                    folders.isEmpty
                        ? "there are no roles here" : "there is no role in \(folders.joined(separator: ", "))",
                    hint:
                        "a role is a file FOLDER/NAME/role.yml: run kubani beside roles/, or name its FOLDER with --roles"
                ))
        }
        return library
    }
}
