import Inventory
import Model
import Roles
import Template

/// A machine as the inventory has it, for comparison with what the cluster and the tailnet tell.
struct InventoryMachine: Sendable, Equatable {
    var name: String
    var groups: [String]
    /// `tailscale_ip`, then `ansible_host` where that is another; rendered.
    var addresses: [String]

    var isServer: Bool { groups.contains("control_plane") }
    var isWorker: Bool { groups.contains("workers") }
    /// What it is to be in the cluster, in kubectl's words.
    var roles: [String] { isServer ? ["control-plane"] : isWorker ? ["worker"] : [] }

    /// Whether an address or a DNS name of a peer is one of these.
    func isReached(at others: [String]) -> Bool {
        addresses.contains { mine in others.contains { !$0.isEmpty && $0.lowercased() == mine.lowercased() } }
    }

    /// The hosts, servers first, then workers, each in the inventory's order.
    ///
    /// - Throws: every address that cannot be rendered.
    static func all(_ hosts: [Host], on site: Site) throws(InputErrors) -> [InventoryMachine] {
        var errors: [InputError] = []
        var machines: [InventoryMachine] = []
        for host in hosts {
            var machine = InventoryMachine(name: host.name, groups: host.groups, addresses: [])
            for name in ["tailscale_ip", "ansible_host"] {
                do throws(InputErrors) {
                    guard let text = try site.scope(host: host.name).resolve([.string(name)])?.value.string,
                        !text.isEmpty, !machine.addresses.contains(text)
                    else { continue }
                    machine.addresses.append(text)
                } catch {
                    errors += error.errors
                }
            }
            machines.append(machine)
        }
        if !errors.isEmpty { throw InputErrors(errors) }
        return machines.filter(\.isServer) + machines.filter { !$0.isServer && $0.isWorker }
            + machines.filter { !$0.isServer && !$0.isWorker }
    }
}
