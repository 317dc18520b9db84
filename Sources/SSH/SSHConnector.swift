import Model
import Polling

/// Opens connections for a whole run: bounds the handshakes under way, shares jump hosts' connections, and asks for a
/// passphrase once.
public final class SSHConnector: Sendable {
    public let options: SSHOptions
    let resolver: TargetResolver
    private let keys: KeyStore
    let turns: Slots
    private let jumps = JumpHosts()

    public init(options: SSHOptions = SSHOptions()) {
        self.options = options
        resolver = TargetResolver(options: options)
        keys = KeyStore(askPassphrase: options.askPassphrase)
        turns = Slots(max(1, options.forks))
    }

    /// Connects and logs in.
    ///
    /// - Parameters:
    ///   - vouched: host keys that Tailscale's control plane vouches for at this address, as lines
    ///     (`ssh-ed25519 AAAA…`); trusted above known_hosts.
    ///   - reached: told each part of the way once it is behind us.
    /// - Throws: `Failure` with code `unreachable` that says which step failed and what may help.
    public func connect(
        _ settings: ConnectionSettings, vouched: [String] = [],
        reached: @escaping @Sendable (Milestone) -> Void = { _ in }
    ) async throws(Failure) -> SSHConnection {
        let deadline = ContinuousClock.now + options.connectTimeout
        let target = try await resolver.target(for: settings, until: deadline)
        return try await connect(
            target,
            Extras(
                alias: settings.address, settings: settings, vouched: vouched.compactMap(PublicKey.init(line:)),
                reached: reached),
            depth: 0, until: deadline)
    }

    /// What only the machine itself has, not the hops on the way to it.
    private struct Extras: Sendable {
        var alias: String
        var settings: ConnectionSettings
        var vouched: [PublicKey]
        var reached: @Sendable (Milestone) -> Void
    }

    /// Connections through connections end somewhere.
    static let depthLimit = 8

    func tooDeep(_ target: Target) -> Failure {
        Failure(
            .unreachable, host: target.name, deed: "connect to \(target.peer)",
            cause: "more than \(Self.depthLimit) jump hosts in a row", hint: "does a ProxyJump lead back to itself?")
    }

    private func connect(
        _ target: Target, _ extras: Extras?, depth: Int, until deadline: ContinuousClock.Instant
    ) async throws(Failure) -> SSHConnection {
        guard depth < Self.depthLimit else { throw tooDeep(target) }
        var jump: SSHConnection?
        if case .jump(let hops) = target.route {
            jump = try await connection(through: hops[...], for: target, depth: depth, until: deadline)
        }
        return try await attempt(target, extras, jump, until: deadline)
    }

    /// The connection to the last of the hops, over those before it; shared by all hosts behind it.
    private func connection(
        through hops: ArraySlice<Hop>, for target: Target, depth: Int, until deadline: ContinuousClock.Instant
    ) async throws(Failure) -> SSHConnection {
        guard let last = hops.last else {
            throw Failure(.unreachable, host: target.name, deed: "connect to \(target.peer)", cause: "no jump host")
        }
        func failure(_ error: Failure) -> Failure {
            var failure = error
            failure.cause = "the jump host \(last.host) could not be reached: \(error.cause)"
            failure.deed = "connect to \(target.peer)"
            failure.host = target.name
            return failure
        }
        let key = JumpHosts.Key(hops: Array(hops), keyFile: target.lentKey, configFile: target.configFile)
        // Who comes second may have begun earlier than whoever opens it.
        let result = await withinDeadline(deadline) {
            await Result.of { () async throws(Failure) -> SSHConnection in
                try await self.jumps.connection(key) { () async throws(Failure) -> SSHConnection in
                    var hop = try await self.resolver.target(
                        for: last, lentKey: target.lentKey, configFile: target.configFile, until: deadline)
                    // A list of hops says itself how the last is reached.
                    if hops.count > 1 { hop.route = .jump(Array(hops.dropLast())) }
                    return try await self.connect(hop, nil, depth: depth + 1, until: deadline)
                }
            }
        }
        switch result {
        case .success(let connection): return connection
        case .failure(let error): throw failure(error)
        case nil:
            throw failure(
                Failure(
                    .unreachable, deed: "", cause: Task.isCancelled ? "interrupted" : "it did not let us in in time"))
        }
    }

