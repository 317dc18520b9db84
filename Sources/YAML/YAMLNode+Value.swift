import Model
import OrderedCollections

extension YAMLNode {
    /// The node as plain data, each value with its place: scalars by the rules of YAML 1.1, `<<` merged, keys as text.
    ///
    /// - Throws: every duplicate key, unreadable key and unknown tag at once. `!vault` and `!unsafe` are such tags.
    public func value() throws(InputErrors) -> Value {
        var errors: [InputError] = []
        let value = resolve(into: &errors)
        if !errors.isEmpty { throw InputErrors(errors) }
        return value
    }

    /// A mapping's key as Ansible shows it in JSON: text as it is, `yes` as "true", `0644` as "420".
    ///
    /// - Throws: where the key is a list, a mapping or of an unknown tag.
    public func keyText() throws(InputErrors) -> String {
        var errors: [InputError] = []
        let text = keyText(into: &errors)
        guard let text, errors.isEmpty else { throw InputErrors(errors) }
        return text
    }

    /// A mapping's entries as `value()` has them: those that `<<` brings first, without what the mapping itself sets.
    /// Keys that the mapping itself has twice are left in.
    public var mergedEntries: [Entry]? {
        guard case .mapping(let entries) = kind else { return nil }
        guard entries.contains(where: { $0.key.isMergeKey }) else { return entries }
        let own = entries.filter { !$0.key.isMergeKey }
        var taken = Set(own.compactMap { try? $0.key.keyText() })
        var merged: [Entry] = []
        for entry in entries where entry.key.isMergeKey {
            for base in entry.value.items ?? [entry.value] {
                merged += (base.mergedEntries ?? []).filter { entry in
                    (try? entry.key.keyText()).map { taken.insert($0).inserted } ?? false
                }
            }
        }
        return merged + own
    }

    private func resolve(into errors: inout [InputError]) -> Value {
        switch kind {
        case .scalar(let text, let style):
            return Value(scalar(text, style, into: &errors), origin: origin)
        case .sequence(let items):
            check(tag, is: "seq", into: &errors)
            return Value(.list(items.map { $0.resolve(into: &errors) }), origin: origin)
        case .mapping(let entries):
            check(tag, is: "map", into: &errors)
            return Value(.map(map(entries, into: &errors)), origin: origin)
        }
    }

    private func check(_ tag: String?, is core: String, into errors: inout [InputError]) {
        guard let tag, tag != "!", tag != Self.prefix + core else { return }
        errors.append(unreadable(tag))
    }

    private static let prefix = "tag:yaml.org,2002:"

    private func unreadable(_ tag: String) -> InputError {
        switch tag {
        case "!vault", "!vault-encrypted":
            // The line below the tag is ciphertext: the tag's own is all that is shown.
            error(
                "a value encrypted with Ansible Vault (\(tag)) is not read yet",
                hint: "give it in another way, such as --extra-vars @file")
        case "!unsafe":
            error("!unsafe is not read yet", hint: "write the value with {% raw %}…{% endraw %} around it")
        default:
            error("the tag \(tag.hasPrefix(Self.prefix) ? "!!" + tag.dropFirst(Self.prefix.count) : tag) is not known")
        }
    }

    private func scalar(_ text: String, _ style: Style, into errors: inout [InputError]) -> Value.Content {
        guard let tag else { return style == .plain ? PlainScalar.content(text) : .string(text) }
        if tag == "!" { return .string(text) }
        let content = PlainScalar.content(text)
        switch (tag.hasPrefix(Self.prefix) ? String(tag.dropFirst(Self.prefix.count)) : "", content) {
        case ("str", _): return .string(text)
        case ("null", _): return .null
        case ("bool", .bool), ("int", .int), ("float", .double): return content
        case ("float", .int(let whole)): return .double(Double(whole))
        case ("bool", _), ("int", _), ("float", _):
            errors.append(error("'\(text)' is no \(tag.dropFirst(Self.prefix.count))"))
        default: errors.append(unreadable(tag))
        }
        return .null
    }

    private func keyText(into errors: inout [InputError]) -> String? {
        guard case .scalar(let text, let style) = kind else {
            errors.append(
                error(
                    "a \(items == nil ? "mapping" : "list") cannot be a key",
                    hint: "a value that begins with {{ needs quotes"))
            return nil
        }
        switch scalar(text, style, into: &errors) {
        case .null: return "null"
        case .bool(let b): return b ? "true" : "false"
        case .int(let i): return String(i)
        case .double(let d): return String(d)
        default: return text
        }
    }

    var isMergeKey: Bool {
        if case .scalar("<<", .plain) = kind { return tag == nil }
        return tag == Self.prefix + "merge"
    }

    /// What is merged comes first and gives way to the mapping's own entries; of several merged, the first wins.
    private func map(_ entries: [Entry], into errors: inout [InputError]) -> OrderedDictionary<String, Value> {
        var out: OrderedDictionary<String, Value> = [:]
        for entry in entries where entry.key.isMergeKey {
            for (key, value) in entry.value.merged(into: &errors) { out[key] = value }
        }
        var seen: [String: YAMLNode] = [:]
        for entry in entries where !entry.key.isMergeKey {
            guard let key = entry.key.keyText(into: &errors) else { continue }
            let value = entry.value.resolve(into: &errors)
            if let first = seen.updateValue(entry.key, forKey: key) {
                errors.append(
                    entry.key.error("the key '\(key)' is there twice", hint: "the first is at line \(first.start.line)")
                )
                continue
            }
            out[key] = value
        }
        return out
    }

    private func merged(into errors: inout [InputError]) -> OrderedDictionary<String, Value> {
        switch kind {
        case .mapping(let entries): return map(entries, into: &errors)
        case .sequence(let items) where items.allSatisfy({ $0.entries != nil }):
            var out: OrderedDictionary<String, Value> = [:]
            for item in items.reversed() {
                for (key, value) in item.merged(into: &errors) { out[key] = value }
            }
            return out
        default:
            errors.append(error("<< needs a mapping or a list of mappings"))
            return [:]
        }
    }
}
