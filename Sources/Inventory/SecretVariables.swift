import Model
import OrderedCollections

/// `kubani_secrets`: the names of variables that hold secrets, beside those that say so themselves. Wherever it is set,
/// be it for one host, it counts for the whole inventory and for `--extra-vars`: a name is secret or it is not.
public enum SecretVariables {
    public static let name = "kubani_secrets"

    /// The names in a value: a list of texts, or one text with commas or blanks between, as INI and `k=v` have it.
    public static func patterns(in value: Value) -> [String] {
        let texts = value.list?.compactMap(\.string) ?? value.string.map { [$0] } ?? []
        return texts.flatMap { $0.split { $0 == "," || $0.isWhitespace } }.map(String.init).filter {
            !holdsTemplate(.string($0))
        }
    }

    /// What is wrong with a value, beside its type.
    static func mistakes(in value: Value) -> [InputError] {
        if holdsTemplate(value) {
            return [
                InputError(
                    "\(name): the names are needed as they are, not a template", at: value.origin,
                    hint: "they must be known before anything is rendered")
            ]
        }
        let texts = value.list ?? [value]
        return texts.filter { $0.string.map { $0.allSatisfy { $0 == "," || $0.isWhitespace } } ?? false }.map {
            InputError("\(name): a name is needed, not an empty text", at: $0.origin ?? value.origin)
        }
    }
}

extension Inventory {
    /// Patterns that no variable of the inventory, of a role or of the command line has the name of: misspelt, most likely.
    ///
    /// - Parameter further: names of variables that stand elsewhere.
    func uselessSecretPatterns(further: Set<String>) -> [InputError] {
        var names = further
        func add(_ name: String, _ value: Value) {
            names.insert(name)
            for (key, entry) in value.map ?? [:] { add(key, entry) }
            for item in value.list ?? [] { for (key, entry) in item.map ?? [:] { add(key, entry) } }
        }
        for (name, declaration) in declarations { add(name, declaration.value) }
        return declarations.filter { $0.name == SecretVariables.name }.flatMap { _, declaration -> [InputError] in
            let items = declaration.value.list ?? [declaration.value]
            return items.flatMap { item -> [InputError] in
                SecretVariables.patterns(in: item).compactMap { pattern -> InputError? in
                    let one = SecretNames([pattern])
                    guard !names.contains(where: one.matches) else { return nil }
                    return InputError(
                        "\(SecretVariables.name): no variable is called '\(pattern)'",
                        at: item.origin ?? declaration.value.origin,
                        hint: nearestName(to: pattern, among: names.sorted()).map { "did you mean '\($0)'?" },
                        severity: .warning)
                }
            }
        }
    }
}
