import Kubernetes
import Model

/// What the cluster's API told at one moment.
struct ClusterReading: Sendable {
    var context: String
    /// The address in the kubeconfig.
    var server: String
    /// The API server's.
    var version: String
    var nodes: [NodeStatus]
    /// nil where they were not asked for. By namespace, then by name.
    var pods: [PodStatus]?

    /// Which pods are asked for.
    enum Pods: Sendable, Equatable {
        case none
        case all
        case namespace(String)
    }

    /// - Parameter limit: for all of it together.
    /// - Throws: `Failure` where the API does not answer, and `InputErrors` for a namespace that there is not.
    static func read(_ endpoint: ClusterEndpoint, pods: Pods = .none, within limit: Duration) async throws -> Self {
        let deadline = ContinuousClock.now + limit
        let client = ClusterClient(endpoint, patience: min(limit, .seconds(2)))
        let nodes = try await client.listing("/api/v1/nodes", until: deadline).items.map(NodeStatus.init)
        let reading = ClusterReading(
            context: endpoint.context ?? "", server: endpoint.servers.first ?? "",
            version: try await client.version(until: deadline).gitVersion, nodes: nodes,
            pods: try await list(pods, client, deadline))
        return reading
    }

    private static func list(
        _ pods: Pods, _ client: ClusterClient, _ deadline: ContinuousClock.Instant
    ) async throws -> [PodStatus]? {
        var namespace: String?
        switch pods {
        case .none: return nil
        case .all: break
        case .namespace(let name): namespace = name
        }
        let items = try await client.listing(PodStatus.path(namespace: namespace), until: deadline).items
        if items.isEmpty, let namespace { try await check(namespace, client, deadline) }
        return items.map(PodStatus.init).sorted { ($0.namespace, $0.name) < ($1.namespace, $1.name) }
    }

    /// The API takes a namespace that is not there for an empty one.
    private static func check(
        _ namespace: String, _ client: ClusterClient, _ deadline: ContinuousClock.Instant
    ) async throws {
        // Who may not look at namespaces has had an answer all the same.
        guard let all = try? await client.listing("/api/v1/namespaces", until: deadline).items else { return }
        let names = all.compactMap { $0["metadata"]?["name"]?.string }
        if names.contains(namespace) { return }
        let near = nearestName(to: namespace, among: names).map { "did you mean '\($0)'?" }
        throw InputErrors(
            InputError(
                "the cluster has no namespace '\(namespace)'",
                hint: near ?? "there are: \(names.sorted().joined(separator: ", "))"))
    }
}
