/// One kind of thing that a node, a cluster or the laptop has or lacks. Pure: a kind says how to look, and comparing what
/// was found with what is desired gives a difference; no host is needed to test one. A kind is either a `ShellKind` or a
/// `ClusterKind`.
public protocol ResourceKind: Sendable {
    /// What one look told of one resource.
    associatedtype Found: Sendable, Equatable

    /// The key of the kind in a role's task: `file`, `service`.
    static var name: String { get }
    /// One sentence for the documentation.
    static var summary: String { get }
    /// A task in YAML that uses it, for the documentation; a test reads and plans it.
    static var example: String { get }
    /// The field that a plain value stands for: `package: curl` is `package: {name: curl}`.
    static var shorthand: String? { get }
    /// Its fields: unknown keys, missing ones and wrong types are refused by this list, and the JSON Schema and the
    /// documentation are made from it.
    static var fields: [Field] { get }

    /// - Throws: `InputErrors` where fields that are right one by one do not go together.
    init(_ arguments: Arguments) throws(InputErrors)

    /// What it is about, in a few words: "/etc/hosts", "curl, jq", "ssh.service".
    var subject: String { get }

    func difference(from found: Found) -> Difference

    /// Whether it only looks: an assert, a wait.
    static var changesNothing: Bool { get }
    /// What a change of this resource may alter on the node.
    var touches: [Effect] { get }
    /// What could make another look come out otherwise, given what this look found.
    func dependsOn(_ found: Found) -> [Effect]

    /// What to do when notified, for the kinds that can be handlers; nil for the others.
    var whenNotified: Change? { get }
    /// URLs of texts of the network that it was made by.
    var texts: [String] { get }

    /// Whether a look tells if there is anything to do. A task that is not a handler is refused where this is false:
    /// a command without `creates`, `unless` or `check`, a service to be `restarted`.
    var canTellBeforehand: Bool { get }

    /// Whether a handler of this kind acts on something that may not be there yet, so that it is looked at, too.
    static var mayLackSubject: Bool { get }
    /// Whether what a handler acts on is not there, by what this look found.
    func lacksSubject(_ found: Found) -> Bool

    /// The facts that a change of this resource makes others, by their names: `hostname`.
    var altersFacts: [String] { get }
}

extension ResourceKind {
    public static var shorthand: String? { nil }
    public static var changesNothing: Bool { false }
    public var whenNotified: Change? { nil }
    public var canTellBeforehand: Bool { true }
    public var texts: [String] { [] }
    public static var mayLackSubject: Bool { false }
    public func lacksSubject(_ found: Found) -> Bool { false }
    public var altersFacts: [String] { [] }
}

/// A kind that is looked at and changed by scripts in a shell: probing gives a script, reading takes its output.
public protocol ShellKind: ResourceKind {
    /// Whose shell that is.
    static var place: ShellPlace { get }

    /// One read-only script that looks for all of them at once. It may change nothing on the node outside /run.
    static func probe(_ all: [Self]) -> Script
    /// Reads the probe's standard output, one answer a resource, in the same order.
    /// - Throws: `Failure` when the output is not what the probe prints.
    static func read(_ output: [UInt8], of all: [Self]) throws(Failure) -> [Found]

    /// How long a look may take, for kinds that wait or run commands.
    var probeDeadline: Duration { get }
}

extension ShellKind {
    public static var place: ShellPlace { .node }
    public var probeDeadline: Duration { Self.usualProbeDeadline }

    /// Whether it is known that a look can take long: a hash of something large, a wait.
    public var mayTakeLong: Bool { probeDeadline > Self.usualProbeDeadline }

    private static var usualProbeDeadline: Duration { .seconds(60) }
}

/// Whose shell a kind's scripts run in.
public enum ShellPlace: Sendable, Hashable {
    /// The node that the task is for, as root.
    case node
    /// The machine that kubani runs on, as whoever runs it.
    case laptop
}

/// A field of a resource kind.
public struct Field: Sendable, Hashable {
    public indirect enum Kind: Sendable, Hashable {
        case string
        /// An absolute path on the node.
        case path
        /// Permission bits: "0644", or YAML's octal 0644.
        case mode
        case bool
        case int
        /// "90s", "5m", "1h", or a number of seconds; more than nothing.
        case duration
        /// As a duration, and also none: how long to rest.
        case pause
        case oneOf([String])
        case list(Kind)
        /// A map from text to values of one kind.
        case map(Kind)
        /// A map with fields of its own.
        case record([Field])
        /// One value or a list of them; decoded as a list.
        case oneOrMany(Kind)
        /// A shell script as its author wrote it.
        case script
        /// What lets kubani in somewhere, such as a kubeconfig. It is no part of what is made, so that a task which has
        /// one may still show what it does.
        case credential
        /// A bare Jinja expression, as in `when`. Roles evaluates it: decoded as a map of `text` and `holds` (a bool).
        case condition
        /// The name of a template in the role's `templates/`. Roles renders it: decoded as text.
        case templateFile
        /// The name of a file in the role's `files/`. Roles looks it up: decoded as a map of `path` (on the laptop),
        /// `length` and `sha256`, and, for UTF-8 text of at most 256 KiB, `text`, so that a plan can show a diff.
        case sourceFile
        /// The URL of a small text that the laptop fetches and keeps, such as a release's list of checksums: decoded as a
        /// map of `url` and `text`.
        case remoteText
        case any
    }

    public var name: String
    public var kind: Kind
    public var isRequired: Bool
    /// One sentence, for the documentation and the schema.
    public var help: String

    public init(_ name: String, _ kind: Kind, required: Bool = false, _ help: String) {
        self.name = name
        self.kind = kind
        self.isRequired = required
        self.help = help
    }
}

/// A kind that is looked at and changed through the cluster's API, from the laptop.
public protocol ClusterKind: ResourceKind {
    var access: ClusterAccess { get }
    /// What one look asks.
    var questions: [ClusterQuestion] { get }
    /// - Parameter answers: in the order of the questions.
    /// - Throws: `Failure` when the answers are not what the API gives.
    func read(_ answers: [ClusterAnswer]) throws(Failure) -> Found
}
