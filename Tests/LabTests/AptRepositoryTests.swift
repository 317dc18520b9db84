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
    }
}
