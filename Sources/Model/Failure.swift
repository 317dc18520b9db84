/// Something that went wrong while doing a deed: on which host, what was being done, why, and what may help.
public struct Failure: Error, Sendable, Hashable {
    public enum Code: String, Sendable, Hashable {
        /// The host could not be reached or let us in; nothing on it was touched.
        case unreachable
        /// A task did not reach its state.
        case failed
        /// What the plan looked at is not so any more.
        case drifted
        /// A deadline passed.
        case timedOut
        /// Another run holds the node.
        case locked
        case cancelled
    }

    public var code: Code
    public var host: String?
    /// What was being done, as "could not …" reads: "install curl", "write /etc/hosts".
    public var deed: String
    public var cause: String
    /// Whatever the other side said, whole.
    public var detail: String?
    public var hint: String?

    public init(
        _ code: Code = .failed, host: String? = nil, deed: String, cause: String, detail: String? = nil,
        hint: String? = nil
    ) {
        self.code = code
        self.host = host
        self.deed = deed
        self.cause = cause
        self.detail = detail
        self.hint = hint
    }
}

extension Failure {
    /// As a task on a host has it. One that names no host is the API's or the network's: the host itself is there.
    public func ofTask(on host: String) -> Failure {
        guard self.host == nil else { return self }
        var failure = self
        failure.host = host
        if code == .unreachable { failure.code = .failed }
        return failure
    }
}

extension Failure: CustomStringConvertible {
    /// `host: could not deed: cause`, then the detail indented, then the hint.
    public var description: String {
        var lines = [(host.map { "\($0): " } ?? "") + "could not \(deed): \(cause)"]
        if let detail, !detail.isEmpty {
            lines += detail.split(separator: "\n", omittingEmptySubsequences: false).map { "    \($0)" }
        }
        if let hint { lines.append("hint: \(hint)") }
        return lines.joined(separator: "\n")
    }
}

extension Failure {
    private static let heldBy = "another run holds it: "

    /// Of a node that another run holds.
    public static func locked(_ host: String, by holder: String) -> Failure {
        Failure(
            .locked, host: host, deed: "take the node's lock", cause: heldBy + holder,
            hint:
                "--lock-timeout 10m waits for its end; where that run is gone, --break-lock takes the node away from it"
        )
    }

    /// Who holds the node, in their own words.
    public var holder: String? {
        code == .locked && cause.hasPrefix(Self.heldBy) ? String(cause.dropFirst(Self.heldBy.count)) : nil
    }
}
