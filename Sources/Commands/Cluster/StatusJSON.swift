import Kubernetes
import Model
import OrderedCollections
import Tailscale

/// What `kubani status --json` prints; its keys are in docs/STATUS.md.
enum StatusJSON {
    static func value(
        _ pictures: [NodePicture], cluster: Result<ClusterReading, Failure>,
        endpoint: (context: String, server: String),
        tailnet: Result<TailscaleStatus, Failure>
    ) -> Value {
        var all: OrderedDictionary<String, Value> = [
            "cluster": self.cluster(cluster, endpoint), "tailscale": self.tailnet(tailnet),
            "nodes": .list(pictures.map(node)),
        ]
        if let pods = try? cluster.get().pods { all["pods"] = .list(pods.map(pod)) }
        return .map(all)
    }

    static func cluster(
        _ cluster: Result<ClusterReading, Failure>, _ endpoint: (context: String, server: String)
    ) -> Value {
        let (version, error): (Value, Value) =
            switch cluster {
            case .success(let reading): (.string(reading.version), .null)
            case .failure(let failure): (.null, .string(failure.description))
            }
        return [
            "context": .string(endpoint.context), "server": .string(endpoint.server), "version": version,
            "error": error,
        ]
    }

    static func tailnet(_ tailnet: Result<TailscaleStatus, Failure>) -> Value {
        switch tailnet {
        case .success(let status): ["tailnet": .string(status.tailnet), "error": .null]
        case .failure(let failure): ["tailnet": .null, "error": .string(failure.description)]
        }
    }

    private static func node(_ picture: NodePicture) -> Value {
        let (node, machine) = (picture.node, picture.machine)
        var (reason, message, since) = (Value.null, Value.null, Value.null)
        switch node?.readiness {
        case .notReady(let why, let words): (reason, message) = (.string(why), .string(words))
        case .silent(let moment, let words): (since, message) = (.string(moment), .string(words))
        default: break
        }
        let labels = node?.labels.mapValues { Value.string($0) } ?? [:]
        return [
            "name": .string(picture.name), "state": .string(picture.state.rawValue), "reason": reason,
            "message": message, "since": since, "roles": texts(picture.roles),
            "version": node.map { .string($0.version) } ?? .null,
            "schedulable": node.map { .bool($0.isSchedulable) } ?? .null,
            "addresses": texts(node?.internalAddresses ?? []), "taints": texts(node?.taints ?? []),
            "labels": .map(labels), "troubles": texts(picture.troubles),
            "created": node.map { .string($0.created) } ?? .null,
            "inventory": machine.map {
                ["host": .string($0.name), "groups": texts($0.groups), "addresses": texts($0.addresses)]
            } ?? .null,
            "tailscale": picture.peer.map(peer) ?? .null,
        ]
    }

    static func peer(_ peer: TailscaleStatus.Peer) -> Value {
        [
            "name": .string(peer.name), "dns_name": .string(peer.dnsName), "addresses": texts(peer.addresses),
            "online": .bool(peer.isOnline), "last_seen": peer.lastSeen.map { .string($0) } ?? .null,
        ]
    }

    private static func pod(_ pod: PodStatus) -> Value {
        [
            "namespace": .string(pod.namespace), "name": .string(pod.name),
            "node": pod.node.isEmpty ? .null : .string(pod.node), "state": .string(pod.state), "ready": .int(pod.ready),
            "containers": .int(pod.containers), "restarts": .int(pod.restarts), "created": .string(pod.created),
            "well": .bool(pod.isWell),
        ]
    }

    static func texts(_ all: [String]) -> Value { .list(all.map { .string($0) }) }
}
