import ArgumentParser
import Inventory
import Model
import OrderedCollections
import Roles
import Template

struct Reset: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Take k3s off the machines, with all that it keeps there: give them back.",
        discussion: """
            Takes the cluster down, or with --limit takes k3s off some machines without
            telling the cluster (kubani remove-node does both). What Kubernetes' volumes
            hold on these machines goes, too. Packages, the firewall and Tailscale stay. It
            shows what it does and asks for the cluster's name.

            EXAMPLES
              kubani backup && kubani reset
              kubani reset --limit n3

            EXIT STATUS
              0    done
              1    wrong input, or not agreed to: nothing was touched
              3    a task failed
              4    a host was unreachable, and nothing else failed
              130  interrupted; run it again to go on
            """)

    @OptionGroup var inventory: InventoryOptions
    @OptionGroup var roles: RoleOptions
    @OptionGroup var connection: ConnectionOptions
    @OptionGroup var locks: LockOptions
    @OptionGroup var output: OutputOptions

    @Flag(name: [.short, .long], help: "Do it without asking.")
    var yes = false

    func run() async throws {
        let console = Console()
        let loaded = try inventory.load()
        let hosts = try inventory.hosts(of: loaded)
        let site = try inventory.site(of: loaded)
        let name = try hosts.first.flatMap { host in
            try site.scope(host: host.name).resolve([.string("cluster_name")])?.value.string
        }
        var selection = try SelectionOptions.parse([])
        selection.roles = roles
        var convergence = Convergence(
            inventory: inventory, selection: selection, connection: connection, console: console)
        convergence.roles = ["k3s-uninstall"]
        convergence.variables = ["uninstalling": .list(hosts.map { .string($0.name) })]
        var run = ApplyRun(convergence: convergence, output: output, locks: locks, yes: yes)
        run.consent = { console in (try? console.confirm(byName: name ?? "kubani", "take it down")) ?? false }
        try await run.run().exit()
    }
}
