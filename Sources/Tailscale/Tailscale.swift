import Model

/// This machine's Tailscale, whichever way it can be asked.
public enum Tailscale {
    /// Asks tailscaled over its socket, or else the `tailscale` program.
    ///
    /// - Parameters:
    ///   - environment: `KUBANI_TAILSCALE_SOCKET` names another socket, which is then asked alone.
    ///   - limit: for each of the two.
    /// - Throws: `unreachable` where neither answers in time, with both reasons, and where Tailscale is not up.
    public static func status(
        _ environment: [String: String], within limit: Duration = .seconds(5)
    ) async throws(Failure) -> TailscaleStatus {
        let status = try await answer(environment["KUBANI_TAILSCALE_SOCKET"] ?? "", limit)
        guard status.backendState == "Running" else {
            let state = status.backendState.isEmpty ? "not known" : status.backendState
            throw Failure(
                .unreachable, deed: deed, cause: "it is not up: its state is \(state)",
                hint: state == "NeedsLogin" ? "sudo tailscale up logs this machine in" : "sudo tailscale up")
        }
        return status
    }

    private static let deed = "ask Tailscale"

    private static func answer(_ named: String, _ limit: Duration) async throws(Failure) -> TailscaleStatus {
        // Whoever names a socket means that one, not whatever else is there.
        if !named.isEmpty {
            do throws(Failure) { return try await TailscaleLocalAPI.status(socket: named, within: limit) } catch {
                var failure = error
                failure.code = .unreachable
                failure.hint = failure.hint ?? "KUBANI_TAILSCALE_SOCKET names this socket"
                throw failure
            }
        }
        let socket = TailscaleLocalAPI.standardSocket
        do throws(Failure) { return try await TailscaleLocalAPI.status(socket: socket, within: limit) } catch let first
        {
            do throws(Failure) { return try await TailscaleCLI.answer(within: limit) } catch let second {
                throw Failure(
                    .unreachable, deed: deed, cause: "\(first.cause); tailscale status: \(second.cause)",
                    hint: "is it installed and running on this machine? sudo tailscale up")
            }
        }
    }
}
