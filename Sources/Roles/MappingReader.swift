import Model
import OrderedCollections
import YAML

/// Reads the keys of a YAML mapping one by one, keeps every mistake, and complains of the keys nobody asked for.
struct MappingReader {
    let node: YAMLNode
    let within: String
    private(set) var errors: [InputError] = []
    private var known: [String] = []

    init(_ node: YAMLNode, within: String) {
        self.node = node
        self.within = within
        if node.entries == nil { errors.append(node.error("\(within): a map is needed")) }
    }

    mutating func report(_ error: InputError) { errors.append(error) }
    mutating func report(_ error: InputErrors) { errors += error.errors }

    mutating func child(_ key: String) -> YAMLNode? {
        known.append(key)
        return node[key]
    }

    mutating func value(_ key: String) -> Value? {
        guard let child = child(key) else { return nil }
        do throws(InputErrors) { return try child.value() } catch {
            report(error)
            return nil
        }
    }

    mutating func string(_ key: String) -> String? {
        guard let value = value(key), !value.isNull else { return nil }
        if let text = value.string { return text }
        report(InputError("\(within): '\(key)' needs text, not \(value.typeName)", at: value.origin))
        return nil
    }

    mutating func int(_ key: String, from least: Int) -> Int? {
        guard let value = value(key), !value.isNull else { return nil }
        if let number = value.int, number >= least { return number }
        report(
            InputError(
                "\(within): '\(key)' needs a whole number" + (least > 0 ? " from \(least)" : ""), at: value.origin))
        return nil
    }

    mutating func bool(_ key: String) -> Bool? {
        guard let value = value(key), !value.isNull else { return nil }
        if let bool = value.bool { return bool }
        report(InputError("\(within): '\(key)' needs true or false", at: value.origin))
        return nil
    }

    /// One text or a list of them.
    mutating func strings(_ key: String) -> [String] {
        guard let value = value(key), !value.isNull else { return [] }
        return (value.list ?? [value]).compactMap { item in
            if let text = item.string { return text }
            report(InputError("\(within): '\(key)' needs text or a list of texts", at: item.origin ?? value.origin))
            return nil
        }
    }

    /// - Parameter kind: `duration`, or `pause` for what may be none.
    mutating func duration(_ key: String, _ kind: Field.Kind = .duration) -> Duration? {
        guard let value = value(key), !value.isNull else { return nil }
        do throws(InputErrors) {
            let field = Field(key, kind, "")
            return try Arguments(.map([key: value]), kind: within, fields: [field]).duration(key)
        } catch {
            report(error)
            return nil
        }
    }

    /// To be called last.
    mutating func reportUnknownKeys(also others: [String] = []) {
        let names = known + others
        for entry in node.entries ?? [] {
            guard let key = entry.key.text, !names.contains(key) else { continue }
            let near = nearestName(to: key, among: names)
            report(
                entry.key.error(
                    "\(within): unknown key '\(key)'",
                    hint: near.map { "did you mean '\($0)'?" } ?? "it may have: \(known.joined(separator: ", "))"))
        }
    }
}
