import Model
import OrderedCollections
import YAML

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// Kubeconfig files, read and merged as kubectl does: of two entries of one name the first file's counts, whole.
public struct Kubeconfig: Sendable {
    struct Entry: Sendable {
        var value: Value
        /// The folder of the file it is in: relative paths begin there.
        var folder: String
    }

    private(set) var clusters: OrderedDictionary<String, Entry> = [:]
    private(set) var users: OrderedDictionary<String, Entry> = [:]
    private(set) var contexts: OrderedDictionary<String, Entry> = [:]
    public private(set) var currentContext: String?
    /// The files that were there, for messages.
    public private(set) var files: [String] = []

    /// - Parameter files: paths; those that are not there are passed over, as kubectl does.
    /// - Throws: every mistake in them at once.
    public init(reading files: [String]) throws(InputErrors) {
        var errors: [InputError] = []
        for path in files where !path.isEmpty && !self.files.contains(path) {
            guard let data = FileManager.default.contents(atPath: path) else {
                // As kubectl: only what is not there is passed over.
                var info = stat()
                if stat(path, &info) != 0, errno == ENOENT { continue }
                errors.append(InputError("\(path) cannot be read", hint: "may you read it? ls -l \(path)"))
                continue
            }
            self.files.append(path)
            do throws(InputErrors) {
                try add([UInt8](data), file: path, folder: Self.folder(of: path))
            } catch {
                errors += error.errors
            }
        }
        if !errors.isEmpty { throw InputErrors(errors) }
    }

    /// - Parameters:
    ///   - text: a whole kubeconfig.
    ///   - name: what it is, for messages: "the cluster's kubeconfig".
    public init(text: Secret, name: String) throws(InputErrors) {
        files = [name]
        try add(Array(text.reveal().utf8), file: name, folder: ".")
    }

    /// What kubectl would read: the files of `$KUBECONFIG`, or `~/.kube/config`.
    public static func standardFiles(_ environment: [String: String]) -> [String] {
        let named = environment["KUBECONFIG"] ?? ""
        if !named.isEmpty { return named.split(separator: ":").map(String.init) }
        return environment["HOME"].map { ["\($0)/.kube/config"] } ?? []
    }

    public var contextNames: [String] { Array(contexts.keys) }

    private static func folder(of path: String) -> String {
        guard let slash = path.lastIndex(of: "/") else { return "." }
        return slash == path.startIndex ? "/" : String(path[..<slash])
    }

    private mutating func add(_ bytes: [UInt8], file: String, folder: String) throws(InputErrors) {
        let config = try YAML.value(bytes, file: file)
        if config.isNull { return }
        guard config.map != nil else { throw InputErrors(InputError("this is no kubeconfig", at: config.origin)) }
        if let kind = config["kind"], kind.string != "Config" {
            throw InputErrors(
                InputError("this is no kubeconfig: its kind is \(kind)", at: kind.origin ?? config.origin))
        }
        var errors: [InputError] = []
        Self.add(config["clusters"], "cluster", folder, to: &clusters, &errors)
        Self.add(config["users"], "user", folder, to: &users, &errors)
        Self.add(config["contexts"], "context", folder, to: &contexts, &errors)
        if !errors.isEmpty { throw InputErrors(errors) }
        if currentContext == nil, let name = config["current-context"]?.string, !name.isEmpty { currentContext = name }
    }

    /// Adds what the list has, an entry a name; names that were there already keep what they had.
    private static func add(
        _ list: Value?, _ key: String, _ folder: String, to entries: inout OrderedDictionary<String, Entry>,
        _ errors: inout [InputError]
    ) {
        guard let list, !list.isNull else { return }
        guard let items = list.list else {
            errors.append(InputError("\(key)s must be a list, not \(list.typeName)", at: list.origin))
            return
        }
        var seen: Set<String> = []
        for item in items {
            guard let name = item["name"]?.string, !name.isEmpty else {
                errors.append(InputError("a \(key) has no name", at: item.origin))
                continue
            }
            guard seen.insert(name).inserted else {
                errors.append(InputError("the \(key) '\(name)' is there twice", at: item["name"]?.origin))
                continue
            }
            guard let value = item[key], value.map != nil || value.isNull else {
                errors.append(InputError("the \(key) '\(name)' must have a map '\(key)'", at: item.origin))
                continue
            }
            if entries[name] == nil { entries[name] = Entry(value: value, folder: folder) }
        }
    }
}
