import Model
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
}
