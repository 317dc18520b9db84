import Foundation
import TestSupport
import Testing

@Suite("kubani roles new") struct RolesNewTests {
    @Test("what it writes is right as it is, and does what it says")
    func right() async throws {
        let kubani = try Kubani(["inventory/hosts.yml": Fixture.inventory])
        defer { kubani.remove() }
        let new = try await kubani.run("roles", "new", "time-sync2")
        #expect(new.status == 0, "\(new.stderr)")
        #expect(
            new.stdout == """
                roles/time-sync2/role.yml
                roles/time-sync2/templates/time-sync2.conf

                Make it your own: docs/ROLES.md has every kind of task, with an example. Then:
                  kubani roles check
                  kubani plan --tags time-sync2

                """)
        let check = try await kubani.run("roles", "check")
        #expect(check.status == 0 && check.stdout.contains("1 role, no mistake, on 1 host"), "\(check.stderr)")
        let plan = try await kubani.run("plan", "--tags", "time-sync2")
        #expect(plan.status == 0, "\(plan.stderr)")
        #expect(plan.stdout.contains("greeting = Hello from n1"), "\(plan.stdout)")
        #expect(try FileManager.default.contentsOfDirectory(atPath: "\(kubani.folder)/roles") == ["time-sync2"])
    }

    @Test("one that is there stays as it is, here and among kubani's own; bad names are refused")
    func refusals() async throws {
        let kubani = try Kubani(Fixture.files)
        defer { kubani.remove() }
        let before = try String(contentsOfFile: "\(kubani.folder)/roles/greet/role.yml", encoding: .utf8)
        let again = try await kubani.run("roles", "new", "greet")
        #expect(again.status == 1)
        #expect(again.stderr == "there is roles/greet already: nothing was written\nhint: choose another name\n")
        #expect(try String(contentsOfFile: "\(kubani.folder)/roles/greet/role.yml", encoding: .utf8) == before)
        let elsewhere = try await kubani.run("roles", "new", "greet", "--roles", "mine")
        #expect(elsewhere.status == 1 && !kubani.exists("mine"))
        for name in ["Greet", "a/b", "..", "", "a b", "1st", "under_score", "a--b", "a-"] {
            let run = try await kubani.run("roles", "new", name)
            #expect(run.status == 1 && run.stderr.contains("is no name for a role"), "\(name): \(run.stderr)")
        }
        #expect(try FileManager.default.contentsOfDirectory(atPath: "\(kubani.folder)/roles") == ["greet"])
    }

    @Test("--roles says where, and a place that cannot be written is told")
    func elsewhere() async throws {
        let kubani = try Kubani(["file": ""])
        defer { kubani.remove() }
        let run = try await kubani.run("roles", "new", "mine", "--roles", "my roles")
        #expect(run.status == 0 && run.stdout.contains("kubani roles check --roles 'my roles'\n"), "\(run.stdout)")
        #expect(try await kubani.run("roles", "check", "--roles", "my roles").status == 0)
        let wrong = try await kubani.run("roles", "new", "mine", "--roles", "file")
        #expect(wrong.status == 3 && wrong.stderr.hasPrefix("could not write file/mine: "), "\(wrong.stderr)")
    }
}
