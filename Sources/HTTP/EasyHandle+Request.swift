import CLibCurl
import Model

extension EasyHandle {
    /// Has the handle ask what the request says, and hear of nothing but what it says: no cookies, no netrc, no
    /// protocol but HTTP.
    mutating func prepare(_ request: HTTPRequest, to address: HTTPAddress) throws(Failure) {
        try onlyHTTP(redirectsToHTTPSOnly: address.isSecure)
        try set(CURLOPT_NOSIGNAL, 1)
        // HTTP/1.1: a connection each, kept; a slow reader of one response holds up no other.
        try set(CURLOPT_HTTP_VERSION, Int(CURL_HTTP_VERSION_1_1))
        try set(CURLOPT_CONNECTTIMEOUT_MS, max(1, min(request.connectTimeout, request.timeout).milliseconds))
        try set(CURLOPT_SUPPRESS_CONNECT_HEADERS, 1)
        // A machine that was switched off closes no connection: a watch would wait for it for ever.
        try set(CURLOPT_TCP_KEEPALIVE, 1)
        try set(CURLOPT_TCP_KEEPIDLE, 15)
        try set(CURLOPT_TCP_KEEPINTVL, 5)
        try setTarget(request, address)
        try setMessage(request)
        if request.redirects > 0 {
            try set(CURLOPT_FOLLOWLOCATION, 1)
            try set(CURLOPT_MAXREDIRS, request.redirects)
        }
        if address.isSecure || request.redirects > 0 { try setTLS(request.tls) }
    }

    private mutating func setTarget(_ request: HTTPRequest, _ address: HTTPAddress) throws(Failure) {
        var url = request.url
        if let name = request.tls.serverName, address.isSecure {
            // libcurl asks for, and checks, the name in the URL: that gets the name, and the connection goes elsewhere.
            guard let named = HTTPAddress.url(url, withHost: name) else {
                throw Failure(deed: request.deedText, cause: "the TLS server name '\(name)' is no host name")
            }
            url = named
            try set(CURLOPT_CONNECT_TO, ["\(name):\(address.port):\(address.host):\(address.port)"])
        }
        try set(CURLOPT_URL, url)
        if let socket = request.unixSocket { try set(CURLOPT_UNIX_SOCKET_PATH, socket) }
        switch request.proxy {
        case .url(let proxy): try set(CURLOPT_PROXY, proxy.reveal())
        case .none: try set(CURLOPT_NOPROXY, "*")
        case .environment:
            if address.isLoopback || request.unixSocket != nil { try set(CURLOPT_NOPROXY, "*") }
        }
    }

    private mutating func setMessage(_ request: HTTPRequest) throws(Failure) {
        switch (request.method, request.body) {
        case ("GET", nil): try set(CURLOPT_HTTPGET, 1)
        case ("HEAD", _): try set(CURLOPT_NOBODY, 1)
        case (let method, let body):
            if let body { try setBody(body) } else if method == "POST" { try setBody([]) }
            try set(CURLOPT_CUSTOMREQUEST, method)
        }
        var headers = request.headers
        if headers["User-Agent"] == nil { headers["User-Agent"] = "kubani" }
        if let bearer = request.bearer { headers["Authorization"] = "Bearer \(bearer.reveal())" }
        if request.tls.serverName != nil, headers["Host"] == nil {
            headers["Host"] = (try? HTTPAddress(request.url, deed: ""))?.endpoint
        }
        let words = [request.method] + headers.fields.flatMap { [$0.name, $0.value] }
        guard words.allSatisfy({ $0.unicodeScalars.allSatisfy { $0.value >= 0x20 && $0.value != 0x7F } }) else {
            throw Failure(
                deed: request.deedText, cause: "a header of the request holds a control character",
                hint: "is there a line end in a token?")
        }
        var lines = headers.fields.map { $0.value.isEmpty ? "\($0.name);" : "\($0.name): \($0.value)" }
        // libcurl would say that a body is a form's, and wait for leave to send a large one.
        if headers["Content-Type"] == nil { lines.append("Content-Type:") }
        lines.append("Expect:")
        try set(CURLOPT_HTTPHEADER, lines)
        if request.acceptsCompression { try set(CURLOPT_ACCEPT_ENCODING, "") }
    }

    private func setTLS(_ tls: TLSOptions) throws(Failure) {
        try set(CURLOPT_SSLVERSION, Int(CURL_SSLVERSION_TLSv1_2))
        try set(CURLOPT_SSL_VERIFYPEER, tls.isInsecure ? 0 : 1)
        try set(CURLOPT_SSL_VERIFYHOST, tls.isInsecure ? 0 : 2)
        if let authorities = tls.authorities {
            try set(CURLOPT_CAINFO_BLOB, authorities)
            // Or the folder of the system's authorities would count as well.
            try set(CURLOPT_CAPATH, String?.none)
        }
        if let certificate = tls.clientCertificate {
            try set(CURLOPT_SSLCERTTYPE, "PEM")
            try set(CURLOPT_SSLCERT_BLOB, certificate)
        }
        if let key = tls.clientKey {
            try set(CURLOPT_SSLKEYTYPE, "PEM")
            try set(CURLOPT_SSLKEY_BLOB, Array(key.reveal().utf8))
        }
    }
}
