import Model
import TaskGraph

/// The state of a plan in the making, between looks. Does no I/O.
struct Workings {
    private(set) var input: Planner.Input
    private(set) var graph: TaskGraph
    /// By vertex: the exports that its values hang on.
    private(set) var references: [[String]]
    private var resolutions: [Resolution]
    private var looks: [Int: Result<Look, Failure>] = [:]
    private var exports: Exports
    private var unreachable: [String: Failure]
    private var exporters: [String: Int]
    private var readExports: Set<String> = []
    private var paths = NodePaths()
    private var traced: Set<String> = []
    /// Handlers whose subject is not there, and what could bring it; set once they have their places.
    private var lacking: [Int: [Effect]] = [:]
    /// Those of them whose subject a task of another role may bring later.
    private var awaited: Set<Int> = []

    init(_ input: Planner.Input) throws(InputErrors) {
        self.input = input
        unreachable = input.unreachable
        let blank = input.tasks.map { $0.resolve(Exports()) }
        let references = blank.map { resolution -> [String] in
            if case .unknown(let unknown) = resolution { unknown.sources.sorted() } else { [] }
        }
        self.references = references
        graph = try TaskGraph(tasks: input.tasks, roles: input.roles, references: references)
        var known: [String: Value] = [:]
        for survey in [input.surveys, input.consulted].flatMap(\.values) { known.merge(survey.exports) { a, _ in a } }
        exports = Exports(known)
        var exporters: [String: Int] = [:]
        for (v, task) in input.tasks.enumerated() { for export in task.exports { exporters[export.key] = v } }
        self.exporters = exporters
        resolutions = blank
        for v in blank.indices where !references[v].isEmpty { resolutions[v] = input.tasks[v].resolve(exports) }

        var errors: [InputError] = []
        for resolution in resolutions { if case .invalid(let found) = resolution { errors += found.errors } }
        if !errors.isEmpty { throw InputErrors(Array(Set(errors))) }
        takeEarlyLooks()
    }

    private mutating func takeEarlyLooks() {
        let vertices = Dictionary(input.tasks.enumerated().map { ($1.id, $0) }, uniquingKeysWith: { a, _ in a })
        for (host, survey) in input.surveys {
            guard let early = survey.early else { continue }
            let asked = early.tasks.compactMap { id -> (vertex: Int, resource: any ShellKind)? in
                guard let v = vertices[id], case .resource(let any, _) = resolutions[v],
                    let resource = any as? any ShellKind
                else { return nil }
                return (v, resource)
            }
            guard asked.count == early.tasks.count, let found = early.looks(at: asked.map(\.resource), host: host)
            else { continue }
            for (task, look) in zip(asked, found) { looks[task.vertex] = look }
            paths.merge(early.places(of: asked.map(\.resource), host: host))
            traced.insert(host)
        }
    }

    /// What is known and was not looked at yet.
    mutating func toLook() -> Looking {
        var looking = Looking()
        for (host, survey) in input.surveys where survey.early?.tookTooLong == true { looking.takeApart(host: host) }
        for (v, task) in input.tasks.enumerated() where unreachable[task.id.host] == nil {
            let host = task.id.host
            if case .resource(let resource, _) = resolutions[v], task.isLookedAt, looks[v] == nil {
                looking.add(v, resource, host: host)
                if !traced.contains(host) { looking.trace(host: host) }
            }
            for export in task.exports where !exports.has(export.key) && readExports.insert(export.key).inserted {
                looking.add(export, host: host)
            }
        }
        return looking
    }

    mutating func take(_ answer: Looking.Answer) {
        looks.merge(answer.looks) { _, new in new }
        for (key, value) in answer.exports { exports.set(key, to: value) }
        unreachable.merge(answer.lost) { $1 }
        paths.merge(answer.places)
        traced.formUnion(input.surveys.keys)
    }

    /// Puts handlers whose subject is not there after what brings it, see `HandlerPlaces`.
    mutating func placeHandlers() throws(InputErrors) {
        var resources: [Int: any ResourceKind] = [:]
        for (v, resolution) in resolutions.enumerated() {
            if case .resource(let resource, _) = resolution { resources[v] = resource }
        }
        let looked = looks.compactMapValues { try? $0.get() }
        for (v, look) in looked where input.tasks[v].handles != nil && look.lacksSubject { lacking[v] = look.dependsOn }
        if lacking.isEmpty { return }
        let places = HandlerPlaces(
            tasks: input.tasks, resources: resources, looks: looked, lacking: lacking, paths: paths)
        awaited = Set(lacking.keys.filter(places.isAwaited))
        guard let order = places.arranged() else { return }
        let new = Dictionary(uniqueKeysWithValues: order.enumerated().map { ($1, $0) })
        func moved<T>(_ all: [Int: T]) -> [Int: T] {
            Dictionary(uniqueKeysWithValues: all.map { (new[$0] ?? $0, $1) })
        }
        input.tasks = order.map { input.tasks[$0] }
        references = order.map { references[$0] }
        resolutions = order.map { resolutions[$0] }
        looks = moved(looks)
        lacking = moved(lacking)
        awaited = Set(awaited.map { new[$0] ?? $0 })
        exporters = exporters.mapValues { new[$0] ?? $0 }
        graph = try TaskGraph(tasks: input.tasks, roles: input.roles, references: references)
    }

