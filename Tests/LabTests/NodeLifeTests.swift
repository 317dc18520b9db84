import Foundation
import TestSupport
import Testing

extension LabTests {
    /// Machines come into a cluster and leave it, by the commands that edit the inventory.
    @Suite("machines come and go", Needs.cluster) struct NodeLifeTests {
        /// A cluster whose inventory is a file that the commands change.
        struct Home {
            let cluster: LabCluster
            let inventory: String

            static func fresh(servers: [String], agents: [String], besides: [String] = []) async throws -> Home {
                var cluster = try await LabCluster.fresh(servers: servers, agents: agents + besides)
                cluster.agents = agents
                let home = Home(cluster: cluster, inventory: try cluster.inventory())
                // As a person's would be.
                try ("# Home.\n" + home.text() + "    # Nobody yet: n9.\n").write(
                    toFile: home.inventory, atomically: true, encoding: .utf8)
                let apply = try await home.kubani("apply", "--yes")
                try #require(apply.status == 0, "\(apply.stdout)\(apply.stderr)")
                return home
            }

            func text() throws -> String { try String(contentsOfFile: inventory, encoding: .utf8) }

            func kubani(_ arguments: String...) async throws -> Program {
                try await cluster.lab.kubani(arguments + ["-i", inventory])
            }

            /// The names of the cluster's nodes.
            func nodes() async throws -> [String] {
                try await cluster.states().map { String($0.prefix { $0 != " " }) }
            }

            /// What is left of k3s on a machine.
            func leftovers(on node: String) async throws -> String {
                try await cluster.lab.read(
                    node,
                    """
                    ls -d /usr/local/bin/k3s* /etc/systemd/system/*k3s* /etc/systemd/system/*/*k3s* /etc/rancher \
                        /var/lib/rancher 2>/dev/null
                    # systemd remembers a name that it was asked for a while longer.
                    systemctl list-units --all --plain --no-legend 'k3s*' | grep -v ' not-found '
                    true
                    """)
            }
        }

        @Test("an agent is added, joins, is removed, and the inventory has its old bytes again")
        func agent() async throws {
            let home = try await Home.fresh(servers: ["n1"], agents: ["n2"], besides: ["n3"])
            let (lab, before) = (home.cluster.lab, try home.text())

            let added = try await lab.kubani(
                [
                    "add-node", "n3", lab.address("n3"), "-i", home.inventory, "--labels", "tier=web", "--taints",
                    "spare:NoSchedule",
                ]
                    + ["--reserved-memory", "256Mi"])
            #expect(added.status == 0, "\(added.stdout)\(added.stderr)")
            let apply = try await home.kubani("apply", "--yes", "--limit", "n3")
            #expect(apply.status == 0, "\(apply.stdout)\(apply.stderr)")
            try await home.cluster.checkReady(["n1", "n2", "n3"])
            #expect(try await home.cluster.node("n3", ".metadata.labels.tier") == "web")
            #expect(try await home.cluster.node("n3", ".spec.taints[*].key") == "spare")

            // Pods that have to go.
            _ = try await home.cluster.kubectl("taint", "node", "n3", "spare-")
            _ = try await home.cluster.kubectl("create", "deployment", "web", "--image", "web", "--replicas", "6")
            _ = try await home.cluster.kubectl("rollout", "status", "deployment/web", "--timeout", "60s")

            let removed = try await home.kubani("remove-node", "n3", "--yes")
            #expect(removed.status == 0, "\(removed.stdout)\(removed.stderr)")
            #expect(removed.stdout.contains("pods of n3 move elsewhere"), "\(removed.stdout)")
            #expect(try home.text() == before)
            #expect(try await home.nodes() == ["n1", "n2"])
            #expect(try await home.leftovers(on: "n3") == "")
            _ = try await home.cluster.kubectl("rollout", "status", "deployment/web", "--timeout", "60s")
            let places = try await home.cluster.kubectl("get", "pods", "-o", "jsonpath={.items[*].spec.nodeName}")
            #expect(!places.contains("n3"))

            // The name is free again.
            let again = try await home.kubani("add-node", "n3", lab.address("n3"), "--apply", "--yes")
            #expect(again.status == 0, "\(again.stdout)\(again.stderr)")
            try await home.cluster.checkReady(["n1", "n2", "n3"])

            // With --keep-k3s it stays there, and does not come back by itself.
            let kept = try await home.kubani("remove-node", "n3", "--force", "--no-drain", "--keep-k3s")
            #expect(kept.status == 0, "\(kept.stdout)\(kept.stderr)")
            #expect(kept.stderr.contains("note: k3s is stopped and disabled on n3"), "\(kept.stderr)")
            #expect(try await home.leftovers(on: "n3").contains("/usr/local/bin/k3s\n"))
            try await lab.read("n3", "systemctl restart tailscaled; ! systemctl is-active k3s-agent")
            #expect(try await home.nodes() == ["n1", "n2"])
            #expect(try home.text() == before)
        }

