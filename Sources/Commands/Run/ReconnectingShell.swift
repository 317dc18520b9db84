import Model
import Shell

/// A node's shell that is opened when it is first needed, and once more when the connection was found lost before
/// anything was asked of it. What was lost in the middle of a request is the caller's to tell: it may have run.
actor ReconnectingShell: NodeShell {
    /// A shell and the connection under it.
    struct Opened: Sendable {
        var shell: DriverShell
        var isAlive: @Sendable () async -> Bool
        var close: @Sendable () async -> Void
    }

    nonisolated let host: String
    private let clock: NodeClock
    private let open: @Sendable () async throws(Failure) -> Opened
    private var current: Opened?
    private var lockText: String?
    private var opening: Task<Result<Opened, Failure>, Never>?
    private var mayReconnect = true
    private var earlierRoundTrips = 0

    init(host: String, clock: NodeClock = NodeClock(), open: @escaping @Sendable () async throws(Failure) -> Opened) {
        self.host = host
        self.clock = clock
        self.open = open
    }

    var roundTrips: Int {
        get async { earlierRoundTrips + (await current?.shell.roundTrips ?? 0) }
    }

    func perform(_ steps: [Step], onOutput: OutputHandler?) async throws(Failure) -> [Outcome] {
        let shell = try await shell()
        clock.begin()
        defer { clock.end() }
        return try await shell.perform(steps, onOutput: onOutput)
    }

    func lock(owner: String) async throws(Failure) {
        // The host's name tells this run's own lock, met again over a second connection, from that of another host.
        let text = "\(owner), for \(host)"
        lockText = text
        do throws(Failure) { try await shell().lock(owner: text) } catch {
            throw error.code == .locked && error.cause.contains(owner) ? sameMachine() : error
        }
    }

    /// The lock is held, and by this very run.
    private func sameMachine() -> Failure {
        Failure(
            .locked, host: host, deed: "take the node's lock",
            cause: "another host of this run is the same machine, and holds it",
            hint: "two names of the inventory lead to one machine: take one out, or put its ansible_host right")
    }

    func close() async {
        await current?.shell.close()
        await current?.close()
    }

    private func shell() async throws(Failure) -> DriverShell {
        let before = current
        if let before {
            if await before.shell.isOpen, await before.isAlive() { return before.shell }
            // Somebody else may have reconnected meanwhile.
            if let current, current.shell !== before.shell { return current.shell }
            guard mayReconnect || opening != nil else { return before.shell }
        }
        // Whoever comes while a connection is being made waits for that one.
        let making: Task<Result<Opened, Failure>, Never>
        if let opening {
            making = opening
        } else {
            if before != nil { mayReconnect = false }
            making = Task { await connected(instead: before) }
            opening = making
        }
        return try await making.value.get().shell
    }

    private func connected(instead lost: Opened?) async -> Result<Opened, Failure> {
        defer { opening = nil }
        if let lost {
            earlierRoundTrips += await lost.shell.roundTrips
            await lost.close()
        }
        do throws(Failure) {
            let opened = try await open()
            if let lockText { try await opened.shell.lock(owner: lockText) }
            current = opened
            return .success(opened)
        } catch {
            return .failure(error)
        }
    }
}
