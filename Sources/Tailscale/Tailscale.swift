import Model

/// This machine's Tailscale, whichever way it can be asked.
public enum Tailscale {
    /// Asks tailscaled over its socket, or else the `tailscale` program.
    ///
    /// - Parameter environment: `KUBANI_TAILSCALE_SOCKET` names another socket.
    /// - Throws: where neither answers, with both reasons, and where Tailscale is not up.
    public static func status(_ environment: [String: String]) async throws(Failure) -> TailscaleStatus {
        let named = environment["KUBANI_TAILSCALE_SOCKET"] ?? ""
        let socket = named.isEmpty ? TailscaleLocalAPI.standardSocket : named
        let status: TailscaleStatus
        do throws(Failure) { status = try await TailscaleLocalAPI.status(socket: socket) } catch let first {
            do throws(Failure) { status = try await TailscaleCLI.answer() } catch let second {
                throw Failure(
                    .unreachable, deed: "ask Tailscale", cause: "\(first.cause); tailscale status: \(second.cause)",
                    hint: "is it installed and running on this machine? sudo tailscale up")
            }
        }
        guard status.backendState == "Running" else {
            let state = status.backendState.isEmpty ? "not known" : status.backendState
            throw Failure(
                .unreachable, deed: "ask Tailscale", cause: "it is not up: its state is \(state)",
                hint: state == "NeedsLogin" ? "tailscale up logs this machine in" : "tailscale up")
        }
        return status
    }
}
