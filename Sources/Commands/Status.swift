import ArgumentParser
import Inventory
import Kubernetes
import Model
import Report
import Roles
import Tailscale

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

struct Status: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Show the nodes: as the inventory wants them, as the cluster and Tailscale see them.",
        discussion: """
            The cluster is asked through the context that kubani apply puts into your
            kubeconfig; no node is connected to. Where its first server is off, the other
            servers of the inventory are asked.

            EXAMPLES
              kubani status
              kubani status --pods --namespace kube-system
              kubani status --wait 300 && echo all nodes are Ready
              kubani status --json | jq -r '.nodes[] | select(.state != "Ready") | .name'

            EXIT STATUS
              0  the cluster was asked, whatever it told
              1  wrong input, such as a context that there is not
              3  the cluster refused; or with --wait: not all nodes are Ready
              4  the cluster's API did not answer; inventory and Tailscale are shown
            """)

    @OptionGroup var inventory: InventoryOptions
    @OptionGroup var cluster: ClusterOptions

    @Flag(name: .long, help: "Also show the pods.") var pods = false
    @Option(
        name: [.customShort("n"), .long],
        help: ArgumentHelp("With --pods: only those of this namespace.", valueName: "name"))
    var namespace: String?
    @Option(
        name: .long,
        help: ArgumentHelp(
            "Wait up to so many seconds until all nodes of the inventory are Ready.", valueName: "s"))
    var wait: Int?
    @Flag(name: .long, help: "JSON instead of text: docs/STATUS.md tells its keys.") var json = false

    mutating func validate() throws {
        if namespace != nil, !pods { throw ValidationError("--namespace is for --pods") }
        if let wait, wait < 1 { throw ValidationError("--wait needs a number of seconds from 1") }
    }

    func run() async throws {
        let console = Console()
        let inventory = try self.inventory.load()
        let site = try self.inventory.site(of: inventory)
        let chosen = try self.inventory.hosts(of: inventory)
        let machines = try InventoryMachine.all(chosen, on: site).filter { $0.isServer || $0.isWorker }
        let endpoint = try cluster.endpoint(of: site)

        async let asked = tailnet()
        let reading = try await read(endpoint, until: machines)
        let tailnet = await asked
        let pictures = NodeJoin(
            machines: machines, nodes: try? reading.get().nodes, peers: (try? tailnet.get())?.machines,
            showsOthers: self.inventory.limit == nil
        ).pictures
        if json {
            let place = (endpoint.context ?? "", endpoint.servers[0])
            console.print(
                JSONText.pretty(StatusJSON.value(pictures, cluster: reading, endpoint: place, tailnet: tailnet)))
        } else {
            show(pictures, reading, tailnet, console)
        }
        for case .failure(let failure) in [tailnet.map { _ in }, reading.map { _ in }] {
            console.complain(failure.description)
        }
        if let wait, !Self.allReady(pictures) { console.complain("Not all nodes are Ready after \(wait) s.") }
        try exitStatus(reading, pictures).exit()
    }

    /// Once; or with `--wait` again and again, until the machines are Ready.
    private func read(
        _ endpoint: ClusterEndpoint, until machines: [InventoryMachine]
    ) async throws -> Result<ClusterReading, Failure> {
        let deadline = ContinuousClock.now + .seconds(wait ?? 0)
        while true {
            let left = ContinuousClock.now.duration(to: deadline)
            let limit = Duration.seconds(cluster.timeout)
            let reading = try await read(endpoint, within: wait == nil ? limit : min(limit, max(.seconds(1), left)))
            let pictures = NodeJoin(machines: machines, nodes: try? reading.get().nodes).pictures
            if wait == nil || Self.allReady(pictures) || ContinuousClock.now + Self.pause > deadline { return reading }
            try await Task.sleep(for: Self.pause)
        }
    }

    /// Between two looks at the cluster.
    private static let pause = Duration.seconds(1)

    private func read(_ endpoint: ClusterEndpoint, within limit: Duration) async throws -> Result<
        ClusterReading, Failure
    > {
        let wanted: ClusterReading.Pods = !pods ? .none : namespace.map { .namespace($0) } ?? .all
        do {
            return .success(try await ClusterReading.read(endpoint, pods: wanted, within: limit))
        } catch let failure as Failure {
            return .failure(failure)
        }
    }

    private func tailnet() async -> Result<TailscaleStatus, Failure> {
        do throws(Failure) { return .success(try await Tailscale.status(ProcessInfo.processInfo.environment)) } catch {
            return .failure(error)
        }
    }

    private func show(
        _ pictures: [NodePicture], _ reading: Result<ClusterReading, Failure>,
        _ tailnet: Result<TailscaleStatus, Failure>, _ console: Console
    ) {
        let text = StatusText(style: console.style, moment: Moment(), knowsTailnet: (try? tailnet.get()) != nil)
        console.print(text.nodes(pictures))
        guard let reading = try? reading.get() else { return }
        if let pods = reading.pods { console.print("\n" + text.pods(pods)) }
        console.print("\n" + text.summary(pictures, reading))
    }

    /// Those of the inventory; a node that nobody asked for holds nothing up.
    private static func allReady(_ pictures: [NodePicture]) -> Bool {
        pictures.allSatisfy { $0.machine == nil || $0.state == .ready }
    }

    private func exitStatus(_ reading: Result<ClusterReading, Failure>, _ pictures: [NodePicture]) -> ExitStatus {
        if case .failure(let failure) = reading {
            return [.unreachable, .timedOut].contains(failure.code) ? .unreachable : .failed
        }
        return wait == nil || Self.allReady(pictures) ? .done : .failed
    }
}
