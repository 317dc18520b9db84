import Model

/// What one command gave on one host.
public enum CommandResult: Sendable {
    case ended(Outcome)
    /// It could not be run there, or nobody knows how it ended.
    case failed(Failure)

    public var succeeded: Bool { if case .ended(let outcome) = self { outcome.succeeded } else { false } }
    public var isUnreachable: Bool {
        if case .failed(let failure) = self { failure.code == .unreachable } else { false }
    }
}

/// One command's results, a block a host.
public struct CommandText: Sendable {
    private let style: Style
    private let timeout: Duration

    /// - Parameter timeout: what the command was given.
    public init(style: Style = .plain, timeout: Duration) {
        self.style = style
        self.timeout = timeout
    }

    /// The host and how it ended, then what was printed: standard output as it is, standard error marked.
    ///
    /// - Returns: lines, each ended.
    public func block(_ host: String, _ result: CommandResult) -> String {
        var lines: [String] = []
        switch result {
        case .ended(let outcome):
            let end = outcome.timedOut ? "timed out after \(seconds(timeout))" : "exit \(outcome.status)"
            lines.append(style.tinted("\(host): \(end)", outcome.succeeded ? .green : .red))
            lines += Self.lines(outcome.output).map { "    \($0)" }
            lines += Self.lines(outcome.errorOutput).map { style.tinted("  !", .dim) + " \($0)" }
            lines += outcome.notes.map { style.tinted("  note: \($0.printable)", .dim) }
        case .failed(let failure):
            lines.append(style.tinted("\(host): \(result.isUnreachable ? "unreachable" : "failed")", .red))
            lines += Self.lines(failure.text).map { "    \($0)" }
        }
        return lines.map { $0 + "\n" }.joined()
    }

    private static func lines(_ text: String) -> [String] {
        var lines = text.printable.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
        if lines.last == "" { lines.removeLast() }
        return lines
    }

    /// "3 hosts in 0.4 s: 1 ok, failed on n2, unreachable n3".
    public func recap(_ results: [(host: String, result: CommandResult)], after elapsed: Duration) -> String {
        var parts = ["\(results.filter(\.result.succeeded).count) ok"]
        let failed = results.filter { !$0.result.succeeded && !$0.result.isUnreachable }.map(\.host)
        let unreachable = results.filter(\.result.isUnreachable).map(\.host)
        if !failed.isEmpty { parts.append(style.tinted("failed on \(failed.joined(separator: ", "))", .red)) }
        if !unreachable.isEmpty {
            parts.append(style.tinted("unreachable \(unreachable.joined(separator: ", "))", .red))
        }
        return "\(counted(results.count, "host")) in \(seconds(elapsed)): \(parts.joined(separator: "; "))\n"
    }

    /// A line of JSON: `host` with `status`, `stdout` and `stderr`, or with `failure`.
    public static func json(_ host: String, _ result: CommandResult) -> String {
        switch result {
        case .ended(let outcome):
            JSONText.line([
                "host": .string(host), "status": .int(Int(outcome.status)), "timed_out": .bool(outcome.timedOut),
                "stdout": .string(outcome.output), "stderr": .string(outcome.errorOutput),
            ])
        case .failed(let failure): JSONText.line(["host": .string(host), "failure": PlanJSON.value(failure)])
        }
    }
}
