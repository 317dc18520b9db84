import Model
import TaskGraph

/// For each task, those before it that change something, or may.
///
/// The tasks of a role on a host are a chain: whoever comes after one of them comes after all before that one. So a task
/// knows, for each chain, only the last that it comes after.
struct ChangesAbove: Sendable {
    private struct Reached: Sendable {
        var chain: Int
        /// The last changing task of the chain before the one that asks.
        var last: Int
    }
    private struct Chain: Sendable {
        var host: String
        var touched = EffectIndex()
    }

    private let graph: TaskGraph
    /// By vertex.
    private var chain: [Int]
    private var reached: [[Reached]]
    private var effects: [Int: [Effect]] = [:]
    private var chains: [Chain] = []

    init(_ graph: TaskGraph, _ tasks: [HostTask]) {
        self.graph = graph
        reached = Array(repeating: [], count: tasks.count)
        chain = []
        var ends: [TaskID.Span: Int] = [:]
        for (v, task) in tasks.enumerated() {
            let span = TaskID.Span(role: task.id.role, host: task.id.host)
            if let end = ends[span], graph.predecessors[v].contains(end) {
                chain.append(chain[end])
            } else {
                chain.append(chains.count)
                chains.append(Chain(host: task.id.host))
            }
            ends[span] = v
        }
    }

    /// What comes before a task is complete: all before it were decided.
    mutating func enter(_ v: Int) {
        let before = graph.predecessors[v]
        // As a rule nothing is new: then the list is the same, and is kept once.
        guard let first = before.last else { return }
        var all = reached[first]
        func note(_ one: Reached) {
            if let i = all.firstIndex(where: { $0.chain == one.chain }) {
                if all[i].last < one.last { all[i].last = one.last }
            } else {
                all.append(one)
            }
        }
        for p in before {
            if p != first { for one in reached[p] { note(one) } }
            if effects[p] != nil { note(Reached(chain: chain[p], last: p)) }
        }
        reached[v] = all
    }

    /// A task changes these, or may; with none of them it changes nothing that others look at.
    mutating func touch(_ v: Int, _ touched: [Effect]) {
        effects[v] = touched
        chains[chain[v]].touched.add(touched, at: v)
    }

    /// Whether nothing before a task changes anything.
    func isEmpty(_ v: Int) -> Bool { reached[v].isEmpty }

    /// Whether a task that changes something, or may, comes before another one.
    func isAbove(_ above: Int, _ v: Int) -> Bool {
        effects[above] != nil && reached[v].contains { $0.chain == chain[above] && $0.last >= above }
    }

    /// Whether the task itself changes something among these, or may.
    func touches(_ v: Int, _ some: [Effect]) -> Bool {
        (effects[v] ?? []).contains { touched in some.contains { $0.overlaps(touched) } }
    }

    /// The nearest task before this one that changes something among these.
    ///
    /// - Parameter elsewhere: those among them that a change on another host reaches, too.
    func nearest(to v: Int, among here: [Effect], elsewhere: [Effect]) -> Int? {
        let host = chains[chain[v]].host
        return reached[v].compactMap { one in
            let asked = chains[one.chain].host == host ? here : elsewhere
            return asked.isEmpty ? nil : chains[one.chain].touched.last(overlapping: asked, upTo: one.last)
        }.max()
    }
}

extension TaskID {
    /// A role on a host.
    fileprivate struct Span: Hashable {
        var role: String
        var host: String
    }
}
