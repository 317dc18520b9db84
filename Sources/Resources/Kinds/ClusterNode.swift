import Model
import OrderedCollections

/// A node as the cluster's API has it: its labels and taints, and whether pods may be put on it.
public struct ClusterNode: ClusterKind {
    public static let name = "node"
    public static let summary = """
        Keeps a node's labels and taints in the cluster's API, at any time and not only when it joins. What kubani set is \
        recorded in an annotation of the node: only that is removed when it is no longer asked for. A cordon that kubani \
        made for an upgrade is lifted, anybody else's is left.
        """
    public static let example = """
        - name: labels and taints
          node:
            name: "{{ inventory_hostname }}"
            labels: { workstation: "true" }
            taints: [{ key: workstation, value: "true", effect: NoSchedule }]
            kubeconfig: "{{ exports.kubeconfig }}"
        """
    public static let fields = [
        Field("name", .string, required: true, "The node's name in the cluster."),
        Field("kubeconfig", .credential, required: true, "The text of a kubeconfig for the cluster."),
        Field("labels", .map(.string), "Labels that it has."),
        Field(
            "taints",
            .list(
                .record([
                    Field("key", .string, required: true, "The taint's key."),
                    Field("value", .string, "Its value."),
                    Field(
                        "effect", .oneOf(["NoSchedule", "PreferNoSchedule", "NoExecute"]), required: true,
                        "What becomes of pods that do not tolerate it."),
                ])), "Taints that it has."),
        Field("state", .oneOf(["present", "absent"]), "absent: the cluster forgets it (present)."),
    ]

    let node: String
    public let access: ClusterAccess
    let labels: OrderedDictionary<String, String>
    let taints: [NodeTaint]
    let isAbsent: Bool

    public typealias Found = NodeLook?

    public init(_ arguments: Arguments) throws(InputErrors) {
        node = arguments.string("name") ?? ""
        access = ClusterAccess(kubeconfig: Secret(arguments.string("kubeconfig") ?? ""))
        labels = (arguments.map("labels") ?? [:]).mapValues { $0.string ?? "" }
        taints = (arguments.list("taints") ?? []).map(NodeTaint.init)
        isAbsent = arguments.string("state") == "absent"
        var errors: [InputError] = []
        if node.isEmpty || node.contains("/") {
            errors.append(arguments.error("node.name: '\(arguments.shown("name"))' names no node", at: "name"))
        }
        if isAbsent, !labels.isEmpty || !taints.isEmpty {
            errors.append(arguments.error("node: a node that is absent has no labels or taints", at: "state"))
        }
        for taint in Set(taints) where taints.filter({ $0.id == taint.id }).count > 1 {
            errors.append(arguments.error("node.taints: \(taint.id) is there twice", at: "taints"))
        }
        if !errors.isEmpty { throw InputErrors(errors) }
    }

    public var subject: String { node }
    public var questions: [ClusterQuestion] { [NodeLook.list] }
    public func read(_ answers: [ClusterAnswer]) throws(Failure) -> NodeLook? { try NodeLook.read(node, from: answers) }

    public var touches: [Effect] { [.cluster(NodeLook.path(node))] }
    /// A node that is not there yet comes with whatever makes it join.
    public func dependsOn(_ found: NodeLook?) -> [Effect] { found == nil && !isAbsent ? [.everything] : touches }

