import Tailscale
import Testing

@Suite struct TailscaleStatusTests {
    /// As `tailscale status --json` prints it (ipnstate.Status), shortened.
    private let text = """
        {
          "Version": "1.76.1", "BackendState": "Running", "TailscaleIPs": ["100.64.0.1", "fd7a:115c:a1e0::1"],
          "Self": {"ID": "a", "HostName": "laptop", "TailscaleIPs": ["100.64.0.1"], "Online": true},
          "Peer": {
            "nodekey:b": {
              "ID": "b", "HostName": "nuc", "DNSName": "nuc.example.ts.net.", "TailscaleIPs": ["100.64.0.2", "fd7a:115c:a1e0::2"],
              "Online": true, "sshHostKeys": ["ssh-ed25519 AAAA1", "ecdsa-sha2-nistp256 AAAA2"]
            },
            "nodekey:c": {"ID": "c", "HostName": "pi", "TailscaleIPs": ["100.64.0.3"], "Online": false}
          },
          "User": {}
        }
        """

    @Test("host keys are vouched for at a peer's own addresses, and only where it has some")
    func vouched() throws {
        let status = try #require(TailscaleCLI.read(text))
        #expect(status.backendState == "Running")
        #expect(Set(status.peers.map(\.hostName)) == ["nuc", "pi"])
        let keys = ["ssh-ed25519 AAAA1", "ecdsa-sha2-nistp256 AAAA2"]
        #expect(status.vouchedHostKeys == ["100.64.0.2": keys, "fd7a:115c:a1e0::2": keys])
    }

    @Test("no peers, or no JSON, is no mistake", arguments: ["", "Logged out.", "[]", "{\"Peer\": null}"])
    func odd(text: String) {
        #expect(TailscaleCLI.read(text)?.vouchedHostKeys ?? [:] == [:])
    }
}
