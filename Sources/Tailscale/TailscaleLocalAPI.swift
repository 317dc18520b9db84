import HTTP
import Model
import YAML

/// Tailscale's API for programs of this machine, over a unix socket.
public enum TailscaleLocalAPI {
    /// The socket of this system's tailscaled. Tailscale's app for macOS has none: its `tailscale` program is asked.
    public static let standardSocket: String = {
        #if os(macOS)
            "/var/run/tailscaled.socket"
        #else
            "/var/run/tailscale/tailscaled.sock"
        #endif
    }()

    /// - Parameter limit: for the whole answer.
    /// - Throws: `unreachable`, or `timedOut` where somebody listens and does not answer.
    public static func status(
        socket: String, within limit: Duration = .seconds(5)
    ) async throws(Failure) -> TailscaleStatus {
        // It answers this host alone, and nothing that a web page could have sent.
        var request = HTTPRequest("GET", "http://local-tailscaled.sock/localapi/v0/status")
        request.unixSocket = socket
        request.timeout = limit
        request.deed = "ask Tailscale at \(socket)"
        let response = try await HTTPClient().send(request)
        guard response.status == 200 else {
            let words = response.text.split(separator: "\n").first.map { ": \($0)" } ?? ""
            throw Failure(
                .unreachable, deed: "ask Tailscale at \(socket)",
                cause: "it answered \(response.head.statusText)\(words.prefix(200))")
        }
        guard let json = try? JSON.read(response.body), json.map != nil else {
            throw Failure(.unreachable, deed: "ask Tailscale at \(socket)", cause: "its answer is no JSON")
        }
        return TailscaleStatus(json)
    }
}
