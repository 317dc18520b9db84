import Credentials
import Foundation
import Model
import OrderedCollections
import Testing

@Suite("a kubeconfig as a node tells it")
struct NodeKubeconfigTests {
    private static func base64(_ text: String) -> String { Data(text.utf8).base64EncodedString() }
    private static func pem(_ label: String, _ content: String = "MAMCAQE=") -> String {
        "-----BEGIN \(label)-----\n\(content)\n-----END \(label)-----\n"
    }
    private static let certificate = base64(pem("CERTIFICATE"))
    private static let key = base64(pem("EC PRIVATE KEY"))

    private static func text(
        cluster: String = "server: 'https://100.64.0.5:6443', certificate-authority-data: \(certificate)",
        user: String = "client-certificate-data: \(certificate), client-key-data: \(key)",
        context: String = "cluster: default, user: default", more: String = ""
    ) -> String {
        """
        apiVersion: v1
        kind: Config
        current-context: default
        preferences: {}
        clusters: [{name: default, cluster: {\(cluster)}}]
        contexts: [{name: default, context: {\(context)}}]
        users: [{name: default, user: {\(user)}}]
        \(more)
        """
    }

    private func mistakes(_ text: String) -> String {
        do throws(InputErrors) {
            _ = try NodeKubeconfig(Secret(text))
            return ""
        } catch { return error.description }
    }

    @Test("what k3s writes is taken: server, authority, certificate, key, or a token")
    func whole() throws {
        let config = try NodeKubeconfig(Secret(Self.text()))
        #expect(config.server == "https://100.64.0.5:6443" && config.host == "100.64.0.5")
        #expect(config.certificate.map { String(decoding: $0, as: UTF8.self) } == Self.pem("CERTIFICATE"))
        #expect(config.key?.reveal() == Self.pem("EC PRIVATE KEY") && config.token == nil)
        #expect(config.user["client-key-data"]?.isSensitive == true)
        #expect(config.cluster(server: nil)["certificate-authority-data"]?.string == Self.certificate)
        #expect(config.fingerprint("certificate-authority-data")?.hasPrefix("SHA256:") == true)
        #expect(try NodeKubeconfig(Secret(Self.text(user: "token: t0p"))).token?.reveal() == "t0p")
    }

    @Test(
        "all else that a kubeconfig may have is refused by its name",
        arguments: [
            "tokenFile: /etc/passwd", "client-key: /root/.ssh/id_ed25519", "client-certificate: /etc/passwd",
            "exec: {command: sh, args: [-c, id]}", "auth-provider: {name: gcp, config: {cmd-path: /bin/sh}}",
            "username: u", "password: p", "as: root", "as-groups: [a]", "impersonate: x", "extensions: []", "Exec: {}",
        ])
    func users(entry: String) {
        let name = entry.prefix { $0 != ":" }
        let told = mistakes(Self.text(user: entry))
        #expect(told.contains("user: '\(name)' is not taken from a node"), "\(told)")
        #expect(!told.contains("/etc/passwd") && !told.contains("id_ed25519"))
    }

    @Test(
        "of a cluster, too",
        arguments: [
            "certificate-authority: /etc/passwd", "proxy-url: 'http://evil:3128'", "insecure-skip-tls-verify: true",
            "insecure-skip-tls-verify: false", "tls-server-name: other", "disable-compression: true",
        ])
    func clusters(entry: String) {
        let name = entry.prefix { $0 != ":" }
        let told = mistakes(Self.text(cluster: "server: 'https://a:1', \(entry)"))
        #expect(told.contains("cluster: '\(name)' is not taken from a node"), "\(told)")
    }

    @Test("and of its context, its list items and the whole")
    func others() {
        #expect(mistakes(Self.text(context: "cluster: default, user: default, namespace: x")).contains("'namespace'"))
        #expect(mistakes(Self.text(more: "extensions: []")).contains("kubeconfig: 'extensions'"))
        #expect(
            mistakes(Self.text().replacing("preferences: {}", with: "preferences: {colors: true}")).contains(
                "'preferences'"))
        #expect(
            mistakes(Self.text().replacing("user: {", with: "exec: {command: id}, user: {")).contains("user: 'exec'"))
        #expect(
            mistakes(Self.text(more: "").replacing("users: [", with: "users: [{name: default, user: {}}, ")).contains(
                "there twice"))
        #expect(mistakes("- a").contains("this is no kubeconfig"))
        #expect(mistakes("").contains("this is no kubeconfig"))
        #expect(mistakes(Self.text() + "\n---\nusers: []").contains("second document"))
        #expect(mistakes("#" + String(repeating: "x", count: 300 << 10)).contains("longer than 256 KiB"))
    }

    @Test(
        "a server is https, a host, a port",
        arguments: [
            "http://100.64.0.5:6443", "100.64.0.5:6443", "https://", "https://u:p@100.64.0.5", "https://a/?x=1",
            "https://a:0", "https://a:x", "https://a b", "https://a\\\\b", "file:///etc/passwd", "https://[::1",
            "https://a%2eb",
            "https://a#b",
        ])
    func servers(server: String) {
        let told = mistakes(Self.text(cluster: "server: \"\(server)\""))
        #expect(told.contains("the server is no plain https://HOST:PORT"), "\(told)")
    }

    @Test(
        "names and addresses of servers are read as they are",
        arguments: [
            ("https://HOST.example:6443", "host.example"), ("https://[fd7a::1]:6443", "fd7a::1"),
            ("https://a/k8s/c", "a"),
        ])
    func hosts(server: String, host: String) throws {
        #expect(try NodeKubeconfig(Secret(Self.text(cluster: "server: '\(server)'"))).host == host)
    }

    @Test(
        "certificates are certificates, keys are keys that nobody is asked a passphrase for",
        arguments: [
            ("client-certificate-data: $$", "client-certificate-data is no Base64"),
            (
                "client-certificate-data: \(base64("/etc/passwd"))",
                "client-certificate-data holds no certificate in PEM"
            ),
            ("client-certificate-data: \(key)", "client-certificate-data holds no certificate in PEM"),
            ("client-certificate-data: \(base64(pem("CERTIFICATE", "AAAA")))", "holds no certificate in PEM"),
            ("client-certificate-data: \(base64(pem("CERTIFICATE").dropLast(9) + ""))", "holds no certificate in PEM"),
            ("client-key-data: \(certificate)", "client-key-data holds no unencrypted key in PEM"),
            ("client-key-data: \(base64(pem("ENCRYPTED PRIVATE KEY")))", "client-key-data holds no unencrypted key"),
            ("token: \"a\\nb\"", "the token holds what no token can"),
            ("token: [a]", "the token holds what no token can"),
        ])
    func data(user: String, expected: String) {
        #expect(mistakes(Self.text(user: user)).contains(expected))
    }

    @Test("no mistake shows a credential")
    func secrets() {
        for text in [
            Self.text(user: "token: t0p, exec: {env: [{value: t0p}]}"), Self.text(user: "client-key-data: t0p$"),
            Self.text(user: "password: t0p"), Self.text(user: "token: t0p") + "\n---\nt0p: t0p", "users: [{token: t0p",
        ] {
            let told = mistakes(text)
            #expect(!told.isEmpty && !told.contains("t0p"), "\(told)")
        }
    }
}
