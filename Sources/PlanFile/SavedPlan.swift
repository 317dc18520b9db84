import Model
import Report

/// A plan as it stands in a file: what was asked for, what would be done as far as it may be shown, and seals for the
/// rest. Applying it means planning again for the same request and going on only where every seal is the same: what was
/// promised is what is done, and no secret, script or content has to be in the file for that.
public struct SavedPlan: Sendable {
    /// The version of the format that this program writes and reads.
    public static let version = 1

    /// When it was made, in UTC: 2026-11-24T10:15:00Z.
    public var created: String
    /// Who made it: ann@laptop.
    public var by: String
    /// The version of kubani that made it.
    public var program: String
    /// The name of the key that its seals are made with.
    public var key: String
    public var request: PlanRequest
    /// As shown: secrets are seals, texts are diffs, changes have no steps.
    public var plan: Plan
    /// By the task's place in its plan; those that change nothing have none.
    var seals: [TaskPlace: String]

    /// - Parameter plan: as it was decided, with its steps.
    public init(_ plan: Plan, of request: PlanRequest, by: String, created: String, program: String, seal: Seal) {
        self.created = created
        self.by = by
        self.program = program
        self.request = request
        key = seal.name
        var shown = plan
        var seals: [TaskPlace: String] = [:]
        for h in shown.hosts.indices {
            var places = TaskPlace.Counter(host: shown.hosts[h].name)
            for t in shown.hosts[h].tasks.indices {
                let place = places.next(shown.hosts[h].tasks[t])
                seals[place] = seal.of(shown.hosts[h].tasks[t])
                shown.hosts[h].tasks[t].verdict = shown.hosts[h].tasks[t].verdict.sealed(by: seal)
            }
        }
        self.plan = shown
        self.seals = seals
    }

    init(
        created: String, by: String, program: String, key: String, request: PlanRequest, plan: Plan,
        seals: [TaskPlace: String]
    ) {
        self.created = created
        self.by = by
        self.program = program
        self.key = key
        self.request = request
        self.plan = plan
        self.seals = seals
    }
}

/// A task among those of a plan, whatever tasks stand before it.
struct TaskPlace: Sendable, Hashable {
    var host: String
    var role: String
    var name: String
    /// Which of the tasks of that name it is.
    var occurrence: Int

    /// Gives a host's tasks their places, in order.
    struct Counter {
        let host: String
        private var counts: [[String]: Int] = [:]

        init(host: String) { self.host = host }

        mutating func next(_ task: PlannedTask) -> TaskPlace {
            let count = counts[[task.id.role, task.id.name], default: 0]
            counts[[task.id.role, task.id.name]] = count + 1
            return TaskPlace(host: host, role: task.id.role, name: task.id.name, occurrence: count)
        }
    }
}

extension Verdict {
    /// What a file may hold of it.
    fileprivate func sealed(by seal: Seal) -> Verdict {
        switch self {
        case .change(let change): .change(change.sealed(by: seal))
        case .pending(let because, let expected): .pending(because: because, expected: expected?.sealed(by: seal))
        case .unchanged, .skipped, .failed, .blocked: self
        }
    }
}

extension Change {
    fileprivate func sealed(by seal: Seal) -> Change {
        Change(action, details: details.map { $0.sealed(by: seal) }, steps: [])
    }
}

extension Detail {
    fileprivate func sealed(by seal: Seal) -> Detail {
        func sealed(_ shown: Shown?) -> Shown? {
            guard let shown, shown.isSensitive else { return shown }
            return Shown(seal.of(text: shown.revealed), isSensitive: true)
        }
        switch self {
        case .attribute(let name, let from, let to): return .attribute(name, from: sealed(from), to: sealed(to))
        case .text(let name, let from, let to):
            // A secret on either side makes both secret: the old text may be the old secret.
            if from?.isSensitive == true || to?.isSensitive == true {
                func whole(_ shown: Shown?) -> Shown? {
                    shown.map { Shown(seal.of(text: $0.revealed), isSensitive: true) }
                }
                return .text(name, from: whole(from), to: whole(to))
            }
            return .diff(name, UnifiedDiff.text(from: from?.description ?? "", to: to?.description ?? ""))
        case .diff, .note: return self
        }
    }
}
