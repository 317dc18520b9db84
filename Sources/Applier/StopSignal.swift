import Synchronization

/// Somebody's wish that a run begin nothing new.
public final class StopSignal: Sendable {
    private let wanted = Mutex(false)

    public init() {}

    public var isSet: Bool { wanted.withLock { $0 } }

    /// - Returns: whether this was the first time.
    @discardableResult
    public func set() -> Bool {
        wanted.withLock { wanted in
            defer { wanted = true }
            return !wanted
        }
    }
}
