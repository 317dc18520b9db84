import Foundation
import TestSupport
import Testing

enum ConfigFixture {
    static let inventory = """
        all:
          children:
            control_plane:
              hosts:
                n1:
                  tailscale_ip: 100.64.0.1   # the server
            workers:
              hosts:
                n2: {tailscale_ip: 100.64.0.2, node_labels: {nvidia.com/gpu: "true"}}
          vars:
            ansible_user: ops
            ansible_host: "{{ tailscale_ip }}"
            # Who may pull.
            registry: {user: me, password: hunter2}

        """
    static let all = """
        cluster_name: homelab
        k3s_version: v1.35.6+k3s1   # raise it with care
        flux: {path: "clusters/{{ cluster_name }}", branches: [main, next]}

        """
    static let files = ["inventory/hosts.yml": inventory, "inventory/group_vars/all.yml": all]

    static func kubani() throws -> Kubani { try Kubani(files) }
}

@Suite struct ConfigGetTests {
    @Test(
        "prints what holds, rendered or as written",
        arguments: [
            (["k3s_version"], "v1.35.6+k3s1\n"),
            (["flux.path"], "clusters/homelab\n"),
            (["flux.path", "--raw"], "clusters/{{ cluster_name }}\n"),
            (["flux.branches.1"], "next\n"),
            (["flux.branches", "--json"], "[\n  \"main\",\n  \"next\"\n]\n"),
            (["flux"], "path: clusters/homelab\nbranches:\n  - main\n  - next\n"),
            (["ansible_host", "--scope", "n2"], "100.64.0.2\n"),
            (["ansible_host"], "{{ tailscale_ip }}\n"),
            (["cluster_name", "--scope", "workers"], "homelab\n"),
            (["cluster_name", "-e", "cluster_name=other"], "other\n"),
            (["node_labels.nvidia.com/gpu", "--scope", "n2"], "true\n"),
            (["node_labels.\"nvidia.com/gpu\"", "--scope", "n2", "--json"], "\"true\"\n"),
            (["registry.password"], "(sensitive)\n"),
            (["registry.password", "--reveal"], "hunter2\n"),
            (["registry"], "user: me\npassword: (sensitive)\n"),
            (["registry", "--json"], "{\n  \"password\" : \"(sensitive)\",\n  \"user\" : \"me\"\n}\n"),
        ])
    func prints(arguments: [String], expected: String) async throws {
        let kubani = try ConfigFixture.kubani()
        defer { kubani.remove() }
        let run = try await kubani.run(["config-get"] + arguments)
        #expect(run.status == 0)
        let printed = run.stdout.replacingOccurrences(of: "\"(sensitive)\"\n", with: "(sensitive)\n")
        #expect(printed == expected, "\(run.stderr)")
    }

    @Test("says where it is set, and what is missing")
    func words() async throws {
        let kubani = try ConfigFixture.kubani()
        defer { kubani.remove() }
        #expect(
            try await kubani.run("config-get", "k3s_version", "-v").stderr == "from inventory/group_vars/all.yml:2\n")
        #expect(
            try await kubani.run("config-get", "ansible_host").stderr
                == "This is a template that each host fills in: --scope HOST shows its value.\n")
        #expect(try await kubani.run("config-get", "registry").stderr == "--reveal shows what is (sensitive).\n")
    }

    @Test(
        "what is not there ends with 1 and the nearest name",
        arguments: [
            (
                ["k3s_versoin"],
                "there is no variable 'k3s_versoin' in inventory/hosts.yml\nhint: did you mean 'k3s_version'?"
            ),
            (["flux.pat"], "'flux' has no 'pat'\nhint: did you mean 'path'?"),
            (["flux.branches.2"], "'flux.branches' is a list of 2, and has no '2'"),
            (["k3s_version.a"], "'k3s_version' is text, and has no 'a'"),
            (["tailscale_ip"], "'tailscale_ip' is not set for all hosts\nhint: it is for n1, n2: see --scope"),
            (["git_branch"], "'git_branch' is not set for all hosts\nhint: what holds without it: main"),
            (["cluster_name", "--scope", "n3"], "'n3' is no host and no group"),
            (["a..b"], "the key 'a..b' cannot be read: there is nothing between two points"),
            (["a.\"b"], "a quote that is never closed"), (["1a"], "'1a' is no name of a variable"),
        ])
    func missing(arguments: [String], message: String) async throws {
        let kubani = try ConfigFixture.kubani()
        defer { kubani.remove() }
        let run = try await kubani.run(["config-get"] + arguments)
        #expect(run.status == 1)
        #expect(run.stdout == "")
        #expect(run.stderr.contains(message), "\(run.stderr)")
    }
}

