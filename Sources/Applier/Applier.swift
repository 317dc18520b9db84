import Model
import Planner
import TaskGraph

/// Makes a plan so: every task as soon as all before it have ended, all hosts side by side.
public struct Applier: Sendable {
    private let reach: Reach
    /// Handlers that an interrupted run left, by host.
    private let pendingHandlers: [String: Set<String>]
    private let owner: String
    private let locks: LockPolicy
    private let stop: StopSignal
    private let emit: @Sendable (Event) -> Void

    public init(
        reach: Reach, pendingHandlers: [String: Set<String>], owner: String,
        locks: LockPolicy = LockPolicy(), stop: StopSignal = StopSignal(), emit: @escaping @Sendable (Event) -> Void
    ) {
        self.reach = reach
        self.pendingHandlers = pendingHandlers
        self.owner = owner
        self.locks = locks
        self.stop = stop
        self.emit = emit
    }

    /// - Returns: each task's result, by vertex.
    public func apply(_ planning: Planning) async -> [TaskResult] {
        var progress = Progress(planning, stop: stop, pendingHandlers: pendingHandlers, emit: emit)
        let gates = gates(for: planning)
        await withTaskGroup(of: (Int, TaskRun.End).self) { group in
            while true {
                while let v = progress.next() {
                    let host = planning.tasks[v].id.host
                    guard let gate = gates[host] else {
                        progress.end(v, TaskRun.End(result: .blocked(by: "\(host) is not connected")))
                        continue
                    }
                    emit(.started(planning.tasks[v].id))
                    let run = TaskRun(
                        vertex: v, task: planning.tasks[v], verdict: planning.verdicts[v], reach: reach, gate: gate,
                        exports: progress.exports, isNotified: progress.isNotified(v),
                        renewed: planning.tasks[v].handles == nil ? [:] : progress.renewed(for: v),
                        hostHasChanged: progress.changedHosts.contains(host),
                        foreseen: progress.foreseen(v), followers: progress.followers(of: v),
                        stop: stop, emit: emit)
                    group.addTask {
                        let end = await run.run()
                        return (v, end)
                    }
                }
                guard let (v, end) = await group.next() else { return }
                progress.end(v, end)
            }
        }
        return progress.results
    }

    private func gates(for planning: Planning) -> [String: HostGate] {
        var planned: [String: [Int: Look]] = [:]
        for (v, look) in planning.looks {
            if case .change = planning.verdicts[v] { planned[planning.tasks[v].id.host, default: [:]][v] = look }
        }
        return reach.shells.keys.reduce(into: [:]) { gates, host in
            gates[host] = HostGate(
                host: host, reach: reach, owner: owner, locks: locks, stop: stop, planned: planned[host] ?? [:],
                emit: emit)
        }
    }
}
