import Foundation
import Model
import TestSupport
import Testing

@testable import Resources

@Suite struct KubeconfigTests {
    private static let k3s = """
        apiVersion: v1
        clusters:
        - cluster: {certificate-authority-data: \(base64("CERTIFICATE")), server: "https://127.0.0.1:6443"}
          name: default
        contexts:
        - context: {cluster: default, user: default}
          name: default
        current-context: default
        kind: Config
        users:
        - name: default
          user: {client-certificate-data: \(base64("CERTIFICATE")), client-key-data: \(key)}
        """

    private static let key = base64("EC PRIVATE KEY")
    private static func base64(_ label: String) -> String {
        Data("-----BEGIN \(label)-----\nMAMCAQE=\n-----END \(label)-----\n".utf8).base64EncodedString()
    }

    private func merged(_ old: String, server: String? = "https://100.64.0.5:6443") throws -> KubeconfigMerge.Outcome {
        try KubeconfigMerge(Secret(Self.k3s), name: "homelab", server: server).merged(into: old, file: "config")
    }

    @Test("an empty file becomes a kubeconfig of one context")
    func new() throws {
        let outcome = try merged("")
        #expect(outcome.text.contains("server: https://100.64.0.5:6443"))
        #expect(outcome.text.contains("current-context: homelab"))
        #expect(!outcome.details.map { "\($0)" }.joined().contains(Self.key))
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
        #expect(throws: InputErrors.self) { try KubeconfigMerge(Secret("a: 1"), name: "x") }
    }

    @Test("comments, quotes and order of a file stay as they are written")
    func comments() throws {
        let old = """
            # mine
            apiVersion: v1
            kind: Config
            clusters:
            # the office
            - cluster:
                server: 'https://work'   # by VPN
              name: work
            users: []
            current-context: "work"

            """
        let text = try merged(old).text
        for line in old.split(separator: "\n") where !line.hasPrefix("users") {
            #expect(text.contains(line), "\(line) is lost:\n\(text)")
        }
        #expect(try merged(text).details.isEmpty)
        let json = #"{"kind": "Config", "current-context": "a", "clusters": []}"#
        #expect(try merged(json).text.hasPrefix(#"{"kind": "Config", "current-context": "a", "clusters": [{"#))
    }

