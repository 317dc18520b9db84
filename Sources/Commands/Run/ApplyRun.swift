import Applier
import Model
import Planner
import Report

/// A plan, shown and agreed to, made so: what `apply` does, and every command that changes nodes by roles.
struct ApplyRun {
    let convergence: Convergence
    let output: OutputOptions
    let locks: LockOptions
    /// Whether nobody is asked.
    let yes: Bool
    /// Asks for more than a yes, where that is called for; nil where nothing is to be done.
    var consent: (@Sendable (Console) -> Bool)?
    /// A change of the inventory that goes with it.
    var edit: RunEdit?
    /// Refuses a plan that is not what was promised, before it is shown.
    var promise: (@Sendable (Plan) throws -> Void)?
    /// Refuses a plan, before anybody is asked.
    var examine: (@Sendable (Plan) throws -> Void)?
    /// Whether a plan of which something cannot succeed is not begun.
    var isWhole = false
    /// Whether somebody has asked to see the plan's secrets.
    var showsSecrets = false
    /// Hosts without which the run is no less done, where they cannot be reached.
    var dispensable: Set<String> = []

    /// - Returns: how the program is to end.
    /// - Throws: `InputErrors` before anything is changed.
    func run() async throws -> ExitStatus { try await runTelling().status }

    /// - Returns: how the program is to end, and the plan that was followed.
    func runTelling() async throws -> (status: ExitStatus, plan: Plan) {
        let console = convergence.console
        let journal = Journal()
        let narrator = Narrator(console: console, verbosity: output.verbose, json: output.json, journal: journal)
        let interrupts = Interrupts(narrator)
        defer { withExtendedLifetime(interrupts) {} }
        let policy = try locks.policy(console, narrator, yes: yes)
        let prepared = try await narrator.during { try await convergence.prepare(narrator) }
        let plan = narrator.shown(prepared.planning.plan)
        narrator.tell(.planned(plan))
        do { try promise?(plan) } catch {
            await prepared.fleet.close()
            throw error
        }
        let isWorthReading = plan.hasChanges || plan.exitStatus != .done || plan.tasks.contains { $0.warning != nil }
        let showsPlan = !output.json && isWorthReading
        if showsPlan {
            console.print(
                PlanText(style: console.style, listsAll: output.verbose > 0).render(
                    showsSecrets ? prepared.planning.plan.revealed : plan))
        }
        let edit = edit.flatMap { $0.isNeeded ? $0 : nil }
        if let edit, !output.json {
            console.print((showsPlan ? "\n" : "") + edit.change.text(console.style))
        }
        try examine?(plan)
        if isWhole, plan.exitStatus == .failed {
            await prepared.fleet.close()
            console.complain("Nothing was changed.")
            return (.failed, plan)
        }
        guard try consents(to: plan, edit, console, narrator) else {
            await prepared.fleet.close()
            console.complain("Nothing was changed.")
            return (.wrongInput, plan)
        }

        if edit?.moment == .first { try edit?.write(console, json: output.json) }
        if showsPlan, yes { console.draw("\n") }
        let stop = StopSignal()
        if locks.needsJournal { narrator.onJournalLoss { _ = stop.set() } }
        if stop.isSet {
            await prepared.fleet.close()
            console.complain("Nothing was changed: there is no journal, and --need-journal was given.")
            return (.failed, plan)
        }
        interrupts.changesBegin(with: stop)
        let applier = Applier(
            reach: await prepared.fleet.reach, pendingHandlers: prepared.surveys.mapValues(\.pendingHandlers),
            owner: Owner.description, locks: policy, stop: stop, emit: { narrator.tell($0) })
        let results = await narrator.during { await applier.apply(prepared.planning) }
        await prepared.fleet.close()
        let recap = await recap(prepared, results, narrator.elapsed, interrupted: stop.isSet)
        narrator.tell(.ended(recap))
        if !output.json {
            let text = RecapText(style: console.style, showsRoundTrips: output.verbose >= 3).render(recap)
            console.print(showsPlan || edit != nil ? "\n" + text : text)
            if recap.hasFailures, let folder = journal.folder {
                console.complain("Everything that was done and said: \(folder)/log.txt")
            }
        }
        if let trouble = journal.trouble { console.complain("warning: \(trouble)") }
        if locks.needsJournal, journal.trouble != nil { return (.failed, plan) }
        let status = recap.exitStatus(without: dispensable.intersection(plan.unreachable))
        guard status == .done, let edit, edit.moment == .last else { return (status, plan) }
        do throws(InputErrors) { try edit.write(console, json: output.json) } catch {
            console.complain("The machines are done, the inventory is not: \(error)")
            return (.failed, plan)
        }
        return (status, plan)
    }

    /// Whether to go on: there is nothing to ask, `--yes` was given, or somebody said so.
    private func consents(to plan: Plan, _ edit: RunEdit?, _ console: Console, _ narrator: Narrator) throws -> Bool {
        if yes || !plan.hasChanges && edit == nil { return true }
        guard console.canAsk else {
            throw InputErrors(
                InputError(
                    "it asks before anything is changed, and there is no terminal to ask on: nothing was changed",
                    hint: "--yes makes the changes without asking; kubani plan only shows them"))
        }
        return narrator.asking { consent?(console) ?? console.confirm("\nMake these changes?") }
    }

    private func recap(
        _ prepared: Convergence.Prepared, _ results: [TaskResult], _ elapsed: Duration, interrupted: Bool
    ) async -> Recap {
        var hosts: [String: Recap.Counts] = [:]
        for host in prepared.planning.plan.hosts {
            hosts[host.name] = Recap.Counts()
            hosts[host.name]?.isUnreachable = host.unreachable != nil
        }
        for (task, result) in zip(prepared.planning.tasks, results) {
            if case .failed(let failure) = result, failure.code == .unreachable {
                hosts[task.id.host]?.isUnreachable = true
            } else {
                hosts[task.id.host, default: Recap.Counts()].add(result)
            }
        }
        for (host, count) in await prepared.fleet.roundTrips() { hosts[host]?.roundTrips = count }
        return Recap(
            hosts: hosts, elapsed: elapsed, ownShare: elapsed - prepared.fleet.clock.total, wasInterrupted: interrupted)
    }
}
