import ArgumentParser
import Model
import PlanFile
import Planner
import Report

struct PlanCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "plan",
        abstract: "Show, node by node, what apply would change. Changes nothing.",
        discussion: """
            EXAMPLES
              kubani plan
              kubani plan --limit 'workers:!n3' --tags prerequisites
              kubani plan --extra-vars @more.yml --roles ./roles -v
              kubani plan --detailed-exitcode && echo 'nothing to do'
              kubani plan --out friday.plan && kubani apply friday.plan
              kubani plan --json | jq '.hosts[].tasks[] | select(.verdict == "change")'

            SIGNS
              + create   ~ update   - delete   ! run   … wait
              ? may change, known after an earlier change   ✗ cannot succeed
              = unchanged   · skipped   (both with -v)

            EXIT STATUS
              0  planned
              1  wrong input: no host was touched
              2  with --detailed-exitcode: there are changes
              3  a task cannot succeed
              4  a host was unreachable, and nothing else is wrong
            """)

    @OptionGroup var inventory: InventoryOptions
    @OptionGroup var selection: SelectionOptions
    @OptionGroup var upgrade: UpgradeOptions
    @OptionGroup var connection: ConnectionOptions
    @OptionGroup var output: OutputOptions
    @OptionGroup var secrets: SecretOptions

    @Flag(name: .customLong("detailed-exitcode"), help: "End with status 2 where there are changes.")
    var detailedExitcode = false

    @Option(
        name: .long,
        help: ArgumentHelp("Save the plan: kubani apply FILE does exactly that, or refuses.", valueName: "file"),
        completion: .file())
    var out: String?

    func run() async throws {
        let console = Console()
        let narrator = Narrator(console: console, verbosity: output.verbose, json: false, journal: nil)
        let interrupts = Interrupts(narrator)
        defer { withExtendedLifetime(interrupts) {} }
        var convergence = Convergence(
            inventory: inventory, selection: selection, connection: connection, console: console)
        convergence.variables = upgrade.variables
        let prepared = try await narrator.during { [convergence] in try await convergence.prepare(narrator) }
        let plan = prepared.planning.plan
        await prepared.fleet.close()
        try save(narrator.shown(plan), prepared.secretNames)
        let shown = secrets.showSecrets ? plan.revealed : narrator.shown(plan)
        if output.json {
            console.print(JSONText.pretty(PlanJSON.value(shown)))
        } else {
            console.print(PlanText(style: console.style, listsAll: output.verbose > 0).render(shown))
            if output.verbose >= 3 { console.complain(await prepared.fleet.roundTripsText()) }
        }
        if let out { console.complain("Saved: kubani show \(out) shows it, kubani apply \(out) makes it so.") }
        let status = plan.exitStatus
        try (status == .done && detailedExitcode && plan.hasChanges ? .changes : status).exit()
    }

    private func save(_ plan: Plan, _ names: SecretNames) throws {
        guard let out else { return }
        let seal = try PlanKey.forSaving()
        let request = try PlanRequest(inventory, selection, variables: upgrade.variables, seal: seal, by: names)
        try SavedPlan.save(plan, of: request, seal: seal, to: out)
    }
}
