import Model

/// The order of a run's tasks: a vertex a task, an edge from each task to those that wait for it. Knows vertices only,
/// not what they do.
public struct TaskGraph: Sendable {
    /// The tasks; a vertex is an index into these.
    public let ids: [TaskID]
    /// For each vertex, those it waits for, and those that wait for it; both sorted.
    public let predecessors: [[Int]]
    public let successors: [[Int]]
    /// Every vertex, each after all it waits for; ties by the order in which the tasks were given.
    public let order: [Int]

    /// - Parameters:
    ///   - tasks: in the order of their roles, a role's tasks on a host in the role's order.
    ///   - references: for a task, the exports (`Export.key`) that its values hang on. Those that no task here makes
    ///     give no edge.
    /// - Throws: `InputErrors` with the cycle, task by task.
    public init(tasks: [HostTask], roles: [RoleOrder], references: [[String]] = []) throws(InputErrors) {
        var edges = EdgeSet(count: tasks.count)
        let spans = RoleSpans(tasks)
        for role in roles { edges.add(role: role, among: roles, spans: spans, tasks: tasks) }
        edges.addRollingTasks(tasks, roles: roles)

        var exporters: [String: Int] = [:]
        for (v, task) in tasks.enumerated() { for export in task.exports { exporters[export.key] = v } }
        for (v, keys) in references.enumerated() {
            for key in keys { if let from = exporters[key], from != v { edges.add(from, v) } }
        }

        ids = tasks.map(\.id)
        predecessors = edges.predecessors.map { $0.sorted() }
        var successors: [[Int]] = Array(repeating: [], count: tasks.count)
        for (v, before) in predecessors.enumerated() { for p in before { successors[p].append(v) } }
        self.successors = successors
        order = Self.sorted(predecessors: predecessors, successors: successors)
        if order.count < tasks.count { throw InputErrors(Self.cycleError(ids, tasks, predecessors, Set(order))) }
    }

    /// Kahn's algorithm; what is on a cycle, or behind one, is missing from the answer.
    private static func sorted(predecessors: [[Int]], successors: [[Int]]) -> [Int] {
        var waiting = predecessors.map(\.count)
        var ready = waiting.indices.filter { waiting[$0] == 0 }
        var order: [Int] = []
        order.reserveCapacity(waiting.count)
        var next = 0
        while next < ready.count {
            let v = ready[next]
            next += 1
            order.append(v)
            for s in successors[v] {
                waiting[s] -= 1
                if waiting[s] == 0 { ready.append(s) }
            }
        }
        return order
    }

    private static func cycleError(
        _ ids: [TaskID], _ tasks: [HostTask], _ predecessors: [[Int]], _ sorted: Set<Int>
    ) -> InputError {
        // Walking backwards from any vertex left over meets a cycle: each of them waits for another one left over.
        var walk = [ids.indices.first { !sorted.contains($0) } ?? 0]
        var seen: [Int: Int] = [walk[0]: 0]
        while let last = walk.last, let p = predecessors[last].first(where: { !sorted.contains($0) }) {
            if let start = seen[p] {
                let cycle = (walk[start...] + [p]).reversed().map { ids[$0].description }
                return InputError(
                    "the tasks wait for each other in a circle: " + cycle.joined(separator: " → "),
                    at: tasks[p].origin, hint: "break it: look at `after` and at the exports that these tasks use")
            }
            seen[p] = walk.count
            walk.append(p)
        }
        return InputError("the tasks wait for each other in a circle")
    }

    /// All that come after the vertex, directly or not.
    public func descendants(of v: Int) -> [Int] {
        var seen: Set<Int> = []
        var queue = successors[v]
        while let next = queue.popLast() {
            if seen.insert(next).inserted { queue += successors[next] }
        }
        return seen.sorted()
    }
}
