import Model
import TaskGraph

/// Turns what was looked at into verdicts, vertex by vertex in the graph's order. Pure: looks in, verdicts out.
struct Decision {
    let graph: TaskGraph
    let tasks: [HostTask]
    /// Handlers that an interrupted run left to be run, by host: `ROLE.HANDLER`.
    let pendingHandlers: [String: Set<String>]
    /// Hosts that are the machine that kubani runs on.
    let local: Set<String>
    /// Handlers whose subject is not there, and what could bring it.
    let lacking: [Int: [Effect]]
    /// Those of them whose subject a task of another role may bring later.
    let awaited: Set<Int>
    let paths: NodePaths

    /// Handlers that are left for another run, for what they act on is not there.
    private(set) var waiting: Set<Int> = []
    /// What tasks that may change something make other facts.
    private var altered: [Int: [String]] = [:]
    /// Tasks that start something anew, in the graph's order.
    private var beginning: [Int] = []
    private(set) var verdicts: [Verdict?]
    private(set) var warnings: [Int: String] = [:]
    private var changes: ChangesAbove
    /// For each vertex, what before it cannot succeed; handed on through tasks that are skipped.
    private var blockers: [Int: String] = [:]
    private let vertices: [TaskID: Int]

    init(
        graph: TaskGraph, tasks: [HostTask], pendingHandlers: [String: Set<String>], local: Set<String>,
        lacking: [Int: [Effect]] = [:], awaited: Set<Int> = [], paths: NodePaths = NodePaths()
    ) {
        self.graph = graph
        self.tasks = tasks
        self.pendingHandlers = pendingHandlers
        self.local = local
        self.lacking = lacking
        self.awaited = awaited
        self.paths = paths
        vertices = Dictionary(graph.ids.enumerated().map { ($1, $0) }, uniquingKeysWith: { a, _ in a })
        verdicts = Array(repeating: nil, count: tasks.count)
        changes = ChangesAbove(graph, tasks)
    }

    /// What is known of a task when its turn comes.
    enum Knowledge {
        case looked(Look)
        case lookFailed(Failure, any ResourceKind)
        case handler(any ResourceKind)
        case skipped(String)
        /// Waits for exports of these tasks, which may change first.
        case unknown(Unknown)
        case invalid(InputErrors)
        /// Its host, or one whose exports it needs, is out of reach, or something of the network is.
        case impossible(Failure)
    }

    mutating func decide(_ v: Int, _ knowledge: Knowledge) {
        changes.enter(v)
        blockers[v] = blocker(of: v)
        let verdict: Verdict
        if case .skipped(let why) = knowledge {
            verdict = .skipped(why)
        } else {
            verdict = blockers[v].map { .blocked(by: $0) } ?? allowed(v, self.verdict(v, knowledge))
        }
        verdicts[v] = verdict
        guard verdict.mayChange else { return }
        let effects = tasks[v].kind.changesNothing ? [] : paths.all(touches(knowledge), on: tasks[v].id.host)
        changes.touch(v, effects)
        if case .change(let change) = verdict, !change.begins.isEmpty { beginning.append(v) }
        if case .looked(let look) = knowledge, !look.resource.altersFacts.isEmpty {
            altered[v] = look.resource.altersFacts
        }
    }

    /// The facts of its host that tasks before it may make others, and which tasks.
    func alteredFacts(before v: Int) -> [String: String] {
        if altered.isEmpty { return [:] }
        var all: [String: String] = [:]
        for (above, facts) in altered.sorted(by: { $0.key < $1.key }) where tasks[above].id.host == tasks[v].id.host {
            guard graph.predecessors[v].contains(where: { $0 == above || changes.isAbove(above, $0) }) else { continue }
            for fact in facts { all[fact] = name(above, seenFrom: v) }
        }
        return all
    }

    /// Kubani would end with the machine that it runs on.
    private func allowed(_ v: Int, _ verdict: Verdict) -> Verdict {
        guard case .change(let change) = verdict, local.contains(tasks[v].id.host),
            change.steps.contains(where: \.isReboot)
        else { return verdict }
        return .failed(.rebootsItself(tasks[v].id.host))
    }

    private func blocker(of v: Int) -> String? {
        for p in graph.predecessors[v] {
            if let inherited = blockers[p] { return inherited }
            if case .failed = verdicts[p], !tasks[p].ignoresErrors { return name(p, seenFrom: v) }
        }
        return nil
    }

    /// Whether the task, or anything before it, may change something, so that what was read there may not last.
    func mayChange(at v: Int) -> Bool { verdicts[v]?.mayChange == true || !changes.isEmpty(v) }

    /// Whether the task, or anything before it on its host, may change something among these.
    func mayChange(_ effects: [Effect], at v: Int) -> Bool {
        let effects = paths.all(effects, on: tasks[v].id.host)
        return changes.touches(v, effects) || changes.nearest(to: v, among: effects, elsewhere: []) != nil
    }

