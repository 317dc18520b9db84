import Foundation
import TestSupport
import Testing

extension LabTests {
    /// One cluster, from nothing to its end; each test leaves it as it found it.
    @Suite("a server and two agents", .serialized, Needs.cluster) struct SmallClusterTests {
        private static let begun = Task {
            let cluster = try await LabCluster.fresh(servers: ["n1"], agents: ["n2", "n3"])
            let plan = try await cluster.plan("--detailed-exitcode")
            #expect(plan.status == 2, "\(plan.stdout)\(plan.stderr)")
            #expect(try await cluster.lab.read("n1", "ls -d /etc/rancher 2>/dev/null || echo none") == "none")
            try await cluster.apply()
            return cluster
        }

        @Test("all Ready after one apply; files are where and as k3s's own installer puts them, or stricter")
        func fromNothing() async throws {
            let cluster = try await Self.begun.value
            let lab = cluster.lab
            try await cluster.checkReady()
            #expect(
                try await lab.read(
                    "n1",
                    "cd /etc && stat -c '%a %n' rancher/k3s/config.yaml systemd/system/k3s.service.env systemd/system/k3s.service"
                )
                    == "600 rancher/k3s/config.yaml\n600 systemd/system/k3s.service.env\n644 systemd/system/k3s.service"
            )
            let unit = try await lab.read("n1", "grep -v '^#' /etc/systemd/system/k3s.service")
            #expect(unit == Self.upstreamUnit)
            let ips = try await cluster.node("n2", #".status.addresses[?(@.type=="InternalIP")].address"#)
            #expect(ips == lab.address("n2"))
            // The kubeconfig of whoever ran kubani.
            let kubeconfig = try #require(Lab.environment["KUBECONFIG"])
            let mode = try FileManager.default.attributesOfItem(atPath: kubeconfig)[.posixPermissions] as? Int
            #expect(mode == 0o600)
            #expect(
                try await cluster.kubectl("config", "view", "--minify", "-o", "jsonpath={.clusters[0].cluster.server}")
                    == "https://\(lab.address("n1")):6443")
            // k3s's own would take Tailscale's routes along.
            #expect(
                try await lab.read(
                    "n1",
                    "cat /usr/local/bin/k3s-killall.sh /usr/local/bin/k3s-uninstall.sh | grep -c 'tailscale set' || true"
                ) == "0")
        }

        /// What k3s's installer writes (k3s-io/k3s, install.sh), without its comments.
        static let upstreamUnit = #"""
            [Unit]
            Description=Lightweight Kubernetes
            Documentation=https://k3s.io
            Wants=network-online.target
            After=network-online.target

            [Install]
            WantedBy=multi-user.target

            [Service]
            Type=notify
            EnvironmentFile=-/etc/default/%N
            EnvironmentFile=-/etc/sysconfig/%N
            EnvironmentFile=-/etc/systemd/system/k3s.service.env
            KillMode=process
            Delegate=yes
            User=root
            LimitNOFILE=1048576
            LimitNPROC=infinity
            LimitCORE=infinity
            TasksMax=infinity
            TimeoutStartSec=0
            Restart=always
            RestartSec=5s
            ExecStartPre=-/sbin/modprobe br_netfilter
            ExecStartPre=-/sbin/modprobe overlay
            ExecStart=/usr/local/bin/k3s server
            """#

        @Test("a second apply changes nothing and starts nothing")
        func again() async throws { try await Self.begun.value.applyAgain() }

        @Test("labels and taints are as the inventory has them at any time; others' stay, and nothing restarts")
        func labels() async throws {
            var cluster = try await Self.begun.value
            let lab = cluster.lab
            _ = try await cluster.kubectl("label", "node", "n2", "someone=else")
            let before = try await lab.startTimes(of: "n2")
            cluster.hosts["n2"] = [
                "node_labels": "{tier: web, example.com/rack: a1}",
                "node_taints": "[{key: dedicated, value: web, effect: NoSchedule}]",
            ]
            let plan = try await cluster.plan()
            for line in ["tier: web", "example.com/rack: a1", "dedicated=web:NoSchedule"] {
                #expect(plan.stdout.contains(line), "\(plan.stdout)")
            }
            try await cluster.apply()
            #expect(try await cluster.node("n2", ".metadata.labels.tier") == "web")
            #expect(try await cluster.node("n2", ".spec.taints[*].key") == "dedicated")
            cluster.hosts["n2"] = ["node_labels": "{tier: db}"]
            try await cluster.apply()
            #expect(try await cluster.node("n2", ".metadata.labels.tier") == "db")
            #expect(try await cluster.node("n2", #".metadata.labels.example\.com/rack"#).isEmpty)
            #expect(try await cluster.node("n2", ".spec.taints[*].key").isEmpty)
            #expect(try await cluster.node("n2", ".metadata.labels.someone") == "else")
            #expect(try await lab.startTimes(of: "n2") == before)
            cluster.hosts = [:]
            try await cluster.apply()
            #expect(try await cluster.node("n2", ".metadata.labels.tier").isEmpty)
            #expect(try await cluster.node("n2", ".metadata.labels.someone") == "else")
        }

        @Test("a reservation is handed to its node's kubelet, and restarts k3s there alone")
        // The lab's kubelet is hollow: it is told, and has nothing to reserve.
        func reservations() async throws {
            var cluster = try await Self.begun.value
            let lab = cluster.lab
            var before: [String: [String: String]] = [:]
            for node in cluster.nodes { before[node] = try await lab.startTimes(of: node) }
            cluster.hosts["n3"] = ["reserved_cpu": "\"500m\"", "reserved_memory": "256Mi"]
            try await cluster.apply()
            try await cluster.checkReady()
            let after = try await lab.startTimes(of: "n3")
            #expect(after["k3s-agent.service"] != before["n3"]?["k3s-agent.service"])
            for node in ["n1", "n2"] { #expect(try await lab.startTimes(of: node) == before[node]) }
            #expect(
                try await lab.read("n3", "cat /etc/rancher/k3s/config.yaml").contains(
                    "system-reserved=cpu=500m,memory=256Mi"))
            cluster.hosts = [:]
            try await cluster.apply()
            // A kubelet that starts anew is not Ready for a moment, some time after it has said that it is.
            try await cluster.waitUntilReady()
        }

        @Test("k3s_server_args reach the API server, and restart the server alone")
        func arguments() async throws {
            var cluster = try await Self.begun.value
            let lab = cluster.lab
            let before = try await lab.startTimes(of: "n2")
            let running = "pgrep -af max-requests-inflight=321 | grep -v pgrep | wc -l"
            #expect(try await lab.read("n1", running) == "0")
            cluster.all["k3s_server_args"] = "--kube-apiserver-arg=max-requests-inflight=321"
            try await cluster.apply()
            #expect(try await lab.read("n1", running) != "0")
            #expect(try await lab.startTimes(of: "n2") == before)
            try await cluster.waitUntilReady()
            cluster.all["k3s_server_args"] = nil
            try await cluster.apply()
            #expect(try await lab.read("n1", running) == "0")
        }

        @Test("kubani kubeconfig prints what kubectl can use, and merges it beside what others have put there")
        func kubeconfig() async throws {
            let cluster = try await Self.begun.value
            let inventory = try cluster.inventory()
            let printed = try await cluster.lab.kubani(["kubeconfig", "--print", "-i", inventory])
            #expect(printed.status == 0, "\(printed.stderr)")
            let file = try cluster.lab.write(printed.stdout, to: "printed-kubeconfig")
            let nodes = try await cluster.kubectl("--kubeconfig", file, "get", "nodes", "-o", "name")
            #expect(nodes == "node/n1\nnode/n2\nnode/n3")
            let mine = """
                apiVersion: v1
                kind: Config
                # My own.
                clusters: [{name: other, cluster: {server: "https://other.example:6443"}}]
                users: [{name: me, user: {token: t}}]
                contexts: [{name: other, context: {cluster: other, user: me}}]
                current-context: other

                """
            let own = try cluster.lab.write(mine, to: "own-kubeconfig")
            let merge = try await Program.run(
                Lab.kubani, ["kubeconfig", "--merge", "-i", inventory],
                environment: Lab.environment.merging(["KUBECONFIG": own]) { $1 }, directory: cluster.lab.folder)
            #expect(merge.status == 0, "\(merge.stderr)")
            #expect(
                try await cluster.kubectl("--kubeconfig", own, "config", "get-contexts", "-o", "name") == "lab\nother")
            #expect(try await cluster.kubectl("--kubeconfig", own, "config", "current-context") == "other")
            #expect(
                try await cluster.kubectl(
                    "--kubeconfig", own, "config", "view", "-o",
                    #"jsonpath={.clusters[?(@.name=="other")].cluster.server}"#)
                    == "https://other.example:6443")
        }

        @Test("a label that Kubernetes would not take is refused with its line before any node is touched")
        func badLabel() async throws {
            var cluster = try await Self.begun.value
            cluster.hosts["n2"] = ["node_labels": "{tier: \"not a value\"}"]
            let refused = try await cluster.apply(status: 1)
            #expect(refused.stderr.contains("'not a value'") && refused.stderr.contains(".yml:"), "\(refused.stderr)")
            #expect(refused.stdout.isEmpty)
        }

        @Test("a backup brings back what was deleted since, and takes away what was made since")
        func backup() async throws {
            let cluster = try await Self.begun.value
            let inventory = try cluster.inventory()
            let file = "\(cluster.lab.folder)/small.tar.gz"
            _ = try await cluster.kubectl("create", "configmap", "before", "--from-literal=a=b")
            let backup = try await cluster.lab.kubani(["backup", "-i", inventory, "--out", file])
            #expect(backup.status == 0, "\(backup.stdout)\(backup.stderr)")
            let mode = try FileManager.default.attributesOfItem(atPath: file)[.posixPermissions] as? Int
            #expect(mode == 0o600)
            _ = try await cluster.kubectl("delete", "configmap", "before")
            _ = try await cluster.kubectl("create", "configmap", "after")
            let restore = try await cluster.lab.kubani(["restore", file, "-i", inventory, "--yes"])
            #expect(restore.status == 0, "\(restore.stdout)\(restore.stderr)")
            try await cluster.waitUntilReady()
            let maps = try await cluster.kubectl("get", "configmaps", "-o", "name")
            #expect(maps.contains("configmap/before") && !maps.contains("configmap/after"), "\(maps)")
            // The server has made a new certificate for administrators.
            try await cluster.apply()
            try await cluster.applyAgain()
        }

        @Test("after a reset nothing of k3s is left, and an apply begins a new cluster")
        func reset() async throws {
            let cluster = try await Self.begun.value
            let inventory = try cluster.inventory()
            let unasked = try await cluster.lab.kubani(["reset", "-i", inventory])
            #expect(unasked.status == 1, "\(unasked.stdout)\(unasked.stderr)")
            try await cluster.checkReady()
            let reset = try await cluster.lab.kubani(["reset", "-i", inventory, "--yes"])
            #expect(reset.status == 0, "\(reset.stdout)\(reset.stderr)")
            for node in cluster.nodes {
                #expect(
                    try await cluster.lab.read(
                        node,
                        "ls -d /etc/rancher /var/lib/rancher /usr/local/bin/k3s* /etc/systemd/system/k3s* 2>/dev/null; pgrep -a k3s; pgrep -a kube; true"
                    ).isEmpty)
            }
            try await cluster.apply()
            try await cluster.checkReady()
        }

        @Test("to a server that began alone others can be added: what sqlite had is then in etcd")
        func moreServers() async throws {
            var cluster = try await Self.begun.value
            try await cluster.lab.reset("n4")
            _ = try await cluster.kubectl("create", "configmap", "kept", "--from-literal=a=b")
            #expect(try await cluster.lab.read("n1", "ls /var/lib/rancher/k3s/server/db").contains("state.db"))
            cluster.servers = ["n1", "n4"]
            try await cluster.apply()
            try await cluster.checkReady()
            for server in cluster.servers { #expect(try await cluster.etcdMembers(at: server) == 2) }
            #expect(try await cluster.kubectl("get", "configmap", "kept", "-o", "jsonpath={.data.a}") == "b")
            try await cluster.applyAgain()
        }
    }
}
