import Foundation
import HTTP
import Kubernetes
import Model
import OrderedCollections
import TestSupport
import Testing
import YAML

/// Tests against a real API server, one for all of them; each has a namespace of its own.
@Suite(Needs.kubernetes, ClusterLab.running) struct KubernetesTests {}

/// A namespace of the lab's cluster.
struct Space {
    let lab: ClusterLab
    let client: ClusterClient
    let name: String

    init(_ lab: ClusterLab) async throws {
        self.lab = lab
        client = try lab.client()
        name = "test-\(UInt32.random(in: 0 ... .max))"
        try await lab.kubectl("create", "namespace", name)
    }

    /// Pods are refused until the namespace's own account is there, and its token: controllers make them a moment later.
    func awaitAccount() async throws {
        try await lab.wait("the service account of \(name)") {
            let account = try await client.object(path("serviceaccounts", "default"))
            return account?["secrets"]?.list?.isEmpty == false
        }
    }

    /// `/api/v1/namespaces/NAME/KIND`.
    func path(_ kind: String, _ name: String? = nil, group: String = "/api/v1") -> String {
        "\(group)/namespaces/\(self.name)/\(kind)" + (name.map { "/\($0)" } ?? "")
    }

    func configMap(_ name: String, _ data: [String: String] = ["a": "1"]) -> Value {
        [
            "apiVersion": "v1", "kind": "ConfigMap",
            "metadata": ["name": .string(name), "namespace": .string(self.name)],
            "data": .map(
                .init(uniqueKeysWithValues: data.sorted { $0.key < $1.key }.map { ($0.key, .string($0.value)) })),
        ]
    }

    /// What kubectl prints of an object or a list, as a value.
    func kubectl(_ arguments: String...) async throws -> Value {
        let run = try await ClusterLab.kubectl(
            kubeconfig: lab.kubeconfigPath, ["-n", name] + arguments + ["-o", "json"])
        return try #require(JSON.read(run.stdout), "\(run.stderr)")
    }

    /// As an administrator applies it.
    func apply(_ manifest: String) async throws {
        try await lab.kubectl("-n", name, "apply", "-f", "-", stdin: manifest)
    }
}

extension ClusterLab {
    func endpoint(server: String? = nil) throws -> ClusterEndpoint {
        var endpoint = try Kubeconfig(reading: [kubeconfigPath]).endpoint()
        if let server { endpoint.servers = [server] }
        return endpoint
    }

    func client(server: String? = nil, patience: Duration = .seconds(20)) throws -> ClusterClient {
        ClusterClient(try endpoint(server: server), patience: patience)
    }

    /// A client whose requests go through proxy.py, which the caller stops.
    ///
    /// - Parameters:
    ///   - text: in the address of the request that the proxy makes something of.
    ///   - command: run before that request is passed on; `no-such-kind` answers it.
    func proxied(_ text: String, _ command: String...) throws -> (Daemon, ClusterClient) {
        let script = Repository.path("Tests/KubernetesTests/proxy.py")
        let proxy = try Daemon.start(
            "/usr/bin/env", ["python3", script, server, token, text] + command, until: ";")
        let port = proxy.text.split(separator: " ").last.map { $0.prefix { $0 != ";" } } ?? ""
        return (proxy, ClusterClient(ClusterEndpoint(server: "http://127.0.0.1:\(port)")))
    }
}

extension Value {
    /// With the keys of all maps in one order: the API and kubectl write them in different ones.
    var sorted: Value {
        switch content {
        case .list(let items): .list(items.map(\.sorted))
        case .map(let entries):
            .map(
                OrderedDictionary(
                    uniqueKeysWithValues: entries.sorted { $0.key < $1.key }.map { ($0.key, $0.value.sorted) }))
        default: self
        }
    }
}

/// The failure that a body throws.
func failure(_ body: () async throws -> Void) async -> Failure? {
    do { try await body() } catch { return error as? Failure }
    return nil
}
