/// Names one task on one host: `n1 › prerequisites › packages`.
public struct TaskID: Sendable, Hashable, Comparable, CustomStringConvertible {
    public var host: String
    public var role: String
    /// Its place in the role's list as expanded on this host, handlers in their places.
    public var position: Int
    public var name: String

    public init(host: String, role: String, position: Int, name: String) {
        self.host = host
        self.role = role
        self.position = position
        self.name = name
    }

    public var description: String { "\(host) › \(role) › \(name)" }

    public static func < (a: TaskID, b: TaskID) -> Bool {
        (a.host, a.role, a.position, a.name) < (b.host, b.role, b.position, b.name)
    }
}

/// One task of a role on one host, its loop unrolled. What it desires may hang on what other tasks export, so it is
/// asked for with the exports known so far.
public struct HostTask: Sendable {
    public var id: TaskID
    public var kind: any ResourceKind.Type
    public var origin: Origin?
    /// Its own and its role's tags, and the role's name.
    public var tags: Set<String>
    /// The handlers of the role that a change of this task notifies, by name.
    public var notifies: [String]
    /// Set on a handler: it runs only when one of these changed something, or an interrupted run left it pending.
    public var handles: [TaskID]?
    public var exports: [Export]
    public var retry: Retry
    /// How long each of its steps may take; nil leaves it to the kind.
    public var timeout: Duration?
    public var ignoresErrors: Bool
    /// How many hosts at a time may run it; nil for all.
    public var rolling: Int?
    /// Whether it does not wait for its host's turn in a rolling role.
    public var isAhead: Bool
    /// Whether it cannot be told yet if it applies: its `when` hangs on facts, or on what another task exports.
    public let isConditional: @Sendable () -> Bool
    public let resolve: @Sendable (Exports) -> Resolution

    public init(
        id: TaskID, kind: any ResourceKind.Type, origin: Origin? = nil, tags: Set<String> = [],
        notifies: [String] = [], handles: [TaskID]? = nil, exports: [Export] = [], retry: Retry = Retry(),
        timeout: Duration? = nil, ignoresErrors: Bool = false, rolling: Int? = nil, isAhead: Bool = false,
        isConditional: @escaping @Sendable () -> Bool = { false },
        resolve: @escaping @Sendable (Exports) -> Resolution
    ) {
        self.id = id
        self.kind = kind
        self.origin = origin
        self.tags = tags
        self.notifies = notifies
        self.handles = handles
        self.exports = exports
        self.retry = retry
        self.timeout = timeout
        self.ignoresErrors = ignoresErrors
        self.rolling = rolling
        self.isAhead = isAhead
        self.isConditional = isConditional
        self.resolve = resolve
    }
}

/// How often a failed task is tried again, and how long after.
public struct Retry: Sendable, Hashable {
    public var times: Int
    public var delay: Duration

    public init(times: Int = 0, delay: Duration = .seconds(5)) {
        self.times = times
        self.delay = delay
    }
}

/// What a task comes to once the values it needs are looked up.
public enum Resolution: Sendable {
    /// - Parameter secrecy: what of its values is secret; where any is, its scripts and what they print are not shown.
    case resource(any ResourceKind, secrecy: Secrecy)
    /// Its `when` does not hold.
    case skipped(String)
    /// It waits for values that another task exports.
    case unknown(Unknown)
    /// Values that cannot be used; refused before anything is touched where they are known by then.
    case invalid(InputErrors)
    /// Something that it needs could not be had, such as a text of the network.
    case failed(Failure)
}
