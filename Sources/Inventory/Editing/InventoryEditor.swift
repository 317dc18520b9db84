import Model
import OrderedCollections
import YAML

/// Changes an inventory in its files' own text, and writes what was changed once it has been checked.
///
/// Nothing is written before `save`. Each change is read back at once: it is refused where it would do more or less than
/// was asked for.
public struct InventoryEditor: Sendable {
    /// A file with its content before and after.
    public struct Change: Sendable, Hashable {
        public var path: String
        public var before: [UInt8]
        public var after: [UInt8]
    }

    /// The inventory as it is with the changes made so far.
    public private(set) var inventory: Inventory
    /// What there is to know about the changes: what stays behind, what has no effect.
    public internal(set) var notes: [InputError] = []
    /// The inventory as it was read.
    public let original: Inventory
    private var texts: OrderedDictionary<String, any InventoryText> = [:]
    private var variableFiles: OrderedDictionary<String, YAMLEdit> = [:]
    /// What the files held that are open here.
    private var before: [String: [UInt8]] = [:]

    /// - Throws: every mistake in reading, as `Inventory` does: what cannot be read is not edited.
    public init(reading path: String) throws(InputErrors) {
        original = try Inventory(reading: path)
        inventory = original
    }

    /// The files that are different now, in the order of their paths.
    public var changes: [Change] {
        let after = texts.mapValues(\.bytes).merging(variableFiles.mapValues(\.bytes)) { $1 }
        return after.sorted { $0.key < $1.key }.compactMap { path, bytes in
            guard let before = before[path], before != bytes else { return nil }
            return Change(path: path, before: before, after: bytes)
        }
    }

    /// Makes a change and reads the whole inventory with it.
    mutating func change(_ body: (inout InventoryEditor) throws(InputErrors) -> Void) throws(InputErrors) {
        var copy = self
        try body(&copy)
        let replacing = copy.changes.reduce(into: [:]) { $0[$1.path] = $1.after }
        do throws(InputErrors) { copy.inventory = try Inventory(reading: original.path, replacing: replacing) } catch {
            throw InputErrors(error.errors.map { unplaced($0, in: replacing) })
        }
        self = copy
    }

    /// A mistake without a place in text that was never written.
    func unplaced(_ error: InputError, in files: [String: [UInt8]]) -> InputError {
        guard let origin = error.origin, files[origin.file] != nil else { return error }
        return InputError(error.message, hint: error.hint, severity: error.severity)
    }

    // MARK: - Files

    /// The inventory's own files, in the order in which they are read.
    var inventoryFiles: [String] { original.inventoryFiles }

    mutating func text(of file: String) throws(InputErrors) -> any InventoryText {
        if let text = texts[file] { return text }
        let bytes = try open(file)
        let text: any InventoryText =
            InventorySource.isYAML(bytes, file: file)
            ? try YAMLInventoryText(bytes, file: file) : INIInventoryText(bytes, file: file)
        texts[file] = text
        return text
    }

    mutating func edit(
        _ file: String, _ body: (inout any InventoryText) throws(InputErrors) -> Void
    ) throws(InputErrors) {
        var text = try text(of: file)
        try body(&text)
        texts[file] = text
    }

    mutating func edit(
        variables file: String, _ body: (inout YAMLEdit) throws(InputErrors) -> Void
    ) throws(InputErrors) {
        var edit: YAMLEdit
        if let open = variableFiles[file] { edit = open } else { edit = try YAMLEdit(open(file), file: file) }
        try body(&edit)
        variableFiles[file] = edit
    }

    private mutating func open(_ file: String) throws(InputErrors) -> [UInt8] {
        let bytes = try Disk.bytes(of: file, or: inventory.sources)
        before[file] = bytes
        return bytes
    }
}
