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
        /// Hosts that could not be reached, and why.
        public var unreachable: [String: Failure]

        public init(
            tasks: [HostTask], roles: [RoleOrder], surveys: [String: Survey], unreachable: [String: Failure] = [:]
        ) {
            self.tasks = tasks
            self.roles = roles
            self.surveys = surveys
            self.unreachable = unreachable
        }
    }

    private let shells: [String: any NodeShell]

    public init(shells: [String: any NodeShell]) { self.shells = shells }

    /// - Throws: `InputErrors` for values that roles cannot use and for cycles, before anything is looked at.
    public func plan(_ input: Input) async throws(InputErrors) -> Planning {
        var working = try Workings(input)
        // The first round looks at all that is known; further ones only at what exports found on the way made known.
        while true {
            let looks = await look(working.toLook())
            working.take(looks)
            if !working.resolveMore() { break }
        }
        return working.decided()
    }

    /// One request a node, all nodes at once.
    private func look(_ wanted: [String: NodeLook]) async -> [String: Result<NodeLook.Answer, Failure>] {
        await withTaskGroup(of: (String, Result<NodeLook.Answer, Failure>).self) { group in
            for (host, look) in wanted {
                guard let shell = shells[host] else { continue }
                group.addTask {
                    do throws(Failure) {
                        // Not within the tuple: Swift 6.3 -O then loses the host that it has stored already.
                        let answer = try await look.take(from: shell)
                        return (host, .success(answer))
                    } catch {
                        return (host, .failure(error))
                    }
                }
            }
            var answers: [String: Result<NodeLook.Answer, Failure>] = [:]
            for await (host, answer) in group { answers[host] = answer }
            return answers
        }
    }
}

/// What to look at on one node in one request.
public struct NodeLook: Sendable {
    public typealias Answer = (looks: [Int: Result<Look, Failure>], exports: [String: Value])

    /// The resources by their vertices.
    var resources: [(vertex: Int, resource: any ShellKind)]
    var exports: [Export]

    public init(resources: [(vertex: Int, resource: any ShellKind)], exports: [Export] = []) {
        self.resources = resources
        self.exports = exports
    }

    public func take(from shell: any NodeShell) async throws(Failure) -> Answer {
        let batch = ProbeBatch(resources.map(\.resource), exports: exports, marker: Marker.random())
        guard !batch.isEmpty else { return ([:], [:]) }
        let outcomes = try await shell.perform([batch.step])
        guard let outcome = outcomes.first else { return ([:], [:]) }
        let answer = batch.read(outcome, host: shell.host)
        var looks: [Int: Result<Look, Failure>] = [:]
        for (i, look) in answer.looks.enumerated() {
            looks[resources[i].vertex] = look.map { Look(resources[i].resource, found: $0) }
        }
        return (looks, answer.exports)
    }
}
