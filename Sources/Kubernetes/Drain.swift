import Model
import OrderedCollections

/// How a node is drained.
public struct DrainOptions: Sendable {
    /// For the whole, pods' own time to end included.
    public var timeout: Duration = .seconds(600)
    /// Seconds that pods are given to end; nil for their own.
    public var gracePeriod: Int?
    /// Pods are deleted, whatever their budgets say.
    public var disablesEviction = false
    /// Pods that have been on their way out for longer are not waited for: those of a machine that is off never go.
    public var forgetsPodsTerminatingFor: Duration?
    /// Between two tries to evict a pod that a budget held.
    public var retryEvery: Duration = .seconds(5)

    public init() {}
}

extension ClusterClient {
    /// Puts no more pods on the node, or does again.
    ///
    /// - Parameter annotations: set with it; null removes one.
    /// - Throws: also where the cluster has no such node.
    public func setSchedulable(
        _ isSchedulable: Bool, node: String, annotations: [String: Value] = [:]
    ) async throws(Failure) {
        var body: Value = ["spec": ["unschedulable": isSchedulable ? nil : true]]
        if !annotations.isEmpty {
            let pairs = annotations.sorted { $0.key < $1.key }
            body = [
                "spec": body["spec"] ?? nil,
                "metadata": ["annotations": .map(.init(uniqueKeysWithValues: pairs.map { ($0.key, $0.value) }))],
            ]
        }
        try await patch("/api/v1/nodes/\(Self.escaped(node))", .merge, body)
    }

    /// Cordons the node, and has its pods leave: DaemonSets' and static ones stay, budgets are honoured until the time
    /// is up.
    ///
    /// - Parameters:
    ///   - annotations: set with the cordon.
    ///   - tell: called with lines about what happens.
    /// - Throws: `timedOut` that names the pods that are left and the budgets that hold them.
    public func drain(
        node: String, options: DrainOptions = DrainOptions(), annotations: [String: Value] = [:],
        tell: @escaping @Sendable (String) -> Void = { _ in }
    ) async throws(Failure) {
        let deadline = ContinuousClock.now + options.timeout
        guard try await object("/api/v1/nodes/\(Self.escaped(node))") != nil else {
            throw Failure(deed: "drain \(node)", cause: "the cluster has no node \(node)")
        }
        try await setSchedulable(false, node: node, annotations: annotations)
        var drain = DrainRun(client: self, node: node, options: options, deadline: deadline, tell: tell)
        try await drain.run()
    }
}
