import Synchronization

/// So many at one time; the others wait in order.
package final class Slots: Sendable {
    private struct State {
        var free: Int
        var waiting: [EventLoop.Token] = []
    }

    private let state: Mutex<State>

    package init(_ count: Int) { state = Mutex(State(free: count)) }

    /// - Returns: false when the deadline passed or the task was cancelled first.
    package func take(until deadline: ContinuousClock.Instant) async -> Bool {
        let isFree = state.withLock { state in
            guard state.free > 0 else { return false }
            state.free -= 1
            return true
        }
        if isFree { return true }
        let mine = Mutex<EventLoop.Token?>(nil)
        let wakeup = await EventLoop.shared.park(until: deadline) { token in
            mine.withLock { $0 = token }
            // One may have come free since the look above.
            let isFree = state.withLock { state in
                guard state.free == 0 else {
                    state.free -= 1
                    return true
                }
                state.waiting.append(token)
                return false
            }
            if isFree, !EventLoop.shared.wake(token) { pass() }
        }
        if wakeup == .ready { return true }
        let token = mine.withLock { $0 }
        state.withLock { state in state.waiting.removeAll { $0 == token } }
        return false
    }

    package func pass() {
        while true {
            let next: EventLoop.Token? = state.withLock { state in
                guard !state.waiting.isEmpty else {
                    state.free += 1
                    return nil
                }
                return state.waiting.removeFirst()
            }
            guard let next, !EventLoop.shared.wake(next) else { return }
        }
    }
}
