import ArgumentParser
import Inventory
import Model
import OrderedCollections

struct Upgrade: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Bring k3s to another release, node by node.",
        discussion: """
            Shows the plan and asks. Then it writes k3s_version where the inventory sets it
            now, or else for all hosts, and does what kubani apply would do with it: a
            snapshot, the servers one at a time, then the agents. Each node's pods move
            elsewhere first, and the next node begins when it is Ready again.

            The version is written before the first node is touched: what was cut short,
            and what --limit left out, plain kubani apply finishes. Where the plan shows
            that it cannot succeed, nothing is written and nothing begun.

            EXAMPLES
              kubani upgrade --to v1.35.6+k3s1
              kubani upgrade --to v1.35.6+k3s1 --no-drain --yes
              kubani upgrade --to v1.35.6+k3s1 --skip-unreachable

            EXIT STATUS
              0    done
              1    wrong input, or not agreed to: nothing was touched
              3    the release cannot be reached from the one there, and nothing was touched;
                   or a node did not come back
              4    a host was unreachable, and nothing else failed
              130  interrupted; kubani apply goes on
            """)

    @OptionGroup var inventory: InventoryOptions
    @OptionGroup var roles: RoleOptions
    @OptionGroup var options: UpgradeOptions
    @OptionGroup var connection: ConnectionOptions
    @OptionGroup var locks: LockOptions
    @OptionGroup var output: OutputOptions

    @Option(help: ArgumentHelp("The release: v1.35.6+k3s1.", valueName: "version"))
    var to: String

    @Flag(name: [.short, .long], help: "Do it without asking.")
    var yes = false

    func run() async throws {
        var selection = try SelectionOptions.parse([])
        selection.roles = roles
        selection.tags = ["k3s"]
        var convergence = Convergence(
            inventory: inventory, selection: selection, connection: connection, console: Console())
        convergence.variables = options.variables.merging(["k3s_version": .string(to)]) { $1 }
        var editor = try InventoryEditor(reading: inventory.path)
        try editor.setEverywhere("k3s_version", to: .string(to))
        let edit = RunEdit(change: try InventoryChange(editor, extraVars: inventory.extraVars), moment: .first)
        try edit.check()
        var run = ApplyRun(convergence: convergence, output: output, locks: locks, yes: yes)
        run.edit = edit
        run.isWhole = true
        try await run.run().exit()
    }
}
