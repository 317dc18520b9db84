import Model
import Planner

/// Tasks that will begin by looking, and whose look can travel with the change of one before them.
struct Followers: Sendable {
    /// In the graph's order, all on one host.
    let tasks: [(vertex: Int, task: HostTask)]

    /// Their questions as one step on their node; nil where there are none that are the node's to answer.
    func lookAhead(_ exports: Exports) -> LookAhead? {
        var asked: [LookAhead.Asked] = []
        for (vertex, task) in tasks {
            guard case .resource(let resource, let secrecy) = task.resolve(exports),
                let kind = resource as? any ShellKind, Place(kind, host: task.id.host) == .node(task.id.host),
                !kind.mayTakeLong, !task.kind.changesNothing
            else { continue }
            asked.append(LookAhead.Asked(vertex: vertex, resource: kind, isSensitive: secrecy.isSensitive))
        }
        return asked.isEmpty ? nil : LookAhead(asked)
    }
}

/// A look that one task takes for those that follow it.
struct LookAhead: Sendable {
    struct Asked: Sendable {
        let vertex: Int
        let resource: any ShellKind
        let isSensitive: Bool
    }

    private let asked: [Asked]
    private let batch: ProbeBatch

    init(_ asked: [Asked]) {
        self.asked = asked
        batch = ProbeBatch(asked.map(\.resource), marker: Marker.random(), patience: HostGate.freshness)
    }

    var vertices: [Int] { asked.map(\.vertex) }

    /// What takes longer than a look counts as now is of no use.
    var step: Step { .lookAhead(batch.script, deadline: HostGate.freshness) }

    /// - Returns: by vertex. A look that failed is left out: its task asks again, and tells of it.
    func read(_ outcome: Outcome, host: String) -> [Int: Foreseen] {
        var all: [Int: Foreseen] = [:]
        for (one, look) in zip(asked, batch.read(outcome, host: host).looks) {
            guard case .success(let found) = look else { continue }
            all[one.vertex] = Foreseen(
                look: Look(one.resource, found: found), isSensitive: one.isSensitive, time: .now)
        }
        return all
    }
}

/// What a task will find, as long as nothing that it depends on changes.
struct Foreseen: Sendable {
    let look: Look
    let isSensitive: Bool
    let time: ContinuousClock.Instant

    var isFresh: Bool { time.duration(to: .now) <= HostGate.freshness }
}
