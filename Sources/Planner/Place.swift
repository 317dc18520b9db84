import Model

/// Where a resource is looked at and changed.
public enum Place: Sendable, Hashable {
    case node(String)
    case laptop
    case cluster(ClusterAccess)

    /// - Parameter host: whose task the resource is.
    public init(_ resource: any ResourceKind, host: String) {
        switch resource {
        case let kind as any ClusterKind: self = .cluster(kind.access)
        case let kind as any ShellKind where type(of: kind).place == .laptop: self = .laptop
        default: self = .node(host)
        }
    }
}
