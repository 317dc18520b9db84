import Foundation
import TestSupport
import Testing

extension LabTests {
    /// k3s and the interface that it stands on: Tailscale's comes late, and flannel's goes with tailscaled.
    @Suite("Tailscale that is late, and that restarts", .serialized, Needs.cluster) struct LateTailscaleTests {
        private static let begun = Task {
            let cluster = try await LabCluster.fresh(servers: ["n1"], agents: ["n2"])
            try await cluster.apply()
            try await cluster.checkReady()
            return cluster
        }

        private static let units = ["n1": "k3s", "n2": "k3s-agent"]

        @Test("where tailscale0 has its address 15 s after a boot, k3s waits for it and the nodes are Ready again")
        func late() async throws {
            let cluster = try await Self.begun.value
            let lab = cluster.lab
            var boots: [String: String] = [:]
            for node in cluster.nodes {
                boots[node] = try await lab.read(node, RebootTests.bootID)
                // The address is no longer the network's to give, but comes by itself, as by a slow tailscaled.
                try await lab.read(
                    node,
                    """
                    set -e
                    cp -p /etc/systemd/network/20-tailscale0.network /root/
                    sed -i /^Address=/d /etc/systemd/network/20-tailscale0.network
                    cat >/etc/systemd/system/late-address.service <<'END'
                    [Unit]
                    After=systemd-networkd.service
                    [Service]
                    RemainAfterExit=yes
                    ExecStart=/bin/sh -c 'sleep 15; ip address add \(lab.address(node))/24 dev tailscale0; date +%%s%%N >/run/late-address'
                    [Install]
                    WantedBy=multi-user.target
                    END
                    systemctl daemon-reload
                    systemctl enable -q late-address
                    """)
            }
            for node in cluster.nodes { _ = try await lab.ssh(node, "systemctl reboot") }
            for node in cluster.nodes { try await lab.waitForBoot(other: boots[node] ?? "", on: node) }
            try await cluster.waitUntilReady()
            for node in cluster.nodes {
                let unit = Self.units[node] ?? ""
                // It waited: begun after the address came, and at its first start.
                #expect(
                    try await lab.read(
                        node,
                        """
                        begun=$(date -d "$(systemctl show --timestamp=us+utc -P ExecMainStartTimestamp \(unit))" +%s%N)
                        [ "$begun" -gt "$(cat /run/late-address)" ] && echo late
                        systemctl show -P NRestarts \(unit)
                        """) == "late\n0")
                #expect(try await lab.renewed(node, in: cluster, after: "cat /run/late-address"))
                try await lab.read(
                    node,
                    """
                    mv /root/20-tailscale0.network /etc/systemd/network/
                    systemctl disable -q late-address && rm /etc/systemd/system/late-address.service
                    """)
            }
            try await cluster.applyAgain()
        }

        @Test("after a restart of tailscaled flannel's interface is back and the node Ready", arguments: ["n1", "n2"])
        func restart(node: String) async throws { try await disturb(node, "systemctl restart tailscaled") }

        @Test("k3s stops with tailscaled, and starts with it", arguments: ["n1", "n2"])
        func stop(node: String) async throws {
            try await disturb(
                node,
                "systemctl stop tailscaled; systemctl is-active -q \(Self.units[node] ?? "") && exit 1; "
                    + "systemctl start tailscaled")
        }

        private func disturb(_ node: String, _ command: String) async throws {
            let cluster = try await Self.begun.value
            let lab = cluster.lab
            let before = try await lab.read(node, "date +%s%N >/run/disturbed; cat /sys/class/net/flannel.1/ifindex")
            try await lab.read(node, command)
            let began = ContinuousClock.now
            try await lab.wait(
                for: "[ \"$(cat /sys/class/net/flannel.1/ifindex 2>/dev/null || echo \(before))\" != \(before) ]",
                on: node)
            try await cluster.waitUntilReady()
            // Ready is only a memory until the kubelet has told it anew.
            #expect(try await lab.renewed(node, in: cluster, after: "cat /run/disturbed"))
            #expect(began.duration(to: .now) < .seconds(60))
        }
    }
}

extension Lab {
    /// Waits until a node lets us in at another boot.
    func waitForBoot(other than: String, on node: String, sourceLocation: SourceLocation = #_sourceLocation)
        async throws
    {
        let deadline = ContinuousClock.now + .eventually
        while ContinuousClock.now < deadline {
            let seen = try await ssh(node, "cat /proc/sys/kernel/random/boot_id")
            let boot = seen.stdout.trimmingCharacters(in: .newlines)
            if seen.status == 0, boot != than { return }
            try await Task.sleep(for: .milliseconds(200))
        }
        Issue.record("\(node) is not back", sourceLocation: sourceLocation)
    }

    /// Waits until the node's kubelet has told the API that it lives, later than a time that the node tells by a command,
    /// in nanoseconds; both have one clock.
    fileprivate func renewed(_ node: String, in cluster: LabCluster, after command: String) async throws -> Bool {
        let time = try #require(Double(try await read(node, command))) / 1e9
        let formatter = ISO8601DateFormatter()
        formatter.formatOptions = [.withInternetDateTime, .withFractionalSeconds]
        let deadline = ContinuousClock.now + .seconds(40)
        while ContinuousClock.now < deadline {
            let text = try await cluster.kubectl(
                "-n", "kube-node-lease", "get", "lease", node, "--ignore-not-found", "-o", "jsonpath={.spec.renewTime}")
            // Six digits are more than the formatter takes.
            let date = formatter.date(from: text.replacing(#/(\.\d{3})\d*/#) { $0.output.1 })
            if let date, date.timeIntervalSince1970 > time { return true }
            try await Task.sleep(for: .milliseconds(500))
        }
        return false
    }
}
