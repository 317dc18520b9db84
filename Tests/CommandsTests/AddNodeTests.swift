import Foundation
import TestSupport
import Testing

@Suite struct AddNodeTests {
    private func text(_ kubani: Kubani) throws -> String {
        try String(contentsOfFile: "\(kubani.folder)/inventory/hosts.yml", encoding: .utf8)
    }

    @Test("a worker comes into its group, the diff and the next step are shown")
    func worker() async throws {
        let kubani = try ConfigFixture.kubani()
        defer { kubani.remove() }
        let run = try await kubani.run(
            "add-node", "gpu-node", "100.64.0.20", "--gpu", "--reserved-cpu", "4", "--reserved-memory", "8Gi",
            "--labels",
            "gpu=true,workstation=true", "--taints", "nvidia.com/gpu=true:NoSchedule,lone:NoExecute", "--user", "pi")
        #expect(run.status == 0 && run.stderr == "", "\(run.stderr)")
        try Golden.check(run.stdout, "cli-add-node.txt")
        #expect(try await kubani.run("inventory", "check").stdout.contains("3 hosts, 0 mistakes, 0 warnings"))
        let labels = try await kubani.run("config-get", "node_labels", "--scope", "gpu-node", "--json").stdout
        #expect(labels == "{\n  \"gpu\" : \"true\",\n  \"workstation\" : \"true\"\n}\n")
    }

