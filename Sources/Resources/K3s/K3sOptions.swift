import Model
import OrderedCollections
import YAML

/// What k3s is told, all its sources taken together as it takes them: the last configuration file counts, `key+` adds
/// to what came before, the command line comes after all files, and the environment counts where nothing else speaks.
struct K3sOptions: Equatable {
    /// One thing said, and by whom: "/etc/rancher/k3s/config.yaml", "ExecStart of k3s.service", "K3S_URL of …".
    struct Said: Equatable {
        var value: String
        var source: String
    }

    /// By the flags' names; of those that are no lists, one each.
    private(set) var said: OrderedDictionary<String, [Said]> = [:]

    init() {}

    /// - Parameters:
    ///   - files: in their order.
    ///   - words: the command line after `server` or `agent`.
    init(
        files: [K3sConfigFile] = [], words: [String] = [], from source: String = "",
        environment: OrderedDictionary<String, Said> = [:]
    ) {
        for file in files {
            for entry in file.entries {
                let values = entry.values.flatMap { K3sFlags.parts(of: $0, for: entry.key) }
                    .map { Said(value: $0, source: file.path) }
                said[entry.key] = entry.adds ? (said[entry.key] ?? []) + values : values
            }
        }
        for (name, values) in said where !K3sFlags.lists.contains(name) { said[name] = values.suffix(1) }
        for (name, value) in Self.flags(words) {
            let new = K3sFlags.parts(of: value, for: name).map { Said(value: $0, source: source) }
            said[name] = K3sFlags.lists.contains(name) ? (said[name] ?? []) + new : new
        }
        for (variable, value) in environment {
            guard let name = K3sFlags.environment[variable], said[name] == nil, !value.value.isEmpty else { continue }
            said[name] = K3sFlags.parts(of: value.value, for: name)
                .map { Said(value: $0, source: "\(variable) in \(value.source)") }
        }
    }

    /// A flag that is followed by a word with a dash, or by nothing, is a switch.
    static func flags(_ words: [String]) -> [(name: String, value: String)] {
        var found: [(name: String, value: String)] = []
        var rest = words[...]
        while let word = rest.popFirst() {
            guard word.hasPrefix("-"), word != "-" else { continue }
            let bare = word.drop { $0 == "-" }
            let given: String
            let value: String
            if let equals = bare.firstIndex(of: "=") {
                (given, value) = (String(bare[..<equals]), String(bare[bare.index(after: equals)...]))
            } else if let next = rest.first, !next.hasPrefix("-") {
                (given, value) = (String(bare), next)
                rest.removeFirst()
            } else {
                (given, value) = (String(bare), "true")
            }
            found.append((K3sFlags.aliases[given] ?? given, value))
        }
        return found
    }

    subscript(name: String) -> [Said] { said[name] ?? [] }

    /// The one that counts, of a flag that is no list; nil where nobody says anything.
    func last(_ name: String) -> Said? { said[name]?.last.flatMap { $0.value.isEmpty ? nil : $0 } }

    func isOn(_ name: String) -> Bool { ["true", "1"].contains(last(name)?.value) }
}

/// A configuration file of k3s.
struct K3sConfigFile: Equatable {
    struct Entry: Equatable {
        var key: String
        var values: [String]
        /// `key+`: to what earlier files say.
        var adds: Bool
    }

    var path: String
    var entries: [Entry] = []
    /// Why it cannot be read, with its line.
    var mistake: String?

    init(path: String, text: String) {
        self.path = path
        do throws(InputErrors) {
            guard let document = try YAML.parse(Array(text.utf8), file: path).first else { return }
            guard let entries = document.mergedEntries else {
                if document.text?.isEmpty != true { mistake = "\(path): a map is needed" }
                return
            }
            for entry in entries { add(try entry.key.keyText(), try entry.value.value()) }
        } catch {
            // Without the line itself: it may be a secret's.
            let first = error.errors.first
            mistake = "\(first?.origin.map { "\($0)" } ?? path): \(first?.message ?? "it cannot be read")"
        }
    }

    /// One that is to be written.
    init(path: String, _ map: OrderedDictionary<String, Value>) {
        self.path = path
        for (key, value) in map { add(key, value) }
    }

    private mutating func add(_ key: String, _ value: Value) {
        let bare = key.hasSuffix("+") ? String(key.dropLast()) : key
        let name = K3sFlags.aliases[bare] ?? bare
        let values = value.isNull ? [] : (value.list ?? [value]).map(\.asFlag)
        entries.append(Entry(key: name, values: values, adds: key.hasSuffix("+")))
    }
}

extension Value {
    /// As k3s puts it on its command line.
    fileprivate var asFlag: String {
        switch content {
        case .string(let text): text
        case .bool(let bool): bool ? "true" : "false"
        case .null: ""
        default: revealed.description
        }
    }
}
