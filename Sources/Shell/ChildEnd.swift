import Polling
import Synchronization

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
    import Dispatch
#endif

/// The end of a process of ours: waited for without a thread of its own, and told once to whoever asks.
final class ChildEnd: Sendable {
    private enum State {
        case running
        /// As a shell tells it; nil where somebody else has taken it.
        case ended(Int32?)
    }

    let id: Int32
    private let state = Mutex(State.running)
    private let waiting: Task<Int32?, Never>

    init(of id: Int32) {
        self.id = id
        let (ends, told) = AsyncStream<Int32?>.makeStream()
        waiting = Task {
            for await status in ends { return status }
            return nil
        }
        Task { [self] in
            await Self.wait(for: id)
            told.yield(reap())
            told.finish()
        }
    }

    var status: Int32? { get async { await waiting.value } }

    var isRunning: Bool { state.withLock { if case .running = $0 { true } else { false } } }

    /// Sends a signal to its process group, unless it has ended: its number may be another's by then.
    func signal(_ number: Int32) {
        state.withLock { state in
            if case .running = state { kill(-id, number) }
        }
    }

    private func reap() -> Int32? {
        state.withLock { state in
            if case .ended(let status) = state { return status }
            var raw: Int32 = 0
            var found: Int32? = nil
            while true {
                let got = waitpid(id, &raw, 0)
                if got < 0, errno == EINTR { continue }
                if got == id { found = raw & 0x7F == 0 ? (raw >> 8) & 0xFF : 128 + raw & 0x7F }
                break
            }
            state = .ended(found)
            return found
        }
    }

    /// Until the process can be waited for without waiting.
    private static func wait(for id: Int32) async {
        #if canImport(Darwin)
            await withCheckedContinuation { (continuation: CheckedContinuation<Void, Never>) in
                let source = DispatchSource.makeProcessSource(identifier: id, eventMask: .exit)
                source.setEventHandler {
                    source.cancel()
                    continuation.resume()
                }
                source.resume()
            }
        #else
            if let descriptor = ProcessDescriptor(id) {
                while await EventLoop.shared.wait(for: .read, on: descriptor.raw, until: .now + .seconds(86400))
                    == .timedOut
                {}
            } else {
                await ended(id)
            }
        #endif
    }

    #if !canImport(Darwin)
        /// Looks now and then, on a kernel before 5.3, or where no descriptor is left.
        private static func ended(_ id: Int32) async {
            var pause: Duration = .milliseconds(5)
            while true {
                var info = siginfo_t()
                let code = waitid(P_PID, id_t(id), &info, WEXITED | WNOHANG | WNOWAIT)
                if code == 0, info.si_signo != 0 { return }
                if code < 0, errno != EINTR { return }
                _ = await EventLoop.shared.park(until: .now + pause) { _ in }
                pause = min(pause * 2, .milliseconds(500))
            }
        }
    #endif
}
