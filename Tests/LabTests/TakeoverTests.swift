import Foundation
import TestSupport
import Testing

extension LabTests {
    /// k3s as its own installer leaves it, with something in it, and kubani applied to that.
    @Suite("k3s that others set up", .serialized, Needs.cluster) struct TakeoverTests {
        /// What k3s's installer does, with arguments as `INSTALL_K3S_EXEC` has them.
        private static func install(
            _ command: String, on node: String, in cluster: LabCluster, environment: [String] = [],
            _ arguments: String...
        ) async throws {
            let unit = command == "server" ? "k3s" : "k3s-agent"
            let release = LabCluster.versions[0].replacing("+", with: "%2B")
            let words = ([command] + arguments.map { "'\($0)'" }).map { "    \($0) \\" }.joined(separator: "\n")
            _ = try await cluster.lab.read(
                node,
                """
                set -e
                curl -sSf -o /usr/local/bin/k3s \(cluster.mirror)/\(release)/k3s
                chmod 755 /usr/local/bin/k3s
                umask 077
                cat >/etc/systemd/system/\(unit).service.env <<'EOF'
                \(environment.joined(separator: "\n"))
                EOF
                umask 022
                cat >/etc/systemd/system/\(unit).service <<'EOF'
                [Unit]
                Description=Lightweight Kubernetes
                Wants=network-online.target
                After=network-online.target

                [Install]
                WantedBy=multi-user.target

                [Service]
                Type=notify
                EnvironmentFile=-/etc/default/%N
                EnvironmentFile=-/etc/sysconfig/%N
                EnvironmentFile=-/etc/systemd/system/\(unit).service.env
                KillMode=process
                Delegate=yes
                TimeoutStartSec=0
                Restart=always
                RestartSec=5s
                ExecStart=/usr/local/bin/k3s \\
                \(words)

                EOF
                systemctl daemon-reload
                systemctl enable --now \(unit)
                """)
        }

        /// What tells a cluster and its nodes from others that look like them.
        private static func identity(_ lab: Lab) async throws -> String {
            try await lab.read(
                "n1",
                """
                k3s kubectl get namespace kube-system -o 'jsonpath={.metadata.uid}{"\\n"}'
                k3s kubectl get nodes -o 'jsonpath={range .items[*]}{.metadata.name} {.metadata.uid} {.metadata.creationTimestamp}{"\\n"}{end}'
                k3s kubectl get configmap precious -o 'jsonpath={.data.a}'
                """)
        }

        @Test("a cluster with its data elsewhere is refused until the inventory says so, and then taken over as it is")
        func takenOver() async throws {
            var cluster = try await LabCluster.fresh(servers: ["n1"], agents: ["n2"])
            let lab = cluster.lab
            try await Self.install(
                "server", on: "n1", in: cluster, "--data-dir", "/srv/k3s", "--disable", "traefik", "--node-ip",
                "192.168.77.11")
            try await lab.wait(for: "k3s kubectl get node n1", on: "n1")
            let token = try await lab.read("n1", "cat /srv/k3s/server/node-token")
            try await Self.install(
                "agent", on: "n2", in: cluster,
                environment: ["K3S_TOKEN='\(token)'", "K3S_URL='https://192.168.77.11:6443'"], "--node-ip",
                "192.168.77.12", "--node-name", "n2")
            try await lab.wait(for: "k3s kubectl get node n2", on: "n1")
            _ = try await lab.read("n1", "k3s kubectl create configmap precious --from-literal=a=b")
            let before = try await Self.identity(lab)
            #expect(before.hasSuffix("b") && before.contains("n2 "), "\(before)")

            for command in [["plan"], ["apply", "--yes"]] {
                let refused = try await cluster.run(command)
                let said = refused.stdout + refused.stderr
                #expect(refused.status != 0, "\(said)")
                for word in ["/srv/k3s", "k3s_data_dir: /srv/k3s", "disable=traefik", "k3s_disable: [traefik]"] {
                    #expect(said.contains(word), "\(word): \(said)")
                }
            }
            #expect(try await Self.identity(lab) == before)
            #expect(try await lab.read("n1", "ls -d /var/lib/rancher/k3s 2>/dev/null || echo none") == "none")

            cluster.all["k3s_disable"] = "[traefik]"
            cluster.hosts["n1"] = ["k3s_data_dir": "/srv/k3s"]
            let plan = try await cluster.plan()
            #expect(plan.stdout.contains("node-ip=192.168.77.11"), "\(plan.stdout)\(plan.stderr)")
            // The agents are to speak to an address that the server's certificate is for only then.
            try await cluster.apply("--limit", "n1")
            try await cluster.apply()
            try await cluster.waitUntilReady()
            #expect(try await Self.identity(lab) == before)
            #expect(try await lab.read("n1", "ls -d /var/lib/rancher/k3s 2>/dev/null || echo none") == "none")
            try await cluster.applyAgain()

            // A file of somebody's that wins over kubani's, on a cluster that is kubani's by now.
            let mine = "/etc/rancher/k3s/config.yaml.d/90-mine.yaml"
            _ = try await lab.read("n2", "echo 'node-ip: 192.168.77.12' >\(mine)")
            let overridden = try await cluster.run(["plan"])
            #expect(
                overridden.status != 0
                    && (overridden.stdout + overridden.stderr).contains("\(mine) says another node-ip"),
                "\(overridden.stdout)\(overridden.stderr)")
            _ = try await lab.read("n2", "rm \(mine)")
        }

        @Test("a node that k3s calls otherwise, and a unit of another name, get a word and no second node")
        func otherwise() async throws {
            let cluster = try await LabCluster.fresh(servers: ["n1"], agents: [])
            let lab = cluster.lab
            try await Self.install(
                "server", on: "n1", in: cluster, "--node-name", "web-01", "--node-ip", "192.168.77.11")
            try await lab.wait(for: "k3s kubectl get node web-01", on: "n1")
            let named = try await cluster.run(["apply", "--yes"])
            #expect(
                named.status != 0 && (named.stdout + named.stderr).contains("call the host web-01 in the inventory"),
                "\(named.stdout)\(named.stderr)")
            #expect(try await lab.read("n1", "k3s kubectl get nodes -o name") == "node/web-01")
            _ = try await lab.read(
                "n1",
                """
                systemctl disable --now k3s
                cd /etc/systemd/system
                mv k3s.service k3s-server.service
                systemctl daemon-reload
                """)
            // Stopped, under another name, and there all the same.
            let moved = try await cluster.run(["apply", "--yes"])
            #expect(
                moved.status != 0 && (moved.stdout + moved.stderr).contains("k3s-server.service runs k3s server"),
                "\(moved.stdout)\(moved.stderr)")
            #expect(try await lab.read("n1", "ls /etc/systemd/system/k3s.service 2>/dev/null || echo none") == "none")
            try await lab.reset("n1")
        }
    }
}
