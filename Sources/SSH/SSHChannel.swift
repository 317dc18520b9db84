import Model
import Shell

/// A command on a node, over one channel of its connection.
public final class SSHChannel: ByteChannel {
    private let session: Session
    private let id: Int

    init(session: Session, id: Int) {
        self.session = session
        self.id = id
    }

    deinit {
        // One that was never closed must not hold a place of the server's MaxSessions.
        Task { [session, id] in await session.close(id) }
    }

    public func write(_ bytes: [UInt8]) async throws(Failure) { try await session.write(bytes, to: id) }

    public func read(
        deadline: ContinuousClock.Instant
    ) async throws(Failure) -> (stream: OutputStream, bytes: [UInt8])? {
        try await session.read(id, until: deadline)
    }

    public func finishInput() async throws(Failure) { try await session.finishInput(of: id) }

    /// nil also for a command that a signal ended. A server that closes without a status is taken to say 0: libssh2
    /// does not tell the two apart.
    public func exitStatus() async -> Int32? { await session.exitStatus(of: id) }

    public func close() async { await session.close(id) }
}
