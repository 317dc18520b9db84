import Model

/// One pod, not another that takes its name later.
public struct PodReference: Sendable, Hashable, Comparable, CustomStringConvertible {
    public var namespace: String
    public var name: String
    public var uid: String

    public init(namespace: String, name: String, uid: String) {
        self.namespace = namespace
        self.name = name
        self.uid = uid
    }

    init(_ pod: Value) {
        let metadata = pod["metadata"]
        namespace = metadata?["namespace"]?.string ?? ""
        name = metadata?["name"]?.string ?? ""
        uid = metadata?["uid"]?.string ?? ""
    }

    var path: String {
        "/api/v1/namespaces/\(ClusterClient.escaped(namespace))/pods/\(ClusterClient.escaped(name))"
    }

    public var description: String { "\(namespace)/\(name)" }

    public static func < (a: PodReference, b: PodReference) -> Bool {
        (a.namespace, a.name, a.uid) < (b.namespace, b.name, b.uid)
    }
}
