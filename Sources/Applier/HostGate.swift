import Model
import Planner

/// What must hold on a node before a change: the lock is ours, and what the plan was decided on is still so.
///
/// The first that passes takes the lock and looks at all of the host's changes at once, in two round trips; whoever
/// comes while that look is fresh needs none of its own.
actor HostGate {
    enum Passage: Sendable {
        /// The planned change is to be made.
        case make
        /// Somebody else made it meanwhile, and how it was found.
        case isSo(String)
        /// What this run did before has altered what the plan saw: it is for the task to look at again.
        case lookAgain
    }

    /// How long a look counts as now.
    static let freshness: Duration = .seconds(5)

    private struct Opening: Sendable {
        var looks: [Int: Result<Look, Failure>]
        var time: ContinuousClock.Instant
    }

    private let host: String
    private let reach: Reach
    private let owner: String
    private let locks: LockPolicy
    private let stop: StopSignal
    private let emit: @Sendable (Event) -> Void
    private let planned: [Int: Look]
    private var opening: Task<Result<Opening, Failure>, Never>?

    /// - Parameter planned: the looks behind the host's exact changes, by vertex.
    init(
        host: String, reach: Reach, owner: String, locks: LockPolicy, stop: StopSignal, planned: [Int: Look],
        emit: @escaping @Sendable (Event) -> Void
    ) {
        self.host = host
        self.reach = reach
        self.owner = owner
        self.locks = locks
        self.stop = stop
        self.emit = emit
        self.planned = planned
    }

    /// - Parameter hasChanged: whether this run has changed something on the host before.
    /// - Throws: `Failure` with code `drifted` when the node is no longer as the plan saw it, and not by our doing.
    func pass(_ v: Int, hasChanged: Bool) async throws(Failure) -> Passage {
        let opening = opening ?? open()
        self.opening = opening
        let opened = try await opening.value.get()
        guard let before = planned[v] else { return .lookAgain }
        var look = opened.looks[v]
        if opened.time.duration(to: .now) > Self.freshness {
            look = try await Self.looks([(v, before.resource)], host, reach)[v]
        }
        guard let look else { return .lookAgain }
        switch before.standing(given: try look.get().found) {
        case .holds: return .make
        case .isSo(let how): return .isSo(how)
        case .drifted where hasChanged: return .lookAgain
        case .drifted:
            throw Failure(
                .drifted, host: host, deed: "change \(before.resource.subject)",
                cause: "it is no longer as the plan saw it",
                hint: "somebody else changed it meanwhile: look at a new plan")
        }
    }

    private static func looks(
        _ resources: [(Int, any ResourceKind)], _ host: String, _ reach: Reach
    ) async throws(Failure) -> [Int: Result<Look, Failure>] {
        var looking = Looking()
        for (v, resource) in resources { looking.add(v, resource, host: host) }
        let answer = await looking.take(through: reach)
        if let lost = answer.lost[host] { throw lost }
        return answer.looks
    }

    private func open() -> Task<Result<Opening, Failure>, Never> {
        let (host, reach, owner, planned) = (host, reach, owner, planned)
        let (locks, stop, emit) = (locks, stop, emit)
        return .init {
            do throws(Failure) {
                if let shell = reach.shells[host] {
                    try await locks.take(shell, owner: owner, stop: stop, emit: emit)
                }
                let resources = planned.sorted { $0.key < $1.key }.map { ($0.key, $0.value.resource) }
                let looks = try await Self.looks(resources, host, reach)
                return .success(Opening(looks: looks, time: .now))
            } catch {
                return .failure(error)
            }
        }
    }
}
