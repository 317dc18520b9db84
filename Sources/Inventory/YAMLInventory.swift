import Model
import OrderedCollections
import YAML

/// Reads Ansible's YAML inventory: groups by name, each with `hosts`, `vars` and `children`.
struct YAMLInventory {
    private var builder: InventoryBuilder
    private var errors: [InputError] = []
    private let file: String

    /// - Throws: every mistake of the file at once.
    static func read(_ bytes: [UInt8], file: String, into builder: inout InventoryBuilder) throws(InputErrors) {
        let documents = try YAML.parse(bytes, file: file)
        guard let root = documents.first else {
            throw InputErrors(
                InputError("the inventory is empty", at: Origin(file: file, line: 1, column: 1), hint: emptyHint))
        }
        if documents.count > 1 { throw InputErrors(documents[1].error("an inventory is one document")) }
        guard let entries = root.mergedEntries else {
            throw InputErrors(root.error("an inventory is a mapping of groups, this is \(what(root))", hint: emptyHint))
        }
        if let plugin = root["plugin"] {
            throw InputErrors(
                plugin.error(
                    "inventory plugins are not read",
                    hint: "write what `ansible-inventory --list --yaml` prints to a file"))
        }
        var reader = YAMLInventory(builder: builder, file: file)
        for (name, entry) in reader.named(entries, what: "a group") { reader.group(name, entry) }
        if !reader.errors.isEmpty { throw InputErrors(reader.errors) }
        builder = reader.builder
    }

    private static let emptyHint = "it begins with 'all:', see inventory/minimal.yml"

    private init(builder: InventoryBuilder, file: String) {
        self.builder = builder
        self.file = file
    }

    private mutating func group(_ name: String, _ entry: YAMLNode.Entry) {
        guard let sections = entry.value.isNull ? [] : entry.value.mergedEntries else {
            builder.warn(
                "'\(name)' is skipped: a group is a mapping, this is \(what(entry.value))", at: entry.value.origin)
            return
        }
        builder.addGroup(name, at: entry.key.origin)
        for (section, part) in named(sections, what: "a section") {
            switch section {
            case "vars": variables(part.value, of: name)
            case "children": children(part.value, of: name)
            case "hosts": hosts(part.value, of: name)
            default:
                let hint =
                    nearestName(to: section, among: ["hosts", "vars", "children"]).map { "did you mean '\($0)'?" }
                    ?? (part.value.entries == nil
                        ? "a variable belongs under 'vars:'" : "a group belongs under 'children:'")
                builder.warn(
                    "'\(section)' in the group '\(name)' is skipped: only hosts, vars and children mean something there",
                    at: part.key.origin, hint: hint)
            }
        }
    }

    private mutating func variables(_ node: YAMLNode, of group: String) {
        guard let value = value(node, "the variables of '\(group)'") else { return }
        let names = origins(node)
        for (name, value) in value.map ?? [:] {
            if let error = builder.set(name, Declaration(nameOrigin: names[name], value: value), of: group) {
                errors.append(error)
            }
        }
    }

    private mutating func children(_ node: YAMLNode, of group: String) {
        guard let entries = section(node, "the children of '\(group)'") else { return }
        for (child, entry) in named(entries, what: "a group") {
            self.group(child, entry)
            if builder.groups[child] == nil { continue }
            if let mistake = builder.addChild(child, to: group) { errors.append(entry.key.error(mistake)) }
        }
    }

    private mutating func hosts(_ node: YAMLNode, of group: String) {
        guard let entries = section(node, "the hosts of '\(group)'") else { return }
        for (pattern, entry) in named(entries, what: "a host") {
            let address = HostAddress(pattern)
            let names: [String]
            do throws(HostRange.Mistake) { names = try HostRange.names(address?.name ?? pattern) } catch {
                errors.append(entry.key.error(error.message))
                continue
            }
            guard let value = value(entry.value, "the variables of '\(pattern)'") else { continue }
            let origins = origins(entry.value)
            for name in names {
                builder.addHost(
                    name, to: group, port: address?.port.map { Value.int($0).at(entry.key.origin) },
                    at: entry.key.origin, file: file)
                for (variable, value) in value.map ?? [:] {
                    let declaration = Declaration(nameOrigin: origins[variable], value: value)
                    if let error = builder.set(variable, declaration, of: name) { errors.append(error) }
                }
            }
        }
    }

    /// A section's entries; a single name stands for a mapping with that one key.
    private mutating func section(_ node: YAMLNode, _ what: String) -> [YAMLNode.Entry]? {
        if let entries = node.mergedEntries { return entries }
        if node.isNull { return nil }
        if node.text != nil, case .string? = try? node.value().content {
            return [YAMLNode.Entry(key: node, value: .null(at: node))]
        }
        errors.append(
            node.error(
                "\(what) are a mapping, this is \(Self.what(node))", hint: "write 'name:' with a colon, without a dash")
        )
        return nil
    }

    /// Variables as a map; an empty one where there is nothing.
    private mutating func value(_ node: YAMLNode, _ what: String) -> Value? {
        let value: Value
        do throws(InputErrors) { value = try node.value() } catch {
            errors += error.errors
            return nil
        }
        switch value.content {
        case .map: return value
        case .null, .bool(false), .int(0), .string(""): return Value(.map([:]), origin: value.origin)
        case .list(let items) where items.isEmpty: return Value(.map([:]), origin: value.origin)
        default:
            errors.append(node.error("\(what) are a mapping, this is \(Self.what(node))"))
            return nil
        }
    }

    /// The entries with their names, which must be text and each there once.
    private mutating func named(_ entries: [YAMLNode.Entry], what: String) -> [(String, YAMLNode.Entry)] {
        var seen: [String: Int] = [:]
        return entries.compactMap { entry in
            let key: Value
            do throws(InputErrors) { key = try entry.key.value() } catch {
                errors += error.errors
                return nil
            }
            if let name = key.string, !name.contains(where: { !$0.isWhitespace }) {
                errors.append(entry.key.error("the name of \(what) is empty", hint: "name it, or take the entry out"))
                return nil
            }
            guard let name = key.string else {
                errors.append(
                    entry.key.error(
                        "the name of \(what) is text, this is \(Self.what(entry.key))",
                        hint: entry.key.text.map { "put it in quotes: \"\($0)\":" }))
                return nil
            }
            if let line = seen.updateValue(entry.key.origin.line, forKey: name) {
                errors.append(entry.key.error("the key '\(name)' is there twice", hint: "the first is at line \(line)"))
                return nil
            }
            return (name, entry)
        }
    }

    private func origins(_ node: YAMLNode) -> [String: Origin] {
        var origins: [String: Origin] = [:]
        for entry in node.mergedEntries ?? [] { if let name = entry.key.text { origins[name] = entry.key.origin } }
        return origins
    }

    private static func what(_ node: YAMLNode) -> String { (try? node.value().typeName) ?? "something else" }
    private func what(_ node: YAMLNode) -> String { Self.what(node) }
}

extension YAMLNode {
    fileprivate var isNull: Bool { text != nil && ((try? value().isNull) ?? false) }

    /// Nothing at all, at the place of another node.
    fileprivate static func null(at node: YAMLNode) -> YAMLNode { node.replaced(by: "") }
}
