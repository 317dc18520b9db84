import ArgumentParser
import Model
import OrderedCollections
import PlanFile

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

extension PlanRequest {
    /// What was typed, so that it means the same wherever it is read again: paths are absolute, and an argument that
    /// holds a secret is a seal.
    init(
        _ inventory: InventoryOptions, _ selection: SelectionOptions, variables: OrderedDictionary<String, Value>,
        seal: Seal, by names: SecretNames
    ) throws(InputErrors) {
        var extraVars: [Variables] = []
        for text in inventory.extraVars {
            if text.hasPrefix("@") {
                extraVars.append(.given("@" + absolute(String(text.dropFirst()))))
            } else if ExtraVariables.holdSecret(text, by: names) {
                extraVars.append(.withheld(seal: seal.of(text: text)))
            } else {
                extraVars.append(.given(text))
            }
        }
        self.init(
            inventory: absolute(inventory.path), limit: inventory.limit, tags: selection.tags,
            skipTags: selection.skipTags, roles: try RoleFolders.find(given: selection.roles.folders).map(absolute),
            extraVars: extraVars, variables: variables)
    }

    /// The options that ask for it again.
    ///
    /// - Parameter given: the `--extra-vars` typed now, for those that are not in the file.
    /// - Throws: where one is missing, is another, or is not asked for.
    func options(
        given: [String], seal: Seal, file: String
    ) throws -> (inventory: InventoryOptions, selection: SelectionOptions) {
        var given = given
        var extraVars: [String] = []
        for variables in self.extraVars {
            switch variables {
            case .given(let text): extraVars.append(text)
            case .withheld(let expected):
                guard !given.isEmpty else {
                    throw InputErrors(
                        InputError(
                            "\(file) was made with --extra-vars that hold a secret, which is not in the file",
                            hint: "give the same --extra-vars again"))
                }
                let text = given.removeFirst()
                guard seal.of(text: text) == expected else {
                    throw InputErrors(
                        InputError(
                            "these --extra-vars are not those that \(file) was made with",
                            hint: "give them again word for word, or make a new plan"))
                }
                extraVars.append(text)
            }
        }
        if !given.isEmpty {
            throw InputErrors(
                InputError(
                    "\(file) has its own --extra-vars", hint: "make a new plan with these: kubani plan --out FILE")
            )
        }
        var inventory = try InventoryOptions.parse([])
        inventory.source.inventory = self.inventory
        inventory.source.extraVars = extraVars
        inventory.limit = limit
        var selection = try SelectionOptions.parse([])
        selection.tags = tags
        selection.skipTags = skipTags
        selection.roles.folders = roles
        return (inventory, selection)
    }
}

private func absolute(_ path: String) -> String {
    path.hasPrefix("/") ? path : "\(FileManager.default.currentDirectoryPath)/\(path)"
}
