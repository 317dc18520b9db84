import Crypto
import Model
import OrderedCollections
import YAML

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// The way into a cluster as a node tells it. It is not the user's own kubeconfig, and has not what that may have: it
/// names no file, no command, no proxy, and no name of it is used. What else is in the text is refused by its name.
public struct NodeKubeconfig: Sendable {
    /// `https://HOST:6443`, as it came.
    public let server: String
    /// The server's name or address, in lower case and without brackets.
    public let host: String
    /// PEM, as the next two; nil where the text has none.
    public let authorities: [UInt8]?
    public let certificate: [UInt8]?
    public let key: Secret?
    public let token: Secret?

    private let fingerprints: [String: String]

    /// What the text is called in messages.
    public static let file = "the cluster's kubeconfig"

    /// - Throws: all that is wrong with it, by name and place. No message shows a credential.
    public init(_ text: Secret) throws(InputErrors) {
        let bytes = Array(text.reveal().utf8)
        guard bytes.count <= Self.longest else {
            throw InputErrors(InputError("\(Self.file) is longer than \(Self.longest >> 10) KiB"))
        }
        var reader = Reader()
        let config: Value
        do throws(InputErrors) { config = try YAML.value(bytes, file: Self.file) } catch {
            throw InputErrors(error.errors.map { InputError("it is no YAML: \($0.message)", at: $0.origin) })
        }
        let (cluster, user) = reader.entries(of: config)
        reader.refuseOthers(in: cluster, "cluster", but: ["server", "certificate-authority-data"])
        reader.refuseOthers(in: user, "user", but: ["client-certificate-data", "client-key-data", "token"])
        let address = reader.address(of: cluster, orAt: config.origin)
        let authorities = reader.pem("certificate-authority-data", of: cluster, PEMText.certificate)
        let certificate = reader.pem("client-certificate-data", of: user, PEMText.certificate)
        let key = reader.pem("client-key-data", of: user, PEMText.key)
        let token = reader.token(of: user)
        if !reader.errors.isEmpty { throw InputErrors(reader.errors) }
        (server, host) = address ?? ("", "")
        self.authorities = authorities?.bytes
        self.certificate = certificate?.bytes
        self.key = key.map { Secret(String(decoding: $0.bytes, as: UTF8.self)) }
        self.token = token.map { Secret($0) }
        fingerprints = [
            "certificate-authority-data": authorities, "client-certificate-data": certificate,
        ].compactMapValues { $0.map { Self.fingerprint($0.first) } }
    }

    /// k3s's has 3 KiB.
    private static let longest = 256 << 10

    /// What the entry of a cluster is to hold, at the address that is given or at its own.
    public func cluster(server: String?) -> OrderedDictionary<String, Value> {
        var entry: OrderedDictionary<String, Value> = [:]
        if let authorities { entry["certificate-authority-data"] = .string(Self.base64(authorities)) }
        entry["server"] = .string(server ?? self.server)
        return entry
    }

    /// What the entry of a user is to hold.
    public var user: OrderedDictionary<String, Value> {
        var entry: OrderedDictionary<String, Value> = [:]
        if let certificate { entry["client-certificate-data"] = .string(Self.base64(certificate)) }
        if let key { entry["client-key-data"] = .string(Self.base64(Array(key.reveal().utf8))) }
        if let token { entry["token"] = .string(token.reveal()) }
        return entry.mapValues { $0.sensitive() }
    }

    /// What may be shown of certificates: `SHA256:…` of the one that is the value of this key in somebody's kubeconfig.
    public static func fingerprint(_ key: String, of entry: Value?) -> String? {
        guard let text = entry?[key]?.string, let data = Data(base64Encoded: text.filter { !$0.isWhitespace }),
            let pem = PEMText([UInt8](data), labels: PEMText.certificate)
        else { return nil }
        return fingerprint(pem.first)
    }

    public func fingerprint(_ key: String) -> String? { fingerprints[key] }

    private static func fingerprint(_ der: [UInt8]) -> String {
        "SHA256:" + Array(SHA256.hash(data: der)).hexadecimal
    }

    private static func base64(_ bytes: [UInt8]) -> String { Data(bytes).base64EncodedString() }
}

/// Takes what may be taken, and notes what may not.
private struct Reader {
    var errors: [InputError] = []

