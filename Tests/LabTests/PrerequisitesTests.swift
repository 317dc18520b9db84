import Foundation
import TestSupport
import Testing

extension LabTests {
    @Suite("the role prerequisites, on fresh machines") struct PrerequisitesTests {
        static let firewallOfAll = [
            "10250/tcp ALLOW IN NETWORK # kubelet", "8472/udp ALLOW IN NETWORK # flannel VXLAN",
            "51820:51821/udp ALLOW IN NETWORK # flannel WireGuard", "30000:32767/tcp ALLOW IN NETWORK # NodePorts",
            "30000:32767/udp ALLOW IN NETWORK # NodePorts", "Anywhere ALLOW IN 10.42.0.0/16 # pods",
            "Anywhere ALLOW IN 10.43.0.0/16 # services", "22/tcp (v6) ALLOW IN Anywhere (v6) # SSH",
        ]
        static let firewallOfServers = [
            "6443/tcp ALLOW IN NETWORK # Kubernetes API", "2379:2380/tcp ALLOW IN NETWORK # etcd",
        ]

        /// With this role alone.
        func kubani(_ lab: Lab, _ arguments: [String]) async throws -> Program {
            try await lab.kubani(arguments + ["--roles", try lab.shippedRoles("prerequisites")])
        }

        @Test("a plan changes nothing, an apply makes what was planned, a second one finds nothing to do")
        func wholeWay() async throws {
            let lab = try await Lab.ready
            try await lab.reset("n1", "n2")
            let inventory = try lab.inventory()

            let before = try await (Fingerprint(of: "n1", in: lab), Fingerprint(of: "n2", in: lab))
            let plan = try await kubani(lab, ["plan", "-i", inventory, "--detailed-exitcode"])
            #expect(plan.status == 2, "\(plan.stdout)\(plan.stderr)")
            #expect(plan.stdout.contains("+ firewall package  package ufw"))
            #expect(plan.stdout.contains("now: 0 → 1"))
            #expect(plan.stdout.contains("? firewall allows SSH"), "what hangs on a package is pending")
            #expect(before.0.changes(to: try await Fingerprint(of: "n1", in: lab)) == [])
            #expect(before.1.changes(to: try await Fingerprint(of: "n2", in: lab)) == [])

            let apply = try await kubani(lab, ["apply", "--yes", "-i", inventory])
            #expect(apply.status == 0, "\(apply.stdout)\(apply.stderr)")
            for node in ["n1", "n2"] { try await checkPromises(on: node, lab) }
            // SSH's rule is in place before the firewall is on.
            let order = apply.stderr.split(separator: "\n")
            for node in ["n1", "n2"] {
                let ssh = order.firstIndex { $0.hasSuffix("\(node) › prerequisites › firewall allows SSH") }
                let on = order.firstIndex { $0.hasSuffix("\(node) › prerequisites › firewall is on") }
                #expect(try #require(ssh) < #require(on))
            }

            let started = try await (lab.startTimes(of: "n1"), lab.startTimes(of: "n2"))
            #expect(started.0.count > 5)
            let again = try await kubani(lab, ["apply", "--yes", "-i", inventory, "--json"])
            #expect(again.status == 0)
            let recap = try ended(again)
            for node in ["n1", "n2"] {
                #expect(recap[node]?["changed"] == 0 && recap[node]?["failed"] == 0, "\(again.stdout)")
                #expect(recap[node]?["unchanged"] ?? 0 > 20)
            }
            #expect(try await lab.startTimes(of: "n1") == started.0)
            #expect(try await lab.startTimes(of: "n2") == started.1)
            #expect(try await kubani(lab, ["plan", "-i", inventory, "--detailed-exitcode"]).status == 0)

            // All of it is there after a reboot, and nothing is left to do.
            try await lab.nodes("stop", "n1")
            try await lab.nodes("start", "n1")
            try await lab.wait(for: "systemctl is-active -q ufw", on: "n1")
            try await checkPromises(on: "n1", lab)
            let later = try await kubani(lab, ["plan", "-i", inventory, "--detailed-exitcode"])
            #expect(later.status == 0, "\(later.stdout)\(later.stderr)")
        }

        func checkPromises(on node: String, _ lab: Lab) async throws {
            let kernel = try await lab.read(
                node,
                """
                cd /proc/sys/net && cat ipv4/ip_forward \
                    bridge/bridge-nf-call-iptables bridge/bridge-nf-call-ip6tables
                grep -cw overlay /proc/filesystems
                tail -n +2 /proc/swaps
                """)
            // The machine that carries the lab may have swap of its own, which shows in its nodes.
            #expect(kernel.hasPrefix("1\n1\n1\n1"))
            let files = try await lab.read(node, "cat /etc/sysctl.d/99-zz-kubani-*")
            for key in ["net.ipv4.ip_forward", "net.bridge.bridge-nf-call-iptables"] {
                #expect(files.contains("\(key) = 1"))
            }
            let packages = try await lab.read(node, "dpkg-query -W -f '${db:Status-Status} ' ca-certificates curl ufw")
            #expect(packages == "installed installed installed ")

            let status = try await lab.read(node, "ufw status verbose").split(separator: "\n").map {
                $0.split(separator: " ").joined(separator: " ")
            }
            #expect(status.first == "Status: active")
            #expect(status.contains("Default: deny (incoming), allow (outgoing), deny (routed)"))
            let rules = status.drop { !$0.hasPrefix("--") }.dropFirst().map {
                $0.replacing("\(lab.network).0/24", with: "NETWORK")
            }
            #expect(rules.first == "22/tcp ALLOW IN Anywhere # SSH", "SSH comes first")
            let expected = Self.firewallOfAll + (node == "n1" ? Self.firewallOfServers : [])
            #expect(Set(rules.dropFirst()) == Set(expected), "etcd's and the API's ports are the servers' alone")
            #expect(
                try await lab.read(node, "systemctl is-enabled ufw; grep ENABLED /etc/ufw/ufw.conf")
                    == "enabled\nENABLED=yes")