        @Test("of three servers one leaves etcd; where etcd would lose its quorum nothing is begun")
        func servers() async throws {
            let home = try await Home.fresh(servers: ["n1", "n2", "n3"], agents: [])
            let (lab, before) = (home.cluster.lab, try home.text())
            #expect(try await home.cluster.etcdMembers(at: "n2") == 3)

            // n2 answers, and k3s does not run there: without n1 only one of two members would be left.
            try await lab.read("n2", "systemctl stop k3s")
            try await waitUntil(home, "n2", ready: "Unknown")
            let refused = try await home.kubani("remove-node", "n1", "--yes")
            #expect(refused.status == 3, "\(refused.stdout)\(refused.stderr)")
            #expect(
                refused.stdout.contains("of the servers that would stay these are not Ready: n2"),
                "\(refused.stdout)\(refused.stderr)")
            #expect(refused.stderr.hasSuffix("Nothing was changed.\n"))
            #expect(try home.text() == before)
            #expect(try await home.cluster.node("n1", ".spec.unschedulable") == "")
            try await lab.read("n2", "systemctl start k3s")
            try await waitUntil(home, "n2", ready: "True")

            // n1 began the cluster.
            let removed = try await home.kubani("remove-node", "n1", "--yes")
            #expect(removed.status == 0, "\(removed.stdout)\(removed.stderr)")
            #expect(removed.stderr.contains("note: kubani apply tells the other machines"), "\(removed.stderr)")
            #expect(
                try home.text()
                    == before.split(separator: "\n", omittingEmptySubsequences: false)
                    .filter { !$0.hasPrefix("        n1: ") }.joined(separator: "\n"))
            #expect(try await home.cluster.etcdMembers(at: "n2") == 2)
            let left = try await home.leftovers(on: "n1")
            #expect(left == "")
            let apply = try await home.kubani("apply", "--yes")
            #expect(apply.status == 0, "\(apply.stdout)\(apply.stderr)")
            #expect(try await home.nodes() == ["n2", "n3"])

            // It may come back as a new one, and then be gone for good.
            let two = try home.text()
            let added = try await home.kubani(
                "add-node", "n1", lab.address("n1"), "--role", "control-plane", "--apply", "--yes")
            #expect(added.status == 0, "\(added.stdout)\(added.stderr)")
            #expect(try await home.cluster.etcdMembers(at: "n2") == 3)
            try await lab.nodes("stop", "n1")
            let lost = try await home.kubani("remove-node", "n1", "--yes", "--connect-timeout", "5")
            #expect(lost.status == 4)
            #expect(lost.stderr.contains("n1: could not remove it: it cannot be reached"), "\(lost.stderr)")
            #expect(try await home.nodes() == ["n1", "n2", "n3"])
            let forced = try await home.kubani("remove-node", "n1", "--force", "--connect-timeout", "5")
            #expect(forced.status == 0, "\(forced.stdout)\(forced.stderr)")
            #expect(forced.stderr.contains("note: k3s still lies on n1"), "\(forced.stderr)")
            #expect(try await home.cluster.etcdMembers(at: "n2") == 2)
            #expect(try await home.nodes() == ["n2", "n3"])
            #expect(try home.text() == two)

            // Of two the one that is off cannot be removed: etcd has no quorum to agree on it.
            try await lab.nodes("stop", "n3")
            let half = try await home.kubani("remove-node", "n3", "--force", "--connect-timeout", "5")
            #expect(half.status == 3, "\(half.stdout)\(half.stderr)")
            #expect(half.stdout.contains("etcd needs more than half"), "\(half.stdout)")
        }

        /// Until the API says of a node's condition Ready what is asked for, for two minutes.
        private func waitUntil(_ home: Home, _ node: String, ready: String) async throws {
            _ = try await home.cluster.kubectl(
                "wait", "node/\(node)", "--for", "condition=Ready=\(ready)", "--timeout", "120s")
        }
    }
}
