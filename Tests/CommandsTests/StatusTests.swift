import ArgumentParser
import Foundation
import Inventory
import Kubernetes
import Model
import OrderedCollections
import Roles
import TestSupport
import Testing
import YAML

@testable import Commands

/// Of `kubani status` what needs no cluster.
@Suite("kubani status, where the cluster is away", Needs.program("python3")) struct StatusAwayTests {
    private static let inventory = """
        all:
          vars: { cluster_name: homelab }
          children:
            control_plane: { hosts: { server-1: { tailscale_ip: 127.0.0.5 } } }
            workers: { hosts: { desktop: { tailscale_ip: 100.64.0.7 } } }
            others: { hosts: { nas: { ansible_host: nas.example.org } } }
        """

    private func kubani(server: String) throws -> Kubani {
        try Kubani([
            "inventory/hosts.yml": Self.inventory,
            "config": """
            clusters: [{name: c, cluster: {server: "\(server)"}}]
            contexts: [{name: homelab, context: {cluster: c, user: u}}]
            users: [{name: u, user: {token: t0ken}}]
            """,
        ])
    }

    @Test("inventory and Tailscale are shown with the cause, and the exit status is 4")
    func unreachable() async throws {
        let port = try ClusterLab.freePorts(1)[0]
        let kubani = try kubani(server: "https://127.0.0.1:\(port)")
        defer { kubani.remove() }
        let tailscale = try TailscaleStandIn(TailscaleStandIn.tailnet)
        let run = try await kubani.run(["status", "--kubeconfig", "config"], environment: tailscale.environment)
        #expect(run.status == 4)
        let lines = run.stdout.split(separator: "\n").map(String.init)
        #expect(lines.count == 3, "\(run.stdout)")
        #expect(lines[0] == "NODE      ROLES          STATUS   VERSION  ADDRESS     TAILSCALE")
        #expect(lines[1] == "server-1  control-plane  unknown  -        127.0.0.5   not there")
        #expect(lines[2].contains(/^desktop   worker         unknown  -        100\.64\.0\.7  seen \w+ ago$/))
        #expect(run.stderr.hasPrefix("could not list /api/v1/nodes: connection refused by 127.0.0.1:\(port)\nhint: "))
        let json = try await kubani.run(
            ["status", "--json"],
            environment: ["KUBECONFIG": "config", "KUBANI_TAILSCALE_SOCKET": "/nowhere/tailscaled.sock"])
        #expect(json.status == 4)
        let all = try #require(JSON.read(json.stdout))
        #expect(all["cluster"]?["error"]?.string?.contains("connection refused") == true)
        #expect(all["cluster"]?["context"] == "homelab" && all["pods"] == nil)
        #expect(all["tailscale"]?["error"]?.string?.contains("there is no socket /nowhere/tailscaled.sock") == true)
        #expect(all["nodes"]?.list?.map { $0["state"] } == ["Unknown", "Unknown"])
        // Both causes are told.
        #expect(
            json.stderr.contains("could not ask Tailscale at /nowhere") && json.stderr.contains("connection refused"))
        #expect(!(json.stdout + json.stderr + run.stderr).contains("t0ken"))
    }

    @Test("an API that takes the connection and never answers is left at the deadline")
    func silent() async throws {
        let silence = try SilentPort()
        let kubani = try kubani(server: "https://127.0.0.1:\(silence.number)")
        defer { kubani.remove() }
        let start = ContinuousClock.now
        let run = try await kubani.run(
            ["status", "--kubeconfig", "config", "--timeout", "1"],
            environment: ["KUBANI_TAILSCALE_SOCKET": "/nowhere"])
        #expect(run.status == 4, "\(run.stderr)")
        #expect(ContinuousClock.now - start < .seconds(45))
    }

    @Test("a context that is not there is wrong input, with the command that fetches it")
    func missing() async throws {
        let kubani = try kubani(server: "https://127.0.0.1:1")
        defer { kubani.remove() }
        let none = try await kubani.run(["status"], environment: ["KUBECONFIG": "\(kubani.folder)/none"])
        #expect(none.status == 1 && none.stdout == "")
        #expect(
            kubani.said(none.stderr) == """
                there is no kubeconfig: FOLDER/none
                hint: kubani kubeconfig --merge fetches it from a server; kubani apply makes a cluster

                """)
        let other = try await kubani.run(
            ["status", "--kubeconfig", "config", "--extra-vars", "cluster_name=office"])
        #expect(other.stderr.hasPrefix("config has no context 'office'\nhint: kubani kubeconfig --merge fetches it"))
        let near = try await kubani.run(["status", "--kubeconfig", "config", "--context", "homelap"])
        #expect(near.status == 1 && near.stderr == "config has no context 'homelap'\nhint: did you mean 'homelab'?\n")
        let alone = try await kubani.run(["status", "--namespace", "web"])
        #expect(alone.status == 1 && alone.stderr.contains("--namespace is for --pods"))
    }
}

