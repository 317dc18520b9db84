import Model
import TaskGraph

/// Where handlers stand: right after the last task that notifies them, but a handler whose subject is not on the node
/// yet comes after the task of its role that brings it.
struct HandlerPlaces {
    let tasks: [HostTask]
    /// By vertex.
    let resources: [Int: any ResourceKind]
    let looks: [Int: Look]
    /// Handlers whose subject is missing, and what could bring it.
    let lacking: [Int: [Effect]]
    let paths: NodePaths

    /// - Returns: the vertices in the order in which their tasks are to be given; nil where nothing moves.
    func arranged() -> [Int]? {
        var moved: [Int: [Int]] = [:]
        for v in lacking.keys.sorted() {
            if let maker = maker(of: v) { moved[maker, default: []].append(v) }
        }
        if moved.isEmpty { return nil }
        let gone = Set(moved.values.flatMap { $0 })
        return tasks.indices.flatMap { v in (gone.contains(v) ? [] : [v]) + (moved[v] ?? []) }
    }

    /// Whether a task of the host that comes after it may bring its subject.
    func isAwaited(_ v: Int) -> Bool {
        let host = tasks[v].id.host
        let wanted = paths.all((lacking[v] ?? []) + (resources[v]?.touches ?? []), on: host)
        return tasks.indices.contains { w in
            guard w > v, tasks[w].id.host == host, tasks[w].handles == nil, mayChange(w),
                let touched = resources[w]?.touches
            else { return false }
            return paths.all(touched, on: host).contains { touch in
                touch != .everything && wanted.contains { $0.overlaps(touch) }
            }
        }
    }

    /// The last task after it that is about its very subject; where there is none, the last that might bring it.
    private func maker(of v: Int) -> Int? {
        guard let handler = resources[v] else { return nil }
        let host = tasks[v].id.host
        let later = tasks.indices.filter {
            $0 > v && tasks[$0].id.role == tasks[v].id.role && tasks[$0].id.host == host && tasks[$0].handles == nil
                && mayChange($0)
        }
        func last(among effects: [Effect]) -> Int? {
            let wanted = paths.all(effects, on: host)
            return later.last { w in
                let touched = resources[w].map { paths.all($0.touches, on: host) } ?? [.everything]
                return touched.contains { touch in wanted.contains { $0.overlaps(touch) } }
            }
        }
        let own = later.last { w in
            let touched = resources[w].map { paths.all($0.touches, on: host) } ?? []
            return touched.contains { touch in
                touch != .everything && paths.all(handler.touches, on: host).contains { $0.overlaps(touch) }
            }
        }
        return own ?? last(among: lacking[v] ?? [])
    }

    private func mayChange(_ w: Int) -> Bool {
        if tasks[w].kind.changesNothing { return false }
        guard let look = looks[w] else { return true }
        if case .none = look.difference { return false }
        return true
    }
}
