import Credentials
import HTTP
import Model

/// Where a cluster's API is and as whom it is asked: a kubeconfig's context, its files read.
public struct ClusterEndpoint: Sendable {
    /// `https://HOST:6443`, without a slash at the end. The first is asked; the others are where it moves when that does
    /// not answer: servers of one cluster, so one authority and one set of credentials.
    public var servers: [String]
    public var tls = TLSOptions()
    public var token: Secret?
    /// A user and a password, as HTTP's Basic scheme has them.
    public var basic: (user: String, password: Secret)?
    public var proxy = HTTPRequest.Proxy.environment
    /// Where objects go that name no namespace.
    public var namespace = "default"
    /// The context's name, for messages; nil where there is none.
    public var context: String?

    public init(server: String) { servers = [server] }

    /// As a node told it.
    public init(_ access: NodeKubeconfig) {
        var server = access.server
        while server.last == "/" { server.removeLast() }
        self.init(server: server)
        tls.authorities = access.authorities
        tls.clientCertificate = access.certificate
        tls.clientKey = access.key
        token = access.token
    }
}
