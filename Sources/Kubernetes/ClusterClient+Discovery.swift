import HTTP
import Model
import Synchronization

/// A kind of object as the API serves it.
public struct APIResource: Sendable, Hashable {
    /// `v1`, `apps/v1`.
    public var apiVersion: String
    public var kind: String
    /// Its name in paths: `deployments`; of a subresource, `pods/eviction`.
    public var name: String
    public var isNamespaced: Bool
    /// What a subresource takes, where that is of another group: `policy/v1`.
    public var subject: String?

    /// Where its objects are, or those of a namespace.
    public func path(namespace: String?) -> String {
        let base = apiVersion.contains("/") ? "/apis/\(apiVersion)" : "/api/\(apiVersion)"
        guard isNamespaced, let namespace else { return "\(base)/\(name)" }
        return "\(base)/namespaces/\(ClusterClient.escaped(namespace))/\(name)"
    }

    public func path(namespace: String?, name object: String) -> String {
        "\(path(namespace: namespace))/\(ClusterClient.escaped(object))"
    }
}

public struct ServerVersion: Sendable, Hashable {
    /// `v1.35.6+k3s1`.
    public var gitVersion: String
    public var platform: String
}

extension ClusterClient {
    /// How the API serves a kind; asked once for each group.
    ///
    /// - Returns: nil where it does not.
    public func resource(apiVersion: String, kind: String) async throws(Failure) -> APIResource? {
        func find(_ all: [APIResource]?) -> APIResource? { all?.first { $0.kind == kind && !$0.name.contains("/") } }
        if let known = find(resources.withLock({ $0[apiVersion] })) { return known }
        return find(try await resources(of: apiVersion))
    }

    /// What a group and version has, subresources too; empty where there is no such group.
    ///
    /// Asked anew each time: a kind may have come since.
    public func resources(of apiVersion: String) async throws(Failure) -> [APIResource] {
        let path = apiVersion.contains("/") ? "/apis/\(apiVersion)" : "/api/\(apiVersion)"
        let call = Call(path: path, deed: "ask which kinds \(apiVersion) has")
        let list: Value
        switch try await ask(call) {
        case .success(let value): list = value
        case .status(let status) where status.code == 404: return []
        case .status(let status): throw failure(status, call)
        }
        let found = (list["resources"]?.list ?? []).map { one in
            APIResource(
                apiVersion: apiVersion, kind: one["kind"]?.string ?? "", name: one["name"]?.string ?? "",
                isNamespaced: one["namespaced"]?.bool ?? false,
                subject: one["group"]?.string.map { "\($0)/\(one["version"]?.string ?? "")" })
        }
        resources.withLock { $0[apiVersion] = found }
        return found
    }

    /// Where a manifest's object is.
    ///
    /// - Returns: nil where the API does not know its kind.
    public func path(of manifest: Value) async throws(Failure) -> String? {
        let object = ObjectName(manifest)
        guard let resource = try await resource(apiVersion: object.apiVersion, kind: object.kind) else { return nil }
        return resource.path(namespace: object.namespace ?? endpoint.namespace, name: object.name)
    }

    public func version(until deadline: ContinuousClock.Instant? = nil) async throws(Failure) -> ServerVersion {
        let answer = try await value(of: Call(path: "/version", deed: "ask the API's version", deadline: deadline))
        return ServerVersion(
            gitVersion: answer["gitVersion"]?.string ?? "", platform: answer["platform"]?.string ?? "")
    }

    /// - Returns: nil where the API server is ready; otherwise what it says is not.
    public func whyNotReady() async throws(Failure) -> String? {
        switch try await ask(Call(path: "/readyz", deed: "ask whether the API is ready", isIdempotent: false)) {
        case .success: return nil
        case .status(let status): return status.message
        }
    }
}

/// What a manifest names.
struct ObjectName: Sendable {
    var apiVersion: String
    var kind: String
    var namespace: String?
    var name: String

    init(_ object: Value) {
        apiVersion = object["apiVersion"]?.string ?? ""
        kind = object["kind"]?.string ?? ""
        namespace = object["metadata"]?["namespace"]?.string
        name = object["metadata"]?["name"]?.string ?? ""
    }

    /// `Deployment kube-system/coredns`.
    var text: String { "\(kind) \(namespace.map { "\($0)/" } ?? "")\(name)" }
}
