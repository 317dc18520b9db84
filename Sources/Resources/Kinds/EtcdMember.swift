import Model
import OrderedCollections

/// A server's part in the embedded etcd of its cluster.
public struct EtcdMember: ClusterKind {
    public static let name = "etcd_member"
    public static let summary = """
        Takes a server out of the cluster's embedded etcd: k3s on the other servers is asked to, by an annotation of the \
        node, and waited for. A node that is no etcd member is left.
        """
    public static let example = """
        - name: the server leaves etcd
          etcd_member: { node: server-3, state: absent, kubeconfig: "{{ exports.kubeconfig }}" }
        """
    public static let fields = [
        Field("node", .string, required: true, "The server's node name."),
        Field("state", .oneOf(["absent"]), required: true, "absent; servers join by themselves."),
        Field("kubeconfig", .credential, required: true, "The text of a kubeconfig for the cluster."),
        Field("timeout", .duration, "How long it may take (2m)."),
    ]

    let node: String
    public let access: ClusterAccess
    let timeout: Duration

    public enum Found: Sendable, Equatable {
        case noNode
        case noMember
        case removed
        case member
    }

    // k3s's own words: pkg/etcd/member_controller.go.
    private static let roleLabel = "node-role.kubernetes.io/etcd"
    private static let removal = "etcd.k3s.cattle.io/remove"
    private static let removed = "etcd.k3s.cattle.io/removed-node-name"

    public init(_ arguments: Arguments) throws(InputErrors) {
        node = arguments.string("node") ?? ""
        access = ClusterAccess(kubeconfig: Secret(arguments.string("kubeconfig") ?? ""))
        timeout = arguments.duration("timeout") ?? .seconds(120)
        if node.isEmpty || node.contains("/") {
            throw InputErrors(
                arguments.error("etcd_member.node: '\(arguments.shown("node"))' names no node", at: "node"))
        }
    }

    public var subject: String { node }
    private var path: String { NodeLook.path(node) }
    public var questions: [ClusterQuestion] { [.object(path)] }

    public func read(_ answers: [ClusterAnswer]) throws(Failure) -> Found {
        guard case .object(let object)? = answers.first else {
            throw Failure(deed: "look at node \(node)", cause: "the API's answer is no object")
        }
        guard let metadata = object?["metadata"] else { return .noNode }
        if metadata["annotations"]?[Self.removed]?.string?.isEmpty == false { return .removed }
        return metadata["labels"]?[Self.roleLabel] == nil ? .noMember : .member
    }

    public func difference(from found: Found) -> Difference {
        switch found {
        case .noNode: .none("not in the cluster")
        case .noMember: .none("no etcd member")
        case .removed: .none("has left etcd")
        case .member:
            .change(
                Change(
                    .delete, details: [.note("etcd goes on without it")],
                    steps: [
                        .cluster(
                            .patch(
                                path: path, .merge,
                                body: ["metadata": ["annotations": .map([Self.removal: "true"])]])),
                        .cluster(.wait(.annotated(path: path, key: Self.removed), timeout: timeout)),
                    ]))
        }
    }

    public var touches: [Effect] { [.cluster(path)] }
    public func dependsOn(_ found: Found) -> [Effect] { touches }
}
