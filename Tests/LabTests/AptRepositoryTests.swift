import Foundation
import TestSupport
import Testing

extension LabTests {
    @Suite("a repository of apt's, really signed", Needs.program("gpg"), Needs.python)
    struct AptRepositoryTests {
        /// A flat repository with one package, signed by a key of its own; the armoured key is its `key.asc`.
        static let make = #"""
            set -e
            cd "$1"
            mkdir -p package/DEBIAN home
            chmod 700 home
            printf 'Package: kubani-lab-tool\nVersion: 1\nArchitecture: all\nMaintainer: lab\nDescription: a tool\n' >package/DEBIAN/control
            dpkg-deb --root-owner-group -b package tool.deb >/dev/null
            dpkg-scanpackages . >Packages 2>/dev/null
            { echo 'Suite: ./'; echo 'SHA256:'; echo " $(sha256sum <Packages | cut -c1-64) $(stat -c %s Packages) Packages"; } >Release
            for name in lab other; do
                gpg --homedir home -q --batch --passphrase '' --quick-gen-key "$name" default default never
                gpg --homedir home -q --armor --export "$name" >"$name.asc"
            done
            gpg --homedir home -q --batch -u lab --clearsign -o InRelease Release
            gpgconf --homedir home --kill all
            """#

        @Test("its package can be installed; a wrong key and a wrong address are refused and leave nothing behind")
        func converge() async throws {
            let lab = try await Lab.ready
            try await lab.reset("n1")
            let server = try FileServer(at: "\(lab.network).1")
            let made = try await Program.run("sh", ["-c", Self.make, "sh", server.folder.path])
            try #require(made.status == 0, "\(made.stderr)")
            func role(key: String, uris: String) -> String {
                """
                role: demo
                hosts: all
                tasks:
                  - name: repository
                    apt_repository: { name: lab, uris: "\(uris)", suites: "./", key_url: "\(server.url)/\(key)" }
                  - name: tool
                    package: kubani-lab-tool

                """
            }
            let inventory = try lab.inventory(workers: [:])
            func apply(_ role: String) async throws -> Program {
                let roles = try lab.roles(["demo": role])
                return try await lab.kubani(["apply", "--yes", "-i", inventory, "--roles", roles, "--limit", "n1"])
            }
            let left = "ls /etc/apt/sources.list.d /etc/apt/keyrings"
            let before = try await lab.read("n1", left)
            for (key, uris, hint) in [
                ("other.asc", server.url, "the key does not sign this repository"),
                ("lab.asc", "\(server.url)/nowhere", "there is no such repository"),
            ] {
                let wrong = try await apply(role(key: key, uris: uris))
                #expect(wrong.status == 3 && wrong.stderr.contains(hint), "\(wrong.stdout)\(wrong.stderr)")
                #expect(try await lab.read("n1", left) == before)
            }
            try await lab.checkConverges(
                role(key: "lab.asc", uris: server.url), on: "n1", shows: ["+ repository", "+Suites: ./"], changes: 2)
            let gone = """
                role: demo
                hosts: all
                tasks:
                  - name: no tool
                    package: { name: kubani-lab-tool, state: absent }
                  - name: no repository
                    apt_repository: { name: lab, state: absent }

                """
            try await lab.checkConverges(gone, on: "n1", shows: ["removes /etc/apt/keyrings/lab.asc"], changes: 2)
            #expect(try await lab.read("n1", left) == before)
        }

        @Test("a vendor's file for the same repository is used or moved, and apt reads its sources in the end")
        func vendor() async throws {
            let lab = try await Lab.ready
            try await lab.reset("n1")
            let server = try FileServer(at: "\(lab.network).1")
            let made = try await Program.run("sh", ["-c", Self.make, "sh", server.folder.path])
            try #require(made.status == 0, "\(made.stderr)")
            let role = """
                role: demo
                hosts: all
                tasks:
                  - name: repository
                    apt_repository: { name: lab, uris: "\(server.url)", suites: "./", key_url: "\(server.url)/lab.asc" }
                  - name: tool
                    package: kubani-lab-tool

