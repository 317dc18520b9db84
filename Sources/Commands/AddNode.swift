import ArgumentParser
import Inventory
import Model
import OrderedCollections
import Report

struct AddNode: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "add-node",
        abstract: "Add a machine to the inventory.",
        discussion: """
            Writes the host into its group, as the hosts there are written, and shows what
            changed; the machine itself is set up by kubani apply, or here with --apply.

            EXAMPLES
              kubani add-node my-node 100.64.0.10 --role worker
              kubani add-node control-1 100.64.0.5 --role control-plane
              kubani add-node gpu-node 100.64.0.20 --gpu --reserved-cpu 4 \\
                --reserved-memory 8Gi --labels gpu=true,workstation=true \\
                --taints nvidia.com/gpu=true:NoSchedule
              kubani add-node web-1 100.64.0.15 --labels tier=frontend --apply

            EXIT STATUS
              0  added
              1  wrong input, or the file was changed meanwhile: nothing is written
              With --apply, those of kubani apply; the host stays in the inventory.
            """)

    /// What a machine is in the cluster.
    enum Role: String, CaseIterable, ExpressibleByArgument {
        case worker
        case controlPlane = "control-plane"

        /// The inventory's group for it.
        var group: String { self == .worker ? "workers" : "control_plane" }
    }

    @Argument(help: "The node's name, here and in Kubernetes.") var name: String
    @Argument(help: ArgumentHelp("Its Tailscale address.", valueName: "ip")) var address: String

    @OptionGroup var inventory: SourceOptions

    @Option(name: .long, help: "worker or control-plane.") var role = Role.worker
    @Flag(name: .long, help: "It has an NVIDIA GPU for the cluster.") var gpu = false
    @Option(
        name: .customLong("reserved-cpu"),
        help: ArgumentHelp("Processor time kept from Kubernetes: 2, 1.5, 500m.", valueName: "cpus"))
    var reservedCPU: String?
    @Option(
        name: .customLong("reserved-memory"),
        help: ArgumentHelp("Memory kept from Kubernetes: 4Gi, 512Mi.", valueName: "memory"))
    var reservedMemory: String?
    @Option(
        name: .long, parsing: .singleValue, help: ArgumentHelp("Labels. May be repeated.", valueName: "k=v,k=v"))
    var labels: [String] = []
    @Option(
        name: .long, parsing: .singleValue,
        help: ArgumentHelp("Taints. May be repeated.", valueName: "k=v:effect,k:effect"))
    var taints: [String] = []
    @Option(name: .long, help: "Whom SSH logs in as.") var user: String?

    @Flag(name: .long, help: "Go on with kubani apply --limit NAME.") var apply = false
    @Flag(name: [.short, .long], help: "With --apply: make the changes without asking.") var yes = false
    @OptionGroup var roles: RoleOptions
    @OptionGroup var connection: ConnectionOptions
    @OptionGroup var edit: EditOptions

    mutating func validate() throws {
        if apply, edit.check { throw ValidationError("--apply and --check do not go together") }
        if yes, !apply { throw ValidationError("--yes is for --apply") }
    }

    func run() async throws {
        let console = Console()
        var editor = try InventoryEditor(reading: inventory.path)
        let description = NodeDescription(
            gpu: gpu, reservedCPU: reservedCPU, reservedMemory: reservedMemory, labels: labels, taints: taints,
            user: user)
        try editor.addNode(name, address: address, to: role.group, variables: try description.variables())
        let change = try InventoryChange(editor, extraVars: inventory.extraVars)
        let notes = try change.make(unless: edit.check)
        let next = applyArguments(showing: {
            ExtraVariables.holdSecret($0, by: editor.inventory.secretNames) ? "(sensitive)" : $0
        })
        if edit.json {
            var json = change.json(notes, written: !edit.check)
            json["host"] = .string(name)
            json["group"] = .string(role.group)
            json["next"] = .list(next.map { .string($0) })
            console.print(JSONText.pretty(.map(json)))
        } else {
            console.print(change.text(console.style))
        }
        for note in notes { console.complain(note.description) }
        if edit.check { return console.complain("Nothing was written.") }
        if apply { return try await applyToNode() }
        if !edit.json {
            console.print(
                "\n\(name) is in the inventory. To set it up: kubani \(next.map(Invocation.typed).joined(separator: " "))"
            )
        }
    }

    /// The command that sets the machine up.
    ///
    /// - Parameter showing: how variables that were given are written.
    private func applyArguments(showing: (String) -> String = { $0 }) -> [String] {
        var arguments = ["apply"]
        if let path = inventory.inventory { arguments += ["-i", path] }
        arguments += ["--limit", name]
        for variables in inventory.extraVars { arguments += ["--extra-vars", showing(variables)] }
        for folder in roles.folders { arguments += ["--roles", folder] }
        return arguments + (yes ? ["--yes"] : [])
    }

    private func applyToNode() async throws {
        if !edit.json { Console().print("") }
        var apply = try Apply.parse(Array(applyArguments().dropFirst()))
        apply.connection = connection
        apply.output.json = edit.json
        try await apply.run()
    }
}
