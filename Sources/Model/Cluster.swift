/// A cluster's API, spoken to from the laptop. What a kind asks and does there is data; how, is known to one module only.
public protocol Cluster: Sendable {
    /// - Returns: an answer a question, in the same order. Questions that are the same are asked once.
    func answer(_ questions: [ClusterQuestion]) async -> [Result<ClusterAnswer, Failure>]

    /// - Parameter tell: called with lines about a long deed's progress.
    func perform(_ deed: ClusterDeed, tell: @escaping @Sendable (String) -> Void) async throws(Failure)
}

/// Which cluster, and as whom.
public struct ClusterAccess: Sendable, Hashable {
    /// The text of a kubeconfig; its current context counts.
    public var kubeconfig: Secret

    public init(kubeconfig: Secret) { self.kubeconfig = kubeconfig }
}

/// What is asked of the API before anything is compared. It changes nothing.
public enum ClusterQuestion: Sendable, Hashable {
    /// All objects of a list, whatever its pages: `/api/v1/nodes`.
    case list(String)
    /// One object by its path; that it is not there is an answer.
    case object(String)
    /// A manifest: the object as it is, and as server-side apply would make it (a dry run).
    case manifest(Value)
}

public enum ClusterAnswer: Sendable, Hashable {
    case list([Value])
    /// nil where there is none.
    case object(Value?)
    /// - Parameters:
    ///   - live: nil where there is none.
    ///   - applied: nil where the API cannot tell yet, such as for a kind or namespace that another manifest brings.
    case manifest(live: Value?, applied: Value?)
}

/// A change that the API is asked for.
public enum ClusterDeed: Sendable, Hashable {
    public enum PatchType: String, Sendable, Hashable {
        case merge = "application/merge-patch+json"
        case json = "application/json-patch+json"
    }

    case patch(path: String, PatchType, body: Value)
    /// Server-side apply, as field manager `kubani`; fields that others own are taken over.
    case apply(Value)
    /// What is gone already is as good.
    case delete(path: String)
    /// The object that a manifest declares.
    case deleteManifest(Value)
    case drain(DrainOrder)
    case wait(ClusterGoal, timeout: Duration)
}

/// Moves the pods of a node elsewhere, as `kubectl drain` does: budgets are honoured, DaemonSets stay.
public struct DrainOrder: Sendable, Hashable {
    public var node: String
    /// Why, for the annotation that lets a later run tell a cordon of kubani's from anybody else's.
    public var reason: String
    public var timeout: Duration
    /// Whether somebody has cordoned it already: then the cordon is not kubani's to lift.
    public var isCordoned: Bool

    public init(node: String, reason: String, timeout: Duration, isCordoned: Bool = false) {
        self.node = node
        self.reason = reason
        self.timeout = timeout
        self.isCordoned = isCordoned
    }
}

/// Annotations in which kubani keeps what it did to a node.
public enum NodeAnnotation {
    /// Which labels and taints kubani set: JSON, `{"labels": ["a"], "taints": ["key:Effect"]}`.
    public static let managed = "kubani.io/managed"
    /// On a node that kubani cordoned, and why.
    public static let cordoned = "kubani.io/cordoned"
    /// On a node that kubani has drained since.
    public static let drained = "kubani.io/drained"
}
