import Model
import Shell

/// A node's shell that is opened when it is first needed, and once more when the connection was found lost before
/// anything was asked of it. What was lost in the middle of a request is the caller's to tell: it may have run. A reboot
/// is a loss that was wanted: it is waited for, alone, and uses up no other chance.
actor ReconnectingShell: NodeShell {
    /// A shell and the connection under it.
    struct Opened: Sendable {
        var shell: DriverShell
        var isAlive: @Sendable () async -> Bool
        var close: @Sendable () async -> Void
    }

    nonisolated let host: String
    private let clock: NodeClock
    private let isHere: Bool
    private let open: @Sendable () async throws(Failure) -> Opened
    private var current: Opened?
    private var lockText: String?
    private var opening: Task<Result<Opened, Failure>, Never>?
    private var mayReconnect = true
    private var earlierRoundTrips = 0
    private var gate = RequestGate()

    /// - Parameter isHere: whether it is a shell of the machine that kubani runs on, which is not to be rebooted.
    init(
        host: String, isHere: Bool, clock: NodeClock = NodeClock(),
        open: @escaping @Sendable () async throws(Failure) -> Opened
    ) {
        self.host = host
        self.isHere = isHere
        self.clock = clock
        self.open = open
    }

    var roundTrips: Int {
        get async { earlierRoundTrips + (await current?.shell.roundTrips ?? 0) }
    }

    func perform(_ steps: [Step], onOutput: OutputHandler?) async throws(Failure) -> [Outcome] {
        if isHere, steps.contains(where: \.isReboot) { throw Failure.rebootsItself(host) }
        var outcomes: [Outcome] = []
        while outcomes.count < steps.count {
            let start = outcomes.count
            var told: OutputHandler?
            if let onOutput { told = { step, stream, bytes in onOutput(start + step, stream, bytes) } }
            if case .reboot(let timeout) = steps[start] {
                outcomes.append(try await reboot(within: timeout, told))
            } else {
                outcomes += try await request(Array(steps[start...].prefix { !$0.isReboot }), told)
            }
            if outcomes.count == start || outcomes.last?.succeeded == false { break }
        }
        return outcomes
    }

    private func request(_ steps: [Step], _ onOutput: OutputHandler?) async throws(Failure) -> [Outcome] {
        while !gate.enter() { await withCheckedContinuation { gate.wait($0) } }
        defer { gate.leave() }
        let shell = try await shell()
        clock.begin()
        defer { clock.end() }
        return try await shell.perform(steps, onOutput: onOutput)
    }

    /// Waits for what is under way; whoever comes meanwhile is served by the new boot.
    private func reboot(within timeout: Duration, _ onOutput: OutputHandler?) async throws(Failure) -> Outcome {
        while !gate.close() { await withCheckedContinuation { gate.wait($0) } }
        clock.begin()
        defer {
            clock.end()
            gate.reopen()
        }
        while !gate.isEmpty { await withCheckedContinuation { gate.wait($0) } }
        let before = try await opened()
        let reboot = NodeReboot(host: host, timeout: timeout, open: open)
        let end: NodeReboot.End
        do throws(Failure) {
            end = try await reboot.run(from: before) { line in onOutput?(0, .stdout, Array(line.utf8)[...]) }
        } catch {
            if await !before.shell.isOpen { await forget(before) }
            throw error
        }
        switch end {
        case .refused(let outcome): return outcome
        case .back(let back):
            await forget(before)
            current = back
            // It lay in /run.
            if let lockText { try await back.shell.lock(owner: lockText) }
            return Outcome(status: 0)
        }
    }

    /// Whoever needs the node next connects anew, and that is no second chance.
    private func forget(_ ended: Opened) async {
        earlierRoundTrips += await ended.shell.roundTrips
        current = nil
    }

    func lock(owner: String) async throws(Failure) {
        // The host's name tells this run's own lock, met again over a second connection, from that of another host.
        let text = "\(owner), for \(host)"
        lockText = text
        while !gate.enter() { await withCheckedContinuation { gate.wait($0) } }
        defer { gate.leave() }
        do throws(Failure) { try await shell().lock(owner: text) } catch {
            throw error.code == .locked && error.cause.contains(owner) ? sameMachine() : error
        }
    }

    func breakLock(of holder: String) async throws(Failure) {
        while !gate.enter() { await withCheckedContinuation { gate.wait($0) } }
        defer { gate.leave() }
        try await shell().breakLock(of: holder)
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

    private func shell() async throws(Failure) -> DriverShell { try await opened().shell }

    private func opened() async throws(Failure) -> Opened {
        let before = current
        if let before {
            if await before.shell.isOpen, await before.isAlive() { return before }
            // Somebody else may have reconnected meanwhile.
            if let current, current.shell !== before.shell { return current }
            guard mayReconnect || opening != nil else { return before }
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
        return try await making.value.get()
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
