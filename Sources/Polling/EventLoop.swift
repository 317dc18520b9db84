import Synchronization

#if os(Linux)
    // Threads' attributes come with it.
    import CLinux
#endif

#if canImport(Darwin)
    import Darwin
#elseif canImport(Musl)
    import Musl
#else
    import Glibc
#endif

/// One thread that wakes tasks: when a descriptor is ready, when another task calls, or when their deadline passes.
/// Nothing else here sleeps or asks again and again.
package final class EventLoop: Sendable {
    package typealias Instant = ContinuousClock.Instant

    package enum Wakeup: Sendable { case ready, timedOut, cancelled }

    /// Names one waiting task, so that another can wake it.
    package struct Token: Sendable, Hashable { fileprivate let number: UInt64 }

    package static let shared = EventLoop()

    private struct Waiter {
        var continuation: CheckedContinuation<Wakeup, Never>
        var deadline: Instant
        var descriptors: [Int32]
        var interest: Interest
    }

    private struct State {
        var next: UInt64 = 0
        var waiters: [UInt64: Waiter] = [:]
        var byDescriptor: [Int32: [UInt64]] = [:]
        /// When the thread wakes by itself; nil while it is awake and will look at all deadlines anyway.
        var sleepsUntil: Instant?
        var isStopped = false
    }

    private let state = Mutex(State())
    private let readiness: any Readiness

    init(_ readiness: any Readiness = EventLoop.systemReadiness()) {
        self.readiness = readiness
        // The thread keeps the loop alive until `stop`.
        startThread { self.run() }
    }

    private static func systemReadiness() -> any Readiness {
        #if os(Linux)
            if let epoll = EpollReadiness() { return epoll }
        #endif
        // Without a pipe nothing can be watched: waits then end at their deadlines.
        return PollReadiness() ?? Deaf()
    }

    func stop() {
        let left = state.withLock { state in
            state.isStopped = true
            defer { state.waiters = [:] }
            return state.waiters.values.map(\.continuation)
        }
        for continuation in left { continuation.resume(returning: .cancelled) }
        readiness.interrupt()
    }

    /// Waits until the descriptor is ready in one of the directions. The caller's actor is not left before the wait is
    /// registered, so no `nudge` that the actor makes later can be missed.
    package func wait(
        for interest: Interest, on descriptor: Int32, until deadline: Instant,
        isolation: isolated (any Actor)? = #isolation
    ) async -> Wakeup {
        await suspend(until: deadline, descriptors: [descriptor], interest: interest) { _ in }
    }

    /// Waits until one of the descriptors is ready, or none of them can ever be.
    package func wait(
        for interest: Interest, onAnyOf descriptors: [Int32], until deadline: Instant,
        isolation: isolated (any Actor)? = #isolation
    ) async -> Wakeup {
        await suspend(until: deadline, descriptors: descriptors, interest: interest) { _ in }
    }

    /// Waits for `wake`; `parked` is given the token before the task is suspended.
    package func park(
        until deadline: Instant, isolation: isolated (any Actor)? = #isolation, _ parked: (Token) -> Void
    ) async -> Wakeup {
        await suspend(until: deadline, descriptors: [], interest: [], parked)
    }

    /// Wakes a parked task; false where it is awake already.
    @discardableResult
    package func wake(_ token: Token) -> Bool { settle(token.number, .ready) }

    /// Wakes all that wait to read from the descriptor, as if it were readable: somebody else took what had come.
    package func nudge(_ descriptor: Int32) {
        let woken = state.withLock { state in
            (state.byDescriptor[descriptor] ?? []).filter { state.waiters[$0]?.interest.contains(.read) ?? false }
        }
        for number in woken { _ = settle(number, .ready) }
    }

    private func suspend(
        until deadline: Instant, descriptors: [Int32], interest: Interest,
        isolation: isolated (any Actor)? = #isolation, _ parked: (Token) -> Void
    ) async -> Wakeup {
        let number = state.withLock { state in
            state.next += 1
            return state.next
        }
        return await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                register(
                    number,
                    Waiter(
                        continuation: continuation, deadline: deadline, descriptors: descriptors,
                        interest: interest))
                parked(Token(number: number))
                // A cancellation that came before the registration found nobody to wake.
                if Task.isCancelled { _ = settle(number, .cancelled) }
            }
        } onCancel: {
            _ = settle(number, .cancelled)
        }
    }

    private func register(_ number: UInt64, _ waiter: Waiter) {
        enum Next {
            case nothing, interrupt
            case wake(Wakeup)
        }
        let next: Next = state.withLock { state in
            if state.isStopped { return .wake(.cancelled) }
            if waiter.deadline <= .now { return .wake(.timedOut) }
            state.waiters[number] = waiter
            for descriptor in waiter.descriptors {
                let others = state.byDescriptor[descriptor] ?? []
                let all = others.reduce(waiter.interest) { $0.union(state.waiters[$1]?.interest ?? []) }
                // What cannot be watched counts as ready: the caller's next call tells what is wrong with it.
                guard readiness.arm(descriptor, for: all) else {
                    _ = remove(number, from: &state)
                    return .wake(.ready)
                }
                state.byDescriptor[descriptor] = others + [number]
            }
            guard let wakes = state.sleepsUntil, waiter.deadline < wakes else { return .nothing }
            return .interrupt
        }
        switch next {
        case .nothing: break
        case .interrupt: readiness.interrupt()
        case .wake(let wakeup): waiter.continuation.resume(returning: wakeup)
        }
    }

    private func settle(_ number: UInt64, _ wakeup: Wakeup) -> Bool {
        let continuation = state.withLock { state in remove(number, from: &state) }
        continuation?.resume(returning: wakeup)
        return continuation != nil
    }

    private func remove(_ number: UInt64, from state: inout State) -> CheckedContinuation<Wakeup, Never>? {
        guard let waiter = state.waiters.removeValue(forKey: number) else { return nil }
        for descriptor in waiter.descriptors {
            guard let waiting = state.byDescriptor[descriptor], waiting.contains(number) else { continue }
            let left = waiting.filter { $0 != number }
            state.byDescriptor[descriptor] = left.isEmpty ? nil : left
            if left.isEmpty { readiness.disarm(descriptor) }
        }
        return waiter.continuation
    }

    private func run() {
        while true {
            let timeout: Int32? = state.withLock { state in
                if state.isStopped { return nil }
                let earliest = state.waiters.values.lazy.map(\.deadline).min()
                // Without a deadline it sleeps long, yet hears of any that comes.
                let until = earliest ?? .now + .seconds(3600)
                state.sleepsUntil = until
                return milliseconds(until: until)
            }
            guard let timeout else { return }
            let events = readiness.wait(milliseconds: timeout)
            for (continuation, wakeup) in due(events) { continuation.resume(returning: wakeup) }
        }
    }

    /// Takes out whoever an event or the clock wakes, and arms again for those who wait on.
    private func due(
        _ events: [(descriptor: Int32, ready: Interest)]
    ) -> [(CheckedContinuation<Wakeup, Never>, Wakeup)] {
        state.withLock { state in
            state.sleepsUntil = nil
            var woken: [(CheckedContinuation<Wakeup, Never>, Wakeup)] = []
            var others: [(descriptor: Int32, number: UInt64)] = []
            for event in events {
                guard let waiting = state.byDescriptor[event.descriptor] else { continue }
                var left: [UInt64] = []
                var interest: Interest = []
                for number in waiting {
                    guard let waiter = state.waiters[number] else { continue }
                    if waiter.interest.isDisjoint(with: event.ready) {
                        left.append(number)
                        interest.formUnion(waiter.interest)
                    } else {
                        state.waiters[number] = nil
                        others += waiter.descriptors.filter { $0 != event.descriptor }.map { ($0, number) }
                        woken.append((waiter.continuation, .ready))
                    }
                }
                state.byDescriptor[event.descriptor] = left.isEmpty ? nil : left
                if !left.isEmpty { _ = readiness.arm(event.descriptor, for: interest) }
            }
            // Who waited for several waits for none of them any more.
            for (descriptor, number) in others {
                guard let waiting = state.byDescriptor[descriptor] else { continue }
                let left = waiting.filter { $0 != number }
                state.byDescriptor[descriptor] = left.isEmpty ? nil : left
                if left.isEmpty { readiness.disarm(descriptor) }
            }
            let now = Instant.now
            for number in state.waiters.filter({ $0.value.deadline <= now }).keys {
                if let continuation = remove(number, from: &state) { woken.append((continuation, .timedOut)) }
            }
            return woken
        }
    }
}

