import Model

/// A node that leaves its cluster: what of its plan is refused, and what is left to be said.
struct Departure: Sendable {
    let node: String
    let isServer: Bool
    /// The servers that stay.
    let staying: [String]
    let isForced: Bool

    /// - Throws: `Failure` where the node, or every server that stays, cannot be reached. Without a server nobody would
    ///   tell the cluster, and k3s would be taken off a machine that is still part of it.
    func examine(_ plan: Plan) throws(Failure) {
        let unreachable = plan.hosts.filter { $0.unreachable != nil }
        let servers = unreachable.filter { staying.contains($0.name) }
        if servers.count == staying.count {
            throw Failure(
                .unreachable, deed: "remove \(node)",
                cause: staying.isEmpty
                    ? "there is no server in the group control_plane"
                    : "no server that stays can be reached: "
                        + servers.map { "\($0.name): \($0.unreachable?.cause ?? "")" }.joined(separator: "; "),
                hint: "the cluster is told through a server: bring one back first")
        }
        guard !isForced, let failure = unreachable.first(where: { $0.name == node })?.unreachable else { return }
        throw Failure(
            .unreachable, host: node, deed: "remove it", cause: "it cannot be reached: \(failure.cause)",
            hint: "bring it back; or, where it is gone for good, --force removes it from the cluster and the inventory")
    }

    func notes(keepsK3s: Bool, _ plan: Plan) -> [String] {
        var notes: [String] = []
        if plan.unreachable.contains(node) {
            let script = isServer ? "k3s-uninstall.sh" : "k3s-agent-uninstall.sh"
            notes.append(
                "note: k3s still lies on \(node), which could not be reached: should it come back, run "
                    + "/usr/local/bin/\(script) there")
        } else if keepsK3s {
            notes.append("note: k3s is stopped and disabled on \(node), and keeps its files there")
        }
        if isServer {
            notes.append("note: kubani apply tells the other machines and your kubeconfig that \(node) is gone")
        }
        return notes
    }
}
