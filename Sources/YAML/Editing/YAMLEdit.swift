import Model
import OrderedCollections

/// A YAML or JSON file of one document whose values are changed within its text: every comment, blank and quote that is
/// not the value's own stays as it is.
///
/// A new entry is written below its mapping's last one, as its siblings are: block or flow, indented as they are. What
/// is removed takes along the comment at its line's end and those below it that are indented deeper than its key; the
/// comments above it stay. After each change the text is read again, and the change refused unless it changed what was
/// meant and nothing else; so a value that an alias shares is not changed for those that it is shared with.
public struct YAMLEdit: Sendable {
    /// What is left of a block mapping or list that loses its last entry. In flow style it is always `{}` or `[]`.
    public enum Emptied: Sendable { case nothing, emptyCollection }

    public let file: String
    /// What the file holds now; null where it holds nothing.
    public private(set) var value: Value
    private(set) var text: TextLines
    private(set) var root: YAMLNode?
    private(set) var isJSON: Bool
    /// Whether text of several lines is written as a block; a comment above it would become part of one.
    private(set) var writesTextBlocks = true

    /// - Parameter file: its path as the user gave it.
    /// - Throws: what is wrong with the file, and where it holds more than one document.
    public init(_ bytes: [UInt8], file: String) throws(InputErrors) {
        let source = YAMLSource(file: file, bytes: bytes)
        let documents = try YAML.parse(bytes, file: file)
        if documents.count > 1 { throw InputErrors(documents[1].error("a second document: only one can be edited")) }
        self.file = file
        root = documents.first
        value = try documents.first?.value() ?? .null
        isJSON = JSONDocument.read(source) != nil
        text = TextLines(String(decoding: bytes, as: UTF8.self))
    }

    public var bytes: [UInt8] { text.bytes }

    /// Sets the value at a path of keys and list indices; what is missing on the way to it becomes maps. Of a map or list
    /// that is there already only what differs is changed.
    ///
    /// - Parameter path: an index is the item's number, from 0; the one after the last appends.
    /// - Throws: where something on the way is neither map nor list, or where the change cannot be made alone.
    public mutating func set(_ new: Value, at path: [String]) throws(InputErrors) {
        guard let intended = value.setting(path[...], to: new) else { throw InputErrors(blocked(path)) }
        if let old = value.value(at: path), old.isSame(as: new) { return }
        try change(to: intended, at: path) { (edit) throws(InputErrors) in try edit.adapt(new, at: path) }
    }

    /// Removes the entry or item at a path.
    ///
    /// - Throws: where there is none, or it is not the file's own at that place but comes by an alias or `<<`.
    public mutating func remove(_ path: [String], leaving emptied: Emptied = .emptyCollection) throws(InputErrors) {
        let parent = path.dropLast()
        guard let key = path.last, value.value(at: path) != nil else {
            throw InputErrors(InputError("there is no '\(path.joined(separator: "."))' in \(file)"))
        }
        let slot = try slot(at: Array(parent))
        guard let node = slot.node, node.alias == nil, let index = ownIndex(of: key, in: node) else {
            throw InputErrors(shared(by: slot, key))
        }
        let isSole = (node.entries?.count ?? node.items?.count) == 1
        let hasNothingLeft = emptied == .nothing && !node.isFlow && !(slot.place == .item && isSole)
        let left: Value = hasNothingLeft || slot.place == .document ? .null : node.items == nil ? [:] : []
        guard let intended = value.removing(path[...], emptied: left) else { throw InputErrors(blocked(path)) }
        try change(to: intended, at: path) { (edit) throws(InputErrors) in
            try edit.apply(
                edit.removal(of: index, in: slot, node, emptied: hasNothingLeft ? .nothing : .emptyCollection))
        }
    }

