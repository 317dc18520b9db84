import Foundation
import TestSupport
import Testing

extension LabTests {
    /// A server and an agent run; n4 comes to them, well and badly.
    @Suite("a machine that joins", .serialized, Needs.cluster) struct JoinTests {
        private static let begun = Task {
            var cluster = try await LabCluster.fresh(servers: ["n1"], agents: ["n2"])
            try await cluster.apply()
            try await cluster.lab.reset("n4")
            cluster.agents = ["n2", "n4"]
            return cluster
        }

        @Test(
            "a release that is not what its checksums say, or is not there, is refused with its URL; nothing is installed",
            arguments: [
                ("404", "404 Not Found"), ("html", "a web page in place of the file"),
                ("wrong-sum", "sha256"), ("truncate", "ended early"),
            ])
        func mirror(fault: String, cause: String) async throws {
            var cluster = try await Self.begun.value
            cluster.all["k3s_mirror"] = "\(cluster.mirror)/fault/\(fault)"
            let run = try await cluster.run(["apply", "--yes", "--limit", "n4", "--skip-tags", "checks"])
            #expect(run.status == 3, "\(run.stdout)\(run.stderr)")
            let said = run.stdout + run.stderr
            #expect(said.contains(cause) && said.contains("fault/\(fault)"), "\(said)")
            #expect(
                try await cluster.lab.read(
                    "n4", "ls /usr/local/bin/k3s /etc/systemd/system/k3s-agent.service 2>/dev/null; true"
                ).isEmpty)
        }

        @Test("a disk that is full is told as that, and the next run goes on")
        func fullDisk() async throws {
            let cluster = try await Self.begun.value
            try await cluster.lab.read("n4", "mount -t tmpfs -o size=1m tmpfs /usr/local/bin")
            let run = try await cluster.run(["apply", "--yes", "--limit", "n4"])
            try await cluster.lab.read("n4", "umount /usr/local/bin")
            #expect(run.status == 3, "\(run.stdout)\(run.stderr)")
            #expect(run.stderr.contains("the disk that holds /usr/local/bin is full"), "\(run.stderr)")
        }

        @Test(
            "one that is not let in says why within a minute, with what k3s said",
            arguments: [
                ("k3s_agent_args: [--token, wrong]", "the token was rejected"),
                (
                    "k3s_agent_args: [--token, \"K10\(String(repeating: "ab", count: 32))::server:wrong\"]",
                    "the token belongs to another cluster"
                ),
                ("k3s_environment: {K3S_LAB_CLOCK: \"-48h\"}", "by the clock of this machine"),
            ])
        func refused(setting: String, cause: String) async throws {
            var cluster = try await Self.begun.value
            let parts = setting.split(separator: ": ", maxSplits: 1).map(String.init)
            cluster.hosts["n4"] = [parts[0]: parts[1]]
            let began = ContinuousClock.now
            let run = try await cluster.run(["apply", "--yes", "--limit", "n4"])
            let took = ContinuousClock.now - began
            #expect(run.status == 3, "\(run.stdout)\(run.stderr)")
            #expect(run.stderr.contains(cause) && run.stderr.contains("level="), "\(run.stderr)")
            #expect(took < .seconds(75), "\(took)")
            try await cluster.checkReady(["n1", "n2"])
        }

        @Test("an API that does not let this machine in is told with its address, as seen from there")
        func blocked() async throws {
            var cluster = try await Self.begun.value
            let rule = "INPUT -s \(cluster.lab.address("n4")) -p tcp --dport 6443 -j DROP"
            cluster.hosts["n4"] = ["node_labels": "{blocked: \"yes\"}"]
            try await cluster.lab.read("n4", "systemctl stop k3s-agent 2>/dev/null; true")
            try await cluster.lab.read("n1", "iptables -I \(rule)")
            let run = try await cluster.run(["apply", "--yes", "--limit", "n4"])
            try await cluster.lab.read("n1", "iptables -D \(rule)")
            #expect(
                run.status == 3
                    && run.stderr.contains(
                        "from this machine the API at https://\(cluster.lab.address("n1")):6443 cannot be reached"),
                "\(run.stdout)\(run.stderr)")
        }

        @Test("a name that another machine has is told, and the other stays in the cluster")
        func nameIsTaken() async throws {
            var cluster = try await Self.begun.value
            cluster.hosts["n4"] = ["k3s_agent_config": "{node-name: n2}"]
            let run = try await cluster.run(["apply", "--yes", "--limit", "n4"])
            #expect(run.status == 3 && run.stderr.contains("is taken"), "\(run.stdout)\(run.stderr)")
            try await cluster.checkReady(["n1", "n2"])
        }

        @Test("with artifact_delivery: push the laptop fetches once, and the machine nothing; it joins in the end")
        func push() async throws {
            var cluster = try await Self.begun.value
            try await cluster.forget("n4")
            try await cluster.lab.reset("n4")
            cluster.hosts = ["n4": ["artifact_delivery": "push"]]
            try await cluster.forgetRequests()
            try await cluster.apply()
            try await cluster.checkReady()
            let requests = try await cluster.requests()
            let version = LabCluster.versions[0]
            #expect(requests["GET /\(version)/k3s"] == 1, "\(requests)")
            #expect(requests["GET /\(version)/k3s-airgap-images-amd64.tar.zst"] == 1, "\(requests)")
            #expect(
                try await cluster.lab.read(
                    "n4", "stat -c %a /var/lib/rancher/k3s/agent/images/*.zst /usr/local/bin/k3s")
                    == "600\n755")
            try await cluster.applyAgain()
        }

        @Test("a GPU: driver, toolkit, runtime, device plugin; as many as its replicas can be given to pods")
        func gpu() async throws {
            var cluster = try await Self.begun.value
            cluster.hosts["n2"] = ["gpu": "true", "gpu_replicas": "4"]
            cluster.all["nvidia_toolkit_repository"] = "\(cluster.mirror)/apt"
            cluster.all["nvidia_toolkit_key"] = "\(cluster.mirror)/apt/gpgkey"
            let before = try await cluster.lab.startTimes(of: "n4")
            let plan = try await cluster.plan("--limit", "n2:n1")
            #expect(plan.stdout.contains("repository of the container toolkit"), "\(plan.stdout)")
            try await cluster.apply("--limit", "n2:n1")
            #expect(try await cluster.node("n2", #".status.allocatable.nvidia\.com/gpu"#) == "4")
            let plugin = try await cluster.kubectl(
                "-n", "kube-system", "get", "daemonset", "-o",
                "jsonpath={.items[*].spec.template.spec.runtimeClassName}")
            #expect(plugin == "nvidia")
            #expect(try await cluster.lab.startTimes(of: "n4") == before)
            let again = try await cluster.apply("--limit", "n2:n1")
            #expect(again.stdout.contains(try Regex("(?m)^ *n2 .* changed=0 .* failed=0 ")), "\(again.stdout)")
        }
    }
}