            // Nothing of kubani's own stays.
            let left = try await lab.read(
                node, "ls -d /var/lib/kubani /run/kubani 2>/dev/null; find / -xdev -name '.kubani.*' 2>/dev/null; :")
            #expect(left == "")
        }

        /// The counts of the last event, by host.
        func ended(_ run: Program) throws -> [String: [String: Int]] {
            let last = try #require(run.stdout.split(separator: "\n").last)
            let event = try #require(try JSONSerialization.jsonObject(with: Data(last.utf8)) as? [String: Any])
            #expect(event["event"] as? String == "ended")
            let recap = try #require(event["recap"] as? [String: Any])
            return (recap["hosts"] as? [String: [String: Any]] ?? [:]).mapValues { $0.compactMapValues { $0 as? Int } }
        }

        @Test("tags and hosts choose what is done, and nothing else is")
        func selection() async throws {
            let lab = try await Lab.ready
            try await lab.reset("n1", "n2")
            let inventory = try lab.inventory()
            let untouched = try await Fingerprint(of: "n1", in: lab)

            let kernel = try await kubani(
                lab, ["apply", "--yes", "-i", inventory, "--tags", "kernel", "--limit", "n2"])
            #expect(kernel.status == 0, "\(kernel.stderr)")
            #expect(
                try await lab.read("n2", "cat /proc/sys/net/ipv4/ip_forward; command -v ufw || echo none") == "1\nnone")
            #expect(untouched.changes(to: try await Fingerprint(of: "n1", in: lab)) == [])
            #expect(!kernel.stdout.contains("n1"))

            let rest = try await kubani(
                lab,
                [
                    "plan", "-i", inventory, "--skip-tags", "kernel,firewall", "--limit", "n2",
                ])
            #expect(rest.status == 0)
            #expect(rest.stdout.contains("0 to") || !rest.stdout.contains("to update"), "\(rest.stdout)")
            #expect(!rest.stdout.contains("firewall"))
            let both = try await kubani(
                lab,
                [
                    "plan", "-i", inventory, "-v", "--tags", "kernel,swap", "--skip-tags", "swap",
                ])
            #expect(both.stdout.contains("kernel parameters") && !both.stdout.contains("packages"))
            #expect(!both.stdout.contains("swap"))
        }

        @Test("what is wrong with a machine is told in the plan, and stops that machine alone")
        func wrongMachines() async throws {
            let lab = try await Lab.ready
            let wrong = try lab.inventory(workers: ["n2": "tailscale_ip: \(lab.network).77"])
            let address = try await kubani(lab, ["plan", "-i", wrong, "--limit", "n2", "--tags", "checks"])
            #expect(address.status == 3)
            #expect(
                address.stdout.contains(
                    "its address is \(lab.address("n2")), the inventory says \(lab.network).77\n"
                        + "        hint: correct tailscale_ip in the inventory"), "\(address.stdout)")
            let peer = try await kubani(lab, ["plan", "-i", wrong, "--limit", "n1", "--tags", "checks"])
            #expect(peer.status == 0, "a peer that is off stops nobody else")
            #expect(peer.stdout.contains("\(lab.network).77 is not on this tailnet"), "\(peer.stdout)")

            let inventory = try lab.inventory()
            try await lab.read("n2", "mv /usr/bin/tailscale /usr/bin/tailscale.away")
            let missing = try await kubani(lab, ["plan", "-i", inventory])
            let applied = try await kubani(lab, ["apply", "--yes", "-i", inventory, "--tags", "checks,kernel"])
            try await lab.read("n2", "mv /usr/bin/tailscale.away /usr/bin/tailscale")
            #expect(missing.status == 3)
            #expect(missing.stdout.contains("there is no tailscale on this machine"))
            #expect(missing.stdout.contains("hint: install it (tailscale.com/download), then run 'sudo tailscale up'"))
            #expect(applied.status == 3)
            #expect(applied.stderr.contains("✗ n2 › prerequisites › Tailscale is installed"), "\(applied.stderr)")
            #expect(!applied.stderr.contains("✗ n1"))
        }

        @Test("little memory is a warning, and the run goes on")
        func warnings() async throws {
            let lab = try await Lab.ready
            let inventory = try lab.inventory()
            let arguments = ["-i", inventory, "--tags", "checks", "--extra-vars", "minimum_memory_mb=999999"]
            let plan = try await kubani(lab, ["plan"] + arguments)
            #expect(plan.status == 0, "\(plan.stdout)\(plan.stderr)")
            #expect(plan.stdout.contains("MB of memory; k3s and its guests want 999999"), "\(plan.stdout)")
            let apply = try await kubani(lab, ["apply", "--yes"] + arguments)
            #expect(apply.status == 0)
            #expect((apply.stdout + apply.stderr).contains("want 999999"), "\(apply.stdout)\(apply.stderr)")
        }
    }
}
