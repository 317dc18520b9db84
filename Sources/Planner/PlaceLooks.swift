import Model

/// What is to be looked at in one shell: all at once, and where that takes too long, each kind by itself, so that what
/// hangs is one kind's failure and the others go on.
struct PlaceLooks: Sendable {
    let wanted: [(vertex: Int, resource: any ShellKind)]
    let exports: [Export]
    /// Whether it is asked, too, where the paths that are touched really are.
    let traces: Bool
    let patience: Duration
    let shell: any NodeShell
    let tell: @Sendable (Event) -> Void

    func take(isApart: Bool, orElse failed: (Failure) -> Looking.Answer) async -> Looking.Answer {
        do throws(Failure) {
            if !isApart, let answer = try await together() { return answer }
            return try await apart()
        } catch {
            return failed(error)
        }
    }

    private var paths: [String] { traces ? NodePaths.asked(for: wanted.map(\.resource)) : [] }

    /// - Returns: nil where it took longer than all may take together.
    private func together() async throws(Failure) -> Looking.Answer? {
        let batch = ProbeBatch(
            wanted.map(\.resource), exports: exports, paths: paths, marker: Marker.random(), patience: patience)
        let outcome = try await perform(batch)
        return outcome.timedOut ? nil : read(outcome, of: batch, wanted)
    }

    private func apart() async throws(Failure) -> Looking.Answer {
        var answer = Looking.Answer()
        var kinds: [String] = []
        for one in wanted where !kinds.contains(type(of: one.resource).name) {
            kinds.append(type(of: one.resource).name)
        }
        for kind in kinds {
            let these = wanted.filter { type(of: $0.resource).name == kind }
            let batch = ProbeBatch(these.map(\.resource), marker: Marker.random(), isApart: true, patience: patience)
            answer.looks.merge(read(try await perform(batch), of: batch, these).looks) { $1 }
        }
        let rest = ProbeBatch(
            [], exports: exports, paths: paths, marker: Marker.random(), isApart: true, patience: patience)
        if !exports.isEmpty || !paths.isEmpty {
            let told = read(try await perform(rest), of: rest, [])
            answer.exports = told.exports
            answer.places = told.places
        }
        return answer
    }

    private func perform(_ batch: ProbeBatch) async throws(Failure) -> Outcome {
        let (shell, step, progress) = (shell, batch.step, LookProgress(batch.parts))
        let outcomes = try await progress.watch(shell.host, tell: tell) { () async throws(Failure) in
            try await shell.perform([step]) { _, stream, bytes in if stream == .stdout { progress.hear(bytes) } }
        }
        return outcomes.first ?? Outcome(status: -1)
    }

    private func read(
        _ outcome: Outcome, of batch: ProbeBatch, _ wanted: [(vertex: Int, resource: any ShellKind)]
    ) -> Looking.Answer {
        let told = batch.read(outcome, host: shell.host)
        var answer = Looking.Answer(exports: told.exports, places: batch.places(outcome, host: shell.host))
        for (one, found) in zip(wanted, told.looks) {
            answer.looks[one.vertex] = found.map { Look(one.resource, found: $0) }
        }
        return answer
    }
}
