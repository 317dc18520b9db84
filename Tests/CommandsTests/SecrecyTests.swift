import Foundation
import TestSupport
import Testing

extension LocalTests {
    /// Marked secrets are put into every place that a person may put them, and looked for in all that comes out.
    @Suite struct SecrecyTests {
        /// Part of every secret.
        private static let mark = "m4rk"

        private static let inventory = """
            all:
              vars:
                kubani_secrets: [door_*, pin]
                door_pin: m4rk-door-pin
                door_map: { m4rk-alice: { n: 1 } }
                notes: { pin: m4rk-nested-pin }
                api_key: m4rk-api-key
                proxy: "http://bob:m4rk-proxy@proxy.example:3128"
                k3s_server_args: ["--token", "m4rk-token", "--vpn-auth=name=tailscale,joinKey=m4rk-join", "--debug"]
                k3s_server_config: { agent-token: m4rk-agent, etcd-s3-secret-key: m4rk-s3 }
              children:
                control_plane:
                  hosts:
                    n1: { tailscale_ip: 100.64.0.1, ansible_connection: local, ansible_become: false }
            """

        private static let role = """
            role: secretive
            summary: Keeps secrets.
            hosts: all
            tasks:
              - name: folder
                directory: { path: "FOLDER/out/{{ door_pin }}", mode: "0755" }
              - name: account
                for_each: "{{ door_map }}"
                file: { path: "FOLDER/out/of-{{ item.key }}", content: "x\\n" }
              - name: "told of {{ notes.pin }}"
                file: { path: "FOLDER/out/key", content: "{{ api_key }} {{ notes.pin }}\\n" }
              - name: private
                line: { path: FOLDER/private, line: "a=1" }
              - name: open to the group
                file: { path: FOLDER/group, content: "b\\n" }
              - name: old
                file: { path: FOLDER/agent.env, content: "A=b\\n" }
              - name: proxy
                file: { path: FOLDER/proxy, content: "proxy is {{ proxy }}\\n" }
              - name: arguments
                file: { path: FOLDER/arguments, content: "{{ k3s_server_args | join('\\n') }}\\n" }
              - name: configuration
                file: { path: FOLDER/config.yaml, yaml: "{{ k3s_server_config }}" }
              - name: processes
                command:
                  script: "ps -eo args >FOLDER/processes; : {{ door_pin }}"
                  environment: { TOKEN: "{{ api_key }}" }
                  creates: FOLDER/processes
              - name: loud
                command: { script: "cat FOLDER/said; echo token=m4rk-said; touch FOLDER/loud", creates: FOLDER/loud }
              - name: broken
                command: { script: "cat FOLDER/said >&2; exit 3", creates: FOLDER/never }
            """

        private func make() throws -> Kubani {
            let kubani = try Kubani([
                "inventory/hosts.yml": Self.inventory, "roles/secretive/role.yml": Self.role,
                "private": "password m4rk-neighbour\n", "group": "m4rk-group\n",
                "agent.env": "K3S_TOKEN=m4rk-old\nA=b\n",
                "said": "it is m4rk-door-pin, no, m4rk-api-key at http://bob:m4rk-proxy@proxy.example\n",
            ])
            for (name, mode) in [("private", 0o600), ("group", 0o640), ("agent.env", 0o644)] {
                try FileManager.default.setAttributes(
                    [.posixPermissions: mode], ofItemAtPath: "\(kubani.folder)/\(name)")
            }
            return kubani
        }

        /// Every file below a folder, as one text.
        private func everything(below folder: String) -> String {
            let names = FileManager.default.enumerator(atPath: folder)?.compactMap { $0 as? String } ?? []
            return names.map { name in
                name + "\n"
                    + (FileManager.default.contents(atPath: "\(folder)/\(name)").map {
                        String(decoding: $0, as: UTF8.self)
                    } ?? "")
            }.joined(separator: "\n")
        }

