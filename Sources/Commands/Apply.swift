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
            Plans, shows the plan, asks, and does just that. A task that fails stops what depends on it and nothing
            else; a second run goes on from there.

            EXAMPLES
              kubani apply
              kubani apply --yes --limit workers
              kubani apply --check                 the same as kubani plan
              kubani apply --tags k3s --extra-vars k3s_version=v1.31.4+k3s1

            EXIT STATUS
              0 done   1 wrong input, nothing touched   3 a task failed   4 a host was unreachable   130 interrupted
            """,
        aliases: ["provision"])

    @OptionGroup var inventory: InventoryOptions
    @OptionGroup var selection: SelectionOptions
    @OptionGroup var connection: ConnectionOptions
    @OptionGroup var output: OutputOptions

    @Flag(name: [.short, .long], help: "Do not ask.")
    var yes = false

    @Flag(name: [.customShort("C"), .long], help: "Only plan.")
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
        let convergence = Convergence(
            inventory: inventory, selection: selection, connection: connection, console: console)
        let prepared = try await narrator.during { try await convergence.prepare(narrator) }
        let plan = prepared.planning.plan
        narrator.tell(.planned(plan))
        let isWorthReading = plan.hasChanges || plan.exitStatus != .done || plan.tasks.contains { $0.warning != nil }
        if !output.json, isWorthReading {
            console.print(PlanText(style: console.style, listsAll: output.verbose > 0).render(plan))
        }
        guard try consents(to: plan, console) else {
            await prepared.fleet.close()
            console.complain("Nothing was changed.")
            return try ExitStatus.wrongInput.exit()
        }

        // Until here nothing was changed, and Ctrl-C simply ends the program.
        let stop = StopSignal()
        let interrupts = Interrupts {
            let isFirst = stop.set()
            if isFirst { narrator.tell(.stopping) }
            return isFirst
        }
        defer { withExtendedLifetime(interrupts) {} }
        let applier = Applier(
            shells: await prepared.fleet.shells, pendingHandlers: prepared.surveys.mapValues(\.pendingHandlers),
            owner: Owner.description, stop: stop, emit: { narrator.tell($0) })
        let results = await narrator.during { await applier.apply(prepared.planning) }
        await prepared.fleet.close()
        let recap = await recap(prepared, results, narrator.elapsed, interrupted: stop.isSet)
        narrator.tell(.ended(recap))
        if !output.json {
            console.print(RecapText(style: console.style, showsRoundTrips: output.verbose >= 3).render(recap))
            if recap.hasFailures, let journal { console.complain("The run's journal: \(journal.folder)/events.jsonl") }
        }
        try recap.exitStatus.exit()
    }

    /// Whether to go on: there is nothing to ask, `--yes` was given, or somebody said so.
    private func consents(to plan: Plan, _ console: Console) throws -> Bool {
        if yes || !plan.hasChanges { return true }
        guard console.canAsk else {
            throw InputErrors(
                InputError("apply asks before it changes anything, and there is no terminal to ask on", hint: "--yes"))
        }
        return console.confirm("Make these changes?")
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
