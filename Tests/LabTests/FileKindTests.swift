import Foundation
import TestSupport
import Testing

extension LabTests {
    @Suite("files of the network, links, blocks and archives, on a machine of its own", Needs.python)
    struct FileKindTests {
        @Test("a plan shows them, an apply makes them, a second one finds nothing to do")
        func converge() async throws {
            let lab = try await Lab.ready
            try await lab.reset("n1")
            let server = try FileServer(at: "\(lab.network).1")
            let tool = Array("#!/bin/sh\necho tool\n".utf8)
            try server.put(tool, at: "tool")
            let packed = try await Program.run(
                "sh",
                [
                    "-c",
                    #"cd "$1" && mkdir -p app-1/bin && cp tool app-1/bin/app && chmod 755 app-1/bin/app && tar -czf app-1.tgz app-1"#,
                    "sh", server.folder.path,
                ])
            try #require(packed.status == 0, "\(packed.stderr)")
            func sum(_ name: String) async throws -> String {
                String(try await Program.run("sha256sum", ["\(server.folder.path)/\(name)"]).stdout.prefix(64))
            }
            let role = """
                role: demo
                hosts: all
                tasks:
                  - name: tool
                    download:
                      url: \(server.url)/cut/7/tool
                      sha256: \(try await sum("tool"))
                      path: /opt/demo/bin/tool
                      mode: "0755"
                  - name: app's archive
                    download: { url: "\(server.url)/app-1.tgz", sha256: \(try await sum("app-1.tgz")), path: /opt/demo/app-1.tgz }
                  - name: app
                    archive: { src: /opt/demo/app-1.tgz, path: /opt/demo/app, strip_components: 1, owner: ops }
                  - name: app once more
                    archive:
                      url: \(server.url)/app-1.tgz
                      sha256: \(try await sum("app-1.tgz"))
                      path: /opt/demo
                      creates: /opt/demo/app-1
                  - name: current
                    link: { path: /opt/demo/current, target: app-1 }
                  - name: names
                    block: { path: /etc/hosts, name: demo, block: "192.0.2.1 demo\\n" }

                """
            try await lab.checkConverges(
                role, on: "n1",
                shows: [
                    "+ tool", "content: sha256 \(try await sum("tool").prefix(12))",
                    "url: \(server.url)/cut/7/tool",
                    "target: app-1", "+# BEGIN kubani demo",
                ], changes: 6)
            #expect(
                try await lab.read("n1", "/opt/demo/bin/tool; /opt/demo/app/bin/app; /opt/demo/current/bin/app")
                    == "tool\ntool\ntool")
            #expect(
                try await lab.read("n1", "stat -c '%a %U' /opt/demo/bin/tool /opt/demo/app/bin/app")
                    == "755 root\n755 ops")
            #expect(try await lab.read("n1", "find /opt/demo -name '.kubani*'").isEmpty)
        }

        @Test("a file that is not there is an error that names the URL, and the old one stays")
        func missing() async throws {
            let lab = try await Lab.ready
            let server = try FileServer(at: "\(lab.network).1")
            try await lab.read("n1", "echo old >/etc/fetched")
            let sum = String(repeating: "ab", count: 32)
            let roles = try lab.roles([
                "demo": """
                role: demo
                hosts: all
                tasks:
                  - name: fetched
                    download: { url: "\(server.url)/nothing", sha256: \(sum), path: /etc/fetched }

                """
            ])
            let run = try await lab.kubani(
                ["apply", "--yes", "-i", try lab.inventory(), "--limit", "n1", "--roles", roles])
            #expect(run.status == 3)
            #expect(
                run.stderr.contains("\(server.url)/nothing answers with HTTP status 404 (exit 1)"),
                "\(run.stdout)\(run.stderr)")
            #expect(run.stderr.contains("hint: is the version right, and is there such a file"), "\(run.stderr)")
            #expect(try await lab.read("n1", "cat /etc/fetched; rm /etc/fetched") == "old")
        }
    }
}