    @Test("a server, in the style of the file, with a warning for an even number")
    func server() async throws {
        let kubani = try ConfigFixture.kubani()
        defer { kubani.remove() }
        let run = try await kubani.run(
            "add-node", "n3", "100.64.0.3", "--role", "control-plane", "-i", "inventory/hosts.yml")
        #expect(run.status == 0)
        #expect(run.stderr.contains("warning: 2 servers withstand no more failures than 1"), "\(run.stderr)")
        #expect(run.stdout.hasSuffix("To set it up: kubani apply -i inventory/hosts.yml --limit n3\n"))
        #expect(
            try text(kubani)
                == ConfigFixture.inventory.replacingOccurrences(
                    of: "# the server\n", with: "# the server\n        n3:\n          tailscale_ip: 100.64.0.3\n"))
    }

    @Test("ansible_host is set where the others set it for themselves")
    func connection() async throws {
        for (own, expected) in [("\"{{ tailscale_ip }}\"", "\"{{ tailscale_ip }}\""), ("100.64.0.1", "100.64.0.9")] {
            let kubani = try Kubani([
                "inventory/hosts.yml":
                    "control_plane:\n  hosts:\n    n1:\n      tailscale_ip: 100.64.0.1\n      ansible_host: \(own)\nworkers:\n"
            ])
            defer { kubani.remove() }
            #expect(try await kubani.run("add-node", "n9", "100.64.0.9").status == 0)
            let added = "workers:\n  hosts:\n    n9:\n      tailscale_ip: 100.64.0.9\n      ansible_host: \(expected)\n"
            let written = try text(kubani)
            #expect(written.hasSuffix(added), "\(written)")
        }
    }

    @Test(
        "all that is wrong is told at once, and nothing written",
        arguments: [
            (
                ["n2", "100.64.0.9"],
                "inventory/hosts.yml:9:9: n2 is in the inventory already\nhint: kubani config-set --scope n2"
            ),
            (["n9", "100.64.0.2"], "inventory/hosts.yml:9:28: n2 has the address 100.64.0.2 already"),
            (["n9", "10.0.0.1"], "10.0.0.1 is not in tailscale_network 100.64.0.0/10"),
            (["n9", "100.64.0"], "'100.64.0' is no IPv4 address\nhint: tailscale ip -4"),
            (
                ["My_Node", "100.64.0.9"],
                "'My_Node' is no name of a node: those have lower case letters, digits, '-' and '.'\nhint: such as 'my-node'"
            ),
            (["n[1:3]", "100.64.0.9"], "'n[1:3]' is no name of a node"),
            (["n9", "100.64.0.9", "--labels", "a"], "--labels: 'a' is no label\nhint: write key=value"),
            (["n9", "100.64.0.9", "--labels", "a=b,a=c"], "--labels: the label 'a' is there twice"),
            (["n9", "100.64.0.9", "--labels", "a b=c"], "node_labels: 'a b' is no label"),
            (["n9", "100.64.0.9", "--taints", "a"], "--taints: 'a' is no taint\nhint: write key=value:effect"),
            (
                ["n9", "100.64.0.9", "--taints", "a=b:NoSchedul"],
                "'NoSchedul' is no effect of a taint\nhint: did you mean 'NoSchedule'?"
            ),
            (["n9", "100.64.0.9", "--reserved-memory", "4GB"], "hint: did you mean '4Gi'?"),
            (["n9", "100.64.0.9", "--reserved-cpu", "-1"], "it cannot be below zero"),
            (["n9", "100.64.0.9", "--role", "master"], "The value 'master' is invalid for '--role <role>'"),
            (["n9", "100.64.0.9", "--yes"], "--yes is for --apply"),
            (["n9", "100.64.0.9", "--apply", "--check"], "--apply and --check do not go together"),
        ])
    func refuses(arguments: [String], message: String) async throws {
        let kubani = try ConfigFixture.kubani()
        defer { kubani.remove() }
        let arguments = arguments.flatMap { $0 == "-1" ? ["=-1"] : [$0] }
        let joined = arguments.reduce(into: [String]()) { all, word in
            if word.hasPrefix("="), let last = all.popLast() { all.append(last + word) } else { all.append(word) }
        }
        let run = try await kubani.run(["add-node"] + joined)
        #expect(run.status == 1)
        #expect(run.stderr.contains(message), "\(run.stderr)")
        #expect(try text(kubani) == ConfigFixture.inventory)
    }

    @Test("several mistakes come together")
    func together() async throws {
        let kubani = try ConfigFixture.kubani()
        defer { kubani.remove() }
        let run = try await kubani.run("add-node", "N 9", "1.2.3.4", "--reserved-cpu", "x", "--labels", "a=b c")
        #expect(run.stderr.components(separatedBy: "\nhint: ").count == 5, "\(run.stderr)")
    }

    @Test("--apply goes on to that node alone")
    func apply() async throws {
        var files = Fixture.files
        files["inventory/hosts.yml"] =
            Fixture.inventory + "\n    workers:\n      vars: {ansible_connection: local, ansible_become: false}\n"
        let kubani = try Kubani(files)
        defer { kubani.remove() }
        let run = try await kubani.run("add-node", "n2", "100.64.0.2", "--apply", "--yes")
        #expect(run.status == 0, "\(run.stderr)")
        #expect(run.stdout.contains("+      hosts:\n+        n2: { tailscale_ip: 100.64.0.2 }\n"), "\(run.stdout)")
        #expect(run.stdout.contains("\n\nn2\n  greet\n    + folder"), "\(run.stdout)")
        #expect(!run.stdout.contains("\nn1\n"))
        #expect(kubani.exists("out/told"))
    }

    @Test("JSON tells the host, its group and the next command")
    func json() async throws {
        let kubani = try ConfigFixture.kubani()
        defer { kubani.remove() }
        let run = try await kubani.run("add-node", "n9", "100.64.0.9", "--json")
        let json = try #require(try JSONSerialization.jsonObject(with: Data(run.stdout.utf8)) as? [String: Any])
        #expect(json["host"] as? String == "n9" && json["group"] as? String == "workers")
        #expect(json["written"] as? Bool == true)
        #expect(json["next"] as? [String] == ["apply", "--limit", "n9"])
    }

    @Test("the next step repeats variables that were given, but no secret")
    func nextStep() async throws {
        let kubani = try ConfigFixture.kubani()
        defer { kubani.remove() }
        let run = try await kubani.run(
            "add-node", "n9", "100.64.0.9", "-e", "a=b c=d", "-e", "ansible_password=hunter2")
        #expect(run.stdout.hasSuffix("--limit n9 --extra-vars 'a=b c=d' --extra-vars '(sensitive)'\n"), "\(run.stdout)")
    }
}
