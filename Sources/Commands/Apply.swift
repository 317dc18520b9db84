import ArgumentParser

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
    @OptionGroup var upgrade: UpgradeOptions
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
            plan.upgrade = upgrade
            plan.connection = connection
            plan.output = output
            plan.detailedExitcode = false
            return try await plan.run()
        }
        var convergence = Convergence(
            inventory: inventory, selection: selection, connection: connection, console: Console())
        convergence.variables = upgrade.variables
        try await ApplyRun(convergence: convergence, output: output, yes: yes).run().exit()
    }
}
