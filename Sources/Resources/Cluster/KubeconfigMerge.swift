import Credentials
import Model
import OrderedCollections
import YAML

/// One cluster's way in, put into a kubeconfig that may have others: as a cluster, a user and a context of one name.
public struct KubeconfigMerge: Sendable {
    /// The name of the context, and of the cluster and user that it joins.
    public let name: String
    /// Where the cluster's API is, if not where `access` says.
    public let server: String?
    public let access: NodeKubeconfig

    /// - Parameter text: the kubeconfig of the cluster, as k3s writes it; its current context counts.
    /// - Throws: where the text is no kubeconfig, and what it has that is not taken from a node.
    public init(_ text: Secret, name: String, server: String? = nil) throws(InputErrors) {
        self.name = name
        self.server = server
        access = try NodeKubeconfig(text)
    }

    public struct Outcome: Sendable {
        /// The whole kubeconfig as it should be.
        public var text: String
        /// What differs from the one that was there, without any secret; empty where nothing does.
        public var details: [Detail]
    }

    /// - Parameters:
    ///   - old: the kubeconfig that is there; empty for none. What of it is not this cluster's stays as it is written.
    ///   - file: its path, for errors.
    /// - Throws: where it is no kubeconfig, or cannot be changed in this place alone: nothing is to be lost.
    public func merged(into old: String, file: String) throws(InputErrors) -> Outcome {
        var edit = try YAMLEdit(Array(old.utf8), file: file)
        guard edit.value.isNull || edit.value.map != nil else {
            throw InputErrors(
                InputError("\(file) is no kubeconfig", hint: "move it away, or name another with KUBECONFIG"))
        }
        if edit.value.isNull { try edit.set(["apiVersion": "v1", "kind": "Config"], at: []) }
        let cluster = access.cluster(server: server)
        let wasContext = entry("context", in: edit.value)
        var context: OrderedDictionary<String, Value> = wasContext?.map ?? [:]
        context["cluster"] = .string(name)
        context["user"] = .string(name)

        var details = clusterDetails(from: entry("cluster", in: edit.value), to: cluster)
        details += userDetails(from: entry("user", in: edit.value), to: access.user)
        if wasContext?.isSame(as: .map(context)) != true {
            details.append(
                .attribute("context \(name)", from: wasContext.map { _ in "another cluster" }, to: Shown(name)))
        }
        for (key, new) in [("cluster", cluster), ("context", context), ("user", access.user)] {
            try put(.map(new), as: key, into: &edit)
        }
        if edit.value["current-context"]?.string?.isEmpty != false {
            try edit.set(.string(name), at: ["current-context"])
            details.append(.attribute("current context", from: nil, to: Shown(name)))
        }
        return Outcome(text: String(decoding: edit.bytes, as: UTF8.self), details: details)
    }

    private func put(_ new: Value, as key: String, into edit: inout YAMLEdit) throws(InputErrors) {
        let list = "\(key)s"
        let items = edit.value[list]?.list ?? []
        if let place = items.firstIndex(where: { $0["name"]?.string == name }) {
            return try edit.set(new, at: [list, "\(place)", key])
        }
        let item: Value = [key: new, "name": .string(name)]
        try edit.set(items.isEmpty ? [item] : item, at: items.isEmpty ? [list] : [list, "\(items.count)"])
    }

    private func entry(_ key: String, in config: Value) -> Value? {
        config["\(key)s"]?.list?.first { $0["name"]?.string == name }?[key]
    }

    // MARK: What is shown

    private func clusterDetails(from old: Value?, to new: OrderedDictionary<String, Value>) -> [Detail] {
        if old?.isSame(as: .map(new)) == true { return [] }
        let server = new["server"]?.string ?? ""
        let was = old?["server"]?.string
        var details: [Detail] = []
        if was != server {
            details.append(.attribute("cluster \(name)", from: old.map { _ in Shown(was ?? "") }, to: Shown(server)))
        }
        let authority = certificate("certificate-authority-data", "authority", from: old)
        return details + authority + gone("cluster", from: old, but: new)
    }

    private func userDetails(from old: Value?, to new: OrderedDictionary<String, Value>) -> [Detail] {
        if old?.isSame(as: .map(new)) == true { return [] }
        let secret = Shown("", isSensitive: true)
        return [.attribute("user \(name)", from: old.map { _ in secret }, to: secret)]
            + certificate("client-certificate-data", "certificate", from: old) + gone("user", from: old, but: new)
    }

    /// Certificates are no secret: which one it is shows by its fingerprint.
    private func certificate(_ key: String, _ what: String, from old: Value?) -> [Detail] {
        let (was, now) = (NodeKubeconfig.fingerprint(key, of: old), access.fingerprint(key))
        return was == now ? [] : [.attribute(what, from: was.map { Shown($0) }, to: now.map { Shown($0) })]
    }

    /// The entries of this name are the cluster's own: what else they have goes, and is named.
    private func gone(_ what: String, from old: Value?, but new: OrderedDictionary<String, Value>) -> [Detail] {
        (old?.map ?? [:]).keys.filter { new[$0] == nil }.map {
            .attribute("\(what) \(name): \($0)", from: Shown("", isSensitive: true), to: nil)
        }
    }
}