    private mutating func verdict(_ v: Int, _ knowledge: Knowledge) -> Verdict {
        switch knowledge {
        case .skipped(let why): return .skipped(why)
        case .invalid(let errors):
            return .failed(
                Failure(host: tasks[v].id.host, deed: "read the task's values", cause: errors.description))
        case .impossible(let failure): return .failed(failure)
        case .unknown(let unknown): return .pending(because: unknown.because, expected: nil)
        case .handler(let resource): return handlerVerdict(v, resource)
        case .lookFailed(let failure, let resource):
            if let cause = changer(of: v, among: [.everything]) {
                return .pending(because: name(cause, seenFrom: v), expected: resource.whenNotified)
            }
            return .failed(failure)
        case .looked(let look): return verdict(v, look)
        }
    }

    private mutating func verdict(_ v: Int, _ look: Look) -> Verdict {
        let cause = changer(of: v, among: look.dependsOn)
        switch look.difference {
        case .none(let how):
            return cause.map { .pending(because: name($0, seenFrom: v), expected: nil) } ?? .unchanged(how)
        case .change(let change):
            return cause.map { .pending(because: name($0, seenFrom: v), expected: change) } ?? .change(change)
        case .warns(let warning):
            if let cause { return .pending(because: name(cause, seenFrom: v), expected: nil) }
            warnings[v] = warning
            return .unchanged("a warning")
        case .fails(let why, let hint):
            if let cause { return .pending(because: name(cause, seenFrom: v), expected: nil) }
            return .failed(
                Failure(
                    host: tasks[v].id.host, deed: "hold '\(tasks[v].id.name)'", cause: why, hint: hint))
        }
    }

    private mutating func handlerVerdict(_ v: Int, _ resource: any ResourceKind) -> Verdict {
        guard let change = resource.whenNotified else { return .skipped("nothing to do when notified") }
        func noted(_ text: String) -> Change {
            var change = change
            change.details.insert(.note(text), at: 0)
            return change
        }
        let id = tasks[v].id
        let isLeft = pendingHandlers[id.host]?.contains(PendingHandlers.name(id)) == true
        let notifiers = (tasks[v].handles ?? []).compactMap { vertices[$0] }.filter { verdicts[$0]?.mayChange == true }
        let sure = notifiers.first { if case .change = verdicts[$0] { true } else { false } }
        let maybe = notifiers.first
        if isLeft || maybe != nil, awaited.contains(v) || maybe == nil, let needs = lacking[v],
            changer(of: v, among: needs + resource.touches) == nil
        {
            waiting.insert(v)
            warnings[v] = "\(resource.subject) is not there yet: what was to be done with it is left for a later run"
            return .skipped("\(resource.subject) is not there yet")
        }
        if isLeft || sure != nil, let renewer = renewer(of: v, change.begins, after: notifiers) {
            return .skipped("\(name(renewer, seenFrom: v)) starts \(resource.subject) anew")
        }
        if isLeft { return .change(noted("left to be done by an interrupted run")) }
        if let sure { return .change(noted("notified by \(name(sure, seenFrom: v))")) }
        if let maybe { return .pending(because: name(maybe, seenFrom: v), expected: noted("if notified")) }
        return .skipped("not notified")
    }

    /// The task above that starts all of these anew, with what the notifiers have changed by then.
    private func renewer(of v: Int, _ begins: [Effect], after notifiers: [Int]) -> Int? {
        guard !begins.isEmpty else { return nil }
        return beginning.last { s in
            guard tasks[s].id.host == tasks[v].id.host, changes.isAbove(s, v), case .change(let change) = verdicts[s],
                begins.allSatisfy(change.begins.contains)
            else { return false }
            return notifiers.allSatisfy { $0 == s || changes.isAbove($0, s) }
        }
    }

    /// The nearest task above that changes, or may change, something among these.
    private func changer(of v: Int, among effects: [Effect]) -> Int? {
        // Another host's changes reach this one only through the cluster and through what cannot be told apart, such as
        // a wait for its port.
        let effects = paths.all(effects, on: tasks[v].id.host)
        return changes.nearest(to: v, among: effects, elsewhere: effects.filter(\.isShared))
    }

    private func touches(_ knowledge: Knowledge) -> [Effect] {
        switch knowledge {
        case .looked(let look): look.resource.touches
        case .handler(let resource), .lookFailed(_, let resource): resource.touches
        case .skipped, .unknown, .invalid, .impossible: [.everything]
        }
    }

    private func name(_ v: Int, seenFrom other: Int) -> String {
        let id = graph.ids[v]
        let here = graph.ids[other]
        if id.host != here.host { return id.description }
        return id.role == here.role ? id.name : "\(id.role) › \(id.name)"
    }
}
