import Inventory
import Model
import OrderedCollections
import Planner
import Roles
import Template

/// Connections to some hosts, and what each told of itself: for commands that follow no plan.
struct Contact {
    let fleet: Fleet
    /// With the facts of all hosts that answered.
    let site: Site
    /// Those that answered, in the inventory's order.
    let reached: [String]
    let unreachable: [String: Failure]

    /// - Parameters:
    ///   - pattern: an Ansible host pattern.
    ///   - variables: above all others.
    /// - Throws: `InputErrors` for a wrong inventory, before any host is touched.
    static func open(
        _ pattern: String, of source: SourceOptions, by connection: ConnectionOptions, _ console: Console,
        _ narrator: Narrator
    ) async throws -> Contact {
        try await open(try ChosenHosts.read(pattern, of: source), by: connection, console, narrator)
    }

    static func open(
        _ chosen: ChosenHosts, by connection: ConnectionOptions, _ console: Console, _ narrator: Narrator
    ) async throws -> Contact {
        try connection.refuseToAskNobody(console)
        var site = chosen.site
        narrator.keep(site.secrecy(), by: site.secretNames)
        let fleet = Fleet(options: connection, console: console, narrator: narrator)
        let surveys = await fleet.open(chosen.settings, exports: [:], early: [:])
        site.facts = surveys.mapValues(\.facts)
        site.reached = chosen.names.filter { surveys[$0] != nil }
        let unreachable = await fleet.unreachable
        site.unreachable = chosen.names.filter { unreachable[$0] != nil }
        return Contact(fleet: fleet, site: site, reached: site.reached ?? [], unreachable: unreachable)
    }

    /// A fact of a host: `k3s.joined`.
    func fact(_ host: String, _ path: String) -> Value? {
        path.split(separator: ".").reduce(site.facts[host]) { $0?[String($1)] }
    }

    /// A variable of a host, rendered; nil where it is not set.
    func variable(_ name: String, of host: String) throws(InputErrors) -> Value? {
        guard let found = try site.scope(host: host).resolve([.string(name)])?.value, !found.isNull else { return nil }
        return found
    }

    func text(_ name: String, of host: String) throws(InputErrors) -> String? {
        try variable(name, of: host)?.string.flatMap { $0.isEmpty ? nil : $0 }
    }

    func shell(_ host: String) async throws(Failure) -> any NodeShell {
        guard let shell = await fleet.shells[host] else {
            throw unreachable[host] ?? Failure(.unreachable, host: host, deed: "reach it", cause: "it is not connected")
        }
        return shell
    }

    /// The servers that answered and have been part of a cluster.
    var members: [String] { reached.filter { fact($0, "k3s.joined")?.bool == true } }

    /// - Throws: where no server answered that is part of a cluster, and why.
    func member() throws(Failure) -> String {
        if let member = members.first { return member }
        if reached.isEmpty, let failure = unreachable.sorted(by: { $0.key < $1.key }).first?.value { throw failure }
        throw Failure(
            deed: "find a server of the cluster",
            cause: unreachable.isEmpty
                ? "k3s runs on none of \(reached.joined(separator: ", ")) yet"
                : "k3s runs on none of \(reached.joined(separator: ", ")), and \(unreachable.keys.sorted().joined(separator: ", ")) cannot be reached",
            hint: "kubani apply makes the cluster")
    }
}
