import Foundation
import HTTP
import Kubernetes
import Model
import TestSupport
import Testing
import YAML

extension KubernetesTests {
    @Suite("reading from the API") struct ReadingTests {
        @Test("its version and whether it is ready")
        func version() async throws {
            let lab = try ClusterLab.current
            let client = try lab.client()
            #expect(try await client.version().gitVersion == lab.version)
            #expect(try await client.whyNotReady() == nil)
        }

        @Test("a server that hangs leaves the next one its part of the time")
        func hanging() async throws {
            let lab = try ClusterLab.current
            let silence = try SilentPort()
            var endpoint = try lab.endpoint()
            endpoint.servers = ["https://127.0.0.1:\(silence.number)", lab.server]
            let deadline = ContinuousClock.now + .seconds(6)
            #expect(try await ClusterClient(endpoint).listing("/api/v1/namespaces", until: deadline).items.count >= 4)
            #expect(ContinuousClock.now < deadline)
        }

        @Test("who one is: a certificate, a token, a token's file")
        func credentials() async throws {
            let lab = try ClusterLab.current
            try lab.token.write(toFile: lab.certificates.path("token"), atomically: true, encoding: .utf8)
            for user in [
                "{client-certificate: admin.crt, client-key: admin.key}", "{token: \(lab.token)}", "{tokenFile: token}",
            ] {
                let path = lab.certificates.path("config-\(UUID().uuidString)")
                try lab.kubeconfig(user: user).write(toFile: path, atomically: true, encoding: .utf8)
                let client = ClusterClient(try Kubeconfig(reading: [path]).endpoint())
                #expect(try await client.list("/api/v1/namespaces").count >= 4, "\(user)")
            }
        }

        @Test("who is not known, or may not, is told so by the server's words")
        func refused() async throws {
            let lab = try ClusterLab.current
            func client(_ user: String) throws -> ClusterClient {
                let path = lab.certificates.path("config-\(UUID().uuidString)")
                try lab.kubeconfig(user: user, context: "homelab").write(
                    toFile: path, atomically: true, encoding: .utf8)
                return ClusterClient(try Kubeconfig(reading: [path]).endpoint())
            }
            let stranger = try client("{token: no-such-t0ken}")
            #expect(
                await failure { _ = try await stranger.list("/api/v1/nodes") }?.description == """
                    could not list /api/v1/nodes: Unauthorized
                    hint: the credentials of context 'homelab' are not accepted: has the cluster been made anew, or have \
                    they expired?
                    """)
            let guest = try client("{client-certificate: guest.crt, client-key: guest.key}")
            #expect(
                await failure { _ = try await guest.list("/api/v1/nodes") }?.description == """
                    could not list /api/v1/nodes: nodes is forbidden: User "guest" cannot list resource "nodes" in API \
                    group "" at the cluster scope
                    hint: the credentials of context 'homelab' do not allow this
                    """)
        }

        @Test("a server that shows another authority's certificate is not told anything")
        func mistrusted() async throws {
            let lab = try ClusterLab.current
            let other = try Certificates()
            try await other.authority("other")
            var endpoint = try lab.endpoint()
            endpoint.tls.authorities = try other.bytes("other.crt")
            let refused = await failure { _ = try await ClusterClient(endpoint).version() }
            #expect(refused?.code == .failed && refused?.cause.contains("not trusted") == true)
            var named = try lab.endpoint()
            named.tls.serverName = "kubernetes"
            #expect(try await ClusterClient(named).version().gitVersion == lab.version)
            named.tls.serverName = "elsewhere"
            let misnamed = await failure { _ = try await ClusterClient(named).version() }
            #expect(misnamed?.cause.hasSuffix("is not for the name elsewhere") == true)
        }

        @Test("an object is as kubectl shows it; one that is not there is none, nor one of a kind that is not there")
        func object() async throws {
            let space = try await Space(try ClusterLab.current)
            try await space.apply(JSON.line(space.configMap("one", ["a": "x: \"y\"\n", "u": "ü\u{2028}😀"])))
            let object = try await space.client.object(space.path("configmaps", "one"))
            #expect(try await object?.sorted == space.kubectl("get", "configmap", "one").sorted)
            #expect(try await space.client.object(space.path("configmaps", "two")) == nil)
            #expect(try await space.client.object("/apis/example.com/v1/widgets/one") == nil)
        }

        @Test("a list of more than a thousand comes whole, in pages")
        func paged() async throws {
            let space = try await Space(try ClusterLab.current)
            try await space.fill(1201)
            let items = try await space.client.list(space.path("configmaps"))
            // A controller puts one of its own into each namespace, when it gets to it.
            func ours(_ items: [Value]) -> [String: Value] {
                let named = items.map { ($0["metadata"]?["name"]?.string ?? "", $0.sorted) }
                return Dictionary(named.filter { $0.0.hasPrefix("c-") }) { $1 }
            }
            let (listed, all) = (ours(items), ours(try await space.kubectl("get", "configmaps")["items"]?.list ?? []))
            #expect(listed.count == 1201 && items.count - listed.count <= 1)
            #expect(all.count == 1201)
            let differing = listed.filter { all[$0.key] != $0.value }.keys.sorted().prefix(3)
            #expect(differing.isEmpty)
            let some = try await space.client.list(
                space.path("configmaps"), [("fieldSelector", "metadata.name=c-0007")])
            #expect(some.compactMap { $0["metadata"]?["name"]?.string } == ["c-0007"])
        }

        @Test("a list whose second page is too old begins again")
        func expired() async throws {
            let lab = try ClusterLab.current
            let space = try await Space(lab)
            try await space.fill(1001)
            let (proxy, client) = try lab.proxied("continue=", "sh", "-c", lab.compactCommand)
            defer { proxy.stop() }
            // Changes after the first page's version, for that to become an old one.
            let items = try await client.list(space.path("configmaps"))
            #expect(items.filter { $0["metadata"]?["name"]?.string?.hasPrefix("c-") == true }.count == 1001)
            let asked = proxy.text.split(separator: "\n").dropFirst().map(String.init)
            #expect(asked.map { $0.prefix(3) } == ["200", "410", "200"], "\(asked)")
            #expect(asked.count == 3 && asked[2].contains("limit=") == false)
        }

        @Test("a list of megabytes is read in no time to speak of")
        func large() async throws {
            let space = try await Space(try ClusterLab.current)
            try await space.fill(400, bytes: 12_000)
            let began = ContinuousClock.now
            let items = try await space.client.list(space.path("configmaps"))
            let time = ContinuousClock.now - began
            #expect(items.count >= 400)
            // A debug build on a busy machine; see docs/PERFORMANCE.md for a release build's.
            #expect(time < .seconds(20), "\(time)")
        }
    }
}

extension Space {
    /// ConfigMaps `c-0000`, `c-0001`, …
    func fill(_ count: Int, bytes: Int = 10) async throws {
        let text = String(repeating: "0123456789", count: bytes / 10)
        let items = (0..<count).map { number in
            configMap("c-" + String("000\(number)".suffix(4)), ["text": text])
        }
        for start in stride(from: 0, to: count, by: 300) {
            let some = Array(items[start..<min(start + 300, count)])
            let list: Value = ["apiVersion": "v1", "kind": "List", "items": .list(some)]
            try await lab.kubectl("create", "-f", "-", stdin: JSON.line(list))
        }
    }
}
