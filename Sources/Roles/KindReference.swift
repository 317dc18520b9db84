import Model
import OrderedCollections
import Resources

/// The reference of all resource kinds and facts in Markdown, made from the lists they are checked by.
public enum KindReference {
    public static var markdown: String {
        var parts = catalog.map(section)
        parts.append(facts)
        return parts.joined(separator: "\n")
    }

    private static func section(_ kind: any ResourceKind.Type) -> String {
        var lines = ["### \(kind.name)", kind.summary, ""]
        if let shorthand = kind.shorthand { lines += ["A plain value stands for `\(shorthand)`.", ""] }
        lines += ["| field | value | meaning |", "| --- | --- | --- |"]
        lines += rows(kind.fields)
        lines += ["", "```yaml", kind.example.trimmedNewlines, "```", ""]
        return lines.joined(separator: "\n")
    }

    private static func rows(_ fields: [Field], within: String = "") -> [String] {
        fields.flatMap { field -> [String] in
            let required = field.isRequired ? " (required)" : ""
            let help = field.help.split(separator: "|").joined(separator: "\\|")
            let row = "| `\(within)\(field.name)` | \(name(field.kind))\(required) | \(help) |"
            if case .record(let inner) = field.kind { return [row] + rows(inner, within: "\(field.name).") }
            return [row]
        }
    }

    private static func name(_ kind: Field.Kind) -> String {
        switch kind {
        case .string: "text"
        case .path: "path"
        case .mode: "mode"
        case .bool: "true or false"
        case .int: "number"
        case .duration, .pause: "duration"
        case .oneOf(let names): names.joined(separator: ", ")
        case .list(let element): "list: \(name(element))"
        case .map(let element): "map: \(name(element))"
        case .record: "map"
        case .oneOrMany(let element): "\(name(element)), or a list"
        case .script: "script"
        case .credential: "text, secret"
        case .condition: "expression"
        case .templateFile: "file in templates/"
        case .sourceFile: "file in files/"
        case .remoteText: "URL of a text"
        case .any: "anything"
        }
    }

    private static var facts: String {
        var lines = ["## Facts", "Read once a run from every node, as `facts.NAME`.", ""]
        lines += ["| fact | type | meaning |", "| --- | --- | --- |"]
        lines += Facts.list.map { "| `\($0.name)` | \($0.type) | \($0.help) |" }
        return lines.joined(separator: "\n") + "\n"
    }
}

extension String {
    fileprivate var trimmedNewlines: String {
        var text = self[...]
        while text.last == "\n" { text.removeLast() }
        return String(text)
    }
}
