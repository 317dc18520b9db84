import Foundation
import TestSupport
import Testing

@Suite struct ListingTests {
    static let mixed = ["-i", Repository.path("inventory/mixed.yml")]

    @Test("hosts are listed with their addresses and groups")
    func hosts() async throws {
        let kubani = try Kubani()
        defer { kubani.remove() }
        try await Golden.check(kubani.run(["inventory", "list"] + Self.mixed).stdout, "cli-inventory-list.txt")
        let workers = try await kubani.run(["inventory", "list", "--limit", "workers"] + Self.mixed).stdout
        #expect(workers.hasPrefix("HOST") && !workers.contains("control_plane"))
        let json = try await kubani.run(["inventory", "list", "--json", "-l", "workers[0]"] + Self.mixed).stdout
        #expect(json.components(separatedBy: "\"tailscale_ip\"").count == 2)
    }

    @Test("the inventories that are shipped have no mistake", arguments: ["minimal", "mixed", "ha", "gpu"])
    func shipped(name: String) async throws {
        let kubani = try Kubani()
        defer { kubani.remove() }
        let check = try await kubani.run("inventory", "check", "-i", Repository.path("inventory/\(name).yml"))
        #expect(check.status == 0)
        #expect(check.stderr == "")
        #expect(check.stdout.hasSuffix(", 0 mistakes, 0 warnings\n"))
    }

    @Test("all mistakes of an inventory are told at once")
    func mistakes() async throws {
        let kubani = try Kubani([
            "inventory/hosts.yml": """
            all:
              children:
                workers:
                  hosts:
                    n1: { tailscale_ip: 10.0.0.1, reserved_mem: 1Gi }
                    n2: { tailscale_ip: 10.0.0.1, node_labels: { "a b": c } }
            """
        ])
        defer { kubani.remove() }
        let check = try await kubani.run("inventory", "check")
        #expect(check.status == 1)
        try Golden.check(check.stderr + check.stdout, "cli-inventory-mistakes.txt")
    }

    @Test("roles are listed in a table and checked against an inventory where there is one")
    func roles() async throws {
        var files = Fixture.files
        files["roles/slow/role.yml"] = Fixture.slow(seconds: 1)
        let kubani = try Kubani(files)
        defer { kubani.remove() }
        try await Golden.check(kubani.run("roles", "list").stdout, "cli-roles-list.txt")
        let check = try await kubani.run("roles", "check")
        #expect(check.stdout == "2 roles, no mistake, on 1 host of inventory/hosts.yml\n")
        let alone = try await kubani.run("roles", "check", "-i", "inventory/hosts.yml", "--roles", "roles")
        #expect(alone.stdout == check.stdout)
        let elsewhere = try Kubani()
        defer { elsewhere.remove() }
        let shipped = try await elsewhere.run("roles", "check", "--roles", Repository.path("roles"))
        #expect(shipped.status == 0)
        #expect(shipped.stdout == "6 roles, no mistake\n")
    }

    @Test("what is wrong is there as JSON, too, whatever it is")
    func mistakesAsJSON() async throws {
        let kubani = try Kubani([
            "wrong.yml": "control_plane:\n  hosts:\n    n1: {tailscale_ip: 1.2.3.4}\n", "broken.yml": "a: [\n",
            "mine/bad/role.yml": "role: bad\nhosts: all\ntasks:\n  - name: x\n    fil: /a\n",
        ])
        defer { kubani.remove() }
        func told(_ arguments: String...) async throws -> [[String: Any]] {
            let run = try await kubani.run(arguments + ["--json"])
            #expect(run.status == 1 && run.stderr.isEmpty, "\(run)")
            let json = try JSONSerialization.jsonObject(with: Data(run.stdout.utf8)) as? [String: Any]
            return try #require(json?["mistakes"] as? [[String: Any]])
        }
        let wrong = try await told("inventory", "check", "-i", "wrong.yml")
        #expect(wrong.contains { $0["line"] as? Int == 3 && $0["severity"] as? String == "error" }, "\(wrong)")
        #expect(try await told("inventory", "check", "-i", "broken.yml").first?["file"] as? String == "broken.yml")
        let role = try await told("roles", "check", "--roles", "mine")
        #expect(role.contains { $0["line"] as? Int == 5 && $0["hint"] != nil }, "\(role)")
        let version = try await kubani.run("version", "--json")
        #expect(version.stdout.contains("\"libssh2\""), "\(version)")
    }

    @Test("KUBANI_INVENTORY and KUBANI_ROLES name what -i and --roles do not")
    func environment() async throws {
        let kubani = try Kubani(["my.yml": Fixture.inventory, "mine/greet/role.yml": Fixture.role])
        defer { kubani.remove() }
        let environment = ["KUBANI_INVENTORY": "my.yml", "KUBANI_ROLES": "mine"]
        let plan = try await kubani.run("plan", environment: environment)
        #expect(plan.stdout.contains("\n  greet\n    + folder"))
        try kubani.write(Fixture.inventory.replacingOccurrences(of: "n1:", with: "m1:"), to: "inv/hosts.yml")
        let folder = try await kubani.run("plan", "-i", "inv", environment: environment)
        #expect(folder.stdout.hasPrefix("m1\n"))
    }
}

@Suite struct CompletionTests {
    @Test("bash completes kubani", Needs.program("bash"))
    func bash() async throws {
        let kubani = try Kubani()
        defer { kubani.remove() }
        let script = """
            set -e
            source <("$0" completions bash)
            complete -p kubani
            function=$(complete -p kubani | sed 's/.*-F \\([^ ]*\\).*/\\1/')
            COMP_WORDS=(kubani inv) COMP_CWORD=1 COMP_LINE='kubani inv' COMP_POINT=10 COMPREPLY=()
            "$function" kubani inv kubani || true
            echo "reply: ${COMPREPLY[*]}"
            """
        let run = try await Program.run("bash", ["--norc", "-c", script, Kubani.path], directory: kubani.folder)
        #expect(run.status == 0, "\(run.stderr)")
        #expect(run.stdout.contains(" kubani\n"))
        #expect(run.stdout.contains("reply: inventory\n"), "\(run.stdout)")
    }

    @Test("fish reads its completions", Needs.program("fish"))
    func fish() async throws {
        let kubani = try Kubani()
        defer { kubani.remove() }
        try kubani.write(try await kubani.run("completions", "fish").stdout, to: "kubani.fish")
        let run = try await Program.run("fish", ["-n", "\(kubani.folder)/kubani.fish"])
        #expect(run.status == 0 && run.stderr == "", "\(run.stderr)")
    }

    @Test("zsh gets a completion of kubani")
    func zsh() async throws {
        let kubani = try Kubani()
        defer { kubani.remove() }
        #expect(try await kubani.run("completions", "zsh").stdout.hasPrefix("#compdef kubani\n"))
    }
}
