import Model
import Polling
import Shell

/// A connection to a node, logged in. Commands run on channels of their own, several at one time.
///
/// Every error is a `Failure`: `unreachable` when the connection is lost (its hint says whether a command may still be
/// running there), `timedOut` past a deadline, `failed` when the server refuses one thing and the connection stands.
public final class SSHConnection: Sendable {
    /// The host's name in the inventory.
    public let host: String
    /// How it was reached, for messages: `ops@100.64.0.11:22`.
    public let peer: String
    private let session: Session
    private let transport: Transport?
    private let again: @Sendable () async throws(Failure) -> SSHConnection

    init(
        _ session: Session, transport: Transport?, keepalive: Duration,
        again: @escaping @Sendable () async throws(Failure) -> SSHConnection
    ) {
        self.session = session
        self.transport = transport
        self.again = again
        host = session.host
        peer = session.peer
        Self.keepAlive(session, every: keepalive)
    }

    deinit {
        transport?.end()
        Task { [session] in await session.disconnect() }
    }

    /// Starts a command; its text goes to the login shell of the user there.
    public func exec(
        _ command: Script, deadline: ContinuousClock.Instant = .now + .seconds(30)
    ) async throws(Failure) -> any ByteChannel {
        try await session.open(.command(command.text), until: deadline)
    }

    /// Whether the connection still stands, as far as can be told without asking the other side.
    public var isAlive: Bool { get async { await session.isAlive } }

    /// Opens a new connection to the same host in the same way, and closes this one. What ran on this one is not known
    /// to have ended.
    public func reconnect() async throws(Failure) -> SSHConnection {
        await close()
        return try await again()
    }

    /// Ends the connection and whatever goes through it.
    public func close() async {
        await session.disconnect()
        transport?.end()
    }

    /// A connection that the server makes to another machine.
    func tunnel(
        to host: String, port: Int, until deadline: ContinuousClock.Instant
    ) async throws(Failure) -> SSHChannel {
        try await session.open(.tunnel(host: host, port: port), until: deadline)
    }

    /// Looks after the session until it is gone, without keeping it.
    private static func keepAlive(_ session: Session, every interval: Duration) {
        Task { [weak session] in
            while await EventLoop.shared.park(until: .now + interval, { _ in }) == .timedOut {
                guard let session, await session.keepAlive() else { return }
            }
        }
    }
}
