import Foundation
import Model
import TestSupport
import Testing

@testable import Resources

@Suite struct KubeconfigTests {
    private static let k3s = """
        apiVersion: v1
        clusters:
        - cluster: {certificate-authority-data: Q0E=, server: "https://127.0.0.1:6443"}
          name: default
        contexts:
        - context: {cluster: default, user: default}
          name: default
        current-context: default
        kind: Config
        users:
        - name: default
          user: {client-certificate-data: Q0VSVA==, client-key-data: S0VZ}
        """

    private func merged(_ old: String, server: String? = "https://100.64.0.5:6443") throws -> KubeconfigMerge.Outcome {
        try KubeconfigMerge(Self.k3s, name: "homelab", server: server).merged(into: old, file: "config")
    }

    @Test("an empty file becomes a kubeconfig of one context")
    func new() throws {
        let outcome = try merged("")
        #expect(outcome.text.contains("server: https://100.64.0.5:6443"))
        #expect(outcome.text.contains("current-context: homelab"))
        #expect(!outcome.details.map { "\($0)" }.joined().contains("S0VZ"))
        #expect(try merged(outcome.text).details.isEmpty, "a second merge finds nothing to do")
    }

    @Test("other entries and the current context stay")
    func others() throws {
        let old = """
            apiVersion: v1
            kind: Config
            current-context: work
            clusters:
            - {name: work, cluster: {server: "https://work"}}
            - {name: homelab, cluster: {server: "https://old:6443"}}
            contexts:
            - {name: work, context: {cluster: work, user: me, namespace: team}}
            - {name: homelab, context: {cluster: homelab, user: homelab, namespace: mine}}
            users:
            - {name: me, user: {token: abc}}
            """
        let outcome = try merged(old)
        for kept in ["current-context: work", "https://work", "token: abc", "namespace: team", "namespace: mine"] {
            #expect(outcome.text.contains(kept), "\(kept) is lost:\n\(outcome.text)")
        }
        #expect(!outcome.text.contains("https://old:6443"))
        #expect(
            outcome.details.first
                == .attribute("cluster homelab", from: "https://old:6443", to: "https://100.64.0.5:6443"))
    }

    @Test("a file that is no kubeconfig is left alone")
    func foreign() throws {
        #expect(throws: InputErrors.self) { try merged("- a list") }
        #expect(throws: InputErrors.self) { try merged("a: [") }
        #expect(throws: InputErrors.self) { try KubeconfigMerge("a: 1", name: "x") }
    }

    @Test("the file is found as kubectl finds it, made 0600, and links are followed", arguments: shells)
    func onDisk(shell: [String]) async throws {
        let folder = try TemporaryFolder()
        let kind = try resource(Kubeconfig.self, ["context": "homelab", "content": .string(Self.k3s)])
        let ran = try await Program.run(
            shell[0], shell.dropFirst() + [Kubeconfig.probe([kind]).text],
            environment: ["HOME": folder.path, "KUBECONFIG": ""])
        let found = try Kubeconfig.read(Array(ran.stdout.utf8), of: [kind])[0]
        #expect(found.path == "\(folder.path)/.kube/config" && found.mode == nil)
        guard case .change(let change) = kind.difference(from: found), case .write(let write) = change.steps[1] else {
            Issue.record("it must be written")
            return
        }
        #expect(change.action == .create && write.mode == 0o600 && write.path == found.path)

        try "apiVersion: v1\nkind: Config\n".write(toFile: "\(folder.path)/real", atomically: true, encoding: .utf8)
        try FileManager.default.setAttributes([.posixPermissions: 0o644], ofItemAtPath: "\(folder.path)/real")
        try FileManager.default.createSymbolicLink(
            atPath: "\(folder.path)/link", withDestinationPath: "\(folder.path)/real")
        let again = try await Program.run(
            shell[0], shell.dropFirst() + [Kubeconfig.probe([kind]).text],
            environment: ["HOME": folder.path, "KUBECONFIG": "\(folder.path)/link:\(folder.path)/other"])
        let linked = try Kubeconfig.read(Array(again.stdout.utf8), of: [kind])[0]
        #expect(linked.path == "\(folder.path)/real")
        #expect(linked.mode == 0o644)
        #expect(details(kind.difference(from: linked)).contains(.attribute("mode", from: "0644", to: "0600")))
    }
}
