import Model

/// A look that travels with the survey: at what tasks are known to be about before their host has told its facts. The
/// planner uses its answer only where, with the facts, the very same is to be asked.
public struct EarlyLook: Sendable {
    let tasks: [TaskID]
    let marker: String
    let script: Script
    let parts: [LookProgress.Part]
    /// Set once the node has answered.
    var outcome: Outcome?

    /// - Parameter tasks: of one host, expanded without facts. What hangs on facts or exports is left for later.
    public init?(_ tasks: [HostTask]) {
        var ids: [TaskID] = []
        var resources: [any ShellKind] = []
        for task in tasks where task.isLookedAt {
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
        let batch = Self.batch(resources, marker)
        script = batch.script
        parts = batch.parts
    }

    /// Whether the looks took all the time that they have together.
    var tookTooLong: Bool { outcome?.timedOut ?? false }

    /// - Parameter resources: what the tasks are about now that the facts are known, in the order of `tasks`.
    /// - Returns: a look for each; nil where another question would be asked now.
    func looks(at resources: [any ShellKind], host: String) -> [Result<Look, Failure>]? {
        guard let outcome, outcome.succeeded else { return nil }
        let batch = Self.batch(resources, marker)
        guard batch.script == script else { return nil }
        return zip(resources, batch.read(outcome, host: host).looks).map { resource, found in
            found.map { Look(resource, found: $0) }
        }
    }

    /// Where paths really are, for resources that `looks` has an answer for.
    func places(of resources: [any ShellKind], host: String) -> NodePaths {
        outcome.map { Self.batch(resources, marker).places($0, host: host) } ?? NodePaths()
    }

    private static func batch(_ resources: [any ShellKind], _ marker: String) -> ProbeBatch {
        ProbeBatch(resources, paths: NodePaths.asked(for: resources), marker: marker)
    }
}

extension HostTask {
    /// Handlers act when they are notified, whatever a look would tell; some act on what may not be there.
    var isLookedAt: Bool { handles == nil || kind.mayLackSubject }
}
