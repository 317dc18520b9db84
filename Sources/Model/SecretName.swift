import OrderedCollections

/// What a variable's name says of its value.
public enum SecretName {
    private static let endings = [
        "password", "passwd", "_pass", "passphrase", "_secret", "_token", "_auth_key", "_authkey", "_api_key",
    ]

    /// Whether a variable of this name holds a secret, whoever's it is: passwords, tokens, keys. `REGISTRY_PASSWORD` is
    /// as good as `registry_password`.
    public static func isSecret(_ name: String) -> Bool {
        let name = name.lowercased()
        return endings.contains { name.hasSuffix($0) } || ["secret", "token"].contains(name)
    }
}

extension Value {
    /// The value of a variable, marked secret where the variable's name says so, or, for the parts of a map at any depth,
    /// their keys: `registry: {user: u, password: x}` has a secret part.
    public func named(_ name: String) -> Value {
        var value = sensitive(SecretName.isSecret(name))
        switch content {
        case .map(let entries):
            var marked = entries
            for (key, entry) in entries { marked[key] = entry.named(key) }
            value.content = .map(marked)
        // An item has no name of its own; the list's has marked the list already.
        case .list(let items): value.content = .list(items.map { $0.named("") })
        default: break
        }
        return value
    }
}