@Suite struct ConfigSetTests {
    @Test(
        "writes where the value comes from, of the type that is wanted",
        arguments: [
            (
                ["k3s_version", "v1.28.5+k3s1"],
                "-k3s_version: v1.35.6+k3s1   # raise it with care\n+k3s_version: v1.28.5+k3s1   # raise it with care\n"
            ),
            (["monitoring_enabled", "true", "--type", "bool"], "+monitoring_enabled: true\n"),
            (["monitoring_enabled", "yes"], "+monitoring_enabled: true\n"),
            (["worker_count", "5", "--type", "int"], "+worker_count: 5\n"),
            (["worker_count", "5"], "+worker_count: \"5\"\n"),
            (["ratio", "0.5", "--type", "float"], "+ratio: 0.5\n"),
            (["fluxcd.namespace", "flux-system", "--scope", "all"], "+fluxcd: {namespace: flux-system}\n"),
            (["flux.branches.2", "old"], "branches: [main, next, old]}\n"),
            (["node_labels", "{\"env\":\"prod\"}", "--type", "json"], "+node_labels: {env: prod}\n"),
            (["node_labels", "{\"env\":\"prod\"}"], "+node_labels: {env: prod}\n"),
            (["node_labels.nvidia.com/gpu", "false", "--scope", "n2"], "nvidia.com/gpu: \"false\"}}\n"),
            (["gpu", "true", "--scope", "n1"], "+          gpu: true\n"),
            (["--unset", "k3s_version"], "-k3s_version: v1.35.6+k3s1   # raise it with care\n"),
            (
                ["registry.user", "you"],
                "-    registry: {user: me, password: (sensitive)}\n+    registry: {user: you, password: (sensitive)}\n"
            ),
            (
                ["registry.password", "hunter3"],
                "-    registry: {user: me, password: (sensitive)}\n+    registry: {user: me, password: (sensitive)}\n"
            ),
        ])
    func writes(arguments: [String], diff: String) async throws {
        let kubani = try ConfigFixture.kubani()
        defer { kubani.remove() }
        let before = try Self.texts(kubani)
        let dry = try await kubani.run(["config-set", "--dry-run"] + arguments)
        #expect(dry.stderr.hasSuffix("Nothing was written.\n"), "\(dry.stderr)")
        #expect(try Self.texts(kubani) == before)
        let run = try await kubani.run(["config-set"] + arguments)
        #expect(run.status == 0, "\(run.stderr)")
        #expect(run.stdout.contains(diff), "\(run.stdout)")
        #expect(run.stdout == dry.stdout)
        #expect(!run.stdout.contains("hunter"))
        #expect(try Self.texts(kubani) != before)
        #expect(try await kubani.run("inventory", "check").status == 0)
        let again = try await kubani.run(["config-set"] + arguments)
        if !arguments.contains("--unset") {
            #expect(again.stdout.hasPrefix("Nothing to change: '"))
        } else {
            #expect(again.status == 1)
        }
    }

    private static func texts(_ kubani: Kubani) throws -> [String] {
        try ConfigFixture.files.keys.sorted().map {
            try String(contentsOfFile: "\(kubani.folder)/\($0)", encoding: .utf8)
        }
    }

