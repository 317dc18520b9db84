import Model
import Polling
import Synchronization

#if canImport(Darwin)
    import Darwin
#elseif canImport(Musl)
    import Musl
#else
    import Glibc
#endif

/// Why no TCP connection came about.
struct DialProblem: Error, Sendable {
    var cause: String
    var hint: String?
}

/// Opens TCP connections: looks the name up away from the event loop, then tries its addresses in turn.
enum Dial {
    /// - Parameter named: called once the name has addresses.
    static func connect(
        host: String, port: Int, until deadline: ContinuousClock.Instant, named: @Sendable () -> Void = {}
    ) async throws(DialProblem) -> Descriptor {
        let addresses = try await resolve(host, port: port, until: deadline)
        named()
        var problem = DialProblem(cause: "\(host) has no address")
        for (index, address) in addresses.enumerated() {
            // An address that swallows packets must leave time for the next.
            let left = ContinuousClock.now.duration(to: deadline) / (addresses.count - index)
            let raw = Descriptor.socket(address.family)
            guard raw >= 0 else {
                problem = DialProblem(cause: "no socket: \(systemMessage(errno))")
                continue
            }
            let socket = Descriptor(adopting: raw)
            let code = await connect(socket.raw, to: address, until: .now + left)
            if code == 0 {
                // Without it each exchange waits some 40 ms for a delayed acknowledgement.
                socket.set(Int32(IPPROTO_TCP), TCP_NODELAY, 1)
                socket.set(SOL_SOCKET, SO_KEEPALIVE, 1)
                return socket
            }
            if Task.isCancelled { throw DialProblem(cause: "interrupted") }
            problem = DialProblem(
                cause: code == ETIMEDOUT ? "\(host) port \(port) does not answer" : systemMessage(code),
                hint: code == ECONNREFUSED
                    ? "nothing listens on port \(port) there: is sshd running?"
                    : "is the machine up, and in the network?")
        }
        throw problem
    }

    /// 0, or errno.
    private static func connect(
        _ descriptor: Int32, to address: SocketAddress, until deadline: ContinuousClock.Instant
    ) async -> Int32 {
        if address.connect(descriptor) == 0 { return 0 }
        guard errno == EINPROGRESS || errno == EINTR else { return errno }
        guard await EventLoop.shared.wait(for: .write, on: descriptor, until: deadline) == .ready else {
            return ETIMEDOUT
        }
        var code: Int32 = 0
        var size = socklen_t(MemoryLayout<Int32>.size)
        getsockopt(descriptor, SOL_SOCKET, SO_ERROR, &code, &size)
        return code
    }

    private static func resolve(
        _ host: String, port: Int, until deadline: ContinuousClock.Instant
    ) async throws(DialProblem) -> [SocketAddress] {
        if case .success(let addresses) = SocketAddress.lookUp(host, port: port, isNumeric: true) { return addresses }
        let answer = Answer()
        let wakeup = await EventLoop.shared.park(until: deadline) { token in
            startThread {
                answer.result.withLock { $0 = SocketAddress.lookUp(host, port: port, isNumeric: false) }
                EventLoop.shared.wake(token)
            }
        }
        switch (wakeup, answer.result.withLock { $0 }) {
        case (.cancelled, _): throw DialProblem(cause: "interrupted")
        case (_, .success(let addresses)): return addresses
        case (_, .failure(let problem)):
            throw DialProblem(
                cause: "the name \(host) cannot be looked up: \(problem.message)",
                hint: "set ansible_host to its address")
        case (_, nil): throw DialProblem(cause: "looking up the name \(host) took too long")
        }
    }

    private final class Answer: Sendable {
        let result = Mutex<Result<[SocketAddress], LookupProblem>?>(nil)
    }
}
