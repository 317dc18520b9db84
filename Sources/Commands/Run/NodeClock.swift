import Synchronization

/// How long at least one node was at work for this run. What is left of the run's time is kubani's own share.
final class NodeClock: Sendable {
    private struct State {
        var working = 0
        var since = ContinuousClock.now
        var total: Duration = .zero
    }
    private let state = Mutex(State())

    var total: Duration {
        state.withLock { $0.total + ($0.working > 0 ? .now - $0.since : .zero) }
    }

    /// A request is on its way to a node.
    func begin() {
        state.withLock { state in
            if state.working == 0 { state.since = .now }
            state.working += 1
        }
    }

    /// Its answer is here.
    func end() {
        state.withLock { state in
            state.working -= 1
            if state.working == 0 { state.total += .now - state.since }
        }
    }
}
