import Foundation
import TestSupport
import Testing

@Suite("kubani facts") struct FactsTests {
    private static let inventory = """
        all:
          vars: { ansible_become: false }
          children:
            control_plane: { hosts: { n1: { tailscale_ip: 100.64.0.1, ansible_connection: local } } }
            workers: { hosts: { down: { tailscale_ip: 100.64.0.3, ansible_host: 127.0.0.1, ansible_port: 1 } } }
        """

    @Test("a line a fact, by the name that roles use; who did not answer is told, with status 4")
    func text() async throws {
        let kubani = try Kubani(["inventory/hosts.yml": Self.inventory])
        defer { kubani.remove() }
        let one = try await kubani.run("facts", "n1")
        #expect(one.status == 0 && one.stderr == "", "\(one.stderr)")
        #expect(one.stdout.hasPrefix("n1\n    os.id "))
        let kernel = try await Program.run("uname", ["-r"]).stdout
        #expect(one.stdout.contains(/\n    kernel +/) && one.stdout.contains("  \(kernel)"))
        #expect(one.stdout.contains("\n    disks./.free_mb "))
        let all = try await kubani.run("facts")
        #expect(all.status == 4)
        #expect(all.stdout.hasPrefix("n1\n"))
        #expect(all.stderr.hasPrefix("down: could not connect to "))
        #expect(!kubani.exists(".kubani"))
    }

    @Test("JSON is each host with its facts, and null for who did not answer; pattern and limit both count")
    func json() async throws {
        let kubani = try Kubani(["inventory/hosts.yml": Self.inventory])
        defer { kubani.remove() }
        let run = try await kubani.run("facts", "--json")
        #expect(run.status == 4)
        let told = try #require(
            try JSONSerialization.jsonObject(with: Data(run.stdout.utf8)) as? [String: Any])
        #expect(Set(told.keys) == ["n1", "down"])
        #expect(told["down"] is NSNull)
        let facts = try #require(told["n1"] as? [String: Any])
        #expect((facts["os"] as? [String: Any])?["family"] is String && facts["cpus"] is Int)
        let limited = try await kubani.run("facts", "all", "--limit", "control_plane", "--json")
        #expect(limited.status == 0 && !limited.stdout.contains("down"))
        let none = try await kubani.run("facts", "workers", "--limit", "n1")
        #expect(none.status == 1 && none.stderr.contains("--limit 'n1' leaves no host"))
    }
}
