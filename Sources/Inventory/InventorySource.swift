import Model
import OrderedCollections
import YAML

/// Where an inventory is read from: a file, or a folder whose files are read in the order of their names.
struct InventorySource {
    let path: String
    let isFolder: Bool

    /// - Throws: where there is nothing at the path.
    init(_ path: String) throws(InputErrors) {
        let bare = path.count > 1 && path.hasSuffix("/") ? String(path.dropLast()) : path
        switch try Disk.entry(bare) {
        case .absent:
            throw InputErrors(
                InputError(
                    "there is no inventory at \(path)", hint: "name one with -i, or copy an example from inventory/"))
        case .file: isFolder = false
        case .folder: isFolder = true
        }
        self.path = bare
    }

    /// The folder that group_vars and host_vars are beside of.
    var folder: String { isFolder ? path : Disk.folder(of: path) }

    /// - Parameter replacing: what to take for the content of files, by their paths, in place of what they hold.
    /// - Returns: the files read, in order, with what they held.
    func read(
        into builder: inout InventoryBuilder, replacing: [String: [UInt8]]
    ) throws(InputErrors) -> OrderedDictionary<String, [UInt8]> {
        var read: OrderedDictionary<String, [UInt8]> = [:]
        var errors: [InputError] = []
        for file in try isFolder ? Self.files(in: path) : [path] {
            do throws(InputErrors) {
                let bytes = try Disk.bytes(of: file, or: replacing)
                read[file] = bytes
                try Self.check(bytes, file: file)
                if Self.isYAML(bytes, file: file) {
                    try YAMLInventory.read(bytes, file: file, into: &builder)
                } else {
                    try INIInventory.read(bytes, file: file, into: &builder)
                }
            } catch { errors += error.errors }
        }
        if read.isEmpty, errors.isEmpty { errors.append(InputError("the folder \(path) holds no inventory file")) }
        if !errors.isEmpty { throw InputErrors(errors) }
        return read
    }

    /// What the file's name says; a name without a suffix leaves it to the first line that counts.
    static func isYAML(_ bytes: [UInt8], file: String) -> Bool {
        switch Disk.suffix(of: file) {
        case ".yml", ".yaml", ".json": return true
        case "": break
        default: return false
        }
        for line in bytes.split(whereSeparator: { $0 == 0x0A || $0 == 0x0D }) {
            let text = String(decoding: line, as: UTF8.self).drop(while: \.isWhitespace)
            guard let first = text.first, first != "#" else { continue }
            if first == "{" || first == "%" || text.hasPrefix("---") { return true }
            if first == "[" || first == ";" { return false }
            // `all:` or `all: # note`, where INI has `web1`, `web1:22` or `web1 a=b`.
            let words = text.split(whereSeparator: \.isWhitespace)
            return words[0].hasSuffix(":") && !words[0].contains("=")
        }
        return false
    }

    static func check(_ bytes: [UInt8], file: String) throws(InputErrors) {
        guard bytes.starts(with: "$ANSIBLE_VAULT;".utf8) else { return }
        throw InputErrors(
            InputError(
                "a file encrypted with Ansible Vault is not read yet", at: Origin(file: file, line: 1, column: 1),
                hint: "decrypt it with: ansible-vault view \(file)"))
    }

    /// What Ansible ignores in such a folder: hidden files, variables' folders, notes and backups.
    private static let ignored: Set<String> = [
        ".pyc", ".pyo", ".swp", ".bak", ".rpm", ".md", ".txt", ".rst", ".orig", ".cfg", ".retry",
    ]

    private static func files(in folder: String) throws(InputErrors) -> [String] {
        var files: [String] = []
        for name in try Disk.names(in: folder) {
            if name.hasPrefix(".") || name.hasSuffix("~") || ["host_vars", "group_vars", "vars_plugins"].contains(name)
            {
                continue
            }
            if ignored.contains(where: { name.hasSuffix($0) }) { continue }
            let path = Disk.joined(folder, name)
            if try Disk.entry(path) == .folder { files += try Self.files(in: path) } else { files.append(path) }
        }
        return files
    }
}
