import Foundation
import HTTP
import Kubernetes
import Model
import TestSupport
import Testing
import YAML

@Suite("kubeconfig files, beside what kubectl reads of them", Needs.kubernetes)
struct KubeconfigTests {
    private let folder: TemporaryFolder

    init() throws {
        folder = try TemporaryFolder()
        for (name, text) in Self.files {
            let path = "\(folder.path)/\(name)"
            try FileManager.default.createDirectory(
                atPath: (path as NSString).deletingLastPathComponent, withIntermediateDirectories: true)
            try text.replacingOccurrences(of: "FOLDER", with: folder.path).write(
                toFile: path, atomically: true, encoding: .utf8)
        }
    }

    private static let files = [
        "a.yaml": """
        apiVersion: v1
        kind: Config
        clusters:
        - {name: one, cluster: {server: "https://a:1", certificate-authority: ca.pem}}
        - {name: two, cluster: {server: "https://b:1/base/", insecure-skip-tls-verify: true, tls-server-name: k8s.example}}
        users:
        - {name: u, user: {token: aaa}}
        - {name: certified, user: {client-certificate-data: Q0VSVA==, client-key-data: S0VZ}}
        contexts:
        - {name: c1, context: {cluster: one, user: u}}
        - {name: c4, context: {cluster: two, user: certified, namespace: apps}}
        """,
        "sub/b.yaml": """
        apiVersion: v1
        kind: Config
        current-context: c2
        clusters:
        - {name: one, cluster: {server: "https://OTHER:1", insecure-skip-tls-verify: true}}
        - {name: three, cluster: {server: "https://c:1", certificate-authority: pki/ca.pem}}
        users:
        - {name: u, user: {client-certificate: x.crt, token: bbb}}
        - {name: v, user: {tokenFile: tok, token: not-this}}
        - {name: w, user: {client-certificate: FOLDER/w.crt, client-key: ../w.key}}
        contexts:
        - {name: c1, context: {cluster: three, user: v}}
        - {name: c2, context: {cluster: three, user: v, namespace: ns}}
        - {name: c3, context: {cluster: three, user: w}}
        """,
        "json.conf": """
        {"apiVersion": "v1", "kind": "Config", "current-context": "c5",
         "clusters": [{"name": "five", "cluster": {"server": "http://127.0.0.1:8080"}}],
         "users": [], "contexts": [{"name": "c5", "context": {"cluster": "five", "user": ""}}]}
        """,
        "bare.yaml": "current-context: c1\n", "empty.yaml": "",
        "ca.pem": "CA one", "sub/pki/ca.pem": "CA three", "sub/tok": "from-file\n", "w.crt": "W", "w.key": "WK",
    ]

    private func paths(_ names: [String]) -> [String] { names.map { "\(folder.path)/\($0)" } }

    @Test(
        "merged as kubectl merges",
        arguments: [
            ["a.yaml", "sub/b.yaml"], ["sub/b.yaml", "a.yaml"], ["a.yaml", "nowhere", "sub/b.yaml", "a.yaml"],
            ["sub/b.yaml"],
            ["json.conf", "a.yaml"], ["bare.yaml", "empty.yaml", "a.yaml"], ["bare.yaml", "sub/b.yaml"],
        ])
    func merged(names: [String]) async throws {
        let config = try Kubeconfig(reading: paths(names))
        for context in [nil] + config.contextNames.map({ $0 as String? }) {
            let view = try await ClusterLab.kubectl(
                kubeconfig: paths(names).joined(separator: ":"),
                ["config", "view", "--raw", "--minify", "--flatten", "-o", "json"]
                    + (context.map { ["--context", $0] } ?? []))
            // kubectl flattens the token's file as little as it reads it.
            let told = JSON.read(view.stdout)
            let endpoint: ClusterEndpoint
            do throws(InputErrors) { endpoint = try config.endpoint(context: context) } catch {
                #expect(view.status != 0 || told?["contexts"]?.list?.first == nil, "\(names) \(context ?? "") \(error)")
                continue
            }
            let cluster = try #require(told?["clusters"]?.list?.first?["cluster"], "\(view.stderr)")
            let user = told?["users"]?.list?.first?["user"]
            let chosen = told?["contexts"]?.list?.first
            func base64(_ bytes: [UInt8]?) -> String? { bytes.map { Data($0).base64EncodedString() } }
            #expect(endpoint.context == chosen?["name"]?.string)
            #expect(endpoint.namespace == chosen?["context"]?["namespace"]?.string ?? "default")
            let server = try #require(cluster["server"]?.string)
            #expect(endpoint.servers == [server.hasSuffix("/") ? String(server.dropLast()) : server])
            #expect(base64(endpoint.tls.authorities) == cluster["certificate-authority-data"]?.string)
            #expect(endpoint.tls.isInsecure == (cluster["insecure-skip-tls-verify"]?.bool ?? false))
            #expect(endpoint.tls.serverName == cluster["tls-server-name"]?.string)
            #expect(base64(endpoint.tls.clientCertificate) == user?["client-certificate-data"]?.string)
            let key = endpoint.tls.clientKey.map { Array($0.reveal().utf8) }
            #expect(base64(key) == user?["client-key-data"]?.string)
            if user?["tokenFile"] != nil {
                #expect(endpoint.token?.reveal() == "from-file")
            } else {
                #expect(endpoint.token?.reveal() == user?["token"]?.string)
            }
        }
    }

