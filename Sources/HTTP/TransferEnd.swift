import CLibCurl
import Model

#if canImport(Darwin)
    import Darwin
#elseif canImport(Musl)
    import Musl
#else
    import Glibc
#endif

/// How a transfer failed, as libcurl tells it, and what that means to a person.
struct TransferEnd {
    var code: CURLcode
    /// libcurl's own.
    var words: String
    var request: HTTPRequest
    /// Where the last redirect led, or the request's own.
    var endpoint: HTTPAddress
    var systemError: Int32
    /// Whether there was a connection, its TLS handshake included.
    var isConnected: Bool
    var hasHead: Bool
    /// Bytes of the body.
    var received: Int
    /// nil or less than 0 where the server did not say.
    var expected: Int

    private var isFromHTTPS: Bool { request.url.lowercased().hasPrefix("https:") }
    private var peer: String { request.unixSocket ?? "\(endpoint.host):\(endpoint.port)" }

    private func failure(_ code: Failure.Code, _ cause: String, hint: String? = nil) -> Failure {
        Failure(code, deed: request.deedText, cause: cause, hint: hint)
    }

    var failure: Failure {
        switch code {
        case CURLE_COULDNT_RESOLVE_HOST:
            failure(
                .unreachable, "the name \(endpoint.host) could not be resolved",
                hint: "is it spelt right, and does DNS work on this machine?")
        case CURLE_COULDNT_RESOLVE_PROXY:
            failure(
                .unreachable, "the proxy's name could not be resolved",
                hint: "see http_proxy, https_proxy and all_proxy")
        case CURLE_COULDNT_CONNECT: refusal
        case CURLE_OPERATION_TIMEDOUT: expiry(after: request.connectTimeout, isStalled: false)
        case CURLE_PEER_FAILED_VERIFICATION: mistrust
        case CURLE_SSL_CONNECT_ERROR: handshake
        case CURLE_SSL_CERTPROBLEM:
            failure(
                .failed, "the client certificate cannot be used: \(words)",
                hint: "are the certificate and its key whole, in PEM, and of one pair?")
        case CURLE_SSL_CACERT_BADFILE:
            failure(.failed, "the certificates of the authorities cannot be read: \(words)", hint: "PEM is needed")
        case CURLE_PARTIAL_FILE: cut
        case CURLE_GOT_NOTHING, CURLE_SEND_ERROR, CURLE_RECV_ERROR: loss
        case CURLE_TOO_MANY_REDIRECTS: failure(.failed, "more than \(request.redirects) redirects, one after the other")
        case CURLE_UNSUPPORTED_PROTOCOL where !words.contains("HTTP/0.9"):
            failure(
                .failed,
                isFromHTTPS
                    ? "a redirect leads away from https" : "a redirect leads to what is neither http nor https")
        case CURLE_WEIRD_SERVER_REPLY, CURLE_UNSUPPORTED_PROTOCOL:
            failure(
                .failed, "what \(peer) answers is not HTTP: \(words)", hint: "is it the right port? does it want https?"
            )
        default: failure(isConnected ? .failed : .unreachable, words)
        }
    }

    /// - Parameters:
    ///   - limit: how long was waited.
    ///   - isStalled: whether that was for the next bytes, rather than for the whole.
    func expiry(after limit: Duration, isStalled: Bool) -> Failure {
        if hasHead, isStalled { return failure(.timedOut, "nothing more came for \(limit.shown) after \(progress)") }
        if hasHead { return failure(.timedOut, "it was not done within \(limit.shown): \(progress) came") }
        if isConnected { return failure(.timedOut, "\(peer) did not answer within \(limit.shown)") }
        return failure(
            .unreachable, "no connection to \(peer) within \(limit.shown)",
            hint: "is the machine up, and does a firewall let you through?")
    }

    private var progress: String {
        expected > 0 && expected >= received ? "\(received) of \(expected) bytes" : "\(received) bytes"
    }

    private var refusal: Failure {
        let isSocket = request.unixSocket != nil
        switch systemError {
        case ECONNREFUSED:
            return failure(
                .unreachable, "connection refused by \(peer)",
                hint: isSocket ? "is its server running?" : "is something listening there? is the port right?")
        case ENOENT where isSocket: return failure(.unreachable, "there is no socket \(peer)")
        case EACCES where isSocket, EPERM where isSocket:
            return failure(.unreachable, "you may not connect to \(peer)", hint: "who may? ls -l \(peer)")
        case EHOSTUNREACH, ENETUNREACH:
            return failure(
                .unreachable, "there is no way to \(peer)", hint: "is the machine up, and this one on its network?")
        default:
            let cause = systemError == 0 ? words : String(cString: strerror(systemError))
            return failure(.unreachable, "no connection to \(peer): \(cause)")
        }
    }

    private var mistrust: Failure {
        let said = words.lowercased()
        let certificate = "the certificate of \(peer)"
        if said.contains("has expired") {
            return failure(
                .failed, "\(certificate) has expired", hint: "have it renewed, or look at this machine's clock")
        }
        if said.contains("not yet valid") {
            return failure(.failed, "\(certificate) is not valid yet", hint: "look at this machine's clock")
        }
        if said.contains("subject name") {
            let name = request.tls.serverName ?? endpoint.host
            return failure(
                .failed, "\(certificate) is not for the name \(name)",
                hint: "use a name or address that it is for; openssl s_client -connect \(peer) shows it")
        }
        if said.contains("issuer") || said.contains("self-signed") || said.contains("self signed") {
            return failure(
                .failed, "\(certificate) is not trusted: no known authority signed it",
                hint: request.tls.authorities == nil
                    ? "the system's authorities are asked; a proxy that opens TLS has one of its own"
                    : "it was signed by another authority than the one that was given")
        }
        return failure(.failed, "\(certificate) is not trusted: \(words)")
    }

    private var handshake: Failure {
        if words.contains("wrong version number") || words.contains("packet length too long") {
            return failure(
                .failed, "\(peer) does not speak TLS", hint: "is it the right port? would http:// be right?")
        }
        if words.contains("alert") { return refusedCertificate }
        // A server that went away in the middle of it, as a restart does.
        return failure(.unreachable, "the TLS handshake with \(peer) failed: \(words)")
    }

    private var refusedCertificate: Failure {
        failure(
            .failed, "\(peer) refused the TLS handshake: \(words)",
            hint: request.tls.clientCertificate == nil
                ? "does it want a client certificate?" : "is the client certificate one that it knows, and not expired?"
        )
    }

    private var cut: Failure {
        failure(.unreachable, "the connection to \(peer) ended early: \(progress) came")
    }

    private var loss: Failure {
        if words.contains("alert") { return refusedCertificate }
        if hasHead { return cut }
        // With TLS 1.3 the server's no to a client certificate comes after the handshake, and may be lost.
        return failure(
            .unreachable, "\(peer) closed the connection without an answer",
            hint: request.tls.clientCertificate == nil ? nil : "does it know the client certificate?")
    }
}