    public func difference(from found: NodeLook?) -> Difference {
        if isAbsent { return absence(found) }
        guard let found else {
            return .fails(
                cause: "the cluster has no node \(node)",
                hint: "has it joined? `journalctl -u k3s-agent` on it tells; its name is the inventory's")
        }
        var details: [Detail] = []
        var steps: [Step] = []
        let metadata = metadata(found, &details)
        let wanted = tainted(found, &details)
        let isKubanisCordon = found.isCordoned && found.cordonedFor != nil
        if isKubanisCordon { details.append(.attribute("schedulable", from: "no", to: "yes")) }
        if let wanted { steps.append(taintPatch(found.taints, wanted)) }
        if !metadata.isEmpty || isKubanisCordon {
            var body: OrderedDictionary<String, Value> = [:]
            if !metadata.isEmpty { body["metadata"] = .map(metadata) }
            if isKubanisCordon {
                body["spec"] = ["unschedulable": nil]
                var annotations = metadata["annotations"]?.map ?? [:]
                annotations[NodeAnnotation.cordoned] = .null
                annotations[NodeAnnotation.drained] = .null
                body["metadata"] = .map(metadata.merging(["annotations": .map(annotations)]) { $1 })
            }
            steps.append(.cluster(.patch(path: NodeLook.path(node), .merge, body: .map(body))))
        }
        if steps.isEmpty {
            let texts = [(labels.count, "label"), (taints.count, "taint")].map { "\($0) \($1)\($0 == 1 ? "" : "s")" }
            return .none(texts.joined(separator: ", "))
        }
        if details.isEmpty { details.append(.note("takes over what others set alike")) }
        return .change(Change(.update, details: details, steps: steps))
    }

    private func absence(_ found: NodeLook?) -> Difference {
        guard found != nil else { return .none("not in the cluster") }
        return .change(
            Change(
                .delete, details: [.note("the cluster forgets it")],
                steps: [.cluster(.delete(path: NodeLook.path(node)))]))
    }

    /// What of `metadata` is to be merged: labels that differ, those of kubani's that nobody asks for any more as null,
    /// and the record of what kubani set.
    private func metadata(_ found: NodeLook, _ details: inout [Detail]) -> OrderedDictionary<String, Value> {
        var patch: OrderedDictionary<String, Value> = [:]
        for (key, value) in labels where found.labels[key] != value {
            patch[key] = .string(value)
            details.append(.attribute("label \(key)", from: found.labels[key].map { Shown($0) }, to: Shown(value)))
        }
        for key in found.managedLabels where labels[key] == nil && found.labels[key] != nil {
            patch[key] = .null
            details.append(.attribute("label \(key)", from: found.labels[key].map { Shown($0) }, to: nil))
        }
        var metadata: OrderedDictionary<String, Value> = [:]
        if !patch.isEmpty { metadata["labels"] = .map(patch) }
        if Set(labels.keys) != Set(found.managedLabels) || Set(taints.map(\.id)) != Set(found.managedTaints) {
            let record = NodeLook.managed(labels: Array(labels.keys), taints: taints.map(\.id))
            metadata["annotations"] = .map([NodeAnnotation.managed: record])
        }
        return metadata
    }

    /// All taints as they should be; nil where they are so. Those that others set stay in their places.
    private func tainted(_ found: NodeLook, _ details: inout [Detail]) -> [Value]? {
        let wanted = Dictionary(taints.map { ($0.id, $0) }) { $1 }
        var out: [Value] = []
        var seen: Set<String> = []
        for json in found.taints {
            let was = NodeTaint(json)
            if let now = wanted[was.id] {
                seen.insert(was.id)
                if now.value != was.value {
                    details.append(.attribute("taint \(was.id)", from: Shown(was.value), to: Shown(now.value)))
                    out.append(now.json)
                } else {
                    out.append(json)
                }
            } else if found.managedTaints.contains(was.id) {
                details.append(.attribute("taint", from: Shown(was.description), to: nil))
            } else {
                out.append(json)
            }
        }
        for taint in taints where !seen.contains(taint.id) {
            details.append(.attribute("taint", from: nil, to: Shown(taint.description)))
            out.append(taint.json)
        }
        return out == found.taints ? nil : out
    }

    /// The API replaces the list whole, so it is only replaced where it is still as it was looked at: others, Kubernetes
    /// itself among them, add taints of their own.
    private func taintPatch(_ was: [Value], _ now: [Value]) -> Step {
        let path = NodeLook.path(node)
        if was.isEmpty { return .cluster(.patch(path: path, .merge, body: ["spec": ["taints": .list(now)]])) }
        return .cluster(
            .patch(
                path: path, .json,
                body: [
                    ["op": "test", "path": "/spec/taints", "value": .list(was)],
                    ["op": "replace", "path": "/spec/taints", "value": .list(now)],
                ]))
    }
}
