import Foundation
import TestSupport
import Testing

extension LabTests {
    /// One cluster from its interrupted beginning on.
    @Suite("three servers and an agent", .serialized, Needs.cluster) struct HighAvailabilityTests {
        private static let begun = Task {
            let cluster = try await LabCluster.fresh(servers: ["n1", "n2", "n3"], agents: ["n4"])
            // Killed while the second server joins.
            let run = try RunningProgram(cluster.lab, ["apply", "--yes", "-i", try cluster.inventory()])
            try await cluster.lab.wait(for: "[ -e /etc/rancher/k3s/config.yaml ]", on: "n2")
            run.signal(SIGKILL)
            _ = try await run.end()
            try await cluster.apply()
            return cluster
        }

        @Test("an apply that is killed while a server joins, and run again, makes one cluster of all three")
        func interrupted() async throws {
            let cluster = try await Self.begun.value
            try await cluster.checkReady()
            for server in cluster.servers { #expect(try await cluster.etcdMembers(at: server) == 3) }
            #expect(try await Set(cluster.tokens()).count == 1)
        }

        @Test("a second apply changes nothing and starts nothing")
        func again() async throws { try await Self.begun.value.applyAgain() }

        @Test("with the first server dead, apply goes on through another, and names the one that is gone")
        func firstIsDead() async throws {
            var cluster = try await Self.begun.value
            try await cluster.lab.nodes("stop", "n1")
            cluster.hosts["n4"] = ["node_labels": "{tier: web}"]
            let apply = try await cluster.apply("--connect-timeout", "3", status: 4)
            #expect(apply.stderr.contains("n1: unreachable"), "\(apply.stderr)")
            #expect(try await cluster.node("n4", ".metadata.labels.tier") == "web")
            #expect(
                try await cluster.kubectl("config", "view", "--minify", "-o", "jsonpath={.clusters[0].cluster.server}")
                    == "https://\(cluster.lab.address("n2")):6443")
            try await cluster.lab.nodes("start", "n1")
            cluster.hosts = [:]
            try await cluster.waitUntilReady()
            try await cluster.apply()
            for server in cluster.servers { #expect(try await cluster.etcdMembers(at: server) == 3) }
            try await cluster.applyAgain()
        }

        @Test("a skipped minor version and an earlier one are refused, with the way to go")
        func refused() async throws {
            var cluster = try await Self.begun.value
            for (version, cause) in [
                ("v1.30.1+k3s1", "no minor version may be skipped"),
                ("v1.27.1+k3s1", "not taken back to an earlier release"),
            ] {
                cluster.all["k3s_version"] = version
                let plan = try await cluster.plan()
                #expect(plan.status == 3 && plan.stdout.contains(cause), "\(plan.stdout)\(plan.stderr)")
            }
            cluster.all["k3s_version"] = LabCluster.versions[0]
            try await cluster.waitUntilReady()
        }

        @Test("an upgrade takes one node after the other; what stops it stops there; no client waits for two seconds")
        func upgrade() async throws {
            var cluster = try await Self.begun.value
            let lab = cluster.lab
            let poller = APIPoller()
            await poller.start(
                cluster.servers.map { lab.address($0) }, folder: try await cluster.clientCertificates())
            let (old, new) = (LabCluster.versions[0], LabCluster.versions[1])
            cluster.all["k3s_version"] = new

            // A machine that is away would be left behind.
            try await lab.nodes("stop", "n4")
            let left = try await cluster.run(["apply", "--yes", "--connect-timeout", "3"])
            #expect(
                left.status == 3 && left.stdout.contains("n4 cannot be reached and would be left behind"), "\(left)")
            #expect(left.stdout.contains("--skip-unreachable"), "\(left)")

            // Left behind on purpose; and the second server does not come back.
            cluster.hosts["n2"] = ["k3s_server_args": "--no-such-argument"]
            let stuck = try await cluster.run(["apply", "--yes", "--connect-timeout", "3", "--skip-unreachable"])
            #expect(stuck.status == 3 && stuck.stderr.contains("no-such-argument"), "\(stuck)")
            #expect(try await Self.moved(stuck, among: cluster.nodes) == ["n1", "n2"], "\(stuck)")
            #expect(try await cluster.node("n1", ".status.nodeInfo.kubeletVersion") == new)
            #expect(try await cluster.node("n3", ".status.nodeInfo.kubeletVersion") == old)
            #expect(try await cluster.node("n3", ".spec.unschedulable").isEmpty)

            // All is well again: it goes on from there, and the inventory has the new release.
            try await lab.nodes("start", "n4")
            cluster.hosts = [:]
            cluster.all["k3s_version"] = old
            let inventory = try cluster.inventory()
            let apply = try await lab.kubani(["upgrade", "--to", new, "--yes", "-i", inventory])
            #expect(apply.status == 0, "\(apply)")
            #expect(try String(contentsOfFile: inventory, encoding: .utf8).contains("k3s_version: \(new)\n"))
            cluster.all["k3s_version"] = new
            let gap = await poller.stop()
            #expect(gap < .seconds(2), "\(gap)")
            #expect(await poller.answers > 50)
            #expect(try await Self.moved(apply, among: cluster.nodes) == ["n3", "n4"], "\(apply)")
            try await cluster.checkReady()
            #expect(
                try await lab.read("n1", "ls /var/lib/rancher/k3s/server/db/snapshots").contains("before-v1.29.1-k3s1"))
            for node in cluster.nodes { #expect(try await cluster.node(node, ".spec.unschedulable").isEmpty) }
            try await cluster.applyAgain()
        }

