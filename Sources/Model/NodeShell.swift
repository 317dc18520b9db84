/// A root shell on one node, held for a whole run. Everything that reaches a node goes through here.
public protocol NodeShell: Sendable {
    /// The node's name in the inventory.
    var host: String { get }

    /// Performs the steps in order and answers each; all travel together, in one round trip. After the first step that
    /// fails (a status other than 0) the rest are not run, and the answers end with the failed one.
    ///
    /// - Parameter onOutput: called with each piece of a step's output as it arrives, by the step's index.
    /// - Throws: `Failure` with code `unreachable` when the connection is lost, `timedOut` past a step's deadline.
    func perform(_ steps: [Step], onOutput: OutputHandler?) async throws(Failure) -> [Outcome]

    /// Holds the node for this run until the shell ends; a second call does nothing.
    ///
    /// - Parameter owner: who, from where and since when, for whoever meets the lock.
    /// - Throws: `Failure` with code `locked` that names the holder.
    func lock(owner: String) async throws(Failure)

    /// Takes a lock away from its holder, whose run begins nothing more on the node; what it runs at this moment goes on.
    ///
    /// - Parameter holder: as the failure told; the lock of anybody else, by now, stays.
    func breakLock(of holder: String) async throws(Failure)

    /// Ends the shell; what was queued on the node and not begun is not run.
    func close() async

    /// How many requests have been sent and waited for.
    var roundTrips: Int { get async }
}

public typealias OutputHandler = @Sendable (_ step: Int, _ stream: OutputStream, _ bytes: ArraySlice<UInt8>) -> Void

public enum OutputStream: String, Sendable { case stdout, stderr }

extension NodeShell {
    public func perform(_ steps: [Step]) async throws(Failure) -> [Outcome] {
        try await perform(steps, onOutput: nil)
    }

    /// One script, one answer.
    public func run(_ script: Script, deadline: Duration = .seconds(60)) async throws(Failure) -> Outcome {
        try await perform([.run(script, deadline: deadline)])[0]
    }
}

/// One thing for a node's shell to do.
public enum Step: Sendable, Hashable {
    /// Runs a script in a subshell with an empty standard input; the node itself ends it past the deadline.
    case run(Script, deadline: Duration)
    /// Runs a script that only looks, for whoever comes later: what was done before it counts as done whether or not it
    /// is answered. Where it is not, the answers end before it.
    case lookAhead(Script, deadline: Duration)
    /// Writes a file atomically: a temporary one beside the target, mode and owner set, length or SHA-256 checked,
    /// fsync, rename.
    case write(FileWrite)
    /// Asks the cluster's API; no shell's to perform.
    case cluster(ClusterDeed)
    /// Reboots the node and waits until it is back, with another boot id; only a shell that connects anew can.
    case reboot(deadline: Duration)

    public var isLookAhead: Bool { if case .lookAhead = self { true } else { false } }
    public var isReboot: Bool { if case .reboot = self { true } else { false } }
}

extension Failure {
    /// Of a reboot that would end kubani itself.
    public static func rebootsItself(_ host: String) -> Failure {
        Failure(
            host: host, deed: "reboot it", cause: "it is the machine that kubani runs on",
            hint: "reboot it yourself and run kubani again, or run kubani from elsewhere")
    }
}

/// A file to be put on a node, whole.
public struct FileWrite: Sendable, Hashable {
    public enum Content: Sendable, Hashable {
        case bytes([UInt8])
        /// A file of the laptop, read while it is sent.
        case local(path: String, length: Int, sha256: String)
        /// A file of the network that the laptop fetches once, keeps and verifies. The applier puts `local` in its place
        /// before it reaches a shell.
        case fetched(url: String, sha256: String)
    }

    public var path: String
    public var content: Content
    /// Permission bits, as 0o644; nil keeps those of the file there, or 0o644 for a new one.
    public var mode: UInt16?
    /// nil keeps the owner of the file there, or root for a new one.
    public var owner: String?
    public var group: String?
    /// Whether the folder that it is to be in is made where it is missing, as 0o755 and root's.
    public var makesFolder: Bool
    /// What it may take the place of; nil for anything.
    public var replaces: Replaced?

    /// What was there when a new content was made from it: another program may have written since.
    public enum Replaced: Sendable, Hashable {
        case nothing
        case file(sha256: String)
    }

    public init(
        path: String, content: Content, mode: UInt16? = nil, owner: String? = nil, group: String? = nil,
        makesFolder: Bool = false, replaces: Replaced? = nil
    ) {
        self.path = path
        self.content = content
        self.mode = mode
        self.owner = owner
        self.group = group
        self.makesFolder = makesFolder
        self.replaces = replaces
    }
}

/// What a step gave.
public struct Outcome: Sendable, Hashable {
    /// The exit status; 124 when the step's deadline ended it.
    public var status: Int32
    public var stdout: [UInt8]
    public var stderr: [UInt8]
    /// What the node's shell itself noticed: a process left behind that still holds the output, say. For people.
    public var notes: [String] = []

    public init(status: Int32, stdout: [UInt8] = [], stderr: [UInt8] = []) {
        self.status = status
        self.stdout = stdout
        self.stderr = stderr
    }

    public var succeeded: Bool { status == 0 }
    public var timedOut: Bool { status == 124 }
    public var output: String { String(decoding: stdout, as: UTF8.self) }
    public var errorOutput: String { String(decoding: stderr, as: UTF8.self) }
}