    @Test("the standard files are those of KUBECONFIG, or the one at home")
    func standard() {
        #expect(Kubeconfig.standardFiles(["HOME": "/home/anna"]) == ["/home/anna/.kube/config"])
        #expect(Kubeconfig.standardFiles(["HOME": "/home/anna", "KUBECONFIG": ""]) == ["/home/anna/.kube/config"])
        #expect(Kubeconfig.standardFiles(["HOME": "/home/anna", "KUBECONFIG": "a:/b"]) == ["a", "/b"])
        #expect(Kubeconfig.standardFiles([:]) == [])
    }

    @Test("what is written out comes before a file that is named")
    func dataFirst() throws {
        let config = try Kubeconfig(
            text: Secret(
                Self.whole + "users: [{name: u, user: {client-key-data: S0VZ, client-key: nowhere}}]"), name: "config")
        #expect(try config.endpoint(context: "homelab").tls.clientKey?.reveal() == "KEY")
    }

    // MARK: - Mistakes

    private func mistakes(_ text: String, context: String? = nil) -> String {
        do throws(InputErrors) {
            _ = try Kubeconfig(text: Secret(text), name: "config").endpoint(context: context)
            return ""
        } catch {
            return error.description
        }
    }

    private static let whole = """
        clusters: [{name: k, cluster: {server: "https://a:1"}}]
        contexts: [{name: homelab, context: {cluster: k, user: u}}]

        """

    @Test("a context that there is not is told with those that there are")
    func unknownContext() {
        #expect(mistakes("", context: nil) == "config names no current context")
        #expect(
            mistakes(Self.whole + "users: []") == """
                config names no current context
                hint: name one of: homelab
                """)
        #expect(
            mistakes(Self.whole, context: "homlab") == """
                config has no context 'homlab'
                hint: did you mean 'homelab'?
                """)
        #expect(
            mistakes(Self.whole, context: "homelab")
                == "config:2:56: the context 'homelab' names a user 'u' that there is not")
        let none = try? Kubeconfig(reading: ["\(folder.path)/nowhere"])
        #expect(none?.files == [])
    }

    @Test(
        "every mistake is told at its line",
        arguments: [
            ("- a", "config:1:1: this is no kubeconfig"),
            ("apiVersion: v1\nkind: Pod", "config:2:7: this is no kubeconfig: its kind is Pod"),
            (
                "clusters: {a: b}\nusers: [{user: {}}]",
                "config:1:11: clusters must be a list, not a map\nconfig:2:9: a user has no name"
            ),
            (
                "users: [{name: u, user: {token: t0p}}, {name: u, user: {}}]",
                "config:1:47: the user 'u' is there twice"
            ),
            ("users: [{name: u}]", "config:1:9: the user 'u' must have a map 'user'"),
        ])
    func shape(text: String, expected: String) { #expect(mistakes(text) == expected) }

    @Test(
        "what kubani does not do, and what is not there, is told and not passed over",
        arguments: [
            (
                "exec: {command: aws}",
                """
                config:3:32: the user of context 'homelab' has 'exec', which kubani does not do
                hint: kubani runs no credential plugin: name a context with a certificate or a token
                """
            ),
            (
                "auth-provider: {name: gcp}",
                """
                config:3:41: the user of context 'homelab' has 'auth-provider', which kubani does not do
                hint: kubani knows no auth provider: name a context with a certificate or a token
                """
            ),
            ("client-key-data: '$$'", "config:3:43: client-key-data is no Base64"),
            ("client-key: /nowhere/key", "config:3:38: client-key: /nowhere/key is not there"),
            ("tokenFile: /nowhere/token", "config:3:37: tokenFile: /nowhere/token is not there"),
        ])
    func unable(user: String, expected: String) {
        let text = Self.whole + "users: [{name: u, user: {\(user)}}]"
        #expect(mistakes(text, context: "homelab") == expected)
    }

    @Test("no mistake shows a secret")
    func secrets() {
        for text in [
            "users: [{name: u, user: {token: t0p}}, {name: u, user: {token: t0p}}]",
            "users: [{name: u, user: {password: t0p, exec: {env: [{value: t0p}]}}}]\n" + Self.whole,
            "users: [{name: u, user: {client-key-data: t0p$}}]\n" + Self.whole, "users: [{name: u, user: {token: t0p}",
        ] {
            let told = mistakes(text, context: "homelab")
            #expect(!told.isEmpty && !told.contains("t0p"), "\(told)")
        }
    }
}