        /// The nodes whose pods a run moved elsewhere, in that order.
        private static func moved(_ run: Program, among nodes: [String]) async throws -> [String] {
            run.stderr.split(separator: "\n").compactMap { line in
                nodes.first { line.contains("\($0) › k3s-") && line.contains("› pods move elsewhere") }
            }
        }

        @Test("a backup of etcd brings back what was deleted since, on all servers")
        func backup() async throws {
            var cluster = try await Self.begun.value
            cluster.all["k3s_version"] = LabCluster.versions[1]
            let inventory = try cluster.inventory()
            let file = "\(cluster.lab.folder)/three.tar.gz"
            _ = try await cluster.kubectl("create", "configmap", "before", "--from-literal=a=b")
            let backup = try await cluster.lab.kubani(["backup", "-i", inventory, "--out", file])
            #expect(backup.status == 0, "\(backup.stdout)\(backup.stderr)")
            _ = try await cluster.kubectl("delete", "configmap", "before")
            _ = try await cluster.kubectl("create", "configmap", "after")
            let restore = try await cluster.lab.kubani(["restore", file, "-i", inventory, "--yes"])
            #expect(restore.status == 0, "\(restore.stdout)\(restore.stderr)")
            try await cluster.waitUntilReady()
            let maps = try await cluster.kubectl("get", "configmaps", "-o", "name")
            #expect(maps.contains("configmap/before") && !maps.contains("configmap/after"), "\(maps)")
            for server in cluster.servers { #expect(try await cluster.etcdMembers(at: server) == 3) }
            // The servers have made new certificates for administrators.
            try await cluster.apply()
            try await cluster.applyAgain()
        }
    }
}

extension LabCluster {
    /// Each server's token; of one cluster when they are equal.
    func tokens() async throws -> [String] {
        var tokens: [String] = []
        for server in servers { tokens.append(try await lab.read(server, "cat /var/lib/rancher/k3s/server/token")) }
        return tokens
    }

    /// A folder with an administrator's ca.crt, client.crt and client.key.
    func clientCertificates() async throws -> String {
        let folder = "\(lab.folder)/client"
        for (name, path) in [
            ("ca.crt", "server-ca.crt"), ("client.crt", "client-admin.crt"), ("client.key", "client-admin.key"),
        ] {
            _ = try lab.write(
                try await lab.read(servers[0], "cat /var/lib/rancher/k3s/server/tls/\(path)") + "\n",
                to: "client/\(name)")
        }
        return folder
    }
}
