import CLibSSH2
import Model
import Polling
import Shell

/// What a channel is opened for.
enum ChannelKind: Sendable {
    case command(String)
    /// A connection that the server makes to another machine.
    case tunnel(host: String, port: Int)
}

extension Session {
    /// How much output may be under way: enough for 100 MB/s at 40 ms.
    private static let window: UInt32 = 4 << 20
    private static let packet: UInt32 = 32768
    /// How long a full socket may make no progress.
    private static let stall: Duration = .seconds(60)

    func open(_ kind: ChannelKind, until deadline: Instant) async throws(Failure) -> SSHChannel {
        try await reap(until: deadline)
        let deed =
            switch kind {
            case .command: "start a command"
            case .tunnel(let host, let port): "reach \(host) port \(port) through \(peer)"
            }
        var (opened, message) = try await openOnce(kind, deed, until: deadline)
        // sshd frees a session's place a moment after the channel has closed.
        var pause: Duration = .milliseconds(10)
        while opened == nil, let closed = lastClosed, .now - closed < .seconds(1), .now + pause < deadline {
            _ = await EventLoop.shared.park(until: .now + pause) { _ in }
            pause *= 2
            (opened, message) = try await openOnce(kind, deed, until: deadline)
        }
        guard let opened else {
            throw Failure(
                .failed, host: host, deed: deed, cause: "the server opens no channel: \(message)",
                hint: Self.refusalHint(kind))
        }
        let id = nextChannel
        nextChannel += 1
        channels[id] = opened
        if case .command(let text) = kind { try await start(text, on: id, deed, until: deadline) }
        return SSHChannel(session: self, id: id)
    }

    private func openOnce(
        _ kind: ChannelKind, _ deed: String, until deadline: Instant
    ) async throws(Failure) -> (OpaquePointer?, message: String) {
        var opened: OpaquePointer?
        let outcome = try await settle(deed, until: deadline) { session in
            switch kind {
            case .command:
                opened = libssh2_channel_open_ex(session, "session", 7, Self.window, Self.packet, nil, 0)
            case .tunnel(let host, let port):
                opened = libssh2_channel_direct_tcpip_ex(session, host, Int32(port), "127.0.0.1", 22)
            }
            return opened == nil ? Int(libssh2_session_last_errno(session)) : 0
        }
        return (opened, outcome.message)
    }

    private static func refusalHint(_ kind: ChannelKind) -> String {
        switch kind {
        case .command: "sshd's MaxSessions bounds the commands at one time"
        case .tunnel: "is AllowTcpForwarding on there, and is the other machine up?"
        }
    }

    private func start(_ text: String, on id: Int, _ deed: String, until deadline: Instant) async throws(Failure) {
        hasRunCommands = true
        let outcome = try await settle(deed, until: deadline) { _ in
            guard let channel = self.channels[id] else { return Int(LIBSSH2_ERROR_CHANNEL_UNKNOWN) }
            return Int(libssh2_channel_process_startup(channel, "exec", 4, text, UInt32(text.utf8.count)))
        }
        guard outcome.code == 0 else {
            await close(id)
            throw Failure(.failed, host: host, deed: deed, cause: "the server refuses: \(outcome.message)")
        }
    }

    func write(_ bytes: [UInt8], to id: Int) async throws(Failure) {
        var sent = 0
        while sent < bytes.count {
            let from = sent
            // Where the other side does not read this waits as long as the connection lives, which keepalive watches.
            let outcome: Outcome
            do {
                outcome = try await settle("send to a command", until: .now + Self.stall, canBeLeft: true) { _ in
                    guard let channel = self.channels[id] else { return Int(LIBSSH2_ERROR_CHANNEL_UNKNOWN) }
                    return bytes.withUnsafeBytes { buffer in
                        libssh2_channel_write_ex(
                            channel, 0,
                            buffer.baseAddress.map { ($0 + from).assumingMemoryBound(to: CChar.self) },
                            bytes.count - from)
                    }
                }
            } catch {
                if error.code == .timedOut { continue }
                throw error
            }
            guard outcome.code >= 0 else {
                throw Failure(
                    .failed, host: host, deed: "send to a command", cause: "it takes no more input: \(outcome.message)")
            }
            sent += outcome.code
        }
    }

    func read(_ id: Int, until deadline: Instant) async throws(Failure) -> (stream: OutputStream, bytes: [UInt8])? {
        var piece: (OutputStream, [UInt8])?
        let outcome = try await settle("read a command's output", until: deadline, canBeLeft: true) { _ in
            guard let channel = self.channels[id] else { return 0 }
            return self.readOnce(channel, &piece)
        }
        if let piece { return (piece.0, piece.1) }
        guard outcome.code == 0 else {
            throw Failure(.unreachable, host: host, deed: "read a command's output", cause: outcome.message)
        }
        return nil
    }

    func finishInput(of id: Int) async throws(Failure) {
        let outcome = try await settle("end a command's input", until: .now + Self.stall) { _ in
            guard let channel = self.channels[id] else { return 0 }
            return Int(libssh2_channel_send_eof(channel))
        }
        guard outcome.code >= 0 else {
            throw Failure(.failed, host: host, deed: "end a command's input", cause: outcome.message)
        }
    }

    func exitStatus(of id: Int) async -> Int32? {
        let outcome = try? await settle(
            "learn how a command ended", until: .now + .seconds(10), canBeLeft: true
        ) { _ in
            guard let channel = self.channels[id] else { return Int(LIBSSH2_ERROR_CHANNEL_UNKNOWN) }
            return Int(libssh2_channel_wait_closed(channel))
        }
        guard outcome?.code == 0, let channel = channels[id] else { return nil }
        return look { session, _ in
            var signal: UnsafeMutablePointer<CChar>?
            var length = 0
            _ = libssh2_channel_get_exit_signal(channel, &signal, &length, nil, nil, nil, nil)
            if let signal {
                libssh2_free(session, signal)
                return nil
            }
            return libssh2_channel_get_exit_status(channel)
        }
    }

    /// Closes our side. The server closes its own only when the command has ended, which is not waited for.
    func close(_ id: Int) async {
        guard let channel = channels.removeValue(forKey: id), broken == nil else { return }
        lastClosed = .now
        var isFreed = false
        _ = try? await settle("close a channel", until: .now + Self.stall) { session in
            let code = Int(libssh2_channel_free(channel))
            isFreed = code == 0
            let isSent = libssh2_session_block_directions(session) & LIBSSH2_SESSION_BLOCK_OUTBOUND == 0
            return code == Int(LIBSSH2_ERROR_EAGAIN) && isSent ? 0 : code
        }
        if !isFreed, broken == nil { closing.append(channel) }
    }

    /// Frees the channels whose other side has closed too.
    private func reap(until deadline: Instant) async throws(Failure) {
        let waiting = closing
        closing = []
        for (index, channel) in waiting.enumerated() {
            var isFreed = false
            do {
                _ = try await settle("close a channel", until: deadline) { _ in
                    isFreed = libssh2_channel_free(channel) == 0
                    return 0
                }
            } catch {
                closing += waiting[index...]
                throw error
            }
            if !isFreed { closing.append(channel) }
        }
    }
}
