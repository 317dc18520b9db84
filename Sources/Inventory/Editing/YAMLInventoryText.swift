import Model
import OrderedCollections
import YAML

/// A YAML or JSON inventory whose text is changed in place.
struct YAMLInventoryText: InventoryText {
    private var edit: YAMLEdit

    /// A place where a group stands, and what it holds there; a group may stand in several.
    private struct Occurrence {
        var group: String
        var path: [String]
        var value: Value

        var presence: GroupPresence {
            guard let sections = value.map else { return .named }
            return sections["hosts"] == nil ? .hasSections : .hasHosts
        }
    }

    /// A key of a group's `hosts`.
    private struct Listing {
        var path: [String]
        var pattern: String
        var names: [String]
        var value: Value
    }

    init(_ bytes: [UInt8], file: String) throws(InputErrors) { edit = try YAMLEdit(bytes, file: file) }

    var bytes: [UInt8] { edit.bytes }

    func presence(of group: String) -> GroupPresence {
        occurrences.filter { $0.group == group }.map(\.presence).max() ?? .none
    }

    func lists(_ host: String) -> Bool { listings.contains { $0.names.contains(host) } }

    func sets(_ variable: String, for owner: VariableOwner) -> Bool { place(of: variable, for: owner) != nil }

    mutating func add(
        _ host: String, to group: String, variables: OrderedDictionary<String, Value>
    ) throws(InputErrors) {
        let found = best(occurrences.filter { $0.group == group })
        let path = found?.path ?? newPath(of: group)
        if found == nil, path.count > 1 { try openSection(Array(path.dropLast())) }
        try openSection(path + ["hosts"])
        try edit.set(variables.isEmpty ? .null : .map(variables), at: path + ["hosts", host])
    }

    mutating func remove(_ host: String) throws(InputErrors) {
        let found = listings.filter { $0.names.contains(host) }
        let errors = found.filter { $0.names.count > 1 }
            .map { rangeError(host, in: $0.pattern, at: edit.value.value(at: $0.path.dropLast())?.origin) }
        if !errors.isEmpty { throw InputErrors(errors) }
        for listing in found {
            // `hosts: name` is the section itself.
            let section = Array(listing.path.dropLast())
            try edit.remove(
                edit.value.value(at: section)?.map == nil ? section : listing.path, leaving: .nothing)
        }
    }

    mutating func set(_ value: Value, at path: [String], for owner: VariableOwner) throws(InputErrors) {
        if let place = place(of: path[0], for: owner) { return try edit.set(value, at: place + path) }
        switch owner {
        case .group(let name):
            let group = best(occurrences.filter { $0.group == name })?.path ?? newPath(of: name)
            try edit.set(value, at: group + ["vars"] + path)
        case .host(let name):
            let all = listings.filter { $0.names.contains(name) }
            let own = all.filter { $0.names.count == 1 }
            // One of a range gets an entry of its own beside it.
            guard
                let place = own.last(where: { $0.value.map?.isEmpty == false })?.path ?? own.first?.path
                    ?? all.last.map({ $0.path.dropLast() + [name] })
            else { return }
            try openSection(Array(place.dropLast()))
            try edit.set(value, at: place + path)
        }
    }

    mutating func unset(_ path: [String], for owner: VariableOwner) throws(InputErrors) {
        guard let place = place(of: path[0], for: owner) else { return }
        try edit.remove(place + path, leaving: path.count == 1 ? .nothing : .emptyCollection)
    }

    /// Where a variable is set that counts: of several places the last one wins. A range's own variables are all hosts'.
    private func place(of variable: String, for owner: VariableOwner) -> [String]? {
        switch owner {
        case .group(let name):
            occurrences.last { $0.group == name && $0.value["vars"]?[variable] != nil }.map { $0.path + ["vars"] }
        case .host(let name):
            listings.last { $0.names == [name] && $0.value[variable] != nil }?.path
        }
    }

    private func best(_ found: [Occurrence]) -> Occurrence? {
        guard let most = found.map(\.presence).max() else { return nil }
        let best = found.filter { $0.presence == most }
        return best.first { $0.value["hosts"]?.map?.isEmpty == false } ?? best.first
    }

    private func newPath(of group: String) -> [String] {
        group == "all" ? ["all"] : edit.value.isNull || edit.value["all"] != nil ? ["all", "children", group] : [group]
    }

    /// Makes `hosts: name` a mapping, so that more may be added.
    private mutating func openSection(_ path: [String]) throws(InputErrors) {
        guard let name = edit.value.value(at: path)?.string else { return }
        try edit.set(.map([name: [:]]), at: path)
    }

    /// Every group as the reader meets it.
    private var occurrences: [Occurrence] {
        var found: [Occurrence] = []
        func visit(_ name: String, _ path: [String], _ value: Value) {
            found.append(Occurrence(group: name, path: path, value: value))
            for (child, below) in value["children"]?.map ?? [:] { visit(child, path + ["children", child], below) }
        }
        for (name, value) in edit.value.map ?? [:] { visit(name, [name], value) }
        return found
    }

    private var listings: [Listing] {
        occurrences.flatMap { group in
            let hosts = group.value["hosts"]
            let entries = hosts?.map ?? hosts?.string.map { [$0: .null] } ?? [:]
            return entries.map { pattern, value in
                Listing(
                    path: group.path + ["hosts", pattern], pattern: pattern,
                    names: (try? HostRange.names(HostAddress(pattern)?.name ?? pattern)) ?? [], value: value)
            }
        }
    }
}