    @Test("what else the cluster's own entries have goes, and is named")
    func taken() throws {
        var lines = try merged("").text.split(separator: "\n").map(String.init)
        let place = try #require(lines.firstIndex { $0.contains("server: ") })
        lines.insert(lines[place].prefix { $0 == " " } + "proxy-url: http://u:t0p@x", at: place + 1)
        let old = lines.joined(separator: "\n") + "\n"
        let outcome = try merged(old)
        #expect(
            outcome.details == [
                .attribute("cluster homelab: proxy-url", from: Shown("", isSensitive: true), to: nil)
            ])
        #expect(!outcome.text.contains("t0p"))
    }

    // MARK: On this machine

    private func shell(_ shell: [String], _ script: Script, home: String, named: String = "") async throws -> Program {
        try await Program.run(
            shell[0], shell.dropFirst() + [script.text], environment: ["HOME": home, "KUBECONFIG": named])
    }

    private func look(_ shell: [String], home: String, named: String = "") async throws -> (
        Kubeconfig, Kubeconfig.Found
    ) {
        let kind = try resource(Kubeconfig.self, ["context": "homelab", "content": .string(Self.k3s)])
        let ran = try await self.shell(shell, Kubeconfig.probe([kind]), home: home, named: named)
        return (kind, try Kubeconfig.read(Array(ran.stdout.utf8), of: [kind])[0])
    }

    private func script(_ difference: Difference) throws -> Script {
        guard case .change(let change) = difference, case .run(let script, _)? = change.steps.first else {
            throw Mistake(description: "it must be written")
        }
        return script
    }

    private struct Mistake: Error, CustomStringConvertible { var description: String }
    private func read(_ path: String) throws -> String { try String(contentsOfFile: path, encoding: .utf8) }
    private func mode(_ path: String) throws -> Int? {
        try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int
    }

    @Test(
        "the file is found as kubectl finds it; a new one is 0600, one that is there keeps its mode and its link",
        arguments: shells)
    func onDisk(shell: [String]) async throws {
        let home = try TemporaryFolder().path
        let (kind, none) = try await look(shell, home: home)
        #expect(none.file.path == "\(home)/.kube/config" && none.file.mode == nil)
        let made = try await self.shell(shell, try script(kind.difference(from: none)), home: home)
        #expect(made.status == 0, "\(made.stderr)")
        #expect(try mode(none.file.path) == 0o600 && read(none.file.path).contains("current-context: homelab"))

        try "# mine\nkind: Config\n".write(toFile: "\(home)/real", atomically: true, encoding: .utf8)
        try FileManager.default.setAttributes([.posixPermissions: 0o440], ofItemAtPath: "\(home)/real")
        try FileManager.default.createSymbolicLink(atPath: "\(home)/link", withDestinationPath: "\(home)/real")
        let (_, linked) = try await look(shell, home: home, named: "\(home)/link:\(home)/other")
        #expect(linked.file.path == "\(home)/real" && linked.file.named == "\(home)/link" && linked.file.mode == 0o440)
        let change = kind.difference(from: linked)
        #expect(details(change).contains(.note("others may read it: its mode is 0440, and stays")))
        #expect(try await self.shell(shell, try script(change), home: home).status == 0)
        #expect(try read("\(home)/link").hasPrefix("# mine\nkind: Config\n") && mode("\(home)/real") == 0o440)
        #expect(try FileManager.default.contentsOfDirectory(atPath: home).sorted() == [".kube", "link", "real"])
    }

    @Test("a writer that came in between loses nothing", arguments: shells)
    func changed(shell: [String]) async throws {
        let home = try TemporaryFolder().path
        let path = "\(home)/.kube/config"
        let (kind, none) = try await look(shell, home: home)
        let create = try script(kind.difference(from: none))
        try FileManager.default.createDirectory(atPath: "\(home)/.kube", withIntermediateDirectories: true)
        try "kind: Config\n".write(toFile: path, atomically: true, encoding: .utf8)
        let refused = try await self.shell(shell, create, home: home)
        #expect(refused.status != 0 && refused.stderr.contains("has changed since it was looked at"))

        let (_, found) = try await look(shell, home: home)
        let update = try script(kind.difference(from: found))
        try "kind: Config\n# theirs\n".write(toFile: path, atomically: true, encoding: .utf8)
        let late = try await self.shell(shell, update, home: home)
        #expect(late.status != 0 && late.stderr.contains("has changed since it was looked at"))
        #expect(try read(path) == "kind: Config\n# theirs\n")
        #expect(try FileManager.default.contentsOfDirectory(atPath: "\(home)/.kube") == ["config"])
    }

    @Test("kubectl's lock is waited for, and left as it is")
    func locked() async throws {
        let home = try TemporaryFolder().path
        let (kind, none) = try await look(["sh", "-c"], home: home)
        let write = try script(kind.difference(from: none))
        try FileManager.default.createDirectory(atPath: "\(home)/.kube", withIntermediateDirectories: true)
        let lock = "\(home)/.kube/config.lock"
        try Data().write(to: URL(filePath: lock))
        async let waiting = self.shell(["sh", "-c"], write, home: home)
        try FileManager.default.removeItem(atPath: lock)
        #expect(try await waiting.status == 0)
        try Data().write(to: URL(filePath: lock))
        let refused = try await self.shell(["sh", "-c"], write, home: home)
        #expect(refused.status == 1 && refused.stderr.contains("remove \(lock)"))
        #expect(FileManager.default.fileExists(atPath: lock))
    }
}
