import Model

/// Which pods of a node have to leave it, as `kubectl drain --ignore-daemonsets --delete-emptydir-data --force` chooses.
public struct DrainChoice: Sendable, Equatable {
    public enum Reason: String, Sendable {
        /// The kubelet runs it from a file of its own.
        case mirror = "a static pod of the node"
        /// Its controller would put it back at once.
        case daemonSet = "of a DaemonSet"
        /// The node will not confirm that it is gone.
        case terminating = "on its way out for long"
    }

    public struct Kept: Sendable, Equatable {
        public var pod: PodReference
        public var reason: Reason
    }

    public var leaving: [PodReference] = []
    public var kept: [Kept] = []

    /// - Parameters:
    ///   - pods: of the node.
    ///   - daemonSets: as `namespace/name`; a pod whose DaemonSet is gone leaves.
    ///   - isLost: says of a pod that is being deleted whether nobody waits for it.
    public init(
        pods: [Value], daemonSets: Set<String>, isLost: (_ deletedAt: String) -> Bool = { _ in false }
    ) {
        for pod in pods {
            let reference = PodReference(pod)
            switch Self.reason(pod, reference, daemonSets, isLost) {
            case nil: leaving.append(reference)
            case let reason?: kept.append(Kept(pod: reference, reason: reason))
            }
        }
        leaving.sort()
        kept.sort { $0.pod < $1.pod }
    }

    private static func reason(
        _ pod: Value, _ reference: PodReference, _ daemonSets: Set<String>, _ isLost: (String) -> Bool
    ) -> Reason? {
        let metadata = pod["metadata"]
        if metadata?["annotations"]?["kubernetes.io/config.mirror"] != nil { return .mirror }
        if let deleted = metadata?["deletionTimestamp"]?.string, isLost(deleted) { return .terminating }
        let owner = metadata?["ownerReferences"]?.list?.first { $0["controller"]?.bool == true }
        guard owner?["kind"]?.string == "DaemonSet", let name = owner?["name"]?.string else { return nil }
        let phase = pod["status"]?["phase"]?.string
        if phase == "Succeeded" || phase == "Failed" { return nil }
        return daemonSets.contains("\(reference.namespace)/\(name)") ? .daemonSet : nil
    }
}