                """
            let arguments = [
                "-i", try lab.inventory(workers: [:]), "--roles", try lab.roles(["demo": role]), "--limit", "n1",
            ]
            let folder = "/etc/apt/sources.list.d"
            func vendor(_ options: String, key: String) async throws {
                try await lab.read(
                    "n1",
                    """
                    curl -sSf \(server.url)/\(key) | sed '/^-/d;/^=/d;/:/d' | base64 -d >/usr/share/keyrings/vendor.gpg
                    printf '# the vendor'"'"'s\\ndeb [signed-by=/usr/share/keyrings/vendor.gpg\(options)] \(server.url)/ ./\\n' >\(folder)/vendor.list
                    """)
            }

            // The same key under another name: what is there will do.
            try await vendor("", key: "lab.asc")
            try await lab.read("n1", "apt-get -qq update")
            let used = try await lab.kubani(["apply", "--yes"] + arguments)
            #expect(used.status == 0 && used.stdout.contains("changed=1"), "\(used.stdout)\(used.stderr)")
            try await lab.read("n1", "test ! -e \(folder)/lab.sources && apt-get -qq update")

            // Another key: apt would take neither.
            try await lab.read("n1", "apt-get -qq -y purge kubani-lab-tool")
            try await vendor("", key: "other.asc")
            let moved = "-deb [signed-by=/usr/share/keyrings/vendor.gpg] \(server.url)/ ./"
            try await lab.checkConverges(
                role, on: "n1", shows: [moved, "+# kubani: now in \(folder)/lab.sources: deb"], changes: 2)
            try await lab.read("n1", "apt-get -qq update && grep -q 'the vendor' \(folder)/vendor.list")

            // As it is where an earlier kubani put its own beside it: every update fails.
            try await vendor("", key: "lab.asc")
            #expect(try await lab.ssh("n1", "apt-get -qq update").stderr.contains("Conflicting values set"))
            try await lab.checkConverges(role, on: "n1", shows: [moved], changes: 1)
            try await lab.read("n1", "apt-get -qq update")

            // It gives more than the task names: said, and left.
            try await lab.read(
                "n1", "printf 'Types: deb deb-src\\nURIs: \(server.url)\\nSuites: ./\\n' >\(folder)/vendor.sources")
            let refused = try await lab.kubani(["plan"] + arguments)
            #expect(
                refused.stdout.contains("\(folder)/vendor.sources:1 has the same repository with another key"),
                "\(refused.stdout)")
            try await lab.read("n1", "rm \(folder)/vendor.*")
        }

        @Test("what others broke keeps no package of a good source away, and is not told as the cause")
        func others() async throws {
            let lab = try await Lab.ready
            try await lab.reset("n1")
            let server = try FileServer(at: "\(lab.network).1")
            let made = try await Program.run("sh", ["-c", Self.make, "sh", server.folder.path])
            try #require(made.status == 0, "\(made.stderr)")
            let role = """
                role: demo
                hosts: all
                tasks:
                  - name: repository
                    apt_repository: { name: lab, uris: "\(server.url)", suites: "./", key_url: "\(server.url)/lab.asc" }
                  - name: tool
                    package: { name: kubani-lab-tool, update: true }

                """
            let inventory = try lab.inventory(workers: [:])
            let folder = "/etc/apt/sources.list.d"
            for broken in [
                "echo 'deb nonsense' >\(folder)/broken.list",
                "echo 'deb [trusted=yes] http://127.0.0.1:9/ ./' >\(folder)/broken.list",
                "printf 'deb http://127.0.0.1:9/ ./\\ndeb [trusted=yes] http://127.0.0.1:9/ ./\\n' >\(folder)/broken.list",
            ] {
                try await lab.read("n1", "rm -f \(folder)/*; apt-get -qq -y purge kubani-lab-tool; \(broken)")
                try await lab.checkConverges(role, on: "n1", shows: ["+ repository"], changes: 2)
                let missing = """
                    role: demo
                    hosts: all
                    tasks: [{ name: missing, package: kubani-no-such-package }]

                    """
                let failed = try await lab.kubani(
                    ["apply", "--yes", "-i", inventory, "--roles", try lab.roles(["demo": missing]), "--limit", "n1"])
                #expect(failed.status == 3)
                #expect(failed.stderr.contains("Unable to locate package kubani-no-such-package"), "\(failed.stderr)")
                #expect(!failed.stderr.contains("does not reach its package mirror"), "\(failed.stderr)")
            }
        }
    }
}
