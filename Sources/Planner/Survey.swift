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
    /// What was looked at on the way.
    var early: EarlyLook?

    public init(facts: Value, pendingHandlers: Set<String> = [], exports: [String: Value] = [:]) {
        self.facts = facts
        self.pendingHandlers = pendingHandlers
        self.exports = exports
    }

    /// - Parameters:
    ///   - early: what can be looked at already, in the same round trip.
    ///   - tell: hears what is waited for where a look takes long.
    public static func take(
        from shell: any NodeShell, exports: [Export], early: EarlyLook? = nil,
        tell: @escaping @Sendable (Event) -> Void = { _ in }
    ) async throws(Failure) -> Survey {
        let batch = ProbeBatch([], exports: exports, marker: Marker.random())
        // One request: each takes a few processes on the node.
        let sections = AnswerSections(marker: Marker.random())
        var scripts: [Script] = ["\(PendingHandlers.list)\necho\n\(Facts.probe)"]
        if !batch.isEmpty { scripts.append(batch.script) }
        if let early { scripts.append(early.script) }
        let progress = LookProgress(
            [LookProgress.Part(marker: sections.marker, name: "its facts")] + batch.parts + (early?.parts ?? []))
        let step = Step.run(sections.joined(scripts), deadline: ProbeBatch.patience)
        let outcomes = try await progress.watch(shell.host, tell: tell) { () async throws(Failure) in
            try await shell.perform([step]) { _, stream, bytes in if stream == .stdout { progress.hear(bytes) } }
        }
        let whole = outcomes.first ?? Outcome(status: -1)
        let answers = sections.split(whole)
        guard let told = answers.first, told.succeeded else {
            throw Failure(
                host: shell.host, deed: "read the node's facts",
                cause: "the script ended with status \(answers.first?.status ?? whole.status)",
                detail: answers.first?.errorOutput ?? whole.errorOutput)
        }
        // The handlers' names end with an empty line.
        let lines = told.stdout.split(
            separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false
        ).prefix { !$0.isEmpty }
        let facts = told.stdout.dropFirst(lines.reduce(1) { $0 + $1.count + 1 })
        var survey = Survey(
            facts: try Facts.read(Array(facts)),
            pendingHandlers: PendingHandlers.read(
                lines.map { String(decoding: $0, as: UTF8.self) }.joined(separator: "\n")),
            exports: batch.isEmpty || answers.count < 2 ? [:] : batch.read(answers[1], host: shell.host).exports)
        survey.early = early
        // Where a look took all the time, the facts are here all the same.
        survey.early?.outcome = answers.count == scripts.count ? answers.last : Outcome(status: whole.status)
        return survey
    }
}

/// Random text that tells one run's sections apart from anything a node prints.
public enum Marker {
    public static func random() -> String {
        (0..<4).map { _ in String(UInt32.random(in: .min ... .max), radix: 36) }.joined()
    }
}