/// Whole milliseconds up to a moment, rounded up so that the moment has passed when they have.
private func milliseconds(until moment: ContinuousClock.Instant) -> Int32 {
    let left = ContinuousClock.now.duration(to: moment).components
    if left.seconds < 0 || left.attoseconds < 0 { return 0 }
    if left.seconds >= 3600 { return 3_600_000 }
    return Int32(left.seconds * 1000 + (left.attoseconds + 999_999_999_999_999) / 1_000_000_000_000_000)
}

/// For a process out of descriptors: hears nothing, so that every wait ends at its deadline.
private struct Deaf: Readiness {
    func arm(_ descriptor: Int32, for interest: Interest) -> Bool { true }
    func disarm(_ descriptor: Int32) {}
    func wait(milliseconds: Int32) -> [(descriptor: Int32, ready: Interest)] {
        poll(nil, 0, min(100, max(0, milliseconds)))
        return []
    }
    func interrupt() {}
}

/// Starts a thread of its own for work that blocks; what it needs it keeps alive by itself.
package func startThread(_ body: @escaping @Sendable () -> Void) {
    final class Box: Sendable {
        let body: @Sendable () -> Void
        init(_ body: @escaping @Sendable () -> Void) { self.body = body }
    }
    let box = Unmanaged.passRetained(Box(body))
    var attributes = pthread_attr_t()
    pthread_attr_init(&attributes)
    pthread_attr_setdetachstate(&attributes, Int32(PTHREAD_CREATE_DETACHED))
    defer { pthread_attr_destroy(&attributes) }
    #if canImport(Darwin)
        var thread: pthread_t?
        let code = pthread_create(
            &thread, &attributes,
            {
                Unmanaged<Box>.fromOpaque($0).takeRetainedValue().body()
                return nil
            }, box.toOpaque())
    #else
        var thread = pthread_t()
        let code = pthread_create(
            &thread, &attributes,
            { argument in
                if let argument { Unmanaged<Box>.fromOpaque(argument).takeRetainedValue().body() }
                return nil
            }, box.toOpaque())
    #endif
    // Out of threads: the work is done here, late rather than never.
    if code != 0 { box.takeRetainedValue().body() }
}
