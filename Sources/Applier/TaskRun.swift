import Model
import Planner
import Resources

/// Brings one task of one host to its end.
struct TaskRun: Sendable {
    let vertex: Int
    let task: HostTask
    let verdict: Verdict
    let reach: Reach
    let gate: HostGate
    let exports: Exports
    /// For a handler: whether something notified it, now or in an interrupted run.
    let isNotified: Bool
    /// For a handler: what has begun anew since it was notified, and which task began it.
    let renewed: [Effect: String]
    /// Whether this run has changed something on the host before.
    let hostHasChanged: Bool
    /// What a task before this one found on its behalf.
    let foreseen: Foreseen?
    /// Those that this one may look ahead for.
    let followers: Followers
    let stop: StopSignal
    let emit: @Sendable (Event) -> Void

    struct End: Sendable {
        var result: TaskResult
        var exports: [String: Value] = [:]
        /// Whether its handlers have to run although it ended unchanged: an attempt before the last changed something.
        var isNotifying = false
        /// Those that were looked at on their behalf, and what was found for them, by vertex.
        var lookedAhead: [Int] = []
        var foreseen: [Int: Foreseen] = [:]
        /// What it changed, or may have.
        var touched: [Effect] = []
        /// The facts that it made others, by their names.
        var facts: [String: Value]?
    }

    func run() async -> End {
        var attempt = 0
        while true {
            do throws(Failure) {
                var end = try await self.attempt(attempt)
                end.result = secrecy.shown(end.result)
                end.isNotifying = attempt > 0
                if attempt > 0 { end.touched = [.everything] }
                return end
            } catch {
                let error = secrecy.shown(error.ofTask(on: task.id.host))
                // A list of checksums may have been replaced since it was kept.
                for url in resolved()?.resource.texts ?? [] { reach.artifacts.forgetText(url: url) }
                // A node that is lost, held by another run or changed by somebody else is nothing to be ignored.
                let isOwn = error.code == .failed || error.code == .timedOut
                guard attempt < task.retry.times, isOwn, await rested() else {
                    return End(
                        result: task.ignoresErrors && isOwn ? .ignored(error) : .failed(error), isNotifying: true,
                        touched: [.everything])
                }
                attempt += 1
                emit(.retrying(task.id, attempt: attempt, error))
            }
        }
    }

    /// Whether the wait before the next attempt came to its end.
    private func rested() async -> Bool {
        do { try await Task.sleep(for: task.retry.delay) } catch { return false }
        return !stop.isSet
    }

    private func attempt(_ number: Int) async throws(Failure) -> End {
        // An unchanged task is here only to have its exports read again.
        if case .unchanged(let how) = verdict, task.handles == nil { return try await unchanged(how) }
        let passage = try await gate.pass(vertex, hasChanged: hostHasChanged || number > 0)
        if task.handles != nil { return try await handle() }
        guard number == 0 else { return try await lookAndMake() }
        if let foreseen, foreseen.isFresh, !foreseen.look.difference.isFailure {
            return try await decide(foreseen.look, sensitive: foreseen.isSensitive)
        }
        guard case .change(let change) = verdict else { return try await lookAndMake() }
        switch passage {
        case .make:
            guard let (resource, isSensitive) = resolved() else { return try await lookAndMake() }
            return try await make(change, of: resource, sensitive: isSensitive)
        case .isSo(let how): return try await unchanged(how)
        case .lookAgain: return try await lookAndMake()
        }
    }

    /// What of its values is not to be shown in how it ended.
    private var secrecy: Secrecy {
        if case .resource(_, let secrecy) = task.resolve(exports) { secrecy } else { .none }
    }

    private func resolved() -> (resource: any ResourceKind, isSensitive: Bool)? {
        if case .resource(let resource, let secrecy) = task.resolve(exports) { return (resource, secrecy.isSensitive) }
        return nil
    }

    /// A task whose values or surroundings changed since the plan: looked at afresh.
    private func lookAndMake() async throws(Failure) -> End {
        switch task.resolve(exports) {
        case .skipped(let why): return End(result: .skipped(why))
        case .unknown(let unknown):
            throw failure(
                "learn its values", "not known: \(unknown.because)",
                hint: "run without --limit and --tags, or with the host and task that export it")
        case .invalid(let errors): throw failure("read its values", errors.description)
        case .failed(let failure): throw failure
        case .resource(let resource, let secrecy):
            var looking = Looking()
            looking.add(vertex, resource, host: task.id.host)
            let answer = await looking.take(through: reach)
            if let lost = answer.lost[task.id.host] { throw lost }
            guard let look = try answer.looks[vertex]?.get() else { throw failure("look at it", "no answer") }
            return try await decide(look, sensitive: secrecy.isSensitive)
        }
    }

    private func decide(_ look: Look, sensitive: Bool) async throws(Failure) -> End {
        switch look.difference {
        case .none(let how): return try await unchanged(how)
        case .warns(let warning): return try await unchanged(warning)
        case .fails(let cause, let hint): throw failure("hold it", cause, hint: hint)
        case .change(let change): return try await make(change, of: look.resource, sensitive: sensitive)
        }
    }

    private func unchanged(_ how: String) async throws(Failure) -> End {
        let outcomes = try await perform(here(exportSteps), showing: 0, sensitive: true)
        return End(result: .unchanged(how), exports: read(outcomes[...]))
    }

