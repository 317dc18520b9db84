import Model
import Report

/// Where a plan made now is not the saved one.
public struct PlanDrift: Sendable {
    public enum Difference: Sendable {
        /// The plan was made without the host, for it could not be reached then.
        case reached(host: String)
        case unreachable(host: String, Failure)
        case gone(PlannedTask)
        case new(PlannedTask)
        case other(planned: PlannedTask, now: PlannedTask)
    }

    /// In the order of hosts and tasks; empty where the saved plan holds.
    public let differences: [Difference]

    /// - Parameter now: as it was decided, with its steps.
    public init(of saved: SavedPlan, now: Plan, seal: Seal) {
        let now = SavedPlan(now, of: saved.request, by: "", created: "", program: "", seal: seal)
        var differences: [Difference] = []
        let before = Dictionary(saved.plan.hosts.map { ($0.name, $0) }) { a, _ in a }
        let after = Dictionary(now.plan.hosts.map { ($0.name, $0) }) { a, _ in a }
        for name in Set(before.keys).union(after.keys).sorted() {
            let (planned, present) = (before[name], after[name])
            switch (planned?.unreachable, present?.unreachable) {
            case (nil, let failure?): differences.append(.unreachable(host: name, failure))
            case (_?, nil) where present != nil: differences.append(.reached(host: name))
            case (_?, _?): continue
            default:
                differences += Self.differences(planned, saved.seals, present, now.seals)
            }
        }
        self.differences = differences
    }

    private static func differences(
        _ planned: HostPlan?, _ plannedSeals: [TaskPlace: String], _ now: HostPlan?, _ nowSeals: [TaskPlace: String]
    ) -> [Difference] {
        func placed(_ host: HostPlan?) -> [(place: TaskPlace, task: PlannedTask)] {
            guard let host else { return [] }
            var places = TaskPlace.Counter(host: host.name)
            return host.tasks.map { (places.next($0), $0) }
        }
        var before = Dictionary(uniqueKeysWithValues: placed(planned).map { ($0.place, $0.task) })
        var found: [Difference] = []
        for (place, task) in placed(now) {
            guard let old = before.removeValue(forKey: place) else {
                found.append(.new(task))
                continue
            }
            let isSame =
                plannedSeals[place] == nowSeals[place] && old.verdict.promisesTheSame(as: task.verdict)
                && old.kind == task.kind && old.subject == task.subject && old.isHandler == task.isHandler
            if !isSame { found.append(.other(planned: old, now: task)) }
        }
        return found + placed(planned).filter { before[$0.place] != nil }.map { .gone($0.task) }
    }
}

extension Verdict {
    /// Both as a file may hold them. Why a task is unchanged or skipped may be told in other words the next time.
    fileprivate func promisesTheSame(as other: Verdict) -> Bool {
        switch (self, other) {
        case (.change(let a), .change(let b)): a == b
        case (.pending(let because, let a), .pending(let therefore, let b)): because == therefore && a == b
        case (.unchanged, .unchanged), (.skipped, .skipped), (.failed, .failed), (.blocked, .blocked): true
        default: false
        }
    }
}

/// The differences for people.
public struct DriftText: Sendable {
    private let style: Style
    private let tasks: PlanText

    public init(style: Style) {
        self.style = style
        tasks = PlanText(style: style, listsAll: true)
    }

    public func render(_ drift: PlanDrift) -> String { drift.differences.flatMap(lines).joined(separator: "\n") }

    private func lines(_ difference: PlanDrift.Difference) -> [String] {
        switch difference {
        case .reached(let host): ["\(host): it was out of reach when the plan was made, and is not now"]
        case .unreachable(let host, let failure): ["\(host): it is out of reach now: \(failure.cause)"]
        case .gone(let task): ["\(task.id)", "  planned:"] + block(task) + ["  now: there is no such task"]
        case .new(let task): ["\(task.id)", "  planned: no such task", "  now:"] + block(task)
        case .other(let planned, let now): other(planned, now)
        }
    }

    private func other(_ planned: PlannedTask, _ now: PlannedTask) -> [String] {
        let (before, after) = (block(planned), block(now))
        if before == after {
            return ["\(now.id)"] + after + [
                "  by its look the same: a secret, a script or a file that it uses has changed"
            ]
        }
        return ["\(now.id)", "  planned:"] + before + ["  now:"] + after
    }

    private func block(_ task: PlannedTask) -> [String] { tasks.lines(task).map { "    " + $0 } }
}
