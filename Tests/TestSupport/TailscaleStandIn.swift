import Foundation

/// A real HTTP server on a unix socket that answers as tailscaled's local API does: see tailscaled.py. It ends with the
/// last that holds it.
public final class TailscaleStandIn: Sendable {
    public let socket: String
    private let folder: TemporaryFolder
    private let daemon: Daemon

    /// - Parameter answer: the JSON of `/localapi/v0/status`; `HANG` for no answer, `500 words` for an error.
    public init(_ answer: String) throws {
        folder = try TemporaryFolder("kubani-tailscale")
        socket = "\(folder.path)/tailscaled.sock"
        let content = "\(folder.path)/status.json"
        try answer.write(toFile: content, atomically: true, encoding: .utf8)
        let script = Repository.path("Tests/TestSupport/tailscaled.py")
        daemon = try Daemon.start("/usr/bin/env", ["python3", script, socket, content], until: "listening")
    }

    deinit { daemon.stop() }

    /// What the program under test is told.
    public var environment: [String: String] { ["KUBANI_TAILSCALE_SOCKET": socket] }

    /// Answers so from now on.
    public func answer(_ text: String) throws {
        try text.write(toFile: "\(folder.path)/status.json", atomically: true, encoding: .utf8)
    }

    /// A tailnet as ipnstate.Status has it: this laptop, two servers, a workstation that is off, a phone, a machine of
    /// somebody else's that one of ours is shared with, and a rented exit.
    public static let tailnet = """
        {
          "Version": "1.76.1-tdeadbeef", "BackendState": "Running", "HaveNodeKey": true, "AuthURL": "",
          "TailscaleIPs": ["100.64.0.1", "fd7a:115c:a1e0::1"], "Health": null, "MagicDNSSuffix": "example.ts.net",
          "CurrentTailnet": {"Name": "ops@example.org", "MagicDNSSuffix": "example.ts.net", "MagicDNSEnabled": true},
          "Self": {
            "ID": "n1", "HostName": "Laptop", "DNSName": "laptop.example.ts.net.", "OS": "linux",
            "TailscaleIPs": ["100.64.0.1", "fd7a:115c:a1e0::1"], "Online": true, "LastSeen": "0001-01-01T00:00:00Z"
          },
          "Peer": {
            "nodekey:05": {
              "ID": "n2", "HostName": "server-1", "DNSName": "server-1.example.ts.net.", "OS": "linux",
              "TailscaleIPs": ["fd7a:115c:a1e0::5", "100.64.0.5"], "Tags": ["tag:k8s", "tag:server"], "Online": true,
              "CurAddr": "192.168.1.5:41641", "LastSeen": "0001-01-01T00:00:00Z",
              "sshHostKeys": ["ssh-ed25519 AAAA1", "ecdsa-sha2-nistp256 AAAA2"]
            },
            "nodekey:06": {
              "ID": "n3", "HostName": "localhost", "DNSName": "gpu-box.example.ts.net.", "OS": "linux",
              "TailscaleIPs": ["100.64.0.6"], "Online": true, "LastSeen": "0001-01-01T00:00:00Z"
            },
            "nodekey:07": {
              "ID": "n4", "HostName": "desktop", "DNSName": "desktop.example.ts.net.", "OS": "linux",
              "TailscaleIPs": ["100.64.0.7"], "Online": false, "LastSeen": "2026-11-20T08:30:00.1Z"
            },
            "nodekey:08": {
              "ID": "n5", "HostName": "phone", "DNSName": "phone.example.ts.net.", "OS": "iOS",
              "TailscaleIPs": ["100.64.0.8"], "Online": false, "LastSeen": "2026-11-23T21:00:00Z"
            },
            "nodekey:09": {
              "ID": "n6", "HostName": "stranger", "DNSName": "stranger.other.ts.net.", "OS": "linux",
              "TailscaleIPs": ["100.64.0.9"], "Online": true, "ShareeNode": true
            },
            "nodekey:0a": {
              "ID": "n7", "HostName": "se-mma-wg-001", "DNSName": "se-mma-wg-001.mullvad.ts.net.", "OS": "",
              "TailscaleIPs": ["100.64.0.10"], "Online": true, "ExitNodeOption": true,
              "Tags": ["tag:mullvad-exit-node"], "Location": {"Country": "Sweden", "CountryCode": "SE", "City": "Malmö"}
            }
          },
          "User": {"1": {"ID": 1, "LoginName": "ops@example.org"}}
        }
        """
}
