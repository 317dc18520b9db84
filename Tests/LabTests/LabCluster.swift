import Foundation
import TestSupport
import Testing

/// A cluster of lab nodes, described by an inventory that a test changes step by step.
struct LabCluster: Sendable {
    let lab: Lab
    var servers: [String]
    var agents: [String]
    /// Lines of YAML for all, such as `cluster_cidr: 10.50.0.0/16`.
    var all: [String: String]
    /// YAML of flow style by host: `node_labels: {tier: web}`.
    var hosts: [String: [String: String]] = [:]
    /// Where releases are.
    let mirror: String

    /// Those of Tests/Lab/cluster.sh, or of a mirror that has others: `K3S_VERSIONS="v1.34.9+k3s1 v1.35.6+k3s1"`.
    static let versions: [String] = {
        let given = ProcessInfo.processInfo.environment["K3S_VERSIONS"] ?? ""
        return given.isEmpty ? ["v1.28.5+k3s1", "v1.29.1+k3s1"] : given.split(separator: " ").map(String.init)
    }()

    /// On machines as they come from the image.
    static func fresh(servers: [String], agents: [String]) async throws -> LabCluster {
        let lab = try await Lab.ready
        let mirror = try await lab.nodes("mirror").trimmingCharacters(in: .whitespacesAndNewlines)
        let done = try await Program.run(Repository.path("Tests/Lab/nodes"), ["reset"] + servers + agents)
        try #require(done.status == 0, "nodes reset: \(done.stderr)")
        return LabCluster(
            lab: lab, servers: servers, agents: agents,
            all: ["k3s_version": versions[0], "k3s_mirror": mirror, "cluster_name": "lab"], mirror: mirror)
    }

    var nodes: [String] { servers + agents }

    /// The inventory as it is now, in a file of its own.
    func inventory() throws -> String {
        func lines(_ names: [String]) -> String {
            names.map { name in
                let own = ["tailscale_ip": lab.address(name)].merging(hosts[name] ?? [:]) { $1 }
                return "        \(name): {"
                    + own.sorted { $0.key < $1.key }.map { "\($0.key): \($0.value)" }.joined(separator: ", ") + "}"
            }.joined(separator: "\n")
        }
        let text = """
            all:
              vars:
                ansible_user: ops
                ansible_host: "{{ tailscale_ip }}"
                ansible_ssh_private_key_file: \(lab.key)
                ansible_ssh_common_args: \(lab.sshArguments)
                tailscale_network: \(lab.network).0/24
            \(all.sorted { $0.key < $1.key }.map { "    \($0.key): \($0.value)" }.joined(separator: "\n"))
              children:
                control_plane:
                  hosts:
            \(lines(servers))
                workers:
                  hosts:
            \(lines(agents))

            """
        return try lab.write(text, to: "cluster-\(UUID().uuidString).yml")
    }

    /// Kubani with this inventory, however it ends.
    func run(_ arguments: [String]) async throws -> Program {
        try await lab.kubani(arguments + ["-i", try inventory()])
    }

    @discardableResult
    func plan(_ arguments: String..., sourceLocation: SourceLocation = #_sourceLocation) async throws -> Program {
        try await lab.kubani(["plan", "-i", try inventory()] + arguments)
    }

    /// Applies, and checks how that ended.
    @discardableResult
    func apply(
        _ arguments: String..., status: Int = 0, sourceLocation: SourceLocation = #_sourceLocation
    ) async throws -> Program {
        let done = try await lab.kubani(["apply", "--yes", "-i", try inventory()] + arguments)
        #expect(done.status == status, "\(done.stdout)\(done.stderr)", sourceLocation: sourceLocation)
        return done
    }

    /// Applies what was applied already: nothing may change, no unit may start.
    func applyAgain(sourceLocation: SourceLocation = #_sourceLocation) async throws {
        var before: [String: [String: String]] = [:]
        for node in nodes { before[node] = try await lab.startTimes(of: node) }
        let again = try await apply(sourceLocation: sourceLocation)
        for node in nodes {
            let line = try Regex("(?m)^ *\(node) .* changed=0 .* failed=0 ")
            #expect(again.stdout.contains(line), "\(again.stdout)", sourceLocation: sourceLocation)
            #expect(try await lab.startTimes(of: node) == before[node], sourceLocation: sourceLocation)
        }
    }