    @Test(
        "nothing is written for what is wrong",
        arguments: [
            (["k3s_version", "1.28"], "k3s_version: a k3s release is needed, not '1.28'"),
            (["monitoring_enabled", "perhaps"], "monitoring_enabled: true or false is needed, not 'perhaps'"),
            (["a", "x", "--type", "int"], "a: a whole number is needed, not 'x'"),
            (["a", "{a: 1}", "--type", "json"], "a: JSON is needed, not '{a: 1}'\nhint: such as"),
            (["registry_password", "hunter2", "--type", "int"], "a whole number is needed, not (sensitive)"),
            (["node_labels", "{\"a b\": \"c\"}"], "node_labels: 'a b' is no label"),
            (["node_labels.a", "b c", "--scope", "n1"], "node_labels: 'b c' is no value for 'a'"),
            (["cluster_cidr", "10.43.0.0/16"], "service_cidr 10.43.0.0/16 overlaps with cluster_cidr"),
            (["tailscale_ip", "100.64.0.2", "--scope", "n1"], "n2 has the same tailscale_ip as n1"),
            (["k3s_versio", "v1.35.6+k3s1"], "did you mean 'k3s_version'?"),
            (["cluster_name.a", "x"], "'cluster_name' is text, and so has no 'a'"),
            (["a", "b", "--scope", "n9"], "'n9' is no host and no group"),
            (["a", "b", "--type", "number"], "The value 'number' is invalid for '--type <type>'"),
            (["--unset", "nothing"], "'nothing' is not set for all hosts"),
            (["--unset", "cluster_name"], "'cluster_name' is undefined"),
            (["--unset", "a", "b"], "--unset takes neither a value nor a type"),
        ])
    func refuses(arguments: [String], message: String) async throws {
        let kubani = try ConfigFixture.kubani()
        defer { kubani.remove() }
        let before = try Self.texts(kubani)
        let run = try await kubani.run(["config-set"] + arguments)
        #expect(run.status == 1)
        #expect(run.stderr.contains(message), "\(run.stderr)")
        #expect(!run.stderr.contains("hunter2"))
        #expect(try Self.texts(kubani) == before)
    }

    @Test("a value may come on standard input, and one on the command line is warned of where it is a secret")
    func standardInput() async throws {
        let kubani = try ConfigFixture.kubani()
        defer { kubani.remove() }
        let run = try await kubani.run(["config-set", "registry_token"], stdin: "s3cret: x\n")
        #expect(run.status == 0 && run.stderr == "", "\(run.stderr)")
        #expect(run.stdout.hasSuffix("+registry_token: (sensitive)\n"), "\(run.stdout)")
        #expect(try await kubani.run("config-get", "registry_token", "--reveal").stdout == "s3cret: x\n")
        let typed = try await kubani.run("config-set", "registry_token", "other")
        #expect(typed.stderr.hasPrefix("warning: the shell's history holds this secret now"))
        #expect(!typed.stdout.contains("other"))
    }

    @Test("JSON tells the files and their diffs")
    func json() async throws {
        let kubani = try ConfigFixture.kubani()
        defer { kubani.remove() }
        let run = try await kubani.run("config-set", "cluster_name", "lab", "--json", "--check")
        let json = try #require(try JSONSerialization.jsonObject(with: Data(run.stdout.utf8)) as? [String: Any])
        #expect(json["changed"] as? Bool == true && json["written"] as? Bool == false)
        let file = try #require((json["files"] as? [[String: Any]])?.first)
        #expect(file["path"] as? String == "inventory/group_vars/all.yml")
        #expect((file["diff"] as? [String])?.contains("+cluster_name: lab") == true)
    }

    @Test("hosts with a value of their own are told of")
    func overridden() async throws {
        let kubani = try ConfigFixture.kubani()
        defer { kubani.remove() }
        let run = try await kubani.run("config-set", "node_labels", "{}")
        #expect(run.status == 0)
        #expect(
            run.stderr.contains("hosts.yml:9:53: warning: n2 has its own node_labels, which is stronger"),
            "\(run.stderr)")
    }
}
