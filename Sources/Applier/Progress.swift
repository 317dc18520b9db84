import Model
import Planner
import TaskGraph

/// Which tasks have ended and how, which may begin, and what a failure cancels. Does no I/O.
struct Progress {
    let planning: Planning
    private let stop: StopSignal
    private let pendingHandlers: [String: Set<String>]
    private let emit: @Sendable (Event) -> Void
    private let vertices: [TaskID: Int]

    private(set) var ended: [TaskResult?]
    private(set) var waitingFor: [Int]
    private var ready: [Int] = []
    private var nextReady = 0
    private(set) var exports: Exports
    /// Where something was changed so far.
    private(set) var changedHosts: Set<String> = []
    private var notifying: Set<Int> = []
    /// Counts what begins and ends, and tells when each task did.
    private var clock = 0
    private var began: [Int: Int] = [:]
    private var endedAt: [Int: Int] = [:]
    /// What was found for tasks that are yet to begin, by vertex.
    var foreseen: [Int: Foreseen] = [:]
    /// Those that were looked ahead for: once each, for a look may be costly.
    var lookedAhead: Set<Int> = []
    /// A host's vertices in the graph's order.
    let rows: [String: [Int]]

    init(
        _ planning: Planning, stop: StopSignal, pendingHandlers: [String: Set<String>],
        emit: @escaping @Sendable (Event) -> Void
    ) {
        self.planning = planning
        self.stop = stop
        self.pendingHandlers = pendingHandlers
        self.emit = emit
        exports = planning.exports
        ended = Array(repeating: nil, count: planning.tasks.count)
        waitingFor = planning.graph.predecessors.map(\.count)
        vertices = Dictionary(planning.graph.ids.enumerated().map { ($1, $0) }, uniquingKeysWith: { a, _ in a })
        rows = Dictionary(grouping: planning.graph.order) { planning.tasks[$0].id.host }
        ready = planning.graph.order.filter { waitingFor[$0] == 0 }
    }

    var results: [TaskResult] { ended.map { $0 ?? .cancelled } }

    /// The next task that needs its node; those that need none end on the way. nil when none is ready now.
    mutating func next() -> Int? {
        while nextReady < ready.count {
            let v = ready[nextReady]
            nextReady += 1
            guard ended[v] == nil else { continue }
            if let result = settled(v) {
                end(v, TaskRun.End(result: result))
            } else if stop.isSet {
                end(v, TaskRun.End(result: .cancelled))
            } else {
                clock += 1
                began[v] = clock
                return v
            }
        }
        return nil
    }

    /// The result of a task that needs no word with its node.
    private func settled(_ v: Int) -> TaskResult? {
        let task = planning.tasks[v]
        if task.handles != nil {
            if case .failed(let failure) = planning.verdicts[v] { return .failed(failure) }
            if planning.waiting.contains(v), case .skipped(let why) = planning.verdicts[v] { return .skipped(why) }
            return isNotified(v) ? nil : .skipped("not notified")
        }
        switch planning.verdicts[v] {
        case .unchanged(let how):
            // What it exports may be another value by now, or could not be read before.
            let isStale = changedHosts.contains(task.id.host) || !task.exports.allSatisfy { exports.has($0.key) }
            return !task.exports.isEmpty && isStale ? nil : .unchanged(how)
        case .skipped(let why): return .skipped(why)
        case .failed(let failure): return task.ignoresErrors ? .ignored(failure) : .failed(failure)
        case .blocked(let by): return .blocked(by: by)
        case .change, .pending: return nil
        }
    }

    func isNotified(_ v: Int) -> Bool {
        let task = planning.tasks[v]
        if pendingHandlers[task.id.host]?.contains(PendingHandlers.name(task.id)) == true { return true }
        return (task.handles ?? []).contains { id in
            guard let n = vertices[id] else { return false }
            if case .changed = ended[n] { return true }
            return notifying.contains(n)
        }
    }

    /// What has begun anew on the handler's host since the last of its notifiers ended, and which task began it.
    func renewed(for v: Int) -> [Effect: String] {
        let id = planning.tasks[v].id
        let notifiers = (planning.tasks[v].handles ?? []).compactMap { vertices[$0] }.filter { n in
            if case .changed = ended[n] { true } else { notifying.contains(n) }
        }
        var renewed: [Effect: String] = [:]
        for s in rows[id.host] ?? [] where s != v {
            guard case .changed(let change) = ended[s], let start = began[s],
                notifiers.allSatisfy({ $0 == s || endedAt[$0, default: .max] < start })
            else { continue }
            for effect in change.begins { renewed[effect] = planning.tasks[s].id.name }
        }
        return renewed
    }

    mutating func end(_ v: Int, _ end: TaskRun.End) {
        guard ended[v] == nil else { return }
        clock += 1
        endedAt[v] = clock
        if case .change = planning.verdicts[v] {
            switch end.result {
            case .unchanged(let how): emit(.spared(planning.tasks[v].id, how))
            case .skipped(let why): emit(.spared(planning.tasks[v].id, why))
            default: break
            }
        }
        record(v, end.result)
        if let facts = end.facts { learn(facts, by: v) }
        if end.isNotifying { notifying.insert(v) }
        spoil(end.touched, of: v)
        foreseen.merge(end.foreseen) { $1 }
        lookedAhead.formUnion(end.lookedAhead)
        if case .changed = end.result { changedHosts.insert(planning.tasks[v].id.host) }
        for (key, value) in end.exports { exports.set(key, to: value) }
        switch end.result {
        case .failed(let failure):
            let name = planning.tasks[v].id.description
            if failure.code == .unreachable { lose(planning.tasks[v].id.host, failure) }
            block(planning.graph.descendants(of: v), by: name)
        case .blocked(let by): block(planning.graph.descendants(of: v), by: by)
        case .cancelled:
            for d in planning.graph.descendants(of: v) where ended[d] == nil { record(d, .cancelled) }
        case .unchanged, .changed, .skipped, .ignored:
            for s in planning.graph.successors[v] {
                waitingFor[s] -= 1
                if waitingFor[s] == 0 { ready.append(s) }
            }
        }
    }

    /// What a task has made other facts holds from then on; all others stay as the plan had them.
    private mutating func learn(_ facts: [String: Value], by v: Int) {
        let host = planning.tasks[v].id.host
        guard var known = exports.facts[host] ?? planning.facts[host] else { return }
        for (name, value) in facts { known = known.replacing(name, with: value) }
        exports.facts[host] = known
    }

    private mutating func lose(_ host: String, _ failure: Failure) {
        emit(.unreachable(host: host, failure))
        for (v, task) in planning.tasks.enumerated() where task.id.host == host && ended[v] == nil {
            if ready[..<nextReady].contains(v) { continue }
            record(v, .blocked(by: "\(host) was lost"))
            block(planning.graph.descendants(of: v), by: "\(host) was lost")
        }
    }

    private mutating func block(_ vertices: [Int], by name: String) {
        for d in vertices where ended[d] == nil { record(d, .blocked(by: name)) }
    }

    private mutating func record(_ v: Int, _ result: TaskResult) {
        ended[v] = result
        emit(.finished(planning.tasks[v].id, result))
    }
}
