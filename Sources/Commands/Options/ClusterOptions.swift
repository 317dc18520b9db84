import ArgumentParser
import HTTP
import Kubernetes
import Model
import OrderedCollections
import Roles
import Template

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// The way into the cluster's API: the context that `kubani apply` puts into your kubeconfig.
struct ClusterOptions: ParsableArguments {
    @Option(
        name: .long,
        help: ArgumentHelp("Your kubeconfig. (default: $KUBECONFIG or ~/.kube/config)", valueName: "file"),
        completion: .file())
    var kubeconfig: String?

    @Option(
        name: .long,
        help: ArgumentHelp("Its context. (default: the inventory's cluster_name)", valueName: "name"))
    var context: String?

    @Option(
        name: .long, help: ArgumentHelp("How long the API may take to answer, in seconds.", valueName: "s"))
    var timeout = 10

    mutating func validate() throws {
        if timeout < 1 { throw ValidationError("--timeout needs a number of seconds from 1") }
    }

    /// The API's address and credentials.
    ///
    /// - Parameter site: the inventory's; nil where there is none.
    /// - Throws: where there is no such context, with the command that fetches it.
    func endpoint(of site: Site?) throws(InputErrors) -> ClusterEndpoint {
        let files = kubeconfig.map { [$0] } ?? Kubeconfig.standardFiles(ProcessInfo.processInfo.environment)
        let config = try Kubeconfig(reading: files)
        let name: String
        if let context { name = context } else { name = try clusterName(site) }
        guard config.contextNames.contains(name) else { throw InputErrors(missing(name, in: config, files)) }
        var endpoint = try config.endpoint(context: name)
        if context == nil, let site { addServers(of: site, to: &endpoint) }
        return endpoint
    }

    private func missing(_ name: String, in config: Kubeconfig, _ files: [String]) -> InputError {
        let place = config.files.isEmpty ? files : config.files
        let cause =
            config.files.isEmpty
            ? "there is no kubeconfig" + (place.isEmpty ? "" : ": \(place.joined(separator: ", "))")
            : "\(place.joined(separator: ", ")) has no context '\(name)'"
        if context != nil, !config.contextNames.isEmpty {
            let near = nearestName(to: name, among: config.contextNames).map { "did you mean '\($0)'?" }
            return InputError(cause, hint: near ?? "there are: \(config.contextNames.joined(separator: ", "))")
        }
        return InputError(
            cause, hint: "kubani kubeconfig --merge fetches it from a server; kubani apply makes a cluster")
    }

    /// As the role of the servers calls the context.
    private func clusterName(_ site: Site?) throws(InputErrors) -> String {
        guard let site, let host = site.groups["control_plane"]?.first ?? site.hosts.keys.first else { return "kubani" }
        let named = try site.scope(host: host).resolve([.string("cluster_name")])?.value.string
        return named.flatMap { $0.isEmpty ? nil : $0 } ?? "kubani"
    }

    /// Any server of the cluster can be asked, where the one that the kubeconfig names is off.
    private func addServers(of site: Site, to endpoint: inout ClusterEndpoint) {
        // Whoever answers there is known by the cluster's own authority, or not asked at all.
        guard endpoint.tls.authorities != nil, !endpoint.tls.isInsecure else { return }
        for host in site.groups["control_plane"] ?? [] {
            guard let found = try? site.scope(host: host).resolve([.string("tailscale_ip")]),
                let address = found.value.string
            else { continue }
            let server = "https://\(address):6443"
            if !endpoint.servers.contains(server) { endpoint.servers.append(server) }
        }
    }
}
