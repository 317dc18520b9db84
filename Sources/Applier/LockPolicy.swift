import Model

/// What is done about a node that another run holds: it is waited for, then, where somebody agrees, taken away.
public struct LockPolicy: Sendable {
    /// How long to wait for the other run's end.
    public var timeout: Duration
    /// Whether to take the node away from its holder; nil where nobody is to be asked.
    public var breaks: (@Sendable (_ host: String, _ holder: String) async -> Bool)?

    /// Whether the holder is a run of this very machine that is no more: nobody has to be asked then.
    public var isGone: @Sendable (_ holder: String) -> Bool

    public init(
        timeout: Duration = .zero, breaks: (@Sendable (_ host: String, _ holder: String) async -> Bool)? = nil,
        isGone: @escaping @Sendable (_ holder: String) -> Bool = { _ in false }
    ) {
        self.timeout = timeout
        self.breaks = breaks
        self.isGone = isGone
    }

    /// Holds the node for this run.
    ///
    /// - Parameter stop: ends the waiting.
    /// - Throws: `Failure` with code `locked` that names the holder.
    public func take(
        _ shell: any NodeShell, owner: String, stop: StopSignal, emit: @Sendable (Event) -> Void
    ) async throws(Failure) {
        let deadline = ContinuousClock.now + timeout
        var waitedFor: String?
        while true {
            do throws(Failure) { return try await shell.lock(owner: owner) } catch {
                guard let holder = error.holder else { throw error }
                if isGone(holder), !stop.isSet {
                    try await shell.breakLock(of: holder)
                    continue
                }
                if ContinuousClock.now < deadline, !stop.isSet {
                    if waitedFor != holder { emit(.waiting(host: shell.host, holder: holder)) }
                    waitedFor = holder
                    do { try await Task.sleep(for: .seconds(1)) } catch { throw Failure.locked(shell.host, by: holder) }
                } else if let breaks, !stop.isSet, await breaks(shell.host, holder) {
                    try await shell.breakLock(of: holder)
                } else {
                    throw error
                }
            }
        }
    }
}
