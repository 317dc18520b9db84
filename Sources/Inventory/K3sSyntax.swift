import Model
import OrderedCollections

/// What of k3s's arguments and configuration is known to fail when it starts.
enum K3sSyntax {
    typealias Mistake = VariableKind.Mistake

    /// - Returns: nil where the value is neither text nor a list of texts.
    static func argumentMistakes(_ value: Value) -> [Mistake]? {
        if let text = value.string {
            guard let words = ShellWords.split(text) else {
                return [
                    Mistake(
                        message: "a quote is not closed, or a backslash stands at the end", origin: value.origin,
                        hint: "the text is split as a shell does; a list of texts is taken as it is")
                ]
            }
            return flagMistakes(words.map { Value(.string($0), isSensitive: value.isSensitive, origin: value.origin) })
        }
        guard let items = value.list, items.allSatisfy({ VariableKind.text(of: $0) != nil }) else { return nil }
        let unsplit = items.compactMap { item -> Mistake? in
            guard let match = item.string?.firstMatch(of: /^(--?[a-z0-9-]+)\s+\S/) else { return nil }
            return Mistake(
                message: "an item is one argument, and this one has a blank behind \(match.1)", origin: item.origin,
                hint: "write \(match.1)=VALUE, or two items")
        }
        return unsplit + flagMistakes(items)
    }

    /// The labels and taints among a command line's words.
    private static func flagMistakes(_ words: [Value]) -> [Mistake] {
        var found: [Mistake] = []
        for (index, word) in words.enumerated() {
            guard let text = word.string, text.hasPrefix("-") else { continue }
            let parts = text.drop { $0 == "-" }.split(separator: "=", maxSplits: 1).map(String.init)
            guard let flag = parts.first else { continue }
            let next: Value? = words.indices.contains(index + 1) ? words[index + 1] : nil
            let value: Value? = parts.count > 1 ? Value(.string(parts[1]), origin: word.origin) : next
            if let value { found += entryMistakes(flag, value) }
        }
        return found
    }

    /// The labels and taints of a config.yaml, however many files add to them.
    static func configMistakes(_ config: OrderedDictionary<String, Value>) -> [Mistake] {
        config.flatMap { key, value in entryMistakes(key.hasSuffix("+") ? String(key.dropLast()) : key, value) }
    }

    private static func entryMistakes(_ flag: String, _ value: Value) -> [Mistake] {
        let items = (value.list ?? [value]).filter { !holdsTemplate($0) }
        switch flag {
        case "node-label": return items.flatMap(labelMistakes)
        case "node-taint": return items.flatMap(KubernetesSyntax.taintMistakes)
        case "kubelet-arg":
            return items.flatMap { item -> [Mistake] in
                guard let text = item.string?.drop(while: { $0 == "-" }), text.hasPrefix("node-labels=") else {
                    return []
                }
                return labelMistakes(Value(.string(String(text.dropFirst("node-labels=".count))), origin: item.origin))
            }
        default: return []
        }
    }

    private static func labelMistakes(_ item: Value) -> [Mistake] {
        (item.string ?? "").split(separator: ",").compactMap { label in
            let key = String(label.split(separator: "=", maxSplits: 1).first ?? "").drop(while: \.isWhitespace)
            guard !KubernetesSyntax.isKubeletLabel(String(key)) else { return nil }
            return Mistake(
                message: "no kubelet may give itself the label '\(key)': k3s would not start", origin: item.origin,
                hint: "put it in node_labels, which sets it through the API")
        }
    }
}