    /// Resolves what newly read exports made known; whether there is anything new to look at.
    mutating func resolveMore() -> Bool {
        var more = false
        for v in resolutions.indices {
            guard case .unknown = resolutions[v], !references[v].isEmpty,
                references[v].allSatisfy({ exports.has($0) })
            else { continue }
            resolutions[v] = input.tasks[v].resolve(exports)
            if case .resource = resolutions[v] { more = true }
        }
        return more
    }

    func decided() -> Planning {
        var decision = Decision(
            graph: graph, tasks: input.tasks, pendingHandlers: input.surveys.mapValues(\.pendingHandlers),
            local: input.local, lacking: lacking, awaited: awaited, paths: paths)
        for v in graph.order { decision.decide(v, knowledge(of: v, so: decision)) }
        let verdicts = decision.verdicts.enumerated().map { v, verdict in
            secrecy(of: v).shown(verdict ?? .skipped("not reached"))
        }
        let looked = looks.compactMapValues { try? $0.get() }.filter { input.tasks[$0.key].handles == nil }
        return Planning(
            plan: plan(verdicts, warnings: decision.warnings), graph: graph, tasks: input.tasks, verdicts: verdicts,
            looks: looked, exports: exports, waiting: decision.waiting, paths: paths,
            facts: input.surveys.mapValues(\.facts))
    }

    private func secrecy(of v: Int) -> Secrecy {
        if case .resource(_, let secrecy) = resolutions[v] { secrecy } else { .none }
    }

    private func knowledge(of v: Int, so decision: Decision) -> Decision.Knowledge {
        let task = input.tasks[v]
        if let failure = unreachable[task.id.host] { return .impossible(failure) }
        for key in references[v] {
            // What its exporter may still change is not known, whatever was read.
            if let from = exporters[key], mayChange(key, at: from, so: decision) {
                return .unknown(Unknown(because: "\(graph.ids[from])", sources: [key]))
            }
            let host = String(key.prefix { $0 != "/" })
            if exporters[key] == nil, !exports.has(key), let failure = unreachable[host] {
                return .impossible(
                    Failure(
                        .unreachable, host: task.id.host, deed: "learn what \(host) exports", cause: failure.cause,
                        hint: "make \(host) reachable and run again"))
            }
        }
        if task.handles == nil, let unknown = unknownByFacts(v, so: decision) { return .unknown(unknown) }
        switch resolutions[v] {
        case .skipped(let why): return .skipped(why)
        case .unknown(let unknown): return .unknown(unknown)
        case .invalid(let errors): return .invalid(errors)
        case .failed(let failure): return .impossible(failure.ofTask(on: task.id.host))
        case .resource(let resource, _):
            if task.handles != nil { return .handler(resource) }
            switch looks[v] {
            case .success(let look): return .looked(look)
            case .failure(let failure): return .lookFailed(failure.ofTask(on: task.id.host), resource)
            case nil: return .unknown(Unknown(because: "it was not looked at"))
            }
        }
    }

    /// Whether the task hangs on facts that this run makes others before its turn.
    private func unknownByFacts(_ v: Int, so decision: Decision) -> Unknown? {
        let host = input.tasks[v].id.host
        let altered = decision.alteredFacts(before: v)
        guard !altered.isEmpty, var facts = input.surveys[host]?.facts else { return nil }
        for (name, cause) in altered { facts = facts.replacing(name, with: .unknown(Unknown(because: cause))) }
        var known = exports
        known.facts[host] = facts
        if case .unknown(let unknown) = input.tasks[v].resolve(known) { return unknown }
        return nil
    }

    /// Whether an export may come out otherwise once this run has changed what it plans to.
    private func mayChange(_ key: String, at from: Int, so decision: Decision) -> Bool {
        let export = input.tasks[from].exports.first { $0.key == key }
        if exports.has(key), let file = export?.file { return decision.mayChange([.path(file)], at: from) }
        return decision.mayChange(at: from)
    }

    private func plan(_ verdicts: [Verdict], warnings: [Int: String]) -> Plan {
        var byHost: [String: HostPlan] = [:]
        for host in input.surveys.keys { byHost[host] = HostPlan(name: host) }
        for (host, failure) in unreachable { byHost[host] = HostPlan(name: host, unreachable: failure) }
        for (v, task) in input.tasks.enumerated() where unreachable[task.id.host] == nil {
            var subject = ""
            if case .resource(let resource, let secrecy) = resolutions[v] {
                subject = secrecy.shown(resource.subject)
            }
            byHost[task.id.host, default: HostPlan(name: task.id.host)].tasks.append(
                PlannedTask(
                    id: task.id, kind: task.kind.name, subject: subject, isHandler: task.handles != nil,
                    verdict: verdicts[v], ignoresErrors: task.ignoresErrors,
                    warning: warnings[v].map(secrecy(of: v).shown)))
        }
        return Plan(hosts: Array(byHost.values))
    }
}
