import Foundation
import Tailscale
import TestSupport
import Testing

@Suite("kubani discover", Needs.program("python3")) struct DiscoverTests {
    private static let inventory = """
        all:
          vars: { cluster_name: homelab }
          children:
            control_plane: { hosts: { server-1: { tailscale_ip: 100.64.0.5 } } }
            workers: { hosts: { desk: { ansible_host: desktop.example.ts.net } } }
        """

    private func kubani() throws -> Kubani { try Kubani(["inventory/hosts.yml": Self.inventory]) }

    /// What the program has around it: this tailscaled, and no kubeconfig.
    private func environment(_ tailscale: TailscaleStandIn, _ kubani: Kubani) -> [String: String] {
        tailscale.environment.merging(["KUBECONFIG": "\(kubani.folder)/none"]) { $1 }
    }

    @Test("the tailnet's machines, which are in the inventory, and how to add one")
    func table() async throws {
        let (tailscale, kubani) = (try TailscaleStandIn(TailscaleStandIn.tailnet), try kubani())
        defer { kubani.remove() }
        let run = try await kubani.run(
            ["discover", "--no-cluster-status"], environment: environment(tailscale, kubani))
        #expect(run.status == 0 && run.stderr == "", "\(run.stderr)")
        let lines = run.stdout.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
        #expect(lines.count == 10, "\(run.stdout)")
        #expect(lines[0].split(separator: " ") == ["NAME", "ADDRESS", "OS", "TAILSCALE", "TAGS", "INVENTORY"])
        #expect(lines[1].contains(/^laptop \(this machine\)  100\.64\.0\.1  linux  online +-  +-$/))
        #expect(lines[2].contains(/^desktop  +100\.64\.0\.7  linux  seen \w+ ago +-  +desk$/))
        #expect(lines[4].contains(/^phone  +100\.64\.0\.8  iOS  +seen \w+ ago +-  +-$/))
        #expect(lines[5].contains(/^server-1  +100\.64\.0\.5  linux  online +k8s,server  server-1$/))
        #expect(
            lines[7...] == ["Not in the inventory: gpu-box.", "To add one: kubani add-node gpu-box 100.64.0.6", ""])
    }

    @Test("a cluster that is not there yet is a line, and no failure; one that was named is")
    func noCluster() async throws {
        let (tailscale, kubani) = (try TailscaleStandIn(TailscaleStandIn.tailnet), try kubani())
        defer { kubani.remove() }
        let environment = environment(tailscale, kubani)
        let run = try await kubani.run(["discover"], environment: environment)
        #expect(run.status == 0 && run.stdout.contains("server-1"))
        #expect(
            kubani.said(run.stderr) == """
                The cluster was not asked: there is no kubeconfig: FOLDER/none
                hint: kubani kubeconfig --merge fetches it from a server; kubani apply makes a cluster

                """)
        let named = try await kubani.run(["discover", "--context", "homelab"], environment: environment)
        #expect(named.status == 1 && named.stdout == "")
    }

    @Test("without an inventory the machines are shown all the same; one that was named must be there")
    func noInventory() async throws {
        let tailscale = try TailscaleStandIn(TailscaleStandIn.tailnet)
        let kubani = try Kubani()
        defer { kubani.remove() }
        let environment = environment(tailscale, kubani)
        let run = try await kubani.run(["discover", "--online-only", "--filter", "gpu-*"], environment: environment)
        #expect(run.status == 0)
        #expect(
            run.stdout.hasPrefix(
                "NAME     ADDRESS     OS     TAILSCALE  TAGS\ngpu-box  100.64.0.6  linux  online     -\n"))
        #expect(!run.stdout.contains("INVENTORY"))
        #expect(try await kubani.run(["discover", "-i", "mine.yml"], environment: environment).status == 1)
        let none = try await kubani.run(["discover", "--no-cluster-status", "--filter", "x"], environment: environment)
        #expect(none.status == 0 && none.stdout == "")
        #expect(none.stderr == "No machine of the tailnet is so; it has laptop, desktop, gpu-box, phone, server-1.\n")
    }

    @Test("JSON tells all that is known of a machine")
    func json() async throws {
        let (tailscale, kubani) = (try TailscaleStandIn(TailscaleStandIn.tailnet), try kubani())
        defer { kubani.remove() }
        let run = try await kubani.run(
            ["discover", "--no-cluster-status", "--json"], environment: environment(tailscale, kubani))
        let json = try #require(try JSONSerialization.jsonObject(with: Data(run.stdout.utf8)) as? [String: Any])
        #expect(json["tailnet"] as? String == "ops@example.org" && json["cluster"] is NSNull)
        let machines = try #require(json["machines"] as? [[String: Any]])
        #expect(machines.map { $0["name"] as? String } == ["laptop", "desktop", "gpu-box", "phone", "server-1"])
        #expect(machines.map { $0["this_machine"] as? Bool } == [true, false, false, false, false])
        #expect(machines[1]["online"] as? Bool == false)
        #expect(machines[1]["last_seen"] as? String == "2026-11-20T08:30:00.1Z")
        #expect((machines[4]["inventory"] as? [String: Any])?["groups"] as? [String] == ["control_plane"])
        #expect(machines[4]["addresses"] as? [String] == ["100.64.0.5", "fd7a:115c:a1e0::5"])
        #expect(machines[2]["inventory"] is NSNull && machines[2]["node"] is NSNull)
    }

    @Test("a Tailscale that is not there, not up or silent is exit status 4, with what to do")
    func down() async throws {
        let (tailscale, kubani) = (try TailscaleStandIn(#"{"BackendState": "Stopped"}"#), try kubani())
        defer { kubani.remove() }
        let stopped = try await kubani.run(["discover"], environment: environment(tailscale, kubani))
        #expect(stopped.status == 4 && stopped.stdout == "")
        #expect(
            stopped.stderr == "could not ask Tailscale: it is not up: its state is Stopped\nhint: sudo tailscale up\n")
        try tailscale.answer("HANG")
        #expect(try await kubani.run(["discover"], environment: environment(tailscale, kubani)).status == 4)
        let missing = try await kubani.run(["discover"], environment: ["KUBANI_TAILSCALE_SOCKET": "/nowhere"])
        #expect(missing.status == 4 && missing.stderr.contains("there is no socket /nowhere"))
    }

    @Test(
        "without a socket the program tailscale is asked",
        .enabled(
            if: !FileManager.default.fileExists(atPath: TailscaleLocalAPI.standardSocket),
            "needs a machine without tailscaled"))
    func program() async throws {
        let kubani = try kubani()
        defer { kubani.remove() }
        let script = "#!/bin/sh\n[ \"$*\" = 'status --json' ] && cat '\(kubani.folder)/status.json'\n"
        try kubani.write(script, to: "bin/tailscale")
        try kubani.write(TailscaleStandIn.tailnet, to: "status.json")
        try FileManager.default.setAttributes(
            [.posixPermissions: 0o755], ofItemAtPath: "\(kubani.folder)/bin/tailscale")
        let path = ProcessInfo.processInfo.environment["PATH"] ?? ""
        let run = try await kubani.run(
            ["discover", "--no-cluster-status"],
            environment: ["PATH": "\(kubani.folder)/bin:\(path)", "KUBANI_TAILSCALE_SOCKET": ""])
        #expect(run.status == 0 && run.stdout.contains("gpu-box"), "\(run.stderr)")
    }
}
