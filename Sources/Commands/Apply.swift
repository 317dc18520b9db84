import ArgumentParser
import PlanFile

struct Apply: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "apply",
        abstract: "Make the nodes what the roles declare.",
        discussion: """
            Plans, shows the plan, asks, and does just that. A task that fails stops
            what depends on it and nothing else; a second run goes on from there.
            A plan that kubani plan --out saved is done without asking, and exactly as it
            stands: where anything that it looked at has changed since, all is refused.
            Ctrl-C lets what runs come to its end and begins nothing new.

            EXAMPLES
              kubani apply
              kubani apply --yes --limit workers
              kubani apply --check                  the same as kubani plan
              kubani apply --tags prerequisites --extra-vars time_sync=chrony
              kubani plan --out friday.plan && kubani apply friday.plan
              kubani apply --yes --json | jq -r 'select(.result == "failed").task'

            EXIT STATUS
              0    done
              1    wrong input, or not agreed to: nothing was touched
              3    a task failed
              4    a host was unreachable, and nothing else failed
              130  interrupted; run it again to go on

            What was done and said is kept in .kubani/runs; kubani history shows it.
            """,
        aliases: ["provision"])

    @Argument(help: "A plan that kubani plan --out saved.", completion: .file())
    var plan: String?

    @OptionGroup var inventory: InventoryOptions
    @OptionGroup var selection: SelectionOptions
    @OptionGroup var upgrade: UpgradeOptions
    @OptionGroup var connection: ConnectionOptions
    @OptionGroup var locks: LockOptions
    @OptionGroup var output: OutputOptions
    @OptionGroup var secrets: SecretOptions

    @Flag(name: [.short, .long], help: "Make the changes without asking.")
    var yes = false

    @Flag(name: [.customShort("C"), .long], help: "Only plan, as kubani plan does.")
    var check = false

    @Option(
        name: .long,
        help: ArgumentHelp(
            "For those who come from Ansible: what that playbook did. It says what to type instead.",
            valueName: "site.yml"))
    var playbook: Playbook?

    mutating func validate() throws {
        if playbook == .addNode, inventory.limit == nil {
            throw ValidationError("--playbook add_node.yml needs --limit NODE: the node that is new")
        }
        if playbook != nil, plan != nil { throw ValidationError("a saved plan and --playbook do not go together") }
        guard let plan else { return }
        var own: [String] = []
        if inventory.source.inventory != nil { own.append("--inventory") }
        if inventory.limit != nil { own.append("--limit") }
        if !selection.tags.isEmpty { own.append("--tags") }
        if !selection.skipTags.isEmpty { own.append("--skip-tags") }
        if !selection.roles.folders.isEmpty { own.append("--roles") }
        if upgrade.noDrain { own.append("--no-drain") }
        if upgrade.skipUnreachable { own.append("--skip-unreachable") }
        if !own.isEmpty {
            throw ValidationError(
                "\(plan) is done as it was planned: it cannot be given \(own.joined(separator: ", "))")
        }
        if check { throw ValidationError("--check plans, and \(plan) is a plan: kubani show \(plan) shows it") }
    }

    func run() async throws {
        if let plan { return try await follow(plan) }
        if let playbook {
            Console().complain("\(playbook.rawValue) was Ansible's; with kubani: \(playbook.command)")
            if playbook == .preflightChecks { return try await doctor() }
        }
        if check {
            var plan = PlanCommand()
            plan.inventory = inventory
            plan.selection = selection
            plan.upgrade = upgrade
            plan.connection = connection
            plan.output = output
            plan.secrets = secrets
            plan.detailedExitcode = false
            plan.out = nil
            return try await plan.run()
        }
        var convergence = Convergence(
            inventory: inventory, selection: selection, connection: connection, console: Console())
        convergence.variables = upgrade.variables
        var run = ApplyRun(convergence: convergence, output: output, locks: locks, yes: yes)
        run.showsSecrets = secrets.showSecrets
        try await run.run().exit()
    }

    /// Does what a saved plan says, where a plan made now says the same.
    private func follow(_ file: String) async throws {
        let console = Console()
        let saved = try SavedPlan.read(file)
        let seal = try PlanKey.forApplying(saved, file: file)
        let asked = try saved.request.options(given: inventory.extraVars, seal: seal, file: file)
        var convergence = Convergence(
            inventory: asked.inventory, selection: asked.selection, connection: connection, console: console)
        convergence.variables = saved.request.variables
        var run = ApplyRun(convergence: convergence, output: output, locks: locks, yes: true)
        run.showsSecrets = secrets.showSecrets
        run.promise = { now in try saved.refuseOther(than: now, seal: seal, file: file, console: console) }
        try await run.run().exit()
    }

    private func doctor() async throws {
        var doctor = try Doctor.parse(output.json ? ["--json"] : [])
        doctor.inventory = inventory
        doctor.connection = connection
        try await doctor.run()
    }
}
