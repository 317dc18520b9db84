import Model
import Tailscale
import TestSupport
import Testing

@Suite("Tailscale asked over its socket", Needs.program("python3"))
struct TailscaleLocalAPITests {
    private func refusal(
        _ environment: [String: String], within limit: Duration = .seconds(20)
    ) async -> Failure? {
        do throws(Failure) { _ = try await Tailscale.status(environment, within: limit) } catch { return error }
        return nil
    }

    @Test("the tailnet's machines: this one first, then by name; no strangers, no rented exits")
    func machines() async throws {
        let tailscale = try TailscaleStandIn(TailscaleStandIn.tailnet)
        let status = try await Tailscale.status(tailscale.environment, within: .seconds(20))
        #expect(status.tailnet == "ops@example.org")
        #expect(status.machines.map(\.name) == ["laptop", "desktop", "gpu-box", "phone", "server-1"])
        #expect(status.machines.first == status.own)
        let server = try #require(status.peers.first { $0.name == "server-1" })
        #expect(server.addresses == ["100.64.0.5", "fd7a:115c:a1e0::5"])
        #expect(server.dnsName == "server-1.example.ts.net" && server.os == "linux" && server.isOnline)
        #expect(server.tags == ["tag:k8s", "tag:server"] && server.lastSeen == nil)
        let desktop = try #require(status.peers.first { $0.name == "desktop" })
        #expect(!desktop.isOnline && desktop.lastSeen == "2026-11-20T08:30:00.1Z")
        #expect(status.peers.count == 6)
    }

    @Test("of a tailscaled that is not up, the state and the way out")
    func down() async throws {
        let tailscale = try TailscaleStandIn(#"{"BackendState": "NeedsLogin", "Self": null, "Peer": null}"#)
        let login = try #require(await refusal(tailscale.environment))
        #expect(login.code == .unreachable)
        #expect(
            login.description
                == "could not ask Tailscale: it is not up: its state is NeedsLogin\n"
                + "hint: sudo tailscale up logs this machine in")
        try tailscale.answer(#"{"BackendState": "Stopped"}"#)
        #expect(await refusal(tailscale.environment)?.hint == "sudo tailscale up")
    }

    @Test(
        "an answer that is none says so",
        arguments: [("500 no backend\n", "Internal Server Error: no backend"), ("[", "no JSON")])
    func nonsense(answer: String, cause: String) async throws {
        let tailscale = try TailscaleStandIn(answer)
        let failure = try #require(await refusal(tailscale.environment))
        #expect(failure.code == .unreachable)
        #expect(failure.cause.contains(cause), "\(failure)")
        #expect(failure.deed == "ask Tailscale at \(tailscale.socket)")
    }

    @Test("one that never answers is left at the deadline")
    func silent() async throws {
        let tailscale = try TailscaleStandIn("HANG")
        let clock = ContinuousClock()
        let start = clock.now
        let failure = try #require(await refusal(tailscale.environment, within: .milliseconds(300)))
        #expect(failure.code == .unreachable)
        #expect(failure.cause.contains("no answer") || failure.cause.contains("within"), "\(failure)")
        #expect(start.duration(to: clock.now) < .seconds(10))
    }

    @Test("a socket that is not there: its name, and who named it; no other is asked")
    func missing() async throws {
        let failure = try #require(await refusal(["KUBANI_TAILSCALE_SOCKET": "/nowhere/tailscaled.sock"]))
        #expect(
            failure.description
                == "could not ask Tailscale at /nowhere/tailscaled.sock: there is no socket /nowhere/tailscaled.sock\n"
                + "hint: KUBANI_TAILSCALE_SOCKET names this socket")
    }
}