    // MARK: What the cluster says

    /// kubectl on this machine, with the kubeconfig that apply wrote.
    @discardableResult
    func kubectl(_ arguments: String..., sourceLocation: SourceLocation = #_sourceLocation) async throws -> String {
        let done = try await runKubectl(arguments)
        try #require(
            done.status == 0, "kubectl \(arguments.joined(separator: " ")): \(done.stdout)\(done.stderr)",
            sourceLocation: sourceLocation)
        return done.stdout.trimmingCharacters(in: .newlines)
    }

    private func runKubectl(_ arguments: [String]) async throws -> Program {
        let folder = ProcessInfo.processInfo.environment["KUBANI_KUBERNETES"] ?? "/var/lib/kubani-kubernetes"
        let built = "\(folder)/\(Self.versions[0])/kubectl"
        return try await Program.run(
            FileManager.default.isExecutableFile(atPath: built) ? built : "kubectl",
            ["--context", "lab", "--request-timeout", "10s"] + arguments, environment: Lab.environment)
    }

    /// `NAME Ready VERSION`, sorted; of a node that is not Ready, its condition's status.
    func states() async throws -> [String] { try #require(try await nodeStates(), "the API does not answer") }

    /// nil where the API does not answer.
    private func nodeStates() async throws -> [String]? {
        let done = try await runKubectl([
            "get", "nodes", "-o",
            #"jsonpath={range .items[*]}{.metadata.name} {.status.conditions[?(@.type=="Ready")].status} {.status.nodeInfo.kubeletVersion}{"\n"}{end}"#,
        ])
        return done.status == 0 ? done.stdout.split(separator: "\n").map(String.init).sorted() : nil
    }

    /// All of the inventory's nodes are Ready, in the inventory's version.
    func checkReady(_ names: [String]? = nil, sourceLocation: SourceLocation = #_sourceLocation) async throws {
        let wanted = (names ?? nodes).sorted().map { "\($0) True \(all["k3s_version"] ?? "")" }
        let seen = try await states()
        #expect(seen == wanted, sourceLocation: sourceLocation)
    }

    /// Waits until `checkReady` would hold; the API may be away meanwhile.
    func waitUntilReady(sourceLocation: SourceLocation = #_sourceLocation) async throws {
        let deadline = ContinuousClock.now + .eventually
        let wanted = nodes.sorted().map { "\($0) True \(all["k3s_version"] ?? "")" }
        var seen: [String]?
        while ContinuousClock.now < deadline {
            seen = try await nodeStates()
            if seen == wanted { return }
            try await Task.sleep(for: .milliseconds(500))
        }
        #expect(seen == wanted, sourceLocation: sourceLocation)
    }

    /// Takes a node's name from the cluster, and the password that keeps the name for one machine: whatever a test before
    /// has made of it, a machine of that name can join.
    func forget(_ node: String) async throws {
        try await kubectl("delete", "node", node, "--ignore-not-found")
        try await kubectl("-n", "kube-system", "delete", "secret", "\(node).node-password.k3s", "--ignore-not-found")
    }

    func node(_ name: String, _ path: String) async throws -> String {
        try await kubectl("get", "node", name, "-o", "jsonpath={\(path)}")
    }

    /// How many members a server's etcd counts.
    func etcdMembers(at server: String) async throws -> Int {
        let text = try await lab.read(
            server,
            """
            cd /var/lib/rancher/k3s/server/tls/etcd
            curl -s --cacert server-ca.crt --cert client.crt --key client.key -X POST -d '{}' \
                https://127.0.0.1:2379/v3/cluster/member/list
            """)
        return text.components(separatedBy: "\"peerURLs\"").count - 1
    }

    /// How often a path below the mirror was asked for, since `forgetRequests`.
    func requests() async throws -> [String: Int] {
        let done = try await Program.run("curl", ["-s", "\(mirror)/requests"])
        return try #require(try JSONSerialization.jsonObject(with: Data(done.stdout.utf8)) as? [String: Int])
    }
    func forgetRequests() async throws {
        _ = try await Program.run("curl", ["-s", "-X", "DELETE", "\(mirror)/requests"])
    }
}
