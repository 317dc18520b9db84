import HTTP
import Model
import OrderedCollections

extension ClusterClient {
    public enum PatchType: String, Sendable, Hashable {
        case merge = "application/merge-patch+json"
        case json = "application/json-patch+json"
        /// Knows how Kubernetes' own kinds merge their lists.
        case strategic = "application/strategic-merge-patch+json"
    }

    /// What becomes of the objects that an object owns.
    public enum Propagation: String, Sendable, Hashable {
        case background = "Background"
        case foreground = "Foreground"
        case orphan = "Orphan"
    }

    static let fieldManager = "kubani"

    private static let dryRun = ("dryRun", "All")

    /// Server-side apply as field manager `kubani`: what the manifest does not say is left as it is.
    ///
    /// - Parameters:
    ///   - force: fields that others manage are taken over; otherwise they are a conflict.
    ///   - dryRun: nothing is changed; the answer is what it would be.
    /// - Returns: the object as it is then.
    @discardableResult
    public func apply(_ manifest: Value, force: Bool = false, dryRun: Bool = false) async throws(Failure) -> Value {
        var call = Call(method: "PATCH", path: "", deed: "apply \(ObjectName(manifest).text)")
        call.query = [("fieldManager", Self.fieldManager)]
        if force { call.query.append(("force", "true")) }
        if dryRun { call.query.append(Self.dryRun) }
        call.body = manifest
        // JSON is YAML.
        call.contentType = "application/apply-patch+yaml"
        return try await value(of: call, about: manifest) { $0 }
    }

    /// A manifest's object as it is, and as a forced apply would make it.
    ///
    /// - Returns: nil for `live` where there is none; nil for `applied` where the API cannot tell, for it does not know
    ///   the kind, or has no such namespace.
    public func preview(_ manifest: Value) async throws(Failure) -> (live: Value?, applied: Value?) {
        guard let path = try await path(of: manifest) else { return (nil, nil) }
        let live = try await object(path)
        let deed = "try to apply \(ObjectName(manifest).text)"
        var call = Call(method: "PATCH", path: path, deed: deed)
        call.query = [("fieldManager", Self.fieldManager), ("force", "true"), Self.dryRun]
        call.body = manifest
        call.contentType = "application/apply-patch+yaml"
        switch try await ask(call) {
        case .success(let applied): return (live, applied)
        case .status(let status) where status.code == 404: return (live, nil)
        case .status(let status): throw failure(status, call)
        }
    }

    @discardableResult
    public func create(_ object: Value, dryRun: Bool = false) async throws(Failure) -> Value {
        var call = Call(method: "POST", path: "", deed: "create \(ObjectName(object).text)", isIdempotent: false)
        call.query = [("fieldManager", Self.fieldManager)]
        if dryRun { call.query.append(Self.dryRun) }
        call.body = object
        return try await value(of: call, about: object) { Self.place(of: $0).collection }
    }

    /// The answer of a call about a manifest's object. A kind whose CustomResourceDefinition has just been established
    /// is told of a moment later, and served another moment after that: it is waited for.
    ///
    /// - Parameter path: where the call goes, given the object's path.
    private func value(
        of call: Call, about manifest: Value, at path: (String) -> String
    ) async throws(Failure) -> Value {
        let deadline = ContinuousClock.now + min(patience, .seconds(10))
        var call = call
        while true {
            if let known = try await self.path(of: manifest) {
                call.path = path(known)
                switch try await ask(call) {
                case .success(let value): return value
                case .status(let status) where status.isNoPath && ContinuousClock.now < deadline: break
                case .status(let status): throw failure(status, call)
                }
            } else if ContinuousClock.now >= deadline {
                let object = ObjectName(manifest)
                throw Failure(
                    deed: call.deed, cause: "the API knows no kind \(object.kind) in \(object.apiVersion)",
                    hint: "is its CustomResourceDefinition there, and of that version?")
            }
            do { try await Task.sleep(for: .milliseconds(300)) } catch {
                throw Failure(.cancelled, deed: call.deed, cause: "cancelled")
            }
        }
    }

    /// - Parameter path: of the object, or of its `/status` or `/scale`.
    /// - Throws: `drifted` where an operation of a JSON patch does not fit the object, such as a test that fails.
    @discardableResult
    public func patch(
        _ path: String, _ type: PatchType, _ body: Value, dryRun: Bool = false
    ) async throws(Failure) -> Value {
        // The operations of a JSON patch may mean something else the second time.
        var call = Call(method: "PATCH", path: path, deed: "change \(path)", isIdempotent: type != .json)
        call.query = [("fieldManager", Self.fieldManager)]
        if dryRun { call.query.append(Self.dryRun) }
        call.body = body
        call.contentType = type.rawValue
        switch try await ask(call) {
        case .success(let value): return value
        // All that the API says of a JSON patch that does not fit.
        case .status(let status) where type == .json && status.message.contains("due to an error in our request"):
            throw Failure(.drifted, deed: call.deed, cause: "it is no longer as it was looked at")
        case .status(let status): throw failure(status, call)
        }
    }

    /// - Parameters:
    ///   - gracePeriod: in seconds; nil for the object's own.
    ///   - uid: deletes only the object of this identity, and none that has taken its name since.
    /// - Returns: false where there was none.
    @discardableResult
    public func delete(
        _ path: String, propagation: Propagation? = nil, gracePeriod: Int? = nil, uid: String? = nil,
        dryRun: Bool = false
    ) async throws(Failure) -> Bool {
        var call = Call(method: "DELETE", path: path, deed: "delete \(path)")
        call.body = Self.deleteOptions(propagation: propagation, gracePeriod: gracePeriod, uid: uid, dryRun: dryRun)
        switch try await ask(call) {
        case .success: return true
        case .status(let status) where status.code == 404: return false
        // Another object has the name: the one that was meant is gone.
        case .status(let status) where status.code == 409 && uid != nil: return false
        case .status(let status): throw failure(status, call)
        }
    }

    /// The object that a manifest declares.
    ///
    /// - Returns: false where there was none, nor its kind.
    @discardableResult
    public func delete(
        manifest: Value, propagation: Propagation? = nil, dryRun: Bool = false
    ) async throws(Failure) -> Bool {
        guard let path = try await path(of: manifest) else { return false }
        return try await delete(path, propagation: propagation, dryRun: dryRun)
    }

    /// With a body the API reads no options from the query, a dry run's least of all.
    static func deleteOptions(
        propagation: Propagation? = nil, gracePeriod: Int?, uid: String?, dryRun: Bool = false
    ) -> Value {
        var options: OrderedDictionary<String, Value> = ["apiVersion": "v1", "kind": "DeleteOptions"]
        if let propagation { options["propagationPolicy"] = .string(propagation.rawValue) }
        if let gracePeriod { options["gracePeriodSeconds"] = .int(gracePeriod) }
        if dryRun { options["dryRun"] = ["All"] }
        if let uid { options["preconditions"] = ["uid": .string(uid)] }
        return .map(options)
    }
}
