import Foundation
import HTTP
import Model
import TestSupport

/// server.py on loopback, or on a unix socket, until the last that holds it lets it go.
final class WebServer: Sendable {
    private let daemon: Daemon
    /// Without a slash at its end.
    let url: String
    let port: Int

    struct Problem: Error { var message: String }

    /// - Parameters:
    ///   - port: 0 for any that is free.
    ///   - tls: a certificate, its key, and the authority that clients' certificates must be of, if they need one.
    init(
        port: Int = 0, unixSocket: String? = nil, tls: (certificate: String, key: String, clients: String?)? = nil
    ) throws {
        var arguments = ["python3", Repository.path("Tests/HTTPTests/server.py"), "--port", "\(port)"]
        if let unixSocket { arguments += ["--unix", unixSocket] }
        if let tls {
            arguments += ["--cert", tls.certificate, "--key", tls.key]
            if let clients = tls.clients { arguments += ["--client-ca", clients] }
        }
        daemon = try Daemon.start("/usr/bin/env", arguments, until: ";")
        let place = daemon.text.split(separator: " ").last.map { $0.prefix { $0 != ";" } } ?? ""
        self.port = Int(place) ?? 0
        url = unixSocket != nil ? "http://a-socket" : "\(tls == nil ? "http" : "https")://127.0.0.1:\(self.port)"
    }

    deinit { daemon.stop() }

    func text(_ path: String) async throws -> String {
        try await HTTPClient().send(HTTPRequest("GET", url + path)).text
    }

    /// Lets whatever waits for it go on.
    func signal(_ name: String) async throws { _ = try await text("/signal/\(name)") }

    /// Ends once somebody has signalled.
    func wait(for name: String) async throws { _ = try await text("/wait/\(name)") }

    /// The bytes that /file/COUNT serves.
    static func content(_ count: Int) -> [UInt8] {
        var out: [UInt8] = []
        var line = 0
        while out.count < count {
            out += Array((String(repeating: "0", count: 15 - "\(line)".count) + "\(line)\n").utf8)
            line += 1
        }
        return Array(out.prefix(count))
    }
}

extension HTTPRequest {
    /// With changes.
    func with(_ change: (inout HTTPRequest) -> Void) -> HTTPRequest {
        var request = self
        change(&request)
        return request
    }
}

/// The failure that a body throws.
func failure(_ body: () async throws -> Void) async -> Failure? {
    do { try await body() } catch { return error as? Failure }
    return nil
}
