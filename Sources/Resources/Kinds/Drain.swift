import Model

/// A node that is emptied of its pods before something is done to it.
public struct Drain: ClusterKind {
    public static let name = "drain"
    public static let summary = """
        Cordons a node and moves its pods elsewhere, as `kubectl drain` does: disruption budgets are honoured, \
        DaemonSets' pods stay, pods without a controller and their emptyDir volumes are given up. What the cluster does not \
        know, or kubani has drained already for the same reason, is left. A `node` task later in the role lifts the cordon.
        """
    public static let example = """
        - name: pods move elsewhere before the upgrade
          when: facts.k3s.version and facts.k3s.version != k3s_version
          drain:
            node: "{{ inventory_hostname }}"
            reason: "upgrade to {{ k3s_version }}"
            kubeconfig: "{{ exports.kubeconfig }}"
        """
    public static let shorthand: String? = nil
    public static let fields = [
        Field("node", .string, required: true, "The node's name in the cluster."),
        Field("kubeconfig", .credential, required: true, "The text of a kubeconfig for the cluster."),
        Field(
            "reason", .string, required: true,
            "What for, as the node's annotation says it: a drain for another reason is another drain."),
        Field("timeout", .duration, "How long it may take (10m)."),
    ]

    let node: String
    public let access: ClusterAccess
    let reason: String
    let timeout: Duration

    public typealias Found = NodeLook?

    public init(_ arguments: Arguments) throws(InputErrors) {
        node = arguments.string("node") ?? ""
        access = ClusterAccess(kubeconfig: Secret(arguments.string("kubeconfig") ?? ""))
        reason = arguments.string("reason") ?? ""
        timeout = arguments.duration("timeout") ?? .seconds(600)
        if node.isEmpty || node.contains("/") {
            throw InputErrors(arguments.error("drain.node: '\(arguments.shown("node"))' names no node", at: "node"))
        }
    }

    public var subject: String { node }
    public var questions: [ClusterQuestion] { [NodeLook.list] }
    public func read(_ answers: [ClusterAnswer]) throws(Failure) -> NodeLook? { try NodeLook.read(node, from: answers) }

    public func difference(from found: NodeLook?) -> Difference {
        guard let found else { return .none("not in the cluster") }
        if found.isCordoned, found.drainedFor == reason { return .none("drained already, \(reason)") }
        var details: [Detail] = [.note("its pods move elsewhere: \(reason)")]
        if !found.isCordoned { details.insert(.attribute("schedulable", from: "yes", to: "no"), at: 0) }
        return .change(
            Change(
                .run, details: details,
                steps: [
                    .cluster(
                        .drain(
                            DrainOrder(
                                node: node, reason: reason, timeout: timeout,
                                isCordoned: found.isCordoned && found.cordonedFor == nil)))
                ]))
    }

    public var touches: [Effect] { [.cluster(NodeLook.path(node))] }
    public func dependsOn(_ found: NodeLook?) -> [Effect] { touches }
}
