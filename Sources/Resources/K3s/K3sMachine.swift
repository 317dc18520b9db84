import Model
import OrderedCollections

/// What k3s there is on a machine, and what it is told, whoever set it up: what `K3sProbe` found.
public struct K3sMachine: Equatable, Sendable {
    /// A folder with k3s's data.
    struct Folder: Equatable {
        var path: String
        /// Without links.
        var real: String
        /// Names below it that are there: `server`, `server/db/etcd`, …
        var holds: Set<String>
        /// SHA-256 of the certificate of its cluster's authority, in hexadecimal; nil where it has none.
        var authority: String?

        func has(_ name: String) -> Bool { holds.contains(name) }
    }

    static let usualFolder = "/var/lib/rancher/k3s"
    static let usualConfig = "/etc/rancher/k3s/config.yaml"

    /// By their paths, in the order in which they were found.
    var files: OrderedDictionary<String, String> = [:]
    var folders: [Folder] = []
    var program: String?
    var version: String?
    /// What `with-node-id` puts behind the node's name.
    var nodeID: String
    var hostname: String
    var hasKubeconfig: Bool
    /// A file by which another distribution of Kubernetes is known to be there.
    var other: String?
    var units: [K3sUnit] = []

    init(_ output: inout ProbeOutput) throws(Failure) {
        while case let path = try output.text(), !path.isEmpty { files[path] = try output.text() }
        while case let path = try output.text(), !path.isEmpty {
            let (real, holds, hash) = (try output.text(), try output.text(), try output.text())
            folders.append(
                Folder(
                    path: path, real: real.isEmpty ? path : real.trimmingNewlines,
                    holds: Set(holds.split(separator: " ").map(String.init)), authority: hash.isEmpty ? nil : hash))
        }
        func optional(_ text: String) -> String? { text.isEmpty ? nil : text }
        program = optional(try output.text())
        version = try output.text().split(whereSeparator: \.isWhitespace).dropFirst(2).first.map(String.init)
        (nodeID, hostname) = (try output.text(), try output.text())
        hasKubeconfig = try output.text() == "yes"
        other = optional(try output.text())
        units = K3sUnit.all(in: files)
    }

    /// The unit by which k3s runs: kubani's and the official script's names go before others'.
    var unit: K3sUnit? {
        // A machine that has both is an agent to whoever asks; `K3sSetup` refuses it.
        units.first { $0.name == "k3s-agent" } ?? units.first { $0.name == "k3s" } ?? units.first
    }

    /// What k3s is told now. Without a unit, what its configuration files say.
    var options: K3sOptions { told(by: unit).options }

    /// The options, and the configuration file that is read for them.
    func told(by unit: K3sUnit?) -> (options: K3sOptions, files: [K3sConfigFile]) {
        let environment = unit?.environment(files) ?? [:]
        let words = unit?.words(environment) ?? []
        let path = Self.configPath(words, environment)
        let files = configFiles(path)
        return (
            K3sOptions(
                files: files, words: words, from: unit.map { "ExecStart of \($0.commandSource)" } ?? "",
                environment: environment), files
        )
    }

    static func configPath(_ words: [String], _ environment: OrderedDictionary<String, K3sOptions.Said>) -> String {
        if let path = environment["K3S_CONFIG_FILE"]?.value, !path.isEmpty { return path }
        return K3sOptions.flags(words).first { $0.name == "config" }?.value ?? usualConfig
    }

    /// A configuration file and those of its folder, in the order in which k3s reads them.
    func configFiles(_ path: String) -> [K3sConfigFile] {
        let further = files.keys.filter { $0.hasPrefix(path + ".d/") }.sorted {
            Array($0.utf8).lexicographicallyPrecedes($1.utf8)
        }
        return ([path] + further).compactMap { name in files[name].map { K3sConfigFile(path: name, text: $0) } }
    }

    func dataFolder(_ options: K3sOptions) -> String { Self.tidy(options.last("data-dir")?.value ?? Self.usualFolder) }

    /// What is in a folder that k3s may keep its data in; nil where there is nothing of k3s.
    func folder(_ path: String) -> Folder? { folders.first { $0.path == Self.tidy(path) } }

    static func tidy(_ path: String) -> String {
        var path = path[...]
        while path.count > 1, path.last == "/" { path.removeLast() }
        return String(path)
    }

    /// What k3s calls its node.
    ///
    /// - Parameter host: what it is called where nobody names it; the host's own name.
    func nodeName(_ options: K3sOptions, of host: String? = nil) -> String {
        let name = (options.last("node-name")?.value ?? host ?? hostname).lowercased()
        return options.isOn("with-node-id") && !nodeID.isEmpty ? "\(name)-\(nodeID)" : name
    }

    /// What a server with these options and this folder keeps its cluster in.
    func datastore(_ options: K3sOptions) -> String? {
        if options.last("datastore-endpoint") != nil { return "external" }
        guard let folder = folder(dataFolder(options)) else { return nil }
        return folder.has("server/db/etcd") ? "etcd" : folder.has("server/db/state.db") ? "sqlite" : nil
    }
}

extension K3sMachine {
    /// As `facts.k3s`.
    var facts: Value {
        let options = options
        let folder = folder(dataFolder(options))
        let mode = unit?.command
        let datastore = mode == "agent" ? nil : datastore(options)
        func text(_ value: String?) -> Value { value.map { .string($0) } ?? nil }
        return [
            "mode": text(mode), "version": text(version), "unit": text(unit.map { "\($0.name).service" }),
            "program": text(program), "data_dir": .string(dataFolder(options)),
            "server_url": text(options.last("server")?.value), "datastore": text(datastore),
            "joined": .bool(
                mode == "agent"
                    ? folder?.has("agent/kubelet.kubeconfig") == true : datastore != nil && hasKubeconfig),
            "node_name": .string(nodeName(options)), "authority": text(folder?.authority),
        ]
    }
}

extension String {
    fileprivate var trimmingNewlines: String {
        var text = self
        while text.last?.isNewline == true { text.removeLast() }
        return text
    }
}