    /// Makes a change on a copy, and takes it over only where it did what was meant.
    private mutating func change(
        to intended: Value, at path: [String], _ body: (inout YAMLEdit) throws(InputErrors) -> Void
    ) throws(InputErrors) {
        var reason: String?
        for writesTextBlocks in writesTextBlocks ? [true, false] : [false] {
            var copy = self
            copy.writesTextBlocks = writesTextBlocks
            do throws(InputErrors) { try body(&copy) } catch {
                reason = error.errors.first?.message
                continue
            }
            // A document's last entry may leave nothing or `{}`.
            let isEmptied = path.count == 1 && intended.isNull && copy.value.map?.isEmpty == true
            guard copy.value.isSame(as: intended) || isEmptied, copy.isJSON || !isJSON else { continue }
            copy.writesTextBlocks = self.writesTextBlocks
            self = copy
            return
        }
        throw InputErrors(refusal(path, because: reason))
    }

    /// Splices the text and reads it again.
    mutating func apply(_ splices: [TextLines.Splice]) throws(InputErrors) {
        var changed = text
        changed.apply(splices)
        var edited = try YAMLEdit(changed.bytes, file: file)
        edited.writesTextBlocks = writesTextBlocks
        self = edited
    }

    /// Brings what is at a path to a value: maps entry by entry, lists item by item, so that what is the same stays.
    private mutating func adapt(_ new: Value, at path: [String]) throws(InputErrors) {
        let slot = try? slot(at: path)
        guard let node = slot?.node, node.alias == nil, let old = value.value(at: path) else {
            return try put(new, at: path)
        }
        if let a = old.map, let b = new.map, a.keys.contains(where: { b[$0] != nil }) {
            let gone = a.keys.filter { b[$0] == nil }
            guard gone.allSatisfy({ ownIndex(of: $0, in: node) != nil }) else { return try put(new, at: path) }
            for key in gone { try remove(path + [key]) }
            for (key, value) in b where a[key].map({ !$0.isSame(as: value) }) ?? true {
                try adapt(value, at: path + [key])
            }
        } else if let a = old.list, let b = new.list, !a.isEmpty, !b.isEmpty {
            let ahead = zip(a, b).prefix { $0.isSame(as: $1) }.count
            let behind = zip(a.dropFirst(ahead).reversed(), b.dropFirst(ahead).reversed())
                .prefix { $0.isSame(as: $1) }.count
            guard ahead + behind > 0 || a.count == b.count else { return try put(new, at: path) }
            let (removed, added) = (a.count - ahead - behind, b.count - ahead - behind)
            for index in 0..<min(removed, added) { try adapt(b[ahead + index], at: path + [String(ahead + index)]) }
            for index in stride(from: removed, to: added, by: -1) { try remove(path + [String(ahead + index - 1)]) }
            for index in stride(from: removed, to: added, by: 1) {
                try insert(b[ahead + index], at: ahead + index, in: path)
            }
        } else {
            try put(new, at: path)
        }
    }

    /// An item before the one that has its index now, or behind the last.
    private mutating func insert(_ item: Value, at index: Int, in path: [String]) throws(InputErrors) {
        let slot = try slot(at: path)
        guard let node = slot.node else { return }
        try apply(insertion(of: item, key: nil, at: index, in: slot, node))
    }

    /// Writes a value at a path, whatever is there.
    private mutating func put(_ new: Value, at path: [String]) throws(InputErrors) {
        var slot = documentSlot
        var current = value
        for (depth, step) in path.enumerated() {
            let rest = path[depth...]
            guard let node = slot.node, node.alias == nil, !current.isNull else {
                // Nothing is there, or something that is shared: this place gets a value of its own.
                guard let own = current.setting(rest, to: new) else { throw InputErrors(blocked(path)) }
                return try apply(replacement(of: slot, with: own))
            }
            guard let index = ownIndex(of: step, in: node) else {
                let below = current.value(at: [step]) ?? .null
                guard node.text == nil, let own = below.setting(rest.dropFirst(), to: new) else {
                    throw InputErrors(blocked(path))
                }
                let end = node.items?.count ?? node.entries?.count ?? 0
                return try apply(insertion(of: own, key: node.items == nil ? step : nil, at: end, in: slot, node))
            }
            slot = self.slot(of: index, in: node, slot)
            current = current.value(at: [step]) ?? .null
        }
        try apply(replacement(of: slot, with: new))
    }
}
