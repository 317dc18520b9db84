import Model
import OrderedCollections
import YAML

/// The variables of groups and hosts in `group_vars` and `host_vars` beside an inventory.
struct VariableFiles {
    let folder: String
    private(set) var read: [String: [UInt8]] = [:]
    private(set) var errors: [InputError] = []
    private let replacing: [String: [UInt8]]

    /// - Parameter replacing: what to take for the content of files, by their paths, in place of what they hold.
    init(beside folder: String, replacing: [String: [UInt8]] = [:]) {
        self.folder = folder
        self.replacing = replacing
    }

    /// What the files of one name hold, later files over earlier ones.
    ///
    /// - Parameter kind: `group_vars` or `host_vars`.
    mutating func variables(of name: String, in kind: String) -> OrderedDictionary<String, Declaration> {
        var all: OrderedDictionary<String, Declaration> = [:]
        do throws(InputErrors) {
            for file in try files(of: name, in: kind) { load(file, into: &all) }
        } catch { errors += error.errors }
        return all
    }

    /// The files that there are for a name, the weakest first.
    func files(of name: String, in kind: String) throws(InputErrors) -> [String] {
        // A host may be named by a path, as a chroot is; that is no file's name.
        guard !name.hasPrefix("/"), name != ".", name != "..", !name.utf8.contains(0) else { return [] }
        return try files(Disk.joined(Disk.joined(folder, kind), name))
    }

    /// The first that exists of NAME, NAME.yml, NAME.yaml and NAME.json; where it is a folder, all files in it.
    private func files(_ path: String) throws(InputErrors) -> [String] {
        for candidate in [path, path + ".yml", path + ".yaml", path + ".json"] {
            switch try Disk.entry(candidate) {
            case .absent: continue
            case .file: return [candidate]
            case .folder: return try files(inside: candidate)
            }
        }
        return []
    }

    private func files(inside folder: String) throws(InputErrors) -> [String] {
        var files: [String] = []
        for name in try Disk.names(in: folder) where !name.hasPrefix(".") && !name.hasSuffix("~") {
            let path = Disk.joined(folder, name)
            let suffix = Disk.suffix(of: name)
            switch try Disk.entry(path) {
            case .folder where suffix.isEmpty: files += try self.files(inside: path)
            case .file where ["", ".yml", ".yaml", ".json"].contains(suffix): files.append(path)
            default: continue
            }
        }
        return files
    }

    private mutating func load(_ file: String, into all: inout OrderedDictionary<String, Declaration>) {
        do throws(InputErrors) {
            let bytes = try Disk.bytes(of: file, or: replacing)
            read[file] = bytes
            try InventorySource.check(bytes, file: file)
            let documents = try YAML.parse(bytes, file: file)
            guard let root = documents.first else { return }
            if documents.count > 1 { throw InputErrors(documents[1].error("a file of variables is one document")) }
            let value = try root.value()
            if value.isNull { return }
            guard let map = value.map else {
                throw InputErrors(root.error("a file of variables is a mapping, this is \(value.typeName)"))
            }
            var origins: [String: Origin] = [:]
            for entry in root.mergedEntries ?? [] { if let name = entry.key.text { origins[name] = entry.key.origin } }
            for (name, value) in map { all[name] = Declaration(nameOrigin: origins[name], value: value) }
        } catch { errors += error.errors }
    }
}
