import Model

/// One request, and how long and how far it may go. Shown as its method and its URL without secrets, never with more.
public struct HTTPRequest: Sendable {
    public var method: String
    /// `http://…` or `https://…`; nothing else is spoken.
    public var url: String
    public var headers = HTTPHeaders()
    public var body: [UInt8]?
    /// Sent as `Authorization: Bearer …`, to the URL's own host only.
    public var bearer: Secret?
    public var tls = TLSOptions()
    /// A unix socket to connect to in place of the URL's host.
    public var unixSocket: String?
    public var proxy = Proxy.environment
    /// How many redirects are followed; from https none leads to http. A redirect that is not followed is the response.
    public var redirects = 0
    /// For the whole, the response's body included.
    public var timeout: Duration = .seconds(30)
    /// For the name's resolution, the connection and the TLS handshake.
    public var connectTimeout: Duration = .seconds(10)
    /// How long the other side may send nothing at all; nil for as long as `timeout`.
    public var stallTimeout: Duration?
    /// The most bytes of a body that `send` takes.
    public var bodyLimit = 64 << 20
    /// Whether the response may come compressed.
    public var acceptsCompression = true
    /// What is being done, as "could not …" reads; nil for the method and the URL.
    public var deed: String?

    public enum Proxy: Sendable, Hashable {
        /// As `http_proxy`, `https_proxy`, `all_proxy` and `no_proxy` say; none for this machine itself.
        case environment
        case none
        /// `http://`, `https://` or `socks5://`, with a user and a password, it may be.
        case url(Secret)
    }

    public init(_ method: String = "GET", _ url: String) {
        self.method = method
        self.url = url
    }
}

/// How the other side is known, and how this side shows who it is. Certificates and keys stay in memory.
public struct TLSOptions: Sendable, Hashable {
    /// PEM certificates of the authorities that are trusted in place of the system's.
    public var authorities: [UInt8]?
    /// PEM, the client's own first.
    public var clientCertificate: [UInt8]?
    /// PEM.
    public var clientKey: Secret?
    /// The name that the certificate must be for, and that is asked for, in place of the URL's host.
    public var serverName: String?
    /// Whoever answers is believed.
    public var isInsecure = false

    public init() {}
}

extension HTTPRequest: CustomStringConvertible, CustomReflectable {
    public var description: String { "\(method) \(HTTPAddress.shown(url))" }
    public var customMirror: Mirror { Mirror(self, children: ["request": description]) }

    /// What is being done, for a failure.
    var deedText: String { deed ?? (method == "GET" ? "fetch \(HTTPAddress.shown(url))" : description) }
}

extension TLSOptions: CustomStringConvertible, CustomReflectable {
    public var description: String {
        isInsecure ? "insecure" : authorities == nil ? "the system's authorities" : "authorities of its own"
    }
    public var customMirror: Mirror { Mirror(self, children: ["tls": description]) }
}
