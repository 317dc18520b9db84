import Model
import OrderedCollections

/// Writes values as YAML in block style.
struct Emitter {
    private(set) var text = ""

    mutating func document(_ value: Value) {
        switch value.content {
        case .list(let items) where !items.isEmpty: list(items, indent: 0, continues: true)
        case .map(let entries) where !entries.isEmpty: map(entries, indent: 0, continues: true)
        default:
            text += scalar(value, indent: 2)
            text += "\n"
        }
    }

    /// - Parameter continues: whether the first item goes on in the line that is already begun.
    private mutating func list(_ items: [Value], indent: Int, continues: Bool) {
        var continues = continues
        for item in items {
            if !continues { text += String(repeating: " ", count: indent) }
            continues = false
            text += "- "
            switch item.content {
            case .list(let inner) where !inner.isEmpty: list(inner, indent: indent + 2, continues: true)
            case .map(let inner) where !inner.isEmpty: map(inner, indent: indent + 2, continues: true)
            default: text += scalar(item, indent: indent + 2) + "\n"
            }
        }
    }

    private mutating func map(_ entries: OrderedDictionary<String, Value>, indent: Int, continues: Bool) {
        var continues = continues
        for (name, value) in entries {
            if !continues { text += String(repeating: " ", count: indent) }
            continues = false
            let key = ScalarText.oneLine(name)
            // Readers look for a key's ':' in its first 1024 characters only.
            if key.utf8.count > 1000 {
                text += "? \(key)\n" + String(repeating: " ", count: indent) + ":"
            } else {
                text += key + ":"
            }
            switch value.content {
            case .list(let inner) where !inner.isEmpty:
                text += "\n"
                list(inner, indent: indent + 2, continues: false)
            case .map(let inner) where !inner.isEmpty:
                text += "\n"
                map(inner, indent: indent + 2, continues: false)
            default: text += " " + scalar(value, indent: indent + 2) + "\n"
            }
        }
    }

    private func scalar(_ value: Value, indent: Int) -> String {
        switch value.content {
        case .null: "null"
        case .bool(let b): b ? "true" : "false"
        case .int(let i): String(i)
        case .double(let d): ScalarText.number(d)
        case .string(let s): ScalarText.block(s, indent: indent) ?? ScalarText.oneLine(s)
        case .list: "[]"
        case .map: "{}"
        case .unknown: ScalarText.oneLine(value.description)
        }
    }
}
