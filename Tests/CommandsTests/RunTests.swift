import Foundation
import TestSupport
import Testing

/// Tests that apply to this machine: its lock is held by one run at a time.
@Suite(.serialized) enum LocalTests {}

extension LocalTests {
    /// plan and apply on this machine, without a terminal.
    @Suite struct RunTests {
        @Test("plan shows what would change and changes nothing")
        func plan() async throws {
            let kubani = try Kubani(Fixture.files)
            defer { kubani.remove() }
            let plan = try await kubani.run("plan")
            #expect(plan.status == 0)
            #expect(plan.stderr == "")
            try Golden.check(kubani.said(plan.stdout), "cli-plan.txt")
            #expect(!plan.stdout.utf8.contains(0x1B))
            #expect(!kubani.exists("out") && !kubani.exists(".kubani"))
            #expect(try await kubani.run("plan", "--detailed-exitcode").status == 2)
            let check = try await kubani.run("apply", "--check")
            #expect(check.stdout == plan.stdout && check.status == 0)
        }

        @Test("where no journal can be made, the run goes on and says so")
        func noJournal() async throws {
            let kubani = try Kubani(Fixture.files.merging([".kubani": "a file in its place"]) { $1 })
            defer { kubani.remove() }
            let run = try await kubani.run("apply", "--yes")
            #expect(run.status == 0)
            #expect(run.stderr.contains("warning: no journal was written"))
        }

        @Test("apply makes it so, a second one finds nothing to do, and each leaves a journal of its owner's")
        func apply() async throws {
            let kubani = try Kubani(Fixture.files)
            defer { kubani.remove() }
            let first = try await kubani.run("provision", "--yes", "--extra-vars", "greeting=Hello")
            #expect(first.status == 0, "\(first.stderr)")
            #expect(try String(contentsOfFile: "\(kubani.folder)/out/motd", encoding: .utf8) == "Hello to n1\n")
            #expect(first.stderr == "\n+ n1 › greet › folder\n+ n1 › greet › greeting\n! n1 › greet › told\n")
            #expect(first.stdout.contains("\n  n1  ok=0  changed=3  "))
            let second = try await kubani.run("apply", "-y", "-e", "{\"greeting\": \"Hello\"}")
            #expect(second.status == 0)
            #expect(second.stdout.hasPrefix("Recap after ") && second.stdout.contains("\n  n1  ok=3  changed=0  "))
            #expect(try await kubani.run("plan", "-e", "greeting=Hello", "--detailed-exitcode").status == 0)
            let journals = try FileManager.default.contentsOfDirectory(atPath: "\(kubani.folder)/.kubani/runs")
            #expect(journals.count == 2)
            func mode(_ path: String) throws -> Int? {
                try FileManager.default.attributesOfItem(atPath: "\(kubani.folder)/\(path)")[.posixPermissions] as? Int
            }
            for journal in journals {
                #expect(try mode(".kubani/runs/\(journal)") == 0o700)
                #expect(try mode(".kubani/runs/\(journal)/events.jsonl") == 0o600)
                #expect(try mode(".kubani/runs/\(journal)/log.txt") == 0o600)
            }
            #expect(try mode(".kubani") == 0o700)
        }

        @Test("plan --json is JSON, apply --json a line of JSON an event", Needs.python)
        func json() async throws {
            let kubani = try Kubani(Fixture.files)
            defer { kubani.remove() }
            func python(_ script: String, _ text: String) async throws -> String {
                let run = try await Program.run(Repository.python, ["-c", "import json, sys\n" + script], stdin: text)
                #expect(run.status == 0, "\(run.stderr)")
                return run.stdout
            }
            let plan = try await kubani.run("plan", "--json")
            let verdicts = "print(*[t['verdict'] for h in json.load(sys.stdin)['hosts'] for t in h['tasks']])"
            #expect(try await python(verdicts, plan.stdout) == "change change change\n")
            let apply = try await kubani.run("apply", "--json", "--yes")
            #expect(apply.status == 0)
            #expect(apply.stderr == "")
            let events = try await python("print(*[json.loads(l)['event'] for l in sys.stdin])", apply.stdout)
            #expect(events.hasPrefix("began connecting connected planned started "))
            #expect(events.hasSuffix(" finished ended\n"))
            for command in [["inventory", "list"], ["roles", "list"]] {
                _ = try await python("json.load(sys.stdin)", kubani.run(command + ["--json"]).stdout)
            }
            _ = try await python("json.load(sys.stdin)", kubani.run("roles", "schema").stdout)
        }

        @Test("-v lists what is unchanged, -vv what scripts print, -vvv commands and round trips")
        func verbosity() async throws {
            var said: [String] = []
            for level in ["-y", "-yv", "-yvv", "-yvvv"] {
                let kubani = try Kubani(Fixture.files)
                defer { kubani.remove() }
                try FileManager.default.createDirectory(
                    atPath: "\(kubani.folder)/out", withIntermediateDirectories: true)
                let run = try await kubani.run("apply", level)
                #expect(run.status == 0)
                said.append(run.stdout + run.stderr)
            }
            func first(with text: String) -> Int? { said.firstIndex { $0.contains(text) } }
            #expect(first(with: "! n1 › greet › told") == 0)
            #expect(first(with: "= n1 › greet › folder  ") == 1)
            #expect(first(with: "n1: connected\n") == 1)
            #expect(first(with: "n1 | telling\n") == 2)
            #expect(first(with: "n1 $ ") == 3)
            #expect(first(with: "  round trips=") == 3)
        }

