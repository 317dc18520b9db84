import CLibCurl
import Model

/// Where a URL leads, as libcurl reads it.
struct HTTPAddress: Sendable, Hashable {
    var scheme: String
    /// An IPv6 address in brackets.
    var host: String
    var port: String
    private var path: String

    /// - Throws: for what is no URL, or one of another scheme than http and https.
    init(_ url: String, deed: String) throws(Failure) {
        func refused(_ cause: String) -> Failure { Failure(deed: deed, cause: cause) }
        guard let handle = URLHandle(url) else { throw refused("'\(Self.stripped(url))' is no URL") }
        scheme = handle.part(CURLUPART_SCHEME) ?? ""
        guard scheme == "http" || scheme == "https" else {
            throw refused("'\(Self.stripped(url))' is neither http nor https")
        }
        host = handle.part(CURLUPART_HOST) ?? ""
        port = handle.part(CURLUPART_PORT) ?? ""
        path = handle.part(CURLUPART_PATH) ?? ""
    }

    var isSecure: Bool { scheme == "https" }
    var isLoopback: Bool { host == "localhost" || host.hasPrefix("127.") || host == "[::1]" }

    /// `host`, and its port where that is not the scheme's own.
    var endpoint: String { port == (isSecure ? "443" : "80") ? host : "\(host):\(port)" }

    /// The URL without a user, a password, a query and a fragment.
    var shown: String { "\(scheme)://\(endpoint)\(path)" }

    /// A URL as a message may show it.
    static func shown(_ url: String) -> String { (try? HTTPAddress(url, deed: ""))?.shown ?? stripped(url) }

    /// The URL with another host in it.
    static func url(_ url: String, withHost host: String) -> String? {
        guard let handle = URLHandle(url) else { return nil }
        return handle.replacingHost(by: host)
    }

    /// For what libcurl cannot read: all that could be a secret cut off.
    private static func stripped(_ url: String) -> String {
        let plain = url.prefix { $0 != "?" && $0 != "#" }
        guard let at = plain.lastIndex(of: "@") else { return String(plain) }
        let scheme = plain.firstRange(of: "://").map { String(plain[..<$0.upperBound]) } ?? ""
        return scheme + String(plain[plain.index(after: at)...])
    }
}

/// libcurl's reading of a URL.
private struct URLHandle: ~Copyable {
    private let pointer: OpaquePointer

    init?(_ url: String) {
        guard let pointer = curl_url() else { return nil }
        guard curl_url_set(pointer, CURLUPART_URL, url, UInt32(CURLU_NON_SUPPORT_SCHEME)) == CURLUE_OK else {
            curl_url_cleanup(pointer)
            return nil
        }
        self.pointer = pointer
    }

    deinit { curl_url_cleanup(pointer) }

    func part(_ part: CURLUPart) -> String? {
        var text: UnsafeMutablePointer<CChar>?
        guard curl_url_get(pointer, part, &text, UInt32(CURLU_DEFAULT_PORT)) == CURLUE_OK, let text else { return nil }
        defer { curl_free(text) }
        return String(cString: text)
    }

    consuming func replacingHost(by host: String) -> String? {
        guard curl_url_set(pointer, CURLUPART_HOST, host, 0) == CURLUE_OK else { return nil }
        var text: UnsafeMutablePointer<CChar>?
        guard curl_url_get(pointer, CURLUPART_URL, &text, 0) == CURLUE_OK, let text else { return nil }
        defer { curl_free(text) }
        return String(cString: text)
    }
}
