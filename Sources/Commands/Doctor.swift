import ArgumentParser
import Model
import OrderedCollections
import Polling
import Report
import Roles
import SSH
import Template

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

struct Doctor: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Look whether this machine and the nodes are ready for kubani, and say what to do.",
        discussion: """
            This machine: SSH's client, agent and keys, known_hosts, Tailscale, kubectl, a
            place for journals. Each node, all at once: its name, port, host key, login,
            shell, sudo, clock, disks and Tailscale address. Where a node cannot be reached,
            the first thing that fails is told. Nothing is changed.

            EXAMPLES
              kubani doctor
              kubani doctor --limit n3
              kubani doctor --json | jq -r '.hosts.n1[] | select(.state == "fail") | .found'

            EXIT STATUS
              0  nothing failed; there may be warnings
              1  wrong input
              3  something failed
              4  a node could not be reached, and nothing else failed
            """)

    @OptionGroup var inventory: InventoryOptions
    @OptionGroup var connection: ConnectionOptions

    @Flag(name: .long, help: "JSON instead of text.") var json = false

    func run() async throws {
        let console = Console()
        let chosen = try chosenHosts()
        try connection.refuseToAskNobody(console)
        let narrator = Narrator(console: console, verbosity: -1, json: false, journal: nil)
        let interrupts = Interrupts(narrator)
        defer { withExtendedLifetime(interrupts) {} }
        let ssh = connection.ssh(console, narrator)
        let settings = connection.completed(chosen?.settings ?? [], console, narrator)
        let vouched = await Fleet.vouchedHostKeys(settings)
        let connector = SSHConnector(options: ssh)
        let examinations = try settings.map { host in
            NodeExamination(
                settings: host, connector: connector, vouched: vouched[host.address] ?? [],
                tailscaleAddress: try chosen?.text("tailscale_ip", of: host.host),
                dataFolder: try chosen?.text("k3s_data_dir", of: host.host))
        }
        let laptop = LaptopExamination(
            ssh: ssh, environment: ProcessInfo.processInfo.environment, settings: settings)
        async let local = laptop.run()
        let nodes = await narrator.during { await Self.examine(examinations, Slots(connection.forks), narrator) }
        let here = await local + [inventoryFinding(chosen)]
        show(here, nodes, settings, console)
        let failed = (here + nodes.values.flatMap { $0 }).filter { $0.state == .fail }
        try (failed.isEmpty ? .done : failed.allSatisfy(\.isOfReach) ? ExitStatus.unreachable : .failed).exit()
    }

    /// nil where there is no inventory yet, and none was named: whoever begins looks at this machine first.
    private func chosenHosts() throws(InputErrors) -> ChosenHosts? {
        if inventory.source.inventory == nil, !FileManager.default.fileExists(atPath: inventory.path) { return nil }
        return try ChosenHosts.read("all", limit: inventory.limit, of: inventory.source)
    }

    private func inventoryFinding(_ chosen: ChosenHosts?) -> Finding {
        if let chosen {
            return Finding("inventory", .ok, "\(inventory.path), \(counted(chosen.site.hosts.count, "host"))")
        }
        return Finding(
            "inventory", .warn, "there is no \(inventory.path) yet: no node was looked at",
            hint: "begin with inventory/minimal.yml; kubani discover shows your machines")
    }

    private static func examine(
        _ all: [NodeExamination], _ slots: Slots, _ narrator: Narrator
    ) async -> [String: [Finding]] {
        await withTaskGroup(of: (String, [Finding]).self) { group in
            for node in all {
                group.addTask {
                    let host = node.settings.host
                    if node.settings.method == .local { _ = await slots.take(until: .now + .seconds(86400)) }
                    defer { if node.settings.method == .local { slots.pass() } }
                    narrator.tell(.connecting(host: host))
                    let findings = await node.run()
                    // Takes its row off the display.
                    let id = TaskID(host: host, role: "doctor", position: 0, name: "look")
                    narrator.tell(.finished(id, .unchanged("")))
                    return (host, findings)
                }
            }
            return await group.reduce(into: [:]) { $0[$1.0] = $1.1 }
        }
    }

    private func show(
        _ here: [Finding], _ nodes: [String: [Finding]], _ settings: [ConnectionSettings], _ console: Console
    ) {
        let all = here + nodes.values.flatMap { $0 }
        let (fails, warns) = (all.filter { $0.state == .fail }.count, all.filter { $0.state == .warn }.count)
        if json {
            let hosts = settings.map { ($0.host, FindingText.json(nodes[$0.host] ?? [])) }
            return console.print(
                JSONText.pretty([
                    "ok": .bool(fails == 0), "here": FindingText.json(here),
                    "hosts": .map(OrderedDictionary(hosts, uniquingKeysWith: { $1 })),
                ]))
        }
        let text = FindingText(style: console.style)
        let blocks =
            [text.block("this machine", here)] + settings.map { text.block($0.host, nodes[$0.host] ?? []) }
        console.print(blocks.joined(separator: "\n"))
        console.print("\n\(counted(fails, "failure")), \(counted(warns, "warning"))")
    }
}

extension ChosenHosts {
    /// A variable of a host, rendered; nil where it is not set or empty.
    fileprivate func text(_ name: String, of host: String) throws(InputErrors) -> String? {
        try site.scope(host: host).resolve([.string(name)])?.value.string.flatMap { $0.isEmpty ? nil : $0 }
    }
}