@Suite("the way into the cluster") struct ClusterOptionsTests {
    private func endpoint(_ arguments: String..., authority: String) throws -> ClusterEndpoint {
        let kubani = try Kubani([
            "hosts.yml": """
            control_plane:
              vars: { cluster_name: homelab }
              hosts: { s1: { tailscale_ip: 100.64.0.1 }, s2: { tailscale_ip: 100.64.0.2 }, s3: {} }
            workers: { hosts: { w1: { tailscale_ip: 100.64.0.9 } } }
            """,
            "ca.crt": "an authority",
            "config": """
            current-context: other
            clusters: [{name: c, cluster: {server: "https://100.64.0.2:6443"\(authority)}}]
            contexts: [{name: homelab, context: {cluster: c}}, {name: other, context: {cluster: c}}]
            """,
        ])
        defer { kubani.remove() }
        let inventory = try Inventory(reading: "\(kubani.folder)/hosts.yml")
        let site = Site(hosts: inventory.hosts, groups: inventory.membership)
        return try ClusterOptions.parse(["--kubeconfig", "\(kubani.folder)/config"] + arguments).endpoint(of: site)
    }

    @Test("other servers are asked only as the cluster's own authority knows them, and only of the inventory's cluster")
    func servers() throws {
        let known = ", certificate-authority: ca.crt"
        let endpoint = try endpoint(authority: known)
        #expect(endpoint.context == "homelab")
        #expect(endpoint.servers == ["https://100.64.0.2:6443", "https://100.64.0.1:6443"])
        #expect(try self.endpoint(authority: "").servers == ["https://100.64.0.2:6443"])
        #expect(try self.endpoint(authority: ", insecure-skip-tls-verify: true").servers.count == 1)
        let other = try self.endpoint("--context", "other", authority: known)
        #expect(other.context == "other" && other.servers == ["https://100.64.0.2:6443"])
    }
}

/// Against a real API with hollow nodes.
@Suite("kubani status, by a real cluster", Needs.kubernetes, Needs.program("python3"), ClusterLab.running)
struct StatusTests {
    /// An inventory of these hosts, each `NAME: GROUP`, and the lab's kubeconfig, its context called by cluster_name.
    private func kubani(_ lab: ClusterLab, _ hosts: [(name: String, group: String)]) throws -> Kubani {
        let groups = ["control_plane", "workers"].map { group in
            let lines = hosts.enumerated().filter { $0.element.group == group }.map { index, host in
                "        \(host.name): { tailscale_ip: 127.0.9.\(index + 1) }\n"
            }
            return "    \(group):\n      hosts:\n" + lines.joined()
        }
        let config = lab.kubeconfig.replacingOccurrences(
            of: ": ca.crt", with: ": \(lab.certificates.path("ca.crt"))"
        ).replacingOccurrences(of: "admin.crt", with: lab.certificates.path("admin.crt")).replacingOccurrences(
            of: "admin.key", with: lab.certificates.path("admin.key"))
        return try Kubani([
            "inventory/hosts.yml": "all:\n  vars: { cluster_name: lab }\n  children:\n" + groups.joined(),
            "config": config,
        ])
    }