        @Test("no secret is in anything that kubani says or keeps")
        func nowhere() async throws {
            let kubani = try make()
            defer { kubani.remove() }
            let environment = [
                "XDG_CONFIG_HOME": "\(kubani.folder)/config", "XDG_CACHE_HOME": "\(kubani.folder)/cache",
            ]
            for command in [
                ["plan"], ["plan", "-v"], ["plan", "--json"], ["plan", "--out", "a.plan"], ["show", "a.plan", "-v"],
                ["graph"], ["inventory", "check"], ["inventory", "list"], ["facts"], ["facts", "--json"],
                ["config-get", "door_pin"], ["config-get", "door_map"], ["config-get", "notes", "--json"],
                ["config-get", "k3s_server_args"], ["config-get", "k3s_server_config"], ["config-get", "api_key"],
                ["config-get", "door_pin", "--raw", "-v"],
                ["config-set", "door_pin", "--check", "--", "1234"],
                ["apply", "-y", "-vvv"], ["apply", "-y", "--json"], ["history", "last", "-v"], ["history", "last"],
                ["exec", "n1", "--", "true", "--token", "m4rk-exec"],
                ["plan", "-e", "door_code=m4rk-extra", "-e", "proxy=ftp://u:m4rk-url@h/"],
                ["plan", "-e", "tailscale_ip=m4rk", "-e", "kubani_secrets=tailscale_ip"],
            ] {
                let said = try await kubani.run(command, environment: environment)
                let text = said.stdout + said.stderr
                let lines = text.split(separator: "\n").filter { $0.contains(Self.mark) }
                #expect(lines.isEmpty, "\(command.joined(separator: " ")): \(lines.prefix(3).joined(separator: "\n"))")
            }
            for kept in [".kubani", "config", "cache"] {
                let lines = everything(below: "\(kubani.folder)/\(kept)").split(separator: "\n").filter {
                    $0.contains(Self.mark)
                }
                #expect(lines.isEmpty, "\(kept): \(lines.prefix(3).joined(separator: "\n"))")
            }
            let plan = try String(contentsOfFile: "\(kubani.folder)/a.plan", encoding: .utf8)
            #expect(!plan.contains(Self.mark))
            // It was done all the same, and no list of processes showed it.
            #expect(kubani.exists("out/m4rk-door-pin") && kubani.exists("out/of-m4rk-alice"))
            let processes = try String(contentsOfFile: "\(kubani.folder)/processes", encoding: .utf8)
            #expect(!processes.contains("m4rk-door-pin") && !processes.contains("m4rk-api-key"))
        }

        @Test("--show-secrets shows what private files hold, and no journal has it")
        func asked() async throws {
            let kubani = try make()
            defer { kubani.remove() }
            let plan = try await kubani.run("plan", "--show-secrets")
            for text in ["password m4rk-neighbour", "-m4rk-group", "-K3S_TOKEN=m4rk-old", "m4rk-api-key"] {
                #expect(plan.stdout.contains(text), "\(text): \(plan.stdout)")
            }
            let json = try await kubani.run("plan", "--json", "--show-secrets")
            #expect(json.stdout.contains("m4rk-group"))
            let apply = try await kubani.run("apply", "-y", "--show-secrets")
            #expect(apply.stdout.contains("-m4rk-group"))
            #expect(!everything(below: "\(kubani.folder)/.kubani").contains(Self.mark))
        }

        @Test("what a task's values are refused for does not repeat a secret")
        func refused() async throws {
            let kubani = try make()
            defer { kubani.remove() }
            for task in [
                "service: { name: \"{{ door_pin }}/\" }", "file: { path: \"/srv/{{ door_pin }}\" }",
                "file: { path: \"{{ api_key }}\", content: x }", "download: { url: \"http://u:m4rk-x@h/a\", path: b }",
                "git: { repo: \"https://bob:m4rk-git@example.com/a\", dest: /srv/a }",
                "template: { a: {{ door_pin }} }", "user: { name: \"{{ door_pin }} x\" }",
                "mount: { path: /mnt, source: \"//h/{{ door_pin }}\", type: cifs, options: \"password={{ door_pin }}\" }",
            ] {
                let text = "role: wrong\nsummary: Is wrong.\nhosts: all\ntasks:\n  - name: a\n    \(task)\n"
                try kubani.write(text, to: "roles/wrong/role.yml")
                let plan = try await kubani.run("plan")
                let lines = (plan.stdout + plan.stderr).split(separator: "\n").filter { $0.contains(Self.mark) }
                #expect(plan.status == 1 && lines.isEmpty, "\(task): \(plan.status) \(lines)")
            }
        }

        @Test("a mistake in a line that may hold a secret shows none of it, however its name is spelt")
        func misspelt() async throws {
            for line in [
                "ansible_become_pasword: m4rk1", "tailscal_ip: m4rk2 # kubani_secrets", "registry_api_key: m4rk3: x",
                "k3s_tokn: m4rk4", "tailscale_ip: \"http://u:m4rk5@h\"",
            ] {
                let kubani = try Kubani([
                    "inventory/hosts.yml":
                        "all:\n  vars:\n    kubani_secrets: tailscal_ip\n    \(line)\n  children:\n"
                        + "    control_plane: { hosts: { n1: { tailscale_ip: 100.64.0.1 } } }\n"
                ])
                defer { kubani.remove() }
                let check = try await kubani.run("inventory", "check")
                #expect(!(check.stdout + check.stderr).contains(Self.mark), "\(line): \(check.stderr)")
            }
        }
    }
}
