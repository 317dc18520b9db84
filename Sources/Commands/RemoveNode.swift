import ArgumentParser
import Inventory
import Model
import OrderedCollections

struct RemoveNode: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "remove-node",
        abstract: "Take a machine out of the cluster and out of the inventory.",
        discussion: """
            Shows what it does, and asks. Then the node's pods move elsewhere, a server
            leaves etcd, the cluster forgets the node, and k3s goes from the machine with
            all that it keeps there. At last the host is taken out of the inventory; when
            something fails before, it stays there, and the same command goes on. Where
            etcd would lose its quorum, nothing is begun.

            EXAMPLES
              kubani remove-node my-node
              kubani remove-node my-node --no-drain
              kubani remove-node my-node --force      unasked, though it is gone for good
              kubani remove-node server-3 --yes --keep-k3s

            EXIT STATUS
              0    done
              1    wrong input, or not agreed to: nothing was touched
              3    refused, or a task failed
              4    the machine, or every server that stays, was unreachable
              130  interrupted; run it again to go on
            """)

    @Argument(help: "The node's name.", completion: ConfigCompletion.hosts) var name: String

    @OptionGroup var source: SourceOptions

    @Flag(name: .customLong("no-drain"), help: "Let its pods end with it; do not move them first.")
    var noDrain = false
    @Flag(name: .long, help: "Do it without asking, also where the machine cannot be reached.")
    var force = false
    @Flag(name: .customLong("keep-k3s"), help: "Only stop and disable k3s on it.")
    var keepK3s = false
    @Flag(name: [.short, .long], help: "Do it without asking.")
    var yes = false

    @OptionGroup var roles: RoleOptions
    @OptionGroup var connection: ConnectionOptions
    @OptionGroup var locks: LockOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
        let console = Console()
        var editor = try InventoryEditor(reading: source.path)
        let servers = editor.inventory.hosts(inGroup: "control_plane").map(\.name)
        if servers == [name] {
            throw InputErrors(
                InputError(
                    "\(name) is the only server: without it there is no cluster",
                    hint: "kubani reset takes the whole cluster down; kubani add-node adds another server"))
        }
        try editor.removeHost(name)
        let edit = RunEdit(change: try InventoryChange(editor, extraVars: source.extraVars), moment: .last)
        try edit.check()

        let departure = Departure(
            node: name, isServer: servers.contains(name), staying: servers.filter { $0 != name }, isForced: force)
        var run = ApplyRun(convergence: try convergence(console), output: output, locks: locks, yes: yes || force)
        run.edit = edit
        run.isWhole = true
        run.examine = { plan in try departure.examine(plan) }
        // What is to be done is done through one server.
        run.dispensable = Set(departure.staying).union(force ? [name] : [])
        let path = source.path
        run.consent = { console in
            console.confirm("\nTake \(departure.node) out of the cluster and out of \(path)?")
        }
        let (status, plan) = try await run.runTelling()
        if status == .done, !output.json {
            console.print("\n\(name) is out of the cluster and out of \(path).")
            for note in departure.notes(keepsK3s: keepK3s, plan) { console.complain(note) }
        }
        try status.exit()
    }

    private func convergence(_ console: Console) throws -> Convergence {
        var inventory = try InventoryOptions.parse([])
        inventory.source = source
        inventory.limit = "control_plane:\(name)"
        var selection = try SelectionOptions.parse([])
        selection.roles = roles
        var convergence = Convergence(
            inventory: inventory, selection: selection, connection: connection, console: console)
        convergence.roles = ["k3s-remove", "k3s-uninstall"]
        convergence.variables = [
            "leaving": [.string(name)], "uninstalling": [.string(name)], "remove_drain": .bool(!noDrain),
            "uninstall_keeps": .bool(keepK3s),
        ]
        return convergence
    }
}
