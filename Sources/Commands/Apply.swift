import Applier
import ArgumentParser
import Model
import Planner
import Report

struct Apply: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "apply",
        abstract: "Make the nodes what the roles declare.",
        discussion: """
            Plans, shows the plan, asks, and does just that. A task that fails stops
            what depends on it and nothing else; a second run goes on from there.
            Ctrl-C lets what runs come to its end and begins nothing new.

            EXAMPLES
              kubani apply
              kubani apply --yes --limit workers
              kubani apply --check                  the same as kubani plan
              kubani apply --tags prerequisites --extra-vars time_sync=chrony
              kubani apply --yes --json | jq -r 'select(.result == "failed").task'

            EXIT STATUS
              0    done
              1    wrong input, or not agreed to: nothing was touched
              3    a task failed
              4    a host was unreachable, and nothing else failed
              130  interrupted; run it again to go on

            The events are kept in .kubani/runs/TIME-ID/events.jsonl.
            """,
        aliases: ["provision"])

    @OptionGroup var inventory: InventoryOptions
    @OptionGroup var selection: SelectionOptions
    @OptionGroup var connection: ConnectionOptions
    @OptionGroup var output: OutputOptions

    @Flag(name: [.short, .long], help: "Make the changes without asking.")
    var yes = false

    @Flag(name: [.customShort("C"), .long], help: "Only plan, as kubani plan does.")
    var check = false

    func run() async throws {
        if check {
            var plan = PlanCommand()
            plan.inventory = inventory
            plan.selection = selection
            plan.connection = connection
            plan.output = output
            plan.detailedExitcode = false
            return try await plan.run()
        }
        let console = Console()
        let journal = Journal()
        let narrator = Narrator(console: console, verbosity: output.verbose, json: output.json, journal: journal)
        let interrupts = Interrupts(narrator)
        defer { withExtendedLifetime(interrupts) {} }
        let convergence = Convergence(
            inventory: inventory, selection: selection, connection: connection, console: console)
        let prepared = try await narrator.during { try await convergence.prepare(narrator) }
        let plan = prepared.planning.plan
        narrator.tell(.planned(plan))
        let isWorthReading = plan.hasChanges || plan.exitStatus != .done || plan.tasks.contains { $0.warning != nil }
        let showsPlan = !output.json && isWorthReading
        if showsPlan { console.print(PlanText(style: console.style, listsAll: output.verbose > 0).render(plan)) }
        guard try consents(to: plan, console, narrator) else {
            await prepared.fleet.close()
            console.complain("Nothing was changed.")
            return try ExitStatus.wrongInput.exit()
        }

        if showsPlan, yes { console.draw("\n") }
        let stop = StopSignal()
        interrupts.changesBegin(with: stop)
        let applier = Applier(
            reach: await prepared.fleet.reach, pendingHandlers: prepared.surveys.mapValues(\.pendingHandlers),
            owner: Owner.description, stop: stop, emit: { narrator.tell($0) })
        let results = await narrator.during { await applier.apply(prepared.planning) }
        await prepared.fleet.close()
        let recap = await recap(prepared, results, narrator.elapsed, interrupted: stop.isSet)
        narrator.tell(.ended(recap))
        if !output.json {
            let text = RecapText(style: console.style, showsRoundTrips: output.verbose >= 3).render(recap)
            console.print(showsPlan ? "\n" + text : text)
            if recap.hasFailures, let path = journal.path { console.complain("The run's journal: \(path)") }
        }
        try recap.exitStatus.exit()
    }

    /// Whether to go on: there is nothing to ask, `--yes` was given, or somebody said so.
    private func consents(to plan: Plan, _ console: Console, _ narrator: Narrator) throws -> Bool {
        if yes || !plan.hasChanges { return true }
        guard console.canAsk else {
            throw InputErrors(
                InputError(
                    "apply asks before it changes anything, and there is no terminal to ask on: nothing was changed",
                    hint: "--yes makes the changes without asking; kubani plan only shows them"))
        }
        return narrator.asking { console.confirm("\nMake these changes?") }
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
        return Recap(hosts: hosts, elapsed: elapsed, wasInterrupted: interrupted)
    }
}
