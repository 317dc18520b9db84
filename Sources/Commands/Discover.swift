import ArgumentParser
import Inventory
import Kubernetes
import Model
import OrderedCollections
import Report
import Roles
import Tailscale

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

struct Discover: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Show the machines of your tailnet, and which are in the inventory and the cluster.",
        discussion: """
            This machine's Tailscale is asked, over its socket or else by its program; no
            machine is connected to. $KUBANI_TAILSCALE_SOCKET names another socket.

            EXAMPLES
              kubani discover
              kubani discover --online-only --filter 'gpu-*'
              kubani discover --no-cluster-status
              kubani discover --json | jq -r '.machines[] | select(.node == null) | .name'

            EXIT STATUS
              0  Tailscale was asked; where the cluster could not be, a line says why
              1  wrong input
              4  Tailscale did not answer, or is not up
            """)

    @OptionGroup var inventory: SourceOptions
    @OptionGroup var cluster: ClusterOptions

    @Flag(name: .customLong("online-only"), help: "Only machines that are online.") var onlineOnly = false
    @Option(
        name: .long, help: ArgumentHelp("Only machines of such a name: 'gpu-*', 'n[1-3]'.", valueName: "glob"))
    var filter: String?
    @Flag(name: .customLong("no-cluster-status"), help: "Do not ask the cluster which machines are part of it.")
    var noClusterStatus = false
    @Flag(name: .long, help: "JSON instead of text: docs/STATUS.md tells its keys.") var json = false

    func run() async throws {
        let console = Console()
        let site = try self.site()
        let machines = try site.map(Self.machines)
        async let asked = reading(site)
        let tailnet = try await Tailscale.status(ProcessInfo.processInfo.environment)
        let cluster = try await asked
        let found = Discovery(
            tailnet: tailnet, machines: machines, nodes: cluster.reading?.nodes, onlineOnly: onlineOnly, filter: filter)
        if json {
            console.print(JSONText.pretty(value(found, cluster)))
        } else {
            show(found, console)
        }
        if let trouble = cluster.trouble { console.complain("The cluster was not asked: \(trouble)") }
    }

    /// The inventory's; nil where there is none and none was named: whoever begins looks at the machines first.
    private func site() throws(InputErrors) -> Site? {
        let isNamed = inventory.inventory != nil
        guard isNamed || FileManager.default.fileExists(atPath: inventory.path) else { return nil }
        let inventory = try self.inventory.load()
        return try self.inventory.site(of: inventory)
    }

    private static func machines(_ site: Site) throws(InputErrors) -> [InventoryMachine] {
        try InventoryMachine.all(Array(site.hosts.values), on: site)
    }

    /// What the cluster told, or why it did not. Neither, where it is not to be asked.
    ///
    /// - Throws: where the way to it that was named on the command line is not there.
    private func reading(_ site: Site?) async throws -> (reading: ClusterReading?, trouble: String?) {
        if noClusterStatus { return (nil, nil) }
        do {
            let endpoint = try cluster.endpoint(of: site)
            return (try await ClusterReading.read(endpoint, within: .seconds(cluster.timeout)), nil)
        } catch let failure as Failure {
            return (nil, failure.description)
        } catch let errors as InputErrors where cluster.context == nil && cluster.kubeconfig == nil {
            return (nil, errors.description)
        }
    }

    private func show(_ found: Discovery, _ console: Console) {
        let text = DiscoveryText(
            style: console.style, moment: Moment(), knowsInventory: found.machines != nil,
            knowsCluster: found.nodes != nil)
        let machines = found.found
        if machines.isEmpty {
            let names = found.tailnet.machines.map(\.name).joined(separator: ", ")
            return console.complain("No machine of the tailnet is so; it has \(names).")
        }
        console.print(text.table(machines))
        if let hint = text.hint(found.candidates, inventory: inventory.inventory) { console.print("\n" + hint) }
    }

    private func value(_ found: Discovery, _ cluster: (reading: ClusterReading?, trouble: String?)) -> Value {
        [
            "tailnet": .string(found.tailnet.tailnet), "machines": .list(found.found.map(DiscoveryText.json)),
            "inventory": found.machines == nil ? .null : .string(inventory.path),
            "cluster": noClusterStatus
                ? .null
                : [
                    "context": cluster.reading.map { .string($0.context) } ?? .null,
                    "error": cluster.trouble.map { .string($0) } ?? .null,
                ],
        ]
    }
}
