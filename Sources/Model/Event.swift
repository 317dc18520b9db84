/// What happens during a run, in the order in which it happens. The engine emits, displays and journals consume.
public enum Event: Sendable {
    case began(RunStart)
    case connecting(host: String)
    case connected(host: String)
    case unreachable(host: String, Failure)
    case planned(Plan)
    /// A look at the host takes long, and what is being looked at: a kind's name.
    case looking(host: String, at: String)
    /// Another run holds the node, and is waited for.
    case waiting(host: String, holder: String)
    case started(TaskID)
    /// A script that a change sends to its node.
    case command(TaskID, Shown)
    case output(TaskID, OutputStream, String)
    case retrying(TaskID, attempt: Int, Failure)
    /// What the plan said would be done is not needed any more, and why.
    case spared(TaskID, String)
    case finished(TaskID, TaskResult)
    /// Somebody asked to stop: what runs is brought to its end, nothing new begins.
    case stopping
    case ended(Recap)
}

/// What a run is, for whoever reads of it later.
public struct RunStart: Sendable, Hashable {
    /// As it was typed, without what may be secret: `kubani apply --limit workers`.
    public var command: String
    /// ann@laptop
    public var by: String
    /// In UTC: 2026-11-24T10:15:00Z.
    public var time: String
    /// The version of kubani.
    public var program: String

    public init(command: String, by: String, time: String, program: String) {
        self.command = command
        self.by = by
        self.time = time
        self.program = program
    }
}

/// How a task ended.
public enum TaskResult: Sendable {
    case unchanged(String)
    case changed(Change)
    case skipped(String)
    case failed(Failure)
    /// Failed, and its role says to go on.
    case ignored(Failure)
    /// Not begun: something before it failed, or its host was lost.
    case blocked(by: String)
    /// Not begun, for somebody asked to stop.
    case cancelled

    /// A word for it, in JSON and in the recap.
    public var name: String {
        switch self {
        case .unchanged: "unchanged"
        case .changed: "changed"
        case .skipped: "skipped"
        case .failed: "failed"
        case .ignored: "ignored"
        case .blocked: "blocked"
        case .cancelled: "cancelled"
        }
    }
}

/// The counts at the end of a run, host by host.
public struct Recap: Sendable, Hashable {
    public struct Counts: Sendable, Hashable {
        public var unchanged = 0
        public var changed = 0
        public var failed = 0
        public var ignored = 0
        public var skipped = 0
        public var blocked = 0
        public var cancelled = 0
        public var isUnreachable = false
        /// Requests sent to the node and waited for.
        public var roundTrips = 0

        public init() {}

        public mutating func add(_ result: TaskResult) {
            switch result {
            case .unchanged: unchanged += 1
            case .changed: changed += 1
            case .skipped: skipped += 1
            case .failed: failed += 1
            case .ignored: ignored += 1
            case .blocked: blocked += 1
            case .cancelled: cancelled += 1
            }
        }
    }

    public var hosts: [String: Counts]
    public var elapsed: Duration
    /// The part of `elapsed` in which no node was at work; nil where nobody measured.
    public var ownShare: Duration?
    public var wasInterrupted: Bool

    public init(
        hosts: [String: Counts], elapsed: Duration, ownShare: Duration? = nil, wasInterrupted: Bool = false
    ) {
        self.hosts = hosts
        self.elapsed = elapsed
        self.ownShare = ownShare
        self.wasInterrupted = wasInterrupted
    }

    public var hasFailures: Bool { hosts.values.contains { $0.failed > 0 } }
    public var hasUnreachable: Bool { hosts.values.contains { $0.isUnreachable } }
}