    /// The cluster and the user of the current context.
    mutating func entries(of config: Value) -> (cluster: Value?, user: Value?) {
        guard config.map != nil else {
            refuse("this is no kubeconfig", config)
            return (nil, nil)
        }
        if let kind = config["kind"], kind.string != "Config" {
            refuse("this is no kubeconfig: its kind is another", kind)
        }
        if let preferences = config["preferences"], preferences.map?.isEmpty == false {
            refuse("'preferences' is not taken from a node", preferences)
        }
        refuseOthers(
            in: config, "kubeconfig",
            but: ["apiVersion", "kind", "clusters", "users", "contexts", "current-context", "preferences"])
        guard let name = config["current-context"]?.string, !name.isEmpty else {
            refuse("it names no current context", config)
            return (nil, nil)
        }
        guard let context = entry(name, "context", in: config) else { return (nil, nil) }
        refuseOthers(in: context, "context", but: ["cluster", "user"])
        return (
            entry(context["cluster"]?.string ?? "", "cluster", in: config),
            entry(context["user"]?.string ?? "", "user", in: config)
        )
    }

    private mutating func entry(_ name: String, _ key: String, in config: Value) -> Value? {
        let all = (config["\(key)s"]?.list ?? []).filter { $0["name"]?.string == name }
        guard let item = all.first, let entry = item[key], entry.map != nil else {
            refuse("it has no \(key) that its current context names", config["\(key)s"] ?? config)
            return nil
        }
        if all.count > 1 { refuse("the \(key) of its current context is there twice", all[1]) }
        refuseOthers(in: item, key, but: ["name", key])
        return entry
    }

    mutating func refuseOthers(in entry: Value?, _ what: String, but taken: Set<String>) {
        for (key, value) in entry?.map ?? [:] where !taken.contains(key) && !value.isNull {
            refuse(
                "\(what): '\(key.prefix(60))' is not taken from a node", value,
                hint: "what a node says can open no file, run no command and lead nowhere else on this machine")
        }
    }

    mutating func address(of cluster: Value?, orAt origin: Origin?) -> (server: String, host: String)? {
        guard let cluster else { return nil }
        guard let value = cluster["server"], let text = value.string, !text.isEmpty else {
            refuse("the cluster names no server", cluster)
            return nil
        }
        guard let host = Self.host(of: text) else {
            refuse("the server is no plain https://HOST:PORT", value)
            return nil
        }
        return (text, host)
    }

    /// Of `https://HOST`, `https://HOST:PORT` and what has a path below; with a user, a query or anything that a URL
    /// must write with a percent sign it is none.
    static func host(of server: String) -> String? {
        guard server.hasPrefix("https://") else { return nil }
        let rest = server.dropFirst(8)
        let isPlain = rest.unicodeScalars.allSatisfy {
            $0.isASCII && $0.value > 0x20 && $0.value != 0x7F && !"@?#\\\"'%<>{}|^`".unicodeScalars.contains($0)
        }
        guard isPlain else { return nil }
        let authority = rest.prefix { $0 != "/" }
        var (host, port) = (authority, Substring())
        if authority.first == "[" {
            guard let end = authority.firstIndex(of: "]") else { return nil }
            host = authority[authority.index(after: authority.startIndex)..<end]
            port = authority[authority.index(after: end)...]
        } else if let colon = authority.firstIndex(of: ":") {
            host = authority[..<colon]
            port = authority[colon...]
        }
        let isPort = port.isEmpty || port.first == ":" && Int(port.dropFirst()).map { (1...65535).contains($0) } == true
        return host.isEmpty || !isPort ? nil : host.lowercased()
    }

    mutating func pem(_ key: String, of entry: Value?, _ labels: Set<String>) -> PEMText? {
        guard let value = entry?[key], !value.isNull else { return nil }
        guard let text = value.string, let data = Data(base64Encoded: text.filter { !$0.isWhitespace }) else {
            refuse("\(key) is no Base64", value)
            return nil
        }
        guard let pem = PEMText([UInt8](data), labels: labels) else {
            refuse("\(key) holds no \(labels == PEMText.key ? "unencrypted key" : "certificate") in PEM", value)
            return nil
        }
        return pem
    }

    mutating func token(of user: Value?) -> String? {
        guard let value = user?["token"], !value.isNull else { return nil }
        guard let text = value.string, text.unicodeScalars.allSatisfy({ (0x21..<0x7F).contains($0.value) }) else {
            refuse("the token holds what no token can", value)
            return nil
        }
        return text.isEmpty ? nil : text
    }

    private mutating func refuse(_ message: String, _ value: Value, hint: String? = nil) {
        errors.append(InputError(message, at: value.origin, hint: hint))
    }
}
