import Foundation
import TestSupport
import Testing

extension LabTests {
    @Suite("a firewall that somebody has set up before") struct FirewallTests {
        @Test("a rule goes before the user's that would make it void; his limits stay; what the kernel lost comes back")
        func order() async throws {
            let lab = try await Lab.ready
            try await lab.reset("n1")
            try await lab.read(
                "n1",
                """
                DEBIAN_FRONTEND=noninteractive apt-get install -y -qq ufw >/dev/null
                ufw allow 22/tcp; ufw limit 2222/tcp; ufw allow 80/tcp; ufw reject 6000:7000/tcp; ufw deny from 203.0.113.7
                ufw --force enable
                """)
            let role = """
                role: demo
                hosts: all
                tasks:
                  - name: SSH elsewhere
                    firewall_rule: { port: 2222, comment: SSH elsewhere }
                  - name: API
                    firewall_rule: { port: 6443, from: "{{ tailscale_network }}" }
                  - name: anybody
                    firewall_rule: { port: 6500 }
                  - name: firewall
                    firewall: on

                """
            try await lab.checkConverges(
                role, on: "n1",
                shows: [
                    "allow 6443/tcp from \(lab.network).0/24", "goes before 'reject 6000-7000/tcp from anywhere'",
                ], changes: 2)
            let status = try await lab.read("n1", "ufw status numbered")
            // This machine's own connections would soon be more than a limit on port 22 lets in.
            #expect(status.contains("2222/tcp                   LIMIT IN    Anywhere"), "\(status)")
            let reject = try #require(status.range(of: "6000:7000/tcp              REJECT IN   Anywhere"), "\(status)")
            for allowed in [
                "6443/tcp                   ALLOW IN    \(lab.network).0/24",
                "6500/tcp                   ALLOW IN    Anywhere",
            ] {
                let place = try #require(status.range(of: allowed), "\(status)")
                #expect(place.lowerBound < reject.lowerBound, "\(status)")
            }
            #expect(status.contains("6500/tcp (v6)              ALLOW IN    Anywhere (v6)"), "\(status)")

            // Somebody's `iptables -F`, a rule that went.
            try await lab.read("n1", "iptables -D ufw-user-input -p tcp -m tcp --dport 6500 -j ACCEPT")
            try await lab.checkConverges(role, on: "n1", shows: ["in the kernel: missing → allow 6500/tcp"], changes: 2)
            try await lab.read("n1", "iptables -P INPUT ACCEPT; iptables -F")
            try await lab.checkConverges(role, on: "n1", shows: ["ufw: off → on"], changes: 1)
            try await lab.read(
                "n1", "iptables -S | grep -q -e '-P INPUT DROP' && iptables -S ufw-user-input | grep -q 6500")
            try await lab.read(
                "n1",
                "ufw --force disable; DEBIAN_FRONTEND=noninteractive apt-get purge -y -qq ufw >/dev/null; iptables -F; iptables -X"
            )
        }
    }
}
