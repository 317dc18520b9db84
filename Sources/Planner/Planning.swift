import Model
import OrderedCollections
import TaskGraph

/// A plan together with what it was decided on: all that apply needs to do exactly that and no more.
public struct Planning: Sendable {
    public let plan: Plan
    public let graph: TaskGraph
    /// By vertex.
    public let tasks: [HostTask]
    public let verdicts: [Verdict]
    /// By vertex, where the task was looked at.
    public let looks: [Int: Look]
    public let exports: Exports
    /// Handlers that act on what is not there yet: they are left for another run.
    public let waiting: Set<Int>
    public let paths: NodePaths
    /// By host, as they were when the plan was made.
    public let facts: [String: Value]
}

extension Value {
    /// - Parameter name: of an entry, or of one in a map of the map: `hostname`, `os.id`.
    public func replacing(_ name: String, with value: Value) -> Value {
        guard case .map(var entries) = content else { return self }
        let parts = name.split(separator: ".", maxSplits: 1).map(String.init)
        entries[parts[0]] = parts.count > 1 ? entries[parts[0]]?.replacing(parts[1], with: value) : value
        return Value(.map(entries), isSensitive: isSensitive)
    }

    /// The entry of that name, in maps of maps.
    public func entry(_ name: String) -> Value? {
        name.split(separator: ".").reduce(self as Value?) { $0?[String($1)] }
    }
}