    /// Tries again where the server dropped us before a word: that is how sshd's MaxStartups says "not now".
    private func attempt(
        _ target: Target, _ extras: Extras?, _ jump: SSHConnection?, until deadline: ContinuousClock.Instant
    ) async throws(Failure) -> SSHConnection {
        var pause: Duration = .milliseconds(100)
        for left in [4, 3, 2, 1, 0] {
            guard await turns.take(until: deadline) else {
                throw Failure(
                    .unreachable, host: target.name, deed: "connect to \(target.peer)",
                    cause: Task.isCancelled ? "interrupted" : "other handshakes took all the time")
            }
            let result = await Result.of { () async throws(Failure) in
                try await self.handshake(target, extras, jump, until: deadline)
            }
            turns.pass()
            switch result {
            case .success(.connected(let connection)): return connection
            case .failure(let failure): throw failure
            case .success(.dropped(var failure)):
                if left > 0, !Task.isCancelled, ContinuousClock.now + pause * 2 < deadline {
                    let spread = Double.random(in: 0.5...1.5)
                    _ = await EventLoop.shared.park(until: .now + pause * spread) { _ in }
                    pause *= 2
                    continue
                }
                failure.hint = "a busy sshd drops new connections (MaxStartups): fewer --forks may help"
                throw failure
            }
        }
        throw Failure(.unreachable, host: target.name, deed: "connect to \(target.peer)", cause: "no attempt was left")
    }

    private enum Attempt: Sendable {
        case connected(SSHConnection)
        /// Closed before the server said anything.
        case dropped(Failure)
    }

    private func handshake(
        _ target: Target, _ extras: Extras?, _ jump: SSHConnection?, until deadline: ContinuousClock.Instant
    ) async throws(Failure) -> Attempt {
        let line = try await dial(target, extras, jump, until: deadline)
        extras?.reached(.answered)
        let transport = line.transport
        guard let session = Session(line.socket, host: target.name, peer: target.peer) else {
            throw Failure(.unreachable, host: target.name, deed: "connect to \(target.peer)", cause: "memory is short")
        }
        let trust = try HostTrust(target: target, vouched: extras?.vouched ?? [])
        let shown: (key: PublicKey, asked: [String])
        do {
            shown = try await session.handshake(target.algorithms, trust.check, until: deadline)
        } catch {
            var failure = error
            if let complaint = await transport?.complaint(), !complaint.isEmpty { failure.detail = complaint }
            // A tunnel that ends at once is refused by the other side, not by a busy sshd.
            if transport == nil, error.code == .unreachable, await session.wasDropped { return .dropped(failure) }
            throw failure
        }
        try trust.judge(shown.key, asked: shown.asked)
        extras?.reached(.trusted)
        try await Login(
            session: session, target: target, keys: keys, password: extras?.settings.password,
            patience: Patience(until: deadline)
        ).run()
        extras?.reached(.loggedIn)
        let connection = SSHConnection(session, transport: transport, keepalive: options.keepaliveInterval) {
            [self] () async throws(Failure) -> SSHConnection in
            try await connect(
                target, extras, depth: extras == nil ? 1 : 0, until: .now + options.connectTimeout)
        }
        return .connected(connection)
    }

    private struct Line: ~Copyable {
        let socket: Descriptor
        let transport: Transport?
    }

    private func dial(
        _ target: Target, _ extras: Extras?, _ jump: SSHConnection?, until deadline: ContinuousClock.Instant
    ) async throws(Failure) -> Line {
        let deed = "connect to \(target.peer)"
        if let jump {
            do {
                let (socket, transport) = try await Transport.tunnel(
                    through: jump, to: target.address, port: target.port, until: deadline)
                return Line(socket: Descriptor(adopting: socket), transport: transport)
            } catch {
                var failure = error
                failure.code = .unreachable
                failure.host = target.name
                throw failure
            }
        }
        if case .command(let text) = target.route {
            let script = Transport.script(text, for: target, alias: extras?.alias ?? target.name)
            guard let (socket, transport) = Transport.command(script) else {
                throw Failure(.unreachable, host: target.name, deed: deed, cause: "no socket is left")
            }
            return Line(socket: Descriptor(adopting: socket), transport: transport)
        }
        do {
            let socket = try await Dial.connect(host: target.address, port: target.port, until: deadline) {
                extras?.reached(.named)
            }
            return Line(socket: socket, transport: nil)
        } catch {
            throw Failure(.unreachable, host: target.name, deed: deed, cause: error.cause, hint: error.hint)
        }
    }
}

extension Result where Success: Sendable, Failure == Model.Failure {
    /// What a call gives or throws, as a value.
    fileprivate static func of(
        _ call: @Sendable () async throws(Model.Failure) -> Success
    ) async -> Result<Success, Model.Failure> {
        do throws(Model.Failure) { return .success(try await call()) } catch { return .failure(error) }
    }
}
