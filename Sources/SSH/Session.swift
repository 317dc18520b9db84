import CLibSSH2
import Model
import Polling
import Shell

#if canImport(Darwin)
    import Darwin
#elseif canImport(Musl)
    import Musl
#else
    import Glibc
#endif

/// Owns one libssh2 session: the one place where libssh2 is called and its EAGAIN settled.
///
/// libssh2 keeps half-done calls in the session, so a call that may send is finished before another begins: calls take
/// turns. A call that only waits for something to read passes its turn while it waits, so several channels are read at
/// once.
actor Session {
    typealias Instant = ContinuousClock.Instant

    /// The host's name in the inventory, for messages.
    nonisolated let host: String
    /// How it is reached, for messages: `ops@100.64.0.11:22`.
    nonisolated let peer: String

    private let handle: SessionHandle
    private let loop = EventLoop.shared
    private var isTaken = false
    private var queue: [EventLoop.Token] = []
    /// Why the session is of no use any more.
    private(set) var broken: Failure?
    var channels: [Int: OpaquePointer] = [:]
    /// Closed on our side, not yet on the server's: freed once it is.
    var closing: [OpaquePointer] = []
    var nextChannel = 0
    var lastClosed: Instant?
    /// Whether a command was ever started, so that a loss may have left one running.
    var hasRunCommands = false
    private var heard: UInt64 = 0
    private var quiet = 0

    /// nil where memory is short.
    init?(_ socket: consuming Descriptor, host: String, peer: String) {
        guard let handle = SessionHandle(socket) else { return nil }
        self.handle = handle
        self.host = host
        self.peer = peer
    }

    /// What a call came to.
    struct Outcome {
        /// libssh2's own: not negative for success.
        var code: Int
        /// libssh2's words for a failure.
        var message: String
    }

    /// Makes one call of libssh2 again and again until it is done.
    ///
    /// - Parameters:
    ///   - deadline: when it has not ended by then the call stays half-done and the session is broken, unless it could
    ///     be left.
    ///   - canBeLeft: the call only reads, or has sent nothing while it waits to read.
    ///   - sign: makes the signature that the call asks for.
    func settle(
        _ deed: String, until deadline: Instant, canBeLeft: Bool = false,
        sign: (@Sendable ([UInt8]) async -> [UInt8]?)? = nil, _ call: (OpaquePointer) -> Int
    ) async throws(Failure) -> Outcome {
        var deadline = deadline
        try await takeTurn(deed, until: deadline)
        while true {
            if let broken {
                passTurn()
                throw broken.doing(deed)
            }
            let before = handle.calls.received
            let code = call(handle.pointer)
            if handle.calls.received != before { loop.nudge(handle.socket.raw) }
            if code != Int(LIBSSH2_ERROR_EAGAIN) {
                if isLoss(code) { lose(deed, lossCause(code)) }
                let outcome = Outcome(code: code, message: code < 0 ? lastError() : "")
                passTurn()
                if isLoss(code), let broken { throw broken }
                return outcome
            }
            if let message = handle.calls.toSign {
                handle.calls.toSign = nil
                let began = Instant.now
                handle.calls.signature = (await sign?(message)).map { .made($0) } ?? .refused
                // Whoever was asked to sign took that time, and not the server.
                deadline += .now - began
                continue
            }
            if handle.calls.ended != nil {
                lose(deed, lossCause(code))
                continue
            }
            // What came in the call's last moment may be for its first: output while the error stream was asked for.
            if handle.calls.received != before { continue }
            try await wait(deed, until: deadline, canBeLeft: canBeLeft)
        }
    }

    /// Waits until libssh2 can go on; keeps the turn unless the call can be left.
    private func wait(_ deed: String, until deadline: Instant, canBeLeft: Bool) async throws(Failure) {
        let directions = libssh2_session_block_directions(handle.pointer)
        var interest: Interest = []
        if directions & LIBSSH2_SESSION_BLOCK_INBOUND != 0 { interest.insert(.read) }
        if directions & LIBSSH2_SESSION_BLOCK_OUTBOUND != 0 { interest.insert(.write) }
        let leaves = canBeLeft && !interest.contains(.write)
        if leaves { passTurn() }
        let wakeup = await loop.wait(
            for: interest.isEmpty ? .read : interest, on: handle.socket.raw, until: deadline)
        switch wakeup {
        case .ready:
            if leaves { try await takeTurn(deed, until: deadline) }
        case .timedOut:
            let failure = Failure(.timedOut, host: host, deed: deed, cause: "no answer before the deadline")
            if leaves { throw failure }
            breakOff(Failure(.unreachable, host: host, deed: deed, cause: "\(peer) does not answer", hint: aftermath))
            passTurn()
            throw broken ?? failure
        case .cancelled:
            let failure = Failure(.cancelled, host: host, deed: deed, cause: "interrupted")
            if leaves { throw failure }
            breakOff(failure)
            passTurn()
            throw failure
        }
    }

    private func takeTurn(_ deed: String, until deadline: Instant) async throws(Failure) {
        guard isTaken else {
            isTaken = true
            return
        }
        var mine: EventLoop.Token?
        let wakeup = await loop.park(until: deadline) { token in
            mine = token
            queue.append(token)
        }
        // Whoever wakes us has handed the turn over.
        if wakeup == .ready { return }
        queue.removeAll { $0 == mine }
        if wakeup == .cancelled { throw Failure(.cancelled, host: host, deed: deed, cause: "interrupted") }
        throw Failure(.timedOut, host: host, deed: deed, cause: "the connection was busy until the deadline")
    }

    private func passTurn() {
        while !queue.isEmpty {
            if loop.wake(queue.removeFirst()) { return }
        }
        isTaken = false
    }

    // MARK: - Loss

    private func isLoss(_ code: Int) -> Bool {
        switch Int32(truncatingIfNeeded: code) {
        case LIBSSH2_ERROR_SOCKET_DISCONNECT, LIBSSH2_ERROR_SOCKET_SEND, LIBSSH2_ERROR_SOCKET_RECV,
            LIBSSH2_ERROR_BAD_SOCKET, LIBSSH2_ERROR_INVALID_MAC, LIBSSH2_ERROR_DECRYPT, LIBSSH2_ERROR_BAD_USE:
            true
        // libssh2 gives other codes too for what ended because the server said goodbye.
        default: code < 0 && (handle.calls.ended != nil || handle.calls.farewell != nil)
        }
    }

    private func lossCause(_ code: Int) -> String {
        if let farewell = handle.calls.farewell, !farewell.isEmpty {
            return "\(peer) closed the connection: \(farewell)"
        }
        switch handle.calls.ended {
        case 0?: return "\(peer) closed the connection"
        case let code?: return "the connection to \(peer) was lost: \(systemMessage(code))"
        case nil where handle.calls.farewell != nil: return "\(peer) closed the connection"
        case nil: return "the connection to \(peer) was lost: \(lastError())"
        }
    }

    private func lose(_ deed: String, _ cause: String) {
        breakOff(Failure(.unreachable, host: host, deed: deed, cause: cause, hint: aftermath))
    }

    private func breakOff(_ failure: Failure) {
        if broken == nil { broken = failure }
        loop.nudge(handle.socket.raw)
    }

    /// What a loss may have left behind.
    private var aftermath: String? {
        hasRunCommands ? "a command that was running there may go on; what was not yet sent is not run" : nil
    }

    private func lastError() -> String {
        var text: UnsafeMutablePointer<CChar>?
        let code = libssh2_session_last_error(handle.pointer, &text, nil, 0)
        let message = text.map { String(cString: $0) } ?? ""
        return message.isEmpty ? "libssh2 error \(code)" : "\(message) (libssh2 \(code))"
    }

    /// The bytes heard so far.
    var received: UInt64 { handle.calls.received }

    /// Whether the server closed before it said who it is, as a busy sshd does.
    var wasDropped: Bool { handle.calls.ended != nil && libssh2_session_banner_get(handle.pointer) == nil }

    /// Whether the connection still stands, as far as can be told without asking the server.
    var isAlive: Bool {
        if broken != nil { return false }
        var byte: UInt8 = 0
        let count = recv(handle.socket.raw, &byte, 1, Int32(MSG_PEEK) | Int32(MSG_DONTWAIT))
        return count > 0 || count < 0 && (errno == EAGAIN || errno == EINTR)
    }

    /// Says goodbye where that takes no waiting, and lets nothing more happen on the session.
    func disconnect() async {
        if broken == nil, !isTaken {
            _ = libssh2_session_disconnect_ex(handle.pointer, SSH_DISCONNECT_BY_APPLICATION, "done", "")
        }
        breakOff(Failure(.unreachable, host: host, deed: "go on", cause: "the connection has been closed"))
        shutdown(handle.socket.raw, Int32(SHUT_RDWR))
    }

    /// Called at every interval: keeps a quiet connection open, and finds out when the other side has gone silently.
    ///
    /// - Returns: false when the session is of no more use.
    func keepAlive() async -> Bool {
        if broken != nil { return false }
        var polled = pollfd(fd: handle.socket.raw, events: Int16(POLLIN | POLLOUT), revents: 0)
        poll(&polled, 1, 0)
        let hasInput = Int32(polled.revents) & Int32(POLLIN) != 0
        quiet = heard == handle.calls.received && !hasInput ? quiet + 1 : 0
        heard = handle.calls.received
        if quiet > 3 {
            lose("go on", "\(peer) has gone silent")
            return false
        }
        // Never while a call is half-done, nor into a full socket: its rest would be taken for the next call's.
        guard !isTaken, Int32(polled.revents) & Int32(POLLOUT) != 0 else { return true }
        var next: Int32 = 0
        libssh2_keepalive_config(handle.pointer, 1, 1)
        if libssh2_keepalive_send(handle.pointer, &next) < 0 {
            lose("keep the connection open", lossCause(Int(LIBSSH2_ERROR_SOCKET_SEND)))
        }
        return broken == nil
    }

    // MARK: - For one call

    /// Lets a closure see the session between two calls.
    func look<T>(_ body: (OpaquePointer, CallState) -> T) -> T { body(handle.pointer, handle.calls) }

    /// The handshake's one call: the only one that is told the socket.
    func begin(_ session: OpaquePointer) -> Int { Int(libssh2_session_handshake(session, handle.socket.raw)) }

    /// Reads both streams of a channel once.
    func readOnce(_ channel: OpaquePointer, _ piece: inout (OutputStream, [UInt8])?) -> Int {
        for (stream, number) in [(OutputStream.stdout, Int32(0)), (.stderr, Int32(SSH_EXTENDED_DATA_STDERR))] {
            let count = libssh2_channel_read_ex(
                channel, number, handle.scratch.baseAddress?.assumingMemoryBound(to: CChar.self), handle.scratch.count)
            if count > 0 {
                piece = (stream, Array(handle.scratch[0..<count]))
                return count
            }
            if count < 0, count != Int(LIBSSH2_ERROR_EAGAIN) { return count }
            // A window adjustment that is half sent must be finished by the same call.
            if count < 0, libssh2_session_block_directions(handle.pointer) & LIBSSH2_SESSION_BLOCK_OUTBOUND != 0 {
                return count
            }
        }
        return libssh2_channel_eof(channel) == 1 ? 0 : Int(LIBSSH2_ERROR_EAGAIN)
    }
}

extension Failure {
    /// The same failure, met while doing something else.
    func doing(_ deed: String) -> Failure {
        var copy = self
        copy.deed = deed
        return copy
    }
}
