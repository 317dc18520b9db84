import Model
import Planner

/// What must hold on a node before its first change: the lock is ours, and what the plan was decided on is still so.
/// Every task of the host passes here; the work is done once, in two round trips.
actor HostGate {
    private let shell: any NodeShell
    private let owner: String
    private let planned: [Int: Look]
    private var opening: Task<Result<[Int: Result<Look, Failure>], Failure>, Never>?

    /// - Parameter planned: the looks behind the host's exact changes, by vertex.
    init(shell: any NodeShell, owner: String, planned: [Int: Look]) {
        self.shell = shell
        self.owner = owner
        self.planned = planned
    }

    /// - Returns: how it was found, where somebody else made the change meanwhile; nil where it has to be made.
    /// - Throws: `Failure` with code `drifted` when the node is no longer as the plan saw it.
    func pass(_ v: Int) async throws(Failure) -> String? {
        let opening = opening ?? open()
        self.opening = opening
        let now = try await opening.value.get()
        guard let before = planned[v], let look = now[v] else { return nil }
        switch before.standing(given: try look.get().found) {
        case .holds: return nil
        case .isSo(let how): return how
        case .drifted:
            throw Failure(
                .drifted, host: shell.host, deed: "change \(before.resource.subject)",
                cause: "it is no longer as the plan saw it",
                hint: "somebody else changed it meanwhile: look at a new plan")
        }
    }

    private func open() -> Task<Result<[Int: Result<Look, Failure>], Failure>, Never> {
        let (shell, owner, planned) = (shell, owner, planned)
        return .init {
            do throws(Failure) {
                try await shell.lock(owner: owner)
                guard !planned.isEmpty else { return .success([:]) }
                let again = NodeLook(resources: planned.sorted { $0.key < $1.key }.map { ($0.key, $0.value.resource) })
                return .success(try await again.take(from: shell).looks)
            } catch {
                return .failure(error)
            }
        }
    }
}