    private func json(_ kubani: Kubani, _ arguments: String...) async throws -> Value {
        let run = try await kubani.run(
            ["status", "--json"] + arguments,
            environment: ["KUBECONFIG": "config", "KUBANI_TAILSCALE_SOCKET": "/nowhere"])
        #expect(run.status == 0, "\(run.stderr)")
        return try #require(JSON.read(run.stdout), "\(run.stdout)")
    }

    private func kubectl(_ lab: ClusterLab, _ arguments: String...) async throws -> Value {
        let run = try await ClusterLab.kubectl(kubeconfig: lab.kubeconfigPath, arguments + ["-o", "json"])
        return try #require(JSON.read(run.stdout), "\(run.stderr)")
    }

    /// A map's, whatever their order.
    private func entries(_ map: Value?) -> [String: Value] {
        Dictionary(uniqueKeysWithValues: (map?.map ?? [:]).map { ($0.key, $0.value) })
    }

    @Test("nodes are as kubectl get -o json tells them, and the inventory's that are missing are there too")
    func nodes() async throws {
        let lab = try ClusterLab.current
        let id = UInt32.random(in: 0 ... .max)
        let (server, worker, absent, guest) = ("server-\(id)", "worker-\(id)", "absent-\(id)", "guest-\(id)")
        for name in [server, worker, guest] { try await lab.addNode(name, labels: "lab=\(id)") }
        try await lab.kubectl("label", "node", server, "node-role.kubernetes.io/control-plane=true")
        try await lab.kubectl("taint", "node", worker, "gpu=yes:NoSchedule", "alone:NoExecute")
        try await lab.kubectl("cordon", worker)
        let kubani = try kubani(lab, [(server, "control_plane"), (worker, "workers"), (absent, "workers")])
        defer { kubani.remove() }

        let all = try await json(kubani)
        #expect(all["cluster"]?["context"] == "lab" && all["cluster"]?["error"]?.isNull == true)
        #expect(all["cluster"]?["server"]?.string == lab.server)
        let version = try await kubectl(lab, "version")
        #expect(all["cluster"]?["version"] == version["serverVersion"]?["gitVersion"])
        let nodes = try #require(all["nodes"]?.list)
        #expect(nodes.prefix(3).compactMap { $0["name"]?.string } == [server, worker, absent])
        // Other tests' nodes may be in the same cluster.
        #expect(nodes.dropFirst(3).contains { $0["name"]?.string == guest && $0["inventory"]?.isNull == true })
        #expect(nodes[2]["state"] == "NotInCluster" && nodes[2]["version"]?.isNull == true)
        #expect(nodes[0]["roles"] == ["control-plane"] && nodes[1]["roles"] == ["worker"])

        let told = try #require(try await kubectl(lab, "get", "nodes", "-l", "lab=\(id)")["items"]?.list)
        #expect(told.count == 3)
        for node in told {
            let name = node["metadata"]?["name"]
            let ours = try #require(nodes.first { $0["name"] == name })
            let status = node["status"]
            #expect(ours["state"] == "Ready" && ours["reason"]?.isNull == true)
            #expect(ours["version"] == status?["nodeInfo"]?["kubeletVersion"])
            #expect(ours["created"] == node["metadata"]?["creationTimestamp"])
            #expect(entries(ours["labels"]) == entries(node["metadata"]?["labels"]))
            #expect(ours["schedulable"]?.bool == (node["spec"]?["unschedulable"]?.bool != true))
            let addresses = (status?["addresses"]?.list ?? []).filter { $0["type"] == "InternalIP" }
            #expect(ours["addresses"]?.list == addresses.compactMap { $0["address"] } && !addresses.isEmpty)
            let taints = (node["spec"]?["taints"]?.list ?? []).map { taint in
                let value = taint["value"]?.string.map { "=\($0)" } ?? ""
                return "\(taint["key"]?.string ?? "")\(value):\(taint["effect"]?.string ?? "")"
            }
            #expect(ours["taints"]?.list?.compactMap(\.string) == taints)
        }

        let text = try await kubani.run(["status", "--limit", "workers"], environment: ["KUBECONFIG": "config"])
        #expect(text.status == 0)
        #expect(text.stdout.contains("\n\(worker)  worker  Ready, cordoned "), "\(text.stdout)")
        #expect(text.stdout.contains("    taints: ") && text.stdout.contains("gpu=yes:NoSchedule"))
        #expect(text.stdout.contains("\n\(absent)  worker  not in the cluster  "))
        #expect(!text.stdout.contains(guest) && !text.stdout.contains(server))
        #expect(text.stdout.contains("\nlab: 1 of 2 nodes Ready, Kubernetes "))
    }

