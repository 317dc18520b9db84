import Model

/// A look that travels with the survey: at what tasks are known to be about before their host has told its facts. The
/// planner uses its answer only where, with the facts, the very same is to be asked.
public struct EarlyLook: Sendable {
    let tasks: [TaskID]
    let marker: String
    let script: Script
    /// Set once the node has answered.
    var outcome: Outcome?

    /// - Parameter tasks: of one host, expanded without facts. What hangs on facts or exports is left for later.
    public init?(_ tasks: [HostTask]) {
        var ids: [TaskID] = []
        var resources: [any ShellKind] = []
        for task in tasks where task.handles == nil {
            guard case .resource(let any, _) = task.resolve(Exports()), let resource = any as? any ShellKind,
                type(of: resource).place == .node
            else {
                continue
            }
            ids.append(task.id)
            resources.append(resource)
        }
        if resources.isEmpty { return nil }
        self.tasks = ids
        marker = Marker.random()
        script = ProbeBatch(resources, marker: marker).script
    }

    /// Whether the looks took all the time that they have together.
    var tookTooLong: Bool { outcome?.timedOut ?? false }

    /// - Parameter resources: what the tasks are about now that the facts are known, in the order of `tasks`.
    /// - Returns: a look for each; nil where another question would be asked now.
    func looks(at resources: [any ShellKind], host: String) -> [Result<Look, Failure>]? {
        guard let outcome, outcome.succeeded else { return nil }
        let batch = ProbeBatch(resources, marker: marker)
        guard batch.script == script else { return nil }
        return zip(resources, batch.read(outcome, host: host).looks).map { resource, found in
            found.map { Look(resource, found: $0) }
        }
    }
}