        @Test("tags, skipped tags and limits choose tasks")
        func selection() async throws {
            let kubani = try Kubani(Fixture.files)
            defer { kubani.remove() }
            #expect(
                try await kubani.run("plan", "-t", "text").stdout.contains("Plan: 1 to create, 0 unchanged on 1 host."))
            let skipped = try await kubani.run("plan", "--skip-tags", "text", "-l", "control_plane[0]").stdout
            #expect(skipped.contains("+ folder") && !skipped.contains("+ greeting"))
            #expect(try await kubani.run("plan", "-t", "never").stdout == "Plan: no tasks on 1 host.\n")
        }

        @Test("a playbook of Ansible's is done by the command in its place, and that is told")
        func playbook() async throws {
            let kubani = try Kubani(Fixture.files)
            defer { kubani.remove() }
            let site = try await kubani.run("provision", "--yes", "--playbook", "ansible/playbooks/site.yml")
            #expect(site.status == 0 && kubani.exists("out/motd"))
            #expect(site.stderr.contains("site.yml was Ansible's; with kubani: kubani apply\n"), "\(site.stderr)")
            let node = try await kubani.run("provision", "--yes", "--playbook", "add_node.yml")
            #expect(node.status == 1 && node.stderr.contains("needs --limit NODE"), "\(node.stderr)")
            let limited = try await kubani.run("apply", "--yes", "--playbook", "add_node.yml", "--limit", "n1")
            #expect(limited.status == 0 && limited.stdout.contains("changed=0"))
            let checks = try await kubani.run("apply", "--playbook", "preflight_checks.yml", "--json")
            #expect(checks.stderr.contains("kubani doctor") && checks.stdout.contains("\"known_hosts\""))
            let unknown = try await kubani.run("apply", "--playbook", "other.yml")
            #expect(unknown.status == 1 && unknown.stderr.contains("site.yml"), "\(unknown.stderr)")
        }

        @Test("a task that fails gives 3, and what hangs on it is not reached")
        func failure() async throws {
            let kubani = try Kubani(Fixture.files)
            defer { kubani.remove() }
            try kubani.write(
                """
                role: broken
                summary: Fails.
                hosts: all
                tasks:
                  - name: fails
                    command: { script: "echo the reason >&2; exit 7", creates: FOLDER/never }
                  - name: next
                    file: { path: FOLDER/next, content: "" }
                """, to: "roles/broken/role.yml")
            let run = try await kubani.run("apply", "--yes")
            #expect(run.status == 3)
            #expect(
                run.stderr.contains("✗ n1 › broken › fails\n    n1: could not make 'fails' so: the reason (exit 7)\n"))
            #expect(run.stdout.contains("failed=1") && run.stdout.contains("blocked=1"))
            #expect(run.stderr.contains("Everything that was done and said: .kubani/runs/"))
            #expect(kubani.exists("out/motd") && !kubani.exists("next"))
        }

        @Test("hosts out of reach are told with host, deed, cause and hint, at once and with status 4")
        func unreachable() async throws {
            var files = Fixture.files
            files["inventory/hosts.yml"] = """
                all:
                  children:
                    control_plane:
                      hosts:
                        closed: { tailscale_ip: 100.64.0.1, ansible_host: 127.0.0.1, ansible_port: 1 }
                        empty: { tailscale_ip: 100.64.0.2, ansible_host: 127.77.7.7, ansible_port: 1 }
                        nameless: { tailscale_ip: 100.64.0.3, ansible_host: no-such-host.invalid, ansible_user: ops }
                  vars: { ansible_user: ops }
                """
            let kubani = try Kubani(files)
            defer { kubani.remove() }
            let clock = ContinuousClock()
            let began = clock.now
            let plan = try await kubani.run("plan")
            #expect(clock.now - began < .seconds(10))
            #expect(plan.status == 4)
            for line in [
                "closed\n  ✗ unreachable\n      closed: could not connect to ops@127.0.0.1:1: Connection refused\n",
                "      hint: nothing listens on port 1 there: is sshd running?\n",
                "      empty: could not connect to ops@127.77.7.7:1: Connection refused\n",
                "      nameless: could not connect to ops@no-such-host.invalid: the name ",
                "      hint: set ansible_host to its address\n", "\nPlan: no tasks on 3 hosts, unreachable.\n",
            ] {
                #expect(plan.stdout.contains(line), "\(plan.stdout)")
            }
            let apply = try await kubani.run("apply", "--yes")
            #expect(apply.status == 4)
            #expect(apply.stdout.contains("  closed    ok=0  changed=0  unreachable=1"))
        }

        @Test("two names for one machine are told as that")
        func sameMachine() async throws {
            let kubani = try Kubani(Fixture.files)
            defer { kubani.remove() }
            try kubani.write(
                Fixture.inventory
                    + "\n        n2: { tailscale_ip: 100.64.0.2, ansible_connection: local, ansible_become: false }\n",
                to: "inventory/hosts.yml")
            let run = try await kubani.run("apply", "--yes", "-t", "text,greet")
            #expect(run.status == 3)
            #expect(run.stderr.contains("another host of this run is the same machine, and holds it"), "\(run.stderr)")
        }

        @Test("a reader that has seen enough ends no apply")
        func closedPipe() async throws {
            let kubani = try Kubani(Fixture.files)
            defer { kubani.remove() }
            let run = try await Program.run(
                "bash", ["-c", "set -o pipefail; '\(Kubani.path)' apply --yes -v 2>&1 | true"],
                environment: ["KUBANI_INVENTORY": "", "KUBANI_ROLES": ""], directory: kubani.folder)
            #expect(run.status == 0)
            #expect(kubani.exists("out/told"))
            let list = try await Program.run(
                "bash", ["-c", "set -o pipefail; '\(Kubani.path)' inventory list | head -1"], directory: kubani.folder)
            #expect(list.status == 0 && list.stderr == "")
        }
    }
}
