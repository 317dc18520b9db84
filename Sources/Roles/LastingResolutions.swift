import Model
import Synchronization

/// What tasks are about where neither facts nor exports have a part in it: found once, before any host is asked, and good
/// for the whole run. Thousands of tasks are asked for what they are about at every stage of a plan.
final class LastingResolutions: Sendable {
    /// A task is the same one in another expansion where its place, its name and its template are.
    struct Key: Hashable {
        var task: TaskID
        var origin: Origin?
    }

    private let found = Mutex<[Key: Resolution]>([:])

    /// The resolution as found before, or as `resolve` finds it now. It is kept where it is lasting.
    func resolution(
        of key: Key, _ resolve: () -> (resolution: Resolution, isLasting: Bool)
    ) -> Resolution {
        if let known = found.withLock({ $0[key] }) { return known }
        let (resolution, isLasting) = resolve()
        if isLasting { found.withLock { $0[key] = resolution } }
        return resolution
    }
}
