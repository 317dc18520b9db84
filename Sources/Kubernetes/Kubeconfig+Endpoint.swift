import HTTP
import Model
import OrderedCollections

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

extension Kubeconfig {
    /// The way into a cluster.
    ///
    /// - Parameter context: its name; nil for the current one.
    /// - Throws: where there is no such context, where it is not whole, and for what kubani does not do: plugins that
    ///   fetch credentials, acting as somebody else.
    public func endpoint(context name: String? = nil) throws(InputErrors) -> ClusterEndpoint {
        guard let name = name ?? currentContext else {
            throw InputErrors(
                InputError(
                    files.isEmpty ? "there is no kubeconfig" : "\(fileText) names no current context",
                    hint: contexts.isEmpty ? nil : "name one of: \(contextNames.joined(separator: ", "))"))
        }
        guard let context = contexts[name] else { throw InputErrors(unknown(name)) }
        let cluster = try entry("cluster", of: context, name, in: clusters)
        let user = try entry("user", of: context, name, in: users)
        var reader = EndpointReader(context: name, cluster: cluster, user: user)
        let endpoint = reader.endpoint(namespace: context.value["namespace"]?.string)
        if !reader.errors.isEmpty { throw InputErrors(reader.errors) }
        return endpoint
    }

    private var fileText: String { files.joined(separator: ", ") }

    private func unknown(_ name: String) -> InputError {
        if files.isEmpty { return InputError("there is no kubeconfig") }
        let near = nearestName(to: name, among: contextNames).map { "did you mean '\($0)'?" }
        let all = contexts.isEmpty ? nil : "there are: \(contextNames.joined(separator: ", "))"
        return InputError("\(fileText) has no context '\(name)'", hint: near ?? all)
    }

    /// The cluster or user that a context names. One without a user asks as nobody.
    private func entry(
        _ key: String, of context: Entry, _ name: String, in entries: OrderedDictionary<String, Entry>
    ) throws(InputErrors) -> Entry? {
        guard let named = context.value[key]?.string, !named.isEmpty else {
            if key == "user" { return nil }
            throw InputErrors(InputError("the context '\(name)' names no \(key)", at: context.value.origin))
        }
        guard let entry = entries[named] else {
            throw InputErrors(
                InputError(
                    "the context '\(name)' names a \(key) '\(named)' that there is not",
                    at: context.value[key]?.origin))
        }
        return entry
    }
}

/// Reads a context's cluster and user, and the files that they name.
private struct EndpointReader {
    let context: String
    let cluster: Kubeconfig.Entry?
    let user: Kubeconfig.Entry?
    var errors: [InputError] = []

    init(context: String, cluster: Kubeconfig.Entry?, user: Kubeconfig.Entry?) {
        self.context = context
        self.cluster = cluster
        self.user = user
    }

    mutating func endpoint(namespace: String?) -> ClusterEndpoint {
        var endpoint = ClusterEndpoint(server: server())
        endpoint.context = context
        if let namespace, !namespace.isEmpty { endpoint.namespace = namespace }
        endpoint.tls.authorities = bytes("certificate-authority", of: cluster)
        endpoint.tls.isInsecure = cluster?.value["insecure-skip-tls-verify"]?.bool ?? false
        if endpoint.tls.isInsecure, endpoint.tls.authorities != nil {
            errors.append(
                InputError(
                    "the cluster has a certificate authority and yet is not to be verified",
                    at: cluster?.value["insecure-skip-tls-verify"]?.origin,
                    hint: "remove insecure-skip-tls-verify, or the authority"))
        }
        endpoint.tls.serverName = text("tls-server-name", of: cluster)
        if let proxy = text("proxy-url", of: cluster) { endpoint.proxy = .url(Secret(proxy)) }
        refuseOthers()
        endpoint.tls.clientCertificate = bytes("client-certificate", of: user)
        endpoint.tls.clientKey = bytes("client-key", of: user).map { Secret(String(decoding: $0, as: UTF8.self)) }
        endpoint.token = token()
        if let name = text("username", of: user) {
            endpoint.basic = (name, Secret(text("password", of: user) ?? ""))
        }
        return endpoint
    }

    private mutating func server() -> String {
        guard var server = text("server", of: cluster) else {
            errors.append(InputError("the cluster names no server", at: cluster?.value.origin))
            return ""
        }
        // As kubectl does.
        if !server.contains("://") { server = "https://" + server }
        while server.last == "/" { server.removeLast() }
        return server
    }

    private func text(_ key: String, of entry: Kubeconfig.Entry?) -> String? {
        guard let text = entry?.value[key]?.string, !text.isEmpty else { return nil }
        return text
    }

    /// What `KEY-data` holds in Base64, or the file that `KEY` names.
    private mutating func bytes(_ key: String, of entry: Kubeconfig.Entry?) -> [UInt8]? {
        if let data = text("\(key)-data", of: entry) {
            guard let bytes = Data(base64Encoded: data.filter { !$0.isWhitespace }) else {
                errors.append(InputError("\(key)-data is no Base64", at: entry?.value["\(key)-data"]?.origin))
                return nil
            }
            return [UInt8](bytes)
        }
        return text(key, of: entry).flatMap { file($0, key, of: entry) }
    }

    private mutating func file(_ path: String, _ key: String, of entry: Kubeconfig.Entry?) -> [UInt8]? {
        let whole = path.hasPrefix("/") ? path : "\(entry?.folder ?? ".")/\(path)"
        guard let data = FileManager.default.contents(atPath: whole) else {
            let isThere = FileManager.default.fileExists(atPath: whole)
            errors.append(
                InputError(
                    "\(key): \(whole) " + (isThere ? "cannot be read" : "is not there"),
                    at: entry?.value[key]?.origin))
            return nil
        }
        return [UInt8](data)
    }

    /// A file's token comes before one that is written out, as for kubectl.
    private mutating func token() -> Secret? {
        if let path = text("tokenFile", of: user) {
            guard let bytes = file(path, "tokenFile", of: user) else { return nil }
            let token = String(decoding: bytes, as: UTF8.self).filter { !$0.isWhitespace }
            if !token.isEmpty { return Secret(token) }
        }
        return text("token", of: user).map { Secret($0) }
    }

    /// Credentials that kubani has no way to get, said rather than left out.
    private mutating func refuseOthers() {
        let hints = [
            "exec": "kubani runs no credential plugin: name a context with a certificate or a token",
            "auth-provider": "kubani knows no auth provider: name a context with a certificate or a token",
            "as": "kubani acts as nobody else: name a context of that user's own",
        ]
        for (key, hint) in hints.sorted(by: { $0.key < $1.key }) {
            guard let value = user?.value[key], !value.isNull else { continue }
            errors.append(
                InputError(
                    "the user of context '\(context)' has '\(key)', which kubani does not do", at: value.origin,
                    hint: hint))
        }
    }
}
