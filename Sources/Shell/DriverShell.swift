import Model

/// A root shell on a node, spoken to over a byte channel whose far end runs what `openShell` gave.
///
/// Requests are taken in the order they come, one at a time. After a lost connection, a passed deadline or a
/// cancellation the shell is closed: every later request fails.
public actor DriverShell: NodeShell {
    public nonisolated let host: String
    public private(set) var roundTrips = 0

    private let channel: any ByteChannel
    private let password: Secret?
    private let becomes: Bool
    private let lockFolder: String
    /// Who runs this, as long as the lock is still to be taken.
    private var holder: String?
    private var holdsLock = false
    private let grace: Duration
    private let silence: Duration
    /// Tells the node that somebody is there; as long as the lock is held.
    private var heart: Task<Void, Never>?
    /// A beat that is being sent: what is sent next waits for it.
    private var beating: Task<Void, Never>?
    private var isSending = false

    private var turns = Turns()
    private var wanted: Set<Int> = []
    private var frames: FrameWriter
    private var reader: AnswerReader
    private var isOpened = false
    private var isReady = false
    private var isClosed = false
    private var said: [UInt8] = []
    private var prompts = 0

    /// - Parameters:
    ///   - password: the become password, where `openShell` was given one.
    ///   - becomes: whether sudo is used, for the words of a failure.
    ///   - holder: who runs this, for others to read: the node's lock is taken with the first request, and held until
    ///     the shell is closed and its last command has ended. nil takes no lock.
    ///   - lockFolder: the folder on the node that holds the lock.
    ///   - silence: how long the node holds the lock for somebody who is not heard of. A laptop that vanishes closes no
    ///     connection.
    ///   - grace: how long after a step's deadline, which the node itself enforces, its answer is still waited for.
    public init(
        channel: any ByteChannel, host: String, password: Secret? = nil, becomes: Bool = true, holder: String? = nil,
        lockFolder: String = "/run/kubani", silence: Duration = .seconds(60), grace: Duration = .seconds(20)
    ) {
        self.channel = channel
        self.host = host
        self.password = password
        self.becomes = becomes
        self.holder = holder
        self.lockFolder = lockFolder
        self.grace = grace
        self.silence = silence
        let marker = Marker.random()
        frames = FrameWriter(marker: marker)
        reader = AnswerReader(marker: marker)
    }

    public func perform(_ steps: [Step], onOutput: OutputHandler?) async throws(Failure) -> [Outcome] {
        try await perform(steps, breaking: nil, onOutput)
    }

    /// - Parameter victim: from whom the lock is to be taken away; it is not taken for ourselves then.
    private func perform(
        _ steps: [Step], breaking victim: String?, _ onOutput: OutputHandler?
    ) async throws(Failure) -> [Outcome] {
        try await takeTurn()
        defer { turns.leave() }
        guard !isClosed else {
            throw Failure(.unreachable, host: host, deed: "send a request", cause: "the shell has been closed")
        }
        let channel = channel
        do {
            return try await withTaskCancellationHandler {
                try await exchange(steps, breaking: victim, onOutput)
            } onCancel: {
                // The driver sees its input end: the running command comes to its end, nothing that waits is begun.
                Task { await channel.close() }
            }
        } catch let failure as Failure {
            if failure.code == .failed || failure.code == .locked { throw failure }
            await abandon()
            if Task.isCancelled {
                throw Failure(.cancelled, host: host, deed: "finish a request", cause: "it was cancelled")
            }
            throw failure
        } catch {
            throw Failure(.unreachable, host: host, deed: "send a request", cause: "\(error)")
        }
    }

    /// Takes the node's lock and holds it until the shell is closed.
    ///
    /// - Throws: `Failure` with code `locked`, and who holds it, when another run has it.
    public func lock(owner holder: String) async throws(Failure) {
        self.holder = holder
        _ = try await perform([], onOutput: nil)
    }

    public func breakLock(of holder: String) async throws(Failure) {
        _ = try await perform([], breaking: holder, nil)
    }

    /// Whether it may be asked more; a passed deadline, a cancellation and a lost connection end it.
    public var isOpen: Bool { !isClosed }

    public func close() async {
        if !isClosed, isReady, holdsLock { await letGo() }
        await abandon()
    }

    /// Waits for the driver's end: until then it holds the node's lock, and a run that follows at once would meet it.
    private func letGo() async {
        isClosed = true
        heart?.cancel()
        await beating?.value
        let deadline = ContinuousClock.now + .seconds(3)
        do throws(Failure) {
            try await channel.finishInput()
            while try await channel.read(deadline: deadline) != nil {}
        } catch {
            // Whatever keeps it from ending, it is left to itself: the lock goes with its process.
        }
    }

    private func abandon() async {
        isClosed = true
        heart?.cancel()
        await channel.close()
    }

    // MARK: The heartbeat

    private func startBeating() {
        guard heart == nil else { return }
        let pause = silence / 6
        heart = Task { [weak self] in
            while !Task.isCancelled {
                try? await Task.sleep(for: pause)
                guard !Task.isCancelled, await self?.beat() == true else { return }
            }
        }
    }

    /// - Returns: whether there is to be another.
    private func beat() async -> Bool {
        guard !isClosed else { return false }
        // What is being sent is a sign of life itself, and nothing may come into the middle of it.
        guard !isSending else { return true }
        let beating = Task { [channel] in _ = try? await channel.write(FrameWriter.beat) }
        self.beating = beating
        await beating.value
        self.beating = nil
        return true
    }

    private func sent() { isSending = false }

    // MARK: One exchange

    private func exchange(
        _ steps: [Step], breaking victim: String?, _ onOutput: OutputHandler?
    ) async throws(Failure) -> [Outcome] {
        var outgoing: [Outgoing] = []
        var requests: [Exchange.Request] = []
        let chain = frames.chain()
        if let victim {
            let frame = frames.breakLock(folder: lockFolder, holder: victim, chain: chain)
            outgoing.append(.bytes(frame.bytes))
            requests.append(.init(id: frame.id, step: nil, deadline: .seconds(30), isScript: false))
        } else if let holder {
            let frame = frames.lock(folder: lockFolder, holder: holder, silence: silence, chain: chain)
            outgoing.append(.bytes(frame.bytes))
            requests.append(.init(id: frame.id, step: nil, deadline: .seconds(30), isScript: false))
        }
        for (index, step) in steps.enumerated() {
            switch step {
            case .run(let script, let deadline), .lookAhead(let script, let deadline):
                let frame = frames.run(script, deadline: deadline, chain: chain)
                outgoing.append(.bytes(frame.bytes))
                requests.append(
                    .init(
                        id: frame.id, step: index, deadline: deadline, isScript: true, isAhead: step.isLookAhead))
            case .write(let file):
                if let objection = FrameWriter.objection(to: file) {
                    throw Failure(host: host, deed: "write \(file.path)", cause: objection)
                }
                let (length, sum) = file.content.measure
                let frame = frames.write(file, length: length, sha256: sum, chain: chain)
                outgoing += [.bytes(frame.bytes), file.content.outgoing]
                // Slower than 64 kB a second counts as stuck.
                let deadline: Duration = .seconds(60 + length / 65536)
                requests.append(.init(id: frame.id, step: index, deadline: deadline, isScript: false))
            case .cluster:
                throw Failure(host: host, deed: "send a request", cause: "the cluster's API is not asked by a node")
            case .reboot:
                throw Failure(host: host, deed: "reboot it", cause: "this shell would end with it")
            }
        }
        guard !requests.isEmpty else { return [] }
        roundTrips += 1
        try await open()

        // From here on no beat is begun; one that is on its way goes first, whole.
        isSending = true
        await beating?.value
        let sending = Task { [channel, host, pieces = Self.joined(outgoing)] () async -> Failure? in
            var failure: Failure?
            do throws(Failure) {
                for piece in pieces { try await piece.send(to: channel, host: host) }
            } catch { failure = error }
            self.sent()
            return failure
        }
        let outcomes: [Outcome]
        do throws(Failure) {
            outcomes = try await answers(to: requests, takesLock: victim == nil, onOutput)
        } catch {
            if error.code != .locked { await abandon() }
            _ = await sending.value
            throw error
        }
        if let failure = await sending.value, !isClosed { throw failure }
        return outcomes
    }

    /// Small pieces that follow one another go out as one.
    private static func joined(_ all: [Outgoing]) -> [Outgoing] {
        all.reduce(into: []) { joined, next in
            if case .bytes(let bytes) = next, case .bytes(let before)? = joined.last,
                before.count + bytes.count < Outgoing.pieceLength
            {
                joined[joined.count - 1] = .bytes(before + bytes)
            } else {
                joined.append(next)
            }
        }
    }

    /// The driver goes out with the first request, without waiting, but for a password: sudo would take what follows a
    /// wrong one as further tries.
    private func open() async throws(Failure) {
        guard !isOpened else { return }
        isOpened = true
        if let password {
            try await channel.write(Array("\(password.reveal())\n".utf8))
            let deadline = ContinuousClock.now + .seconds(30)
            while !isGreeted {
                guard let (stream, bytes) = try await channel.read(deadline: deadline) else {
                    throw await startFailure()
                }
                note(bytes, from: stream)
                if prompts > 1 { throw await startFailure() }
            }
        }
        try await channel.write(frames.opening())
    }

    private func answers(
        to requests: [Exchange.Request], takesLock: Bool, _ onOutput: OutputHandler?
    ) async throws(Failure) -> [Outcome] {
        var exchange = Exchange(requests, isHandled: onOutput != nil)
        do throws(Failure) {
            try await take(&exchange, takesLock: takesLock, onOutput)
        } catch {
            // What was to be changed is changed: only a look for others is missing, who will meet the loss themselves.
            let isLoss = error.code == .unreachable || error.code == .timedOut
            guard isLoss, exchange.awaited?.isAhead == true else { throw error }
            await abandon()
        }
        return exchange.outcomes
    }

    private func take(
        _ exchange: inout Exchange, takesLock: Bool, _ onOutput: OutputHandler?
    ) async throws(Failure) {
        var began = ContinuousClock.now
        while let request = exchange.awaited {
            let limit = began + request.deadline + grace
            guard let (stream, bytes) = try await read(until: limit, request) else {
                throw isReady
                    ? Failure(
                        .unreachable, host: host, deed: "finish a request", cause: "the connection was lost",
                        hint: "what was running there comes to its end by itself; run again to go on")
                    : await startFailure()
            }
            for event in reader.read(bytes, from: stream) {
                switch event {
                case .ready: isReady = true
                case .robbed(let robber): throw await robbed(by: robber)
                case .noise(let noise): if !isReady { note(noise, from: stream) }
                case .output(let output):
                    if let onOutput, let step = exchange.step(of: stream) { onOutput(step, stream, output[...]) }
                default: break
                }
                if exchange.take(event, from: stream, elapsed: ContinuousClock.now - began) { began = .now }
            }
            if exchange.awaited == request { try refuseFlood(exchange.flooded, request, limit) }
            if let lock = exchange.lock {
                guard lock.succeeded else { throw lockFailure(lock) }
                if takesLock {
                    holder = nil
                    holdsLock = true
                    startBeating()
                }
            }
        }
    }

    private func read(
        until limit: ContinuousClock.Instant, _ request: Exchange.Request
    ) async throws(Failure) -> (stream: OutputStream, bytes: [UInt8])? {
        do throws(Failure) {
            return try await channel.read(deadline: limit)
        } catch {
            guard error.code == .timedOut else { throw error }
            throw Failure(
                .timedOut, host: host, deed: "finish a request",
                cause: "no answer \(grace) past its deadline of \(request.deadline)",
                detail: isReady ? nil : String(decoding: said, as: UTF8.self))
        }
    }

    /// Something that goes on talking is no nearer to its end: what comes past the deadline is not read.
    private func refuseFlood(
        _ flooded: Exchange.Request?, _ request: Exchange.Request, _ limit: ContinuousClock.Instant
    ) throws(Failure) {
        if let flooded, flooded.step != nil {
            throw Failure(
                flooded.isAhead ? .timedOut : .failed, host: host, deed: "finish a request",
                cause: "the node said more than \(Exchange.longestLook >> 20) MiB where a short answer was asked for",
                hint: "what does the command of a check, or of an export, print?")
        }
        guard ContinuousClock.now < limit else {
            throw Failure(
                .timedOut, host: host, deed: "finish a request",
                cause: "it still printed \(grace) past its deadline of \(request.deadline)")
        }
    }

    // MARK: Beginnings and ends

    private func takeTurn() async throws(Failure) {
        let id = turns.ticket()
        wanted.insert(id)
        let isMine = await withTaskCancellationHandler {
            await withCheckedContinuation { turns.join(id, $0) }
        } onCancel: {
            Task { await self.withdraw(id) }
        }
        wanted.remove(id)
        guard isMine else {
            throw Failure(.cancelled, host: host, deed: "send a request", cause: "it was cancelled while it waited")
        }
    }

    private func withdraw(_ id: Int) { turns.cancel(id, isStillWanted: wanted.contains(id)) }

    private var isGreeted: Bool { String(decoding: said, as: UTF8.self).contains("\(Driver.greeting)\n") }

    /// Keeps the end of what is said before the driver is up: it tells why, where it does not come up.
    private func note(_ bytes: [UInt8], from stream: OutputStream) {
        said += bytes
        if said.count > 8192 { said.removeFirst(said.count - 8192) }
        prompts = String(decoding: said, as: UTF8.self).ranges(of: StartFailure.prompt).count
    }

    private func startFailure() async -> Failure {
        await channel.close()
        let rest = reader.rest(of: .stdout) + reader.rest(of: .stderr)
        return StartFailure(
            host: host, said: String(decoding: said + rest, as: UTF8.self), status: await channel.exitStatus(),
            becomes: becomes, sentPassword: password != nil
        ).failure
    }

    private func lockFailure(_ answer: Outcome) -> Failure {
        let who = answer.output.trimmed
        guard answer.status == 75 else {
            return Failure(
                .unreachable, host: host, deed: "take the node's lock", cause: "\(lockFolder) cannot be written",
                detail: answer.errorOutput)
        }
        return .locked(host, by: who)
    }

    private func robbed(by robber: String) async -> Failure {
        await abandon()
        return Failure(
            .locked, host: host, deed: "go on",
            cause: "somebody broke this run's lock; it is now held by: \(robber.trimmed)",
            hint: "nothing more is done here: see what the other run does, then run again")
    }
}

extension String {
    /// Without the newlines at its end.
    var trimmed: String { String(self.reversed().drop { $0.isNewline }.reversed()) }
}
