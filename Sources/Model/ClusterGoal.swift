import OrderedCollections

/// What is waited for in a cluster: something that one object tells.
public enum ClusterGoal: Sendable, Hashable {
    /// The node is Ready, and where a version is given, its kubelet is of that version.
    case nodeReady(String, version: String?)
    /// A node offers so much of a resource to pods: `nvidia.com/gpu`.
    case allocatable(node: String, resource: String, atLeast: Int)
    /// The object's condition of a type has a status: `Established`, `True`.
    case condition(path: String, type: String, status: String)
    /// All pods of a Deployment, DaemonSet or StatefulSet are of its latest template and ready.
    case rolledOut(path: String)
    case gone(path: String)
    /// The object has an annotation, whatever its value.
    case annotated(path: String, key: String)

    /// Where the object is.
    public var path: String {
        switch self {
        case .nodeReady(let name, _), .allocatable(let name, _, _): "/api/v1/nodes/\(name)"
        case .condition(let path, _, _), .rolledOut(let path), .gone(let path), .annotated(let path, _): path
        }
    }

    public enum Sight: Sendable, Hashable {
        case met(String)
        /// What is there instead, in words.
        case notYet(String)
    }

    /// - Parameter object: nil where there is none.
    public func look(at object: Value?) -> Sight {
        if case .gone = self { return object == nil ? .met("gone") : .notYet("it is still there") }
        guard let object else { return .notYet("it is not there") }
        switch self {
        case .gone: return .met("gone")
        case .nodeReady(_, let version): return Self.ready(object, version)
        case .allocatable(_, let resource, let least):
            let offered = object["status"]?["allocatable"]?[resource]?.description
            guard let offered, let count = Int(offered) else { return .notYet("it offers no \(resource)") }
            return count >= least ? .met("\(count) \(resource)") : .notYet("it offers \(count) \(resource)")
        case .condition(_, let type, let status):
            let condition = Self.condition(type, of: object)
            let now = condition?["status"]?.string ?? "not told"
            return now == status
                ? .met("\(type) is \(status)") : .notYet(Self.words(type, now, condition))
        case .rolledOut: return Self.rollout(object)
        case .annotated(_, let key):
            let value = object["metadata"]?["annotations"]?[key]?.string
            return value.map { .met("\(key) is \($0)") } ?? .notYet("it has no annotation \(key)")
        }
    }

    static func condition(_ type: String, of object: Value) -> Value? {
        object["status"]?["conditions"]?.list?.first { $0["type"]?.string == type }
    }

    private static func words(_ type: String, _ status: String, _ condition: Value?) -> String {
        let message = condition?["message"]?.string ?? condition?["reason"]?.string ?? ""
        return "\(type) is \(status)" + (message.isEmpty ? "" : ": \(message)")
    }

    private static func ready(_ node: Value, _ version: String?) -> Sight {
        let condition = condition("Ready", of: node)
        guard condition?["status"]?.string == "True" else {
            return .notYet(words("Ready", condition?["status"]?.string ?? "not told", condition))
        }
        let running = node["status"]?["nodeInfo"]?["kubeletVersion"]?.string ?? ""
        if let version, running != version { return .notYet("its kubelet is still \(running)") }
        return .met("Ready, \(running)")
    }

    private static func rollout(_ object: Value) -> Sight {
        let status = object["status"]
        func count(_ key: String) -> Int { status?[key]?.int ?? 0 }
        guard count("observedGeneration") >= object["metadata"]?["generation"]?.int ?? 0 else {
            return .notYet("its controller has not seen it yet")
        }
        if object["kind"]?.string == "DaemonSet" {
            let wanted = count("desiredNumberScheduled")
            let (updated, ready) = (count("updatedNumberScheduled"), count("numberReady"))
            return updated >= wanted && ready >= wanted
                ? .met("\(wanted) of \(wanted) ready") : .notYet("\(min(updated, ready)) of \(wanted) ready")
        }
        let wanted = object["spec"]?["replicas"]?.int ?? 1
        let (updated, ready) = (count("updatedReplicas"), count("readyReplicas"))
        return updated >= wanted && ready >= wanted && count("replicas") <= wanted
            ? .met("\(wanted) of \(wanted) ready") : .notYet("\(min(updated, ready)) of \(wanted) ready")
    }
}
