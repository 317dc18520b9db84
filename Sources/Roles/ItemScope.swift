import Model
import Template

/// A loop's `item` on top of a host's variables.
struct ItemScope: Scope {
    let item: Value?
    let base: VariableScope

    func resolve(_ path: [Value]) throws(InputErrors) -> (value: Value, consumed: Int)? {
        if let item, path.first?.string == "item" { return (item, 1) }
        return try base.resolve(path)
    }
}