    @Test(
        "pods are as kubectl shows them, of one namespace or of all; a namespace that is not there is said to be none")
    func pods() async throws {
        let lab = try ClusterLab.current
        let id = UInt32.random(in: 0 ... .max)
        let (node, space) = ("pods-\(id)", "space-\(id)")
        try await lab.addNode(node)
        try await lab.kubectl("create", "namespace", space)
        try await lab.wait("the namespace's account") {
            let accounts = try await kubectl(lab, "-n", space, "get", "serviceaccounts")["items"]
            return accounts?.list?.isEmpty == false
        }
        let kubani = try kubani(lab, [(node, "control_plane")])
        defer { kubani.remove() }
        #expect(try await json(kubani, "--pods", "--namespace", space)["pods"] == [])
        let manifest = ["runs", "waits"].map { name in
            """
            apiVersion: v1
            kind: Pod
            metadata: {name: \(name), namespace: \(space)}
            spec:
              automountServiceAccountToken: false
              \(name == "runs" ? "nodeName: \(node)" : "nodeSelector: {no: such}")
              containers: [{name: c, image: none}]
            """
        }.joined(separator: "\n---\n")
        try await lab.kubectl("apply", "-f", "-", stdin: manifest)
        let phase = "jsonpath={.status.containerStatuses[0].ready}"
        try await lab.wait("the pod") {
            try await lab.kubectl("-n", space, "get", "pod", "runs", "-o", phase) == "true"
        }
        let table = try await lab.kubectl("-n", space, "get", "pods", "--no-headers", "-o", "wide")
        let pods = try #require(try await json(kubani, "--pods", "-n", space)["pods"]?.list)
        let ours = pods.map { pod in
            [
                pod["name"]?.string ?? "", "\(pod["ready"]?.int ?? -1)/\(pod["containers"]?.int ?? -1)",
                pod["state"]?.string ?? "", "\(pod["restarts"]?.int ?? -1)", pod["node"]?.string ?? "<none>",
            ]
        }
        // NAME READY STATUS RESTARTS AGE IP NODE …
        let theirs = table.split(separator: "\n").map { line in
            let words = line.split(separator: " ").map(String.init)
            return Array(words[0...3]) + [words[6]]
        }
        #expect(ours == theirs)
        let items = try #require(try await kubectl(lab, "-n", space, "get", "pods")["items"]?.list)
        #expect(pods.map { $0["created"] } == items.map { $0["metadata"]?["creationTimestamp"] })
        #expect(pods.map { $0["well"]?.bool } == [true, false])
        let everywhere = try #require(try await json(kubani, "--pods")["pods"]?.list)
        #expect(everywhere.filter { $0["namespace"]?.string == space } == pods)

        let text = try await kubani.run(["status", "--pods", "-n", space], environment: ["KUBECONFIG": "config"])
        #expect(text.stdout.contains("\n\nNAMESPACE"), "\(text.stdout)")
        #expect(text.stdout.contains("\n\(space)  waits  -"))
        let missing = try await kubani.run(
            ["status", "--pods", "-n", space + "x"], environment: ["KUBECONFIG": "config"])
        #expect(missing.status == 1 && missing.stdout == "")
        #expect(missing.stderr == "the cluster has no namespace '\(space)x'\nhint: did you mean '\(space)'?\n")
    }

