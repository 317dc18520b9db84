import Model
import Planner
import TaskGraph

/// What a change's request may look at on behalf of the tasks after it: whatever is to be looked at again anyway, and
/// would not be found otherwise after the changes in between.
extension Progress {
    /// What was found for the task, where that still holds.
    mutating func foreseen(_ v: Int) -> Foreseen? {
        guard let found = foreseen.removeValue(forKey: v), found.isFresh else { return nil }
        return found
    }

    /// Drops what a change may have altered.
    mutating func spoil(_ touched: [Effect], of v: Int) {
        guard !touched.isEmpty, !foreseen.isEmpty else { return }
        let host = planning.tasks[v].id.host
        let touched = planning.paths.all(touched, on: host)
        foreseen = foreseen.filter { other, found in
            let isHere = planning.tasks[other].id.host == host
            if isHere, touched.contains(where: \.setsMoreGoing) { return false }
            let reach = isHere ? touched : touched.filter(\.isShared)
            return !planning.paths.all(found.look.dependsOn, on: planning.tasks[other].id.host).contains { depended in
                reach.contains { depended.overlaps($0) }
            }
        }
    }

    /// The tasks of the host that can be looked ahead for with the change of this one.
    func followers(of v: Int) -> Followers {
        var followers: [(vertex: Int, task: HostTask)] = []
        // What changes on the host before they begin, this one's own change aside.
        var between: [Effect] = []
        if altersFacts(v) { return Followers(tasks: []) }
        for w in rows[planning.tasks[v].id.host] ?? [] where w != v && ended[w] == nil {
            let task = planning.tasks[w]
            if mayLookAhead(w, after: v, between) { followers.append((w, task)) }
            let touched = touches(w)
            // A service or a package may alter more than it names, anybody may while a wait waits, and on what a task
            // exports those after it may hang.
            if touched.contains(where: \.setsMoreGoing) || !task.exports.isEmpty || altersFacts(w) { break }
            between += touched
        }
        return Followers(tasks: followers)
    }

    private func mayLookAhead(_ w: Int, after v: Int, _ between: [Effect]) -> Bool {
        guard case .pending = planning.verdicts[w], planning.tasks[w].handles == nil, !lookedAhead.contains(w),
            planning.tasks[v].exports.isEmpty
        else { return false }
        // Nobody else comes before it.
        if waitingFor[w] == 1, planning.graph.predecessors[w].contains(v) { return true }
        guard let look = planning.looks[w], !look.dependsOn.contains(where: \.isShared) else { return false }
        let host = planning.tasks[v].id.host
        return !planning.paths.all(look.dependsOn, on: host).contains { depended in
            between.contains { depended.overlaps($0) }
        }
            && planning.graph.predecessors[w].allSatisfy { planning.tasks[$0].id.host == host || ended[$0] != nil }
    }

    private func altersFacts(_ w: Int) -> Bool { planning.looks[w]?.resource.altersFacts.isEmpty == false }

    private func touches(_ w: Int) -> [Effect] {
        guard planning.verdicts[w].mayChange else { return [] }
        if planning.tasks[w].kind.changesNothing { return [.everything] }
        guard let look = planning.looks[w] else { return [.everything] }
        return planning.paths.all(look.resource.touches, on: planning.tasks[w].id.host)
    }
}
