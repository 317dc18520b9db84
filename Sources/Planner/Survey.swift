import Model
import Resources

/// What a node tells before its tasks are known: its facts, the handlers an interrupted run left, and the exports that
/// can be read at once. One round trip.
public struct Survey: Sendable {
    /// As `Facts.list` documents them.
    public var facts: Value
    public var pendingHandlers: Set<String>
    /// By `Export.key`; those that cannot be read yet are missing.
    public var exports: [String: Value]

    public init(facts: Value, pendingHandlers: Set<String> = [], exports: [String: Value] = [:]) {
        self.facts = facts
        self.pendingHandlers = pendingHandlers
        self.exports = exports
    }

    public static func take(from shell: any NodeShell, exports: [Export]) async throws(Failure) -> Survey {
        let batch = ProbeBatch([], exports: exports, marker: Marker.random())
        var steps: [Step] = [
            .run(Facts.probe, deadline: .seconds(60)), .run(PendingHandlers.list, deadline: .seconds(30)),
        ]
        if !batch.isEmpty { steps.append(batch.step) }
        let outcomes = try await shell.perform(steps)
        guard outcomes.count == steps.count else {
            throw Failure(
                host: shell.host, deed: "read the node's facts",
                cause: "the script ended with status \(outcomes.last?.status ?? -1)",
                detail: outcomes.last?.errorOutput)
        }
        return Survey(
            facts: try Facts.read(outcomes[0].stdout),
            pendingHandlers: PendingHandlers.read(outcomes[1].output),
            exports: batch.isEmpty ? [:] : batch.read(outcomes[2], host: shell.host).exports)
    }
}

/// Random text that tells one run's sections apart from anything a node prints.
public enum Marker {
    public static func random() -> String {
        (0..<4).map { _ in String(UInt32.random(in: .min ... .max), radix: 36) }.joined()
    }
}
