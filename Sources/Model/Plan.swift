/// What apply would do, and nothing beyond it: a value that can be shown, counted and compared.
public struct Plan: Sendable {
    /// Sorted by name.
    public var hosts: [HostPlan]

    public init(hosts: [HostPlan]) { self.hosts = hosts.sorted { $0.name < $1.name } }

    public var tasks: [PlannedTask] { hosts.flatMap(\.tasks) }
    /// Whether apply would, or might, change anything.
    public var hasChanges: Bool { tasks.contains { $0.verdict.mayChange } }
}

public struct HostPlan: Sendable {
    public var name: String
    /// Why nothing is known of the host; its tasks are empty then.
    public var unreachable: Failure?
    /// In the order of the graph.
    public var tasks: [PlannedTask]

    public init(name: String, unreachable: Failure? = nil, tasks: [PlannedTask] = []) {
        self.name = name
        self.unreachable = unreachable
        self.tasks = tasks
    }
}

public struct PlannedTask: Sendable {
    public var id: TaskID
    /// The kind's name.
    public var kind: String
    /// What it is about: "/etc/hosts"; empty while not known.
    public var subject: String
    public var isHandler: Bool
    public var verdict: Verdict
    /// Whether a run goes on below it when it fails.
    public var ignoresErrors: Bool
    /// Said though nothing is wrong enough to stop.
    public var warning: String?

    public init(
        id: TaskID, kind: String, subject: String, isHandler: Bool = false, verdict: Verdict,
        ignoresErrors: Bool = false, warning: String? = nil
    ) {
        self.id = id
        self.kind = kind
        self.subject = subject
        self.isHandler = isHandler
        self.verdict = verdict
        self.ignoresErrors = ignoresErrors
        self.warning = warning
    }
}

/// What the plan says of one task.
public enum Verdict: Sendable {
    /// As desired, and how it was found.
    case unchanged(String)
    /// Exactly this will be done.
    case change(Change)
    /// It hangs on an earlier change and may turn out unchanged; `expected` is what would be done as things stand now.
    case pending(because: String, expected: Change?)
    /// It does not apply here, and why.
    case skipped(String)
    /// It cannot succeed as things stand.
    case failed(Failure)
    /// It comes after something that cannot succeed.
    case blocked(by: String)

    public var mayChange: Bool {
        switch self {
        case .change, .pending: true
        case .unchanged, .skipped, .failed, .blocked: false
        }
    }
}
