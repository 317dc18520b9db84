import Model
import OrderedCollections
import YAML

/// One cluster's way in, put into a kubeconfig that may have others: as a cluster, a user and a context of one name.
public struct KubeconfigMerge: Sendable {
    /// The name of the context, and of the cluster and user that it joins.
    public let name: String
    private let cluster: Value
    private let user: Value

    /// - Parameter text: the kubeconfig of the cluster, as k3s writes it; its current context counts.
    /// - Throws: where the text is no kubeconfig.
    public init(_ text: String, name: String, server: String? = nil) throws(InputErrors) {
        self.name = name
        let config = try YAML.value(Array(text.utf8), file: "the cluster's kubeconfig")
        let wanted = config["current-context"]?.string ?? "default"
        let context = Self.entry(wanted, in: config["contexts"])?["context"]
        guard var cluster = Self.entry(context?["cluster"]?.string ?? "", in: config["clusters"])?["cluster"]?.map,
            let user = Self.entry(context?["user"]?.string ?? "", in: config["users"])?["user"]
        else {
            throw InputErrors(
                InputError("the cluster's kubeconfig has no context '\(wanted)' with a cluster and a user"))
        }
        if let server { cluster["server"] = .string(server) }
        self.cluster = .map(cluster)
        self.user = user
    }

    public struct Outcome: Sendable {
        /// The whole kubeconfig as it should be.
        public var text: String
        /// What differs from the one that was there, without any secret; empty where nothing does.
        public var details: [Detail]
    }

    /// - Parameters:
    ///   - old: the kubeconfig that is there; empty for none.
    ///   - file: its path, for errors.
    /// - Throws: where it is no kubeconfig: nothing is to be lost.
    public func merged(into old: String, file: String) throws(InputErrors) -> Outcome {
        var config = try YAML.value(Array(old.utf8), file: file)
        if config.isNull { config = ["apiVersion": "v1", "kind": "Config", "preferences": [:]] }
        guard var entries = config.map else {
            throw InputErrors(
                InputError("\(file) is no kubeconfig", hint: "move it away, or name another with KUBECONFIG"))
        }
        var details: [Detail] = []
        let server = cluster["server"]?.string ?? ""
        let wasCluster = Self.entry(name, in: entries["clusters"])?["cluster"]
        if wasCluster != cluster {
            details.append(
                .attribute(
                    "cluster \(name)", from: wasCluster.map { Shown($0["server"]?.string ?? "") }, to: Shown(server)))
        }
        let wasUser = Self.entry(name, in: entries["users"])?["user"]
        if wasUser != user {
            details.append(
                .attribute(
                    "user \(name)", from: wasUser.map { _ in Shown("", isSensitive: true) },
                    to: Shown("", isSensitive: true)))
        }
        let wasContext = Self.entry(name, in: entries["contexts"])?["context"]
        var context: OrderedDictionary<String, Value> = wasContext?.map ?? [:]
        context["cluster"] = .string(name)
        context["user"] = .string(name)
        if wasContext != .map(context) {
            details.append(
                .attribute("context \(name)", from: wasContext.map { _ in "another cluster" }, to: Shown(name)))
        }
        let parts: [(list: String, key: String, value: Value)] = [
            ("clusters", "cluster", cluster), ("contexts", "context", .map(context)), ("users", "user", user),
        ]
        for part in parts {
            entries[part.list] = Self.replacing(name, in: entries[part.list], with: [part.key: part.value])
        }
        if entries["current-context"]?.string?.isEmpty != false {
            entries["current-context"] = .string(name)
            details.append(.attribute("current context", from: nil, to: Shown(name)))
        }
        return Outcome(text: YAML.emit(.map(entries)), details: details)
    }

    private static func entry(_ name: String, in list: Value?) -> Value? {
        list?.list?.first { $0["name"]?.string == name }
    }

    private static func replacing(_ name: String, in list: Value?, with entry: OrderedDictionary<String, Value>)
        -> Value
    {
        var items = list?.list ?? []
        let new = Value.map(entry.merging(["name": .string(name)]) { $1 })
        if let place = items.firstIndex(where: { $0["name"]?.string == name }) {
            items[place] = new
        } else {
            items.append(new)
        }
        return .list(items)
    }
}
