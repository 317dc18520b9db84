import Credentials
import Model
import OrderedCollections
import Resources
import Template

/// Where the machines of an inventory are, by what a person wrote: a node may send this machine there, and nowhere else.
struct SiteAddresses {
    let site: Site
    /// The role whose defaults count, and its host, whose values come first.
    let role: Role
    let host: String

    /// The variables that hold an address, or an URL with one.
    private static let names = ["tailscale_ip", "ansible_host", "ansible_ssh_host", "api_server_url", "k3s_tls_san"]

    /// - Throws: where the kubeconfig that a resource was given leads to no address of the inventory.
    func admit(_ resource: any ResourceKind, at origin: Origin?) throws(InputErrors) {
        let access: NodeKubeconfig
        switch resource {
        case let kind as Resources.Kubeconfig:
            // A server that the role names itself is what a person wrote.
            if kind.merge.server != nil { return }
            access = kind.merge.access
        case let kind as any ClusterKind: access = try NodeKubeconfig(kind.access.kubeconfig)
        default: return
        }
        guard !has(access.host) else { return }
        throw InputErrors(
            InputError(
                "the kubeconfig's server \(access.server.prefix(200)) is no address of this inventory", at: origin,
                hint: "a host's name, tailscale_ip or ansible_host is, and what api_server_url names"))
    }

    func has(_ address: String) -> Bool {
        ([host] + site.hosts.keys).contains { name in
            name.lowercased() == address || addresses(of: name).contains(address)
        }
    }

    private func addresses(of host: String) -> [String] {
        let scope = site.scope(host: host, role: role.name, defaults: role.defaults)
        func value(_ name: String) -> Value? { try? scope.resolve([.string(name)])?.value }
        let isHere = ["local", "ansible.builtin.local"].contains(value("ansible_connection")?.string)
        return Self.names.compactMap(value).flatMap { $0.list ?? [$0] }.compactMap(\.string).map(Self.host)
            + (isHere ? ["127.0.0.1", "::1", "localhost"] : [])
    }

    /// Of an address, or of an URL.
    private static func host(of text: String) -> String {
        let rest = text.firstRange(of: "://").map { text[$0.upperBound...] } ?? text[...]
        let authority = rest.prefix { $0 != "/" }.lowercased()
        if authority.first == "[" { return String(authority.dropFirst().prefix { $0 != "]" }) }
        let isIPv6 = authority.count { $0 == ":" } > 1
        return isIPv6 ? authority : String(authority.prefix { $0 != ":" })
    }
}