    private func handle() async throws(Failure) -> End {
        guard isNotified else { return End(result: .skipped("not notified")) }
        let clear = PendingHandlers.clear(PendingHandlers.name(task.id))
        switch task.resolve(exports) {
        case .resource(let resource, let secrecy):
            guard let change = resource.whenNotified else { throw failure("run it", "its kind is no handler's") }
            if !change.begins.isEmpty, let by = renewed[change.begins[0]],
                change.begins.allSatisfy({ renewed[$0] != nil })
            {
                _ = try await perform(here([clear]), showing: 1, sensitive: false)
                return End(result: .unchanged("'\(by)' has started \(resource.subject) anew"))
            }
            return try await make(change, of: resource, then: [clear], sensitive: secrecy.isSensitive)
        case .skipped(let why):
            _ = try await perform(here([clear]), showing: 1, sensitive: false)
            return End(result: .skipped(why))
        case .unknown(let unknown): throw failure("learn its values", "not known: \(unknown.because)")
        case .invalid(let errors): throw failure("read its values", errors.description)
        case .failed(let failure): throw failure
        }
    }

    /// Makes the change, reads the exports and looks ahead for those that follow, in one round trip. What it notifies is
    /// written down first.
    private func make(
        _ change: Change, of resource: any ResourceKind, then last: [Step] = [], sensitive: Bool
    ) async throws(Failure) -> End {
        let marks = task.notifies.map { PendingHandlers.name(role: task.id.role, handler: $0) }
        let place = Place(resource, host: task.id.host)
        let steps =
            here(marks.isEmpty ? [] : [PendingHandlers.mark(marks)])
            + change.steps.map { StepRunner.PlacedStep(place: place, step: timed($0)) } + here(last)
        let lookAhead = change.steps.contains(where: \.isReboot) ? nil : followers.lookAhead(exports)
        let facts = resource.altersFacts.isEmpty ? [] : [Step.run(Facts.probe, deadline: .seconds(60))]
        let outcomes = try await perform(
            steps + here(exportSteps + facts), showing: steps.count, sensitive: sensitive || change.isSensitive,
            then: lookAhead?.step)
        var end = End(
            result: .changed(change), exports: read(outcomes.dropFirst(steps.count)),
            touched: task.kind.changesNothing ? [.everything] : resource.touches)
        if !facts.isEmpty, outcomes.count > steps.count + task.exports.count {
            let told = try Facts.read(outcomes[steps.count + task.exports.count].stdout)
            end.facts = Dictionary(uniqueKeysWithValues: resource.altersFacts.map { ($0, told.entry($0) ?? .null) })
        }
        end.lookedAhead = lookAhead?.vertices ?? []
        if outcomes.count > steps.count + task.exports.count + facts.count, let last = outcomes.last {
            end.foreseen = lookAhead?.read(last, host: task.id.host) ?? [:]
        }
        return end
    }

    /// On the task's own node.
    private func here(_ steps: [Step]) -> [StepRunner.PlacedStep] {
        steps.map { StepRunner.PlacedStep(place: .node(task.id.host), step: $0) }
    }

    private func timed(_ step: Step) -> Step {
        switch (step, task.timeout) {
        case (.run(let script, _), let timeout?): .run(script, deadline: timeout)
        case (.reboot, let timeout?): .reboot(deadline: timeout)
        default: step
        }
    }

    private var exportSteps: [Step] { task.exports.map { .run("eval \($0.read.text)", deadline: .seconds(60)) } }

    private func read(_ outcomes: ArraySlice<Outcome>) -> [String: Value] {
        var values: [String: Value] = [:]
        for (export, outcome) in zip(task.exports, outcomes) { values[export.key] = export.value(from: outcome.stdout) }
        return values
    }

    /// - Parameters:
    ///   - shown: how many of the steps may be shown; what exports print never is.
    ///   - sensitive: whether none of them may be.
    ///   - lookAhead: for those that follow; it may fail without a word.
    private func perform(
        _ steps: [StepRunner.PlacedStep], showing shown: Int, sensitive: Bool, then lookAhead: Step? = nil
    ) async throws(Failure) -> [Outcome] {
        guard !steps.isEmpty else { return [] }
        let (id, emit) = (task.id, emit)
        for case .run(let script, _) in steps.prefix(shown).map(\.step) {
            emit(.command(id, Shown(script.text, isSensitive: sensitive)))
        }
        let told = ToldOutput { stream, text in emit(.output(id, stream, text)) }
        defer { told.finish() }
        let runner = StepRunner(reach: reach) { step, stream, bytes in
            guard step < shown, !sensitive else { return }
            told.append(bytes, step, stream)
        }
        let outcomes = try await runner.perform(steps + here(lookAhead.map { [$0] } ?? []))
        if let last = outcomes.prefix(steps.count).last, !last.succeeded || outcomes.count < steps.count {
            throw failure(of: last, sensitive: sensitive || outcomes.count > shown)
        }
        return outcomes
    }

    /// The failure that a step's answer tells of. Its last line is the cause; a kind may add one that begins `hint: `.
    private func failure(of outcome: Outcome, sensitive: Bool) -> Failure {
        var said = sensitive ? [] : outcome.errorOutput.split(separator: "\n").map(String.init)
        var hint: String?
        if let last = said.last, last.hasPrefix("hint: ") {
            hint = String(last.dropFirst(6))
            said.removeLast()
        }
        let silence = sensitive ? "its output may hold secrets and is not shown" : "no reason was given"
        let cause = outcome.timedOut ? "its deadline passed" : said.last ?? silence
        return Failure(
            outcome.timedOut ? .timedOut : .failed, host: task.id.host, deed: "make '\(task.id.name)' so",
            cause: "\(cause) (exit \(outcome.status))", detail: said.count > 1 ? said.joined(separator: "\n") : nil,
            hint: hint)
    }

    private func failure(_ deed: String, _ cause: String, hint: String? = nil) -> Failure {
        Failure(host: task.id.host, deed: "\(deed) ('\(task.id.name)')", cause: cause, hint: hint)
    }
}
