import Model
import OrderedCollections
import YAML

/// What the API tells of one node, as far as kubani keeps it.
public struct NodeLook: Sendable, Equatable {
    var labels: OrderedDictionary<String, String>
    /// As the API lists them: JSON, for a patch that must meet them as they are.
    var taints: [Value]
    var isCordoned: Bool
    /// Why kubani cordoned it; nil where it did not.
    var cordonedFor: String?
    /// Why kubani drained it, once that was done.
    var drainedFor: String?
    /// Which labels and taints (`NodeTaint.id`) kubani set.
    var managedLabels: [String]
    var managedTaints: [String]

    static let list = ClusterQuestion.list("/api/v1/nodes")

    /// One list for all of a cluster's nodes.
    /// - Returns: nil where the cluster has no such node.
    static func read(_ name: String, from answers: [ClusterAnswer]) throws(Failure) -> NodeLook? {
        guard case .list(let nodes)? = answers.first else {
            throw Failure(deed: "look at node \(name)", cause: "the API's answer is no list")
        }
        return nodes.first { $0["metadata"]?["name"]?.string == name }.map(NodeLook.init)
    }

    init(_ node: Value) {
        let metadata = node["metadata"]
        labels = (metadata?["labels"]?.map ?? [:]).mapValues { $0.string ?? "" }
        taints = node["spec"]?["taints"]?.list ?? []
        isCordoned = node["spec"]?["unschedulable"]?.bool ?? false
        let annotations = metadata?["annotations"]
        cordonedFor = annotations?[NodeAnnotation.cordoned]?.string
        drainedFor = annotations?[NodeAnnotation.drained]?.string
        let managed = annotations?[NodeAnnotation.managed]?.string.flatMap { JSONText.read($0) }
        func names(_ key: String) -> [String] { (managed?[key]?.list ?? []).compactMap(\.string) }
        managedLabels = names("labels")
        managedTaints = names("taints")
    }

    static func path(_ name: String) -> String { "/api/v1/nodes/\(name)" }

    /// The annotation that says what kubani set; null where it is nothing.
    static func managed(labels: [String], taints: [String]) -> Value {
        guard !labels.isEmpty || !taints.isEmpty else { return .null }
        let all: Value = [
            "labels": .list(labels.sorted().map { .string($0) }), "taints": .list(taints.sorted().map { .string($0) }),
        ]
        return .string(JSONText.line(all))
    }
}
