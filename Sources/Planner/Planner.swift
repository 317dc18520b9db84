import Model
import TaskGraph

/// Looks at every node and says what would change. It reads; what was not planned cannot be applied.
public struct Planner: Sendable {
    /// Everything that is there to be planned for.
    public struct Input: Sendable {
        /// In the order of the roles, a role's tasks on a host in the role's order.
        public var tasks: [HostTask]
        public var roles: [RoleOrder]
        public var surveys: [String: Survey]
        /// Hosts that the run leaves as they are, and whose exports its tasks use.
        public var consulted: [String: Survey]
        /// Hosts that could not be reached, and why.
        public var unreachable: [String: Failure]
        /// Hosts that are the machine that kubani runs on.
        public var local: Set<String>

        public init(
            tasks: [HostTask], roles: [RoleOrder], surveys: [String: Survey], consulted: [String: Survey] = [:],
            unreachable: [String: Failure] = [:], local: Set<String> = []
        ) {
            self.tasks = tasks
            self.roles = roles
            self.surveys = surveys
            self.consulted = consulted
            self.unreachable = unreachable
            self.local = local
        }
    }

    private let reach: Reach
    private let tell: @Sendable (Event) -> Void

    /// - Parameter tell: hears what is waited for where a look takes long.
    public init(reach: Reach, tell: @escaping @Sendable (Event) -> Void = { _ in }) {
        self.reach = reach
        self.tell = tell
    }

    /// - Throws: `InputErrors` for values that roles cannot use and for cycles, before anything is looked at.
    public func plan(_ input: Input) async throws(InputErrors) -> Planning {
        var working = try Workings(input)
        // The first round looks at all that is known; further ones only at what exports found on the way made known.
        while true {
            let looking = working.toLook()
            if !looking.isEmpty { working.take(await looking.take(through: reach, tell: tell)) }
            if !working.resolveMore() { break }
        }
        try working.placeHandlers()
        return working.decided()
    }
}
