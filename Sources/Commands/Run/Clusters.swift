import HTTP
import Kubernetes
import Model

/// The clusters that a run speaks to, a client for each.
actor Clusters {
    private let http = HTTPClient()
    private var known: [ClusterAccess: any Cluster] = [:]

    func client(_ access: ClusterAccess) -> any Cluster {
        if let client = known[access] { return client }
        let client: any Cluster
        do throws(InputErrors) { client = try ClusterClient(access, http: http) } catch {
            client = NoWayIn(cause: error.description)
        }
        known[access] = client
        return client
    }
}

/// In the place of a client that a kubeconfig did not give: every question fails alike.
private struct NoWayIn: Cluster {
    let cause: String
    private var failure: Failure { Failure(deed: "find the way into the cluster", cause: cause) }

    func answer(_ questions: [ClusterQuestion]) async -> [Result<ClusterAnswer, Failure>] {
        questions.map { _ in .failure(failure) }
    }
    func perform(_ deed: ClusterDeed, tell: @escaping @Sendable (String) -> Void) async throws(Failure) {
        throw failure
    }
}