    @Test("kubani discover says which machines are part of the cluster, and how they are")
    func discover() async throws {
        let lab = try ClusterLab.current
        let name = "box-\(UInt32.random(in: 0 ... .max))"
        try await lab.addNode(name)
        try await lab.kubectl("cordon", name)
        let kubani = try kubani(lab, [(name, "workers")])
        defer { kubani.remove() }
        let tailscale = try TailscaleStandIn(
            TailscaleStandIn.tailnet.replacingOccurrences(of: "gpu-box", with: name))
        let environment = tailscale.environment.merging(["KUBECONFIG": "config"]) { $1 }
        let run = try await kubani.run(["discover"], environment: environment)
        #expect(run.status == 0 && run.stderr == "", "\(run.stderr)")
        let lines = run.stdout.split(separator: "\n")
        #expect(lines.first?.hasSuffix("INVENTORY  CLUSTER") == true, "\(run.stdout)")
        #expect(lines.first { $0.hasPrefix(name) }?.hasSuffix("  Ready, cordoned") == true, "\(run.stdout)")
        let json = try #require(
            JSON.read(try await kubani.run(["discover", "--json"], environment: environment).stdout))
        let machines = try #require(json["machines"]?.list)
        #expect(json["cluster"] == ["context": "lab", "error": .null])
        #expect(machines.first { $0["name"]?.string == name }?["node"] == ["name": .string(name), "state": "Ready"])
        #expect(machines.filter { $0["node"]?.isNull == false }.count == 1)
    }

    @Test("--wait ends once the inventory's nodes are Ready, and with exit status 3 where they do not become so")
    func waits() async throws {
        let lab = try ClusterLab.current
        let name = "late-\(UInt32.random(in: 0 ... .max))"
        let kubani = try kubani(lab, [(name, "control_plane")])
        defer { kubani.remove() }
        let environment = ["KUBECONFIG": "config"]
        let early = try await kubani.run(["status", "--wait", "1"], environment: environment)
        #expect(early.status == 3 && early.stderr.hasSuffix("Not all nodes are Ready after 1 s.\n"), "\(early.stderr)")
        #expect(early.stdout.contains("not in the cluster"))
        async let waiting = kubani.run(["status", "--wait", "120"], environment: environment)
        try await lab.addNode(name)
        let late = try await waiting
        #expect(late.status == 0, "\(late.stderr)")
        let line = late.stdout.split(separator: "\n").first { $0.hasPrefix(name) } ?? ""
        #expect(line.contains(/control-plane +Ready +v/), "\(late.stdout)")
    }

    @Test("credentials that the API refuses are a failure with its own words, and exit status 3")
    func refused() async throws {
        let lab = try ClusterLab.current
        let kubani = try kubani(lab, [("n1", "control_plane")])
        defer { kubani.remove() }
        let folder = lab.certificates.path("")
        try kubani.write(
            lab.kubeconfig(user: "{client-certificate: \(folder)guest.crt, client-key: \(folder)guest.key}")
                .replacingOccurrences(of: ": ca.crt", with: ": \(folder)ca.crt"), to: "config")
        let run = try await kubani.run(["status"], environment: ["KUBECONFIG": "config"])
        #expect(run.status == 3 && run.stdout.contains("\nn1    control-plane  unknown "), "\(run.stdout)")
        #expect(run.stderr.contains("User \"guest\" cannot list resource \"nodes\""), "\(run.stderr)")
    }
}
