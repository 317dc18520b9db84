import Model

/// Something that comes true in the cluster by itself.
public struct ClusterWait: ClusterKind {
    public static let name = "cluster_wait"
    public static let summary = """
        Waits, through the cluster's API, until a node is Ready, offers a resource, or an object has a condition, is \
        rolled out or is gone. When the time is up, it fails and shows what it last saw. It changes nothing.
        """
    public static let example = """
        - name: the GPU is there for pods
          cluster_wait:
            allocatable: { node: "{{ inventory_hostname }}", resource: nvidia.com/gpu }
            timeout: 5m
            kubeconfig: "{{ exports.kubeconfig }}"
        """
    public static let changesNothing = true
    public static let fields = [
        Field("kubeconfig", .credential, required: true, "The text of a kubeconfig for the cluster."),
        Field(
            "node_ready",
            .record([
                Field("name", .string, required: true, "The node's name."),
                Field("version", .string, "The version that its kubelet must be of."),
            ]), "A node that must be Ready."),
        Field(
            "allocatable",
            .record([
                Field("node", .string, required: true, "The node's name."),
                Field("resource", .string, required: true, "The resource: nvidia.com/gpu."),
                Field("count", .int, "How much of it at least (1)."),
            ]), "A resource that a node must offer."),
        Field(
            "condition",
            .record([
                Field("path", .string, required: true, "The object's path below the API's address."),
                Field("type", .string, required: true, "The condition's type: Established."),
                Field("status", .string, "Its status (True)."),
            ]), "A condition that an object must have."),
        Field(
            "rollout", .string,
            "The path of a Deployment, DaemonSet or StatefulSet all of whose pods must be of its latest template and ready."
        ),
        Field("gone", .string, "The path of an object that must be gone."),
        Field("timeout", .duration, "How long to wait (5m)."),
    ]

    public let access: ClusterAccess
    let goal: ClusterGoal
    let timeout: Duration

    public struct Found: Sendable, Equatable {
        var isMet: Bool
        var saw: String
    }

    public init(_ arguments: Arguments) throws(InputErrors) {
        access = ClusterAccess(kubeconfig: Secret(arguments.string("kubeconfig") ?? ""))
        timeout = arguments.duration("timeout") ?? .seconds(300)
        let goals = ["node_ready", "allocatable", "condition", "rollout", "gone"].filter { arguments.has($0) }
        guard goals.count == 1, let name = goals.first, let given = arguments.value(name) else {
            throw InputErrors(
                arguments.error(
                    "cluster_wait: one of 'node_ready', 'allocatable', 'condition', 'rollout' and 'gone' is needed"
                        + (goals.isEmpty ? "" : ", not \(goals.joined(separator: " and "))")))
        }
        func text(_ key: String) -> String? { given[key]?.string }
        switch name {
        case "node_ready": goal = .nodeReady(text("name") ?? "", version: text("version"))
        case "allocatable":
            goal = .allocatable(
                node: text("node") ?? "", resource: text("resource") ?? "", atLeast: given["count"]?.int ?? 1)
        case "condition":
            goal = .condition(path: text("path") ?? "", type: text("type") ?? "", status: text("status") ?? "True")
        case "rollout": goal = .rolledOut(path: given.string ?? "")
        default: goal = .gone(path: given.string ?? "")
        }
        if !goal.path.hasPrefix("/api/"), !goal.path.hasPrefix("/apis/") {
            throw InputErrors(
                arguments.error(
                    "cluster_wait.\(name): '\(goal.path)' is no path of the API", at: name,
                    hint: "/apis/apps/v1/namespaces/kube-system/daemonsets/NAME"))
        }
    }

    public var subject: String {
        switch goal {
        case .nodeReady(let node, _): "\(node) is Ready"
        case .allocatable(let node, let resource, let count): "\(node) offers \(count) \(resource)"
        case .condition(let path, let type, let status): "\(path) is \(type)=\(status)"
        case .rolledOut(let path): "\(path) is rolled out"
        case .gone(let path): "\(path) is gone"
        case .annotated(let path, let key): "\(path) has \(key)"
        }
    }

    public var questions: [ClusterQuestion] { [.object(goal.path)] }

    public func read(_ answers: [ClusterAnswer]) throws(Failure) -> Found {
        guard case .object(let object)? = answers.first else {
            throw Failure(deed: "look at \(goal.path)", cause: "the API's answer is no object")
        }
        switch goal.look(at: object) {
        case .met(let how): return Found(isMet: true, saw: how)
        case .notYet(let saw): return Found(isMet: false, saw: saw)
        }
    }

    public func difference(from found: Found) -> Difference {
        if found.isMet { return .none(found.saw) }
        return .change(change([.note("now: \(found.saw)")]))
    }

    public var whenNotified: Change? { change([]) }

    private func change(_ details: [Detail]) -> Change {
        Change(.wait, details: details, steps: [.cluster(.wait(goal, timeout: timeout))])
    }

    public var touches: [Effect] { [] }
    public func dependsOn(_ found: Found) -> [Effect] { [.everything] }
}
