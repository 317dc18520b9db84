import HTTP
import Model
import Synchronization

/// What came of asking a pod to leave.
public enum Eviction: Sendable {
    /// It is on its way out.
    case granted
    /// It was gone already.
    case gone
    /// A budget does not let it go now; the server's words.
    case blocked(String)
    /// Its namespace is being deleted, and it with that.
    case leaving
}

extension ClusterClient {
    /// Asks a pod to leave, as disruption budgets allow, in whichever version of the policy API there is.
    ///
    /// - Parameters:
    ///   - gracePeriod: in seconds; nil for the pod's own.
    ///   - uid: only the pod of this identity.
    public func evict(
        namespace: String, name: String, gracePeriod: Int? = nil, uid: String? = nil
    ) async throws(Failure) -> Eviction {
        let deed = "evict \(namespace)/\(name)"
        let version = try await evictionVersion(deed)
        let path = "/api/v1/namespaces/\(Self.escaped(namespace))/pods/\(Self.escaped(name))/eviction"
        // Twice is as good as once: the second finds the pod gone, or going.
        var call = Call(method: "POST", path: path, deed: deed)
        call.body = [
            "apiVersion": .string(version), "kind": "Eviction",
            "metadata": ["name": .string(name), "namespace": .string(namespace)],
            "deleteOptions": Self.deleteOptions(gracePeriod: gracePeriod, uid: uid),
        ]
        let status: APIStatus
        switch try await ask(call) {
        case .success: return .granted
        case .status(let told): status = told
        }
        switch status.code {
        case 404: return .gone
        case 409 where uid != nil: return .gone
        case 429:
            let causes = status.causes.map(\.message).filter { !$0.isEmpty }
            return .blocked(causes.isEmpty ? status.message : causes.joined(separator: "; "))
        case 403 where status.causes.contains { $0.reason == "NamespaceTerminating" }: return .leaving
        default: throw failure(status, call)
        }
    }

    private func evictionVersion(_ deed: String) async throws(Failure) -> String {
        let known = resources.withLock { $0["v1"] }
        let all: [APIResource]
        if let known { all = known } else { all = try await resources(of: "v1") }
        guard let eviction = all.first(where: { $0.name == "pods/eviction" }) else {
            throw Failure(
                deed: deed, cause: "this API knows no evictions",
                hint: "a drain without evictions deletes pods, whatever their budgets say")
        }
        return eviction.subject ?? "policy/v1beta1"
    }
}
