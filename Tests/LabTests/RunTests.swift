import Foundation
import TestSupport
import Testing

extension LabTests {
    @Suite("runs over several machines") struct RunTests {
        static let file = """
            role: files
            hosts: all
            defaults: { content: hello }
            tasks:
              - name: file
                file: { path: /etc/files.conf, content: "{{ content }}\\n" }
              - name: check
                assert: { check: "test ! -e /run/broken || { echo it is broken; exit 1; }" }
              - name: fails where it is broken
                command: { script: "echo why it fails >&2; test ! -e /run/breaks && touch /run/done", creates: /run/done }
              - name: after it
                file: { path: /etc/after.conf, content: "{{ content }}\\n" }
            """

        @Test("a node that is down does not stop the others, and the status is 4")
        func down() async throws {
            let lab = try await Lab.ready
            let roles = try lab.roles(["files": Self.file])
            let inventory = try lab.inventory(workers: [
                "n2": "", "n9": "", "n4": "ansible_host: \(lab.address("n1")), ansible_port: 9",
            ])
            let arguments = ["-i", inventory, "--roles", roles, "--connect-timeout", "5", "-e", "content=down"]
            let plan = try await lab.kubani(["plan"] + arguments)
            #expect(plan.status == 4, "\(plan.stdout)")
            let apply = try await lab.kubani(["apply", "--yes"] + arguments)
            #expect(apply.status == 4, "\(apply.stdout)\(apply.stderr)")
            for node in ["n4", "n9"] { #expect(apply.stderr.contains("\(node): unreachable"), "\(apply.stderr)") }
            #expect(
                apply.stdout.contains("n4: could not connect to ops@\(lab.address("n1")):9: Connection refused"),
                "\(apply.stderr)")
            #expect(apply.stdout.contains("n9  ok=0  changed=0  unreachable=1"))
            for node in ["n1", "n2"] { #expect(try await lab.read(node, "cat /etc/after.conf") == "down") }
        }

        @Test("a task that fails stops what comes after it on its host, and nothing else; every line of JSON parses")
        func failing() async throws {
            let lab = try await Lab.ready
            let beside = """
                role: beside
                hosts: all
                tasks:
                  - name: file
                    file: { path: /etc/beside.conf, content: "{{ content | default('-') }}\\n" }
                """
            let roles = try lab.roles(["files": Self.file, "beside": beside])
            let inventory = try lab.inventory()
            for node in ["n1", "n2"] { try await lab.read(node, "rm -f /run/done /etc/after.conf") }
            try await lab.read("n2", "touch /run/breaks")
            let arguments = ["apply", "--yes", "-i", inventory, "--roles", roles, "-e", "content=failing"]
            let apply = try await lab.kubani(arguments)
            #expect(apply.status == 3, "\(apply.stdout)\(apply.stderr)")
            #expect(apply.stderr.contains("why it fails"), "\(apply.stderr)")
            #expect(apply.stdout.contains("failed=1"))
            #expect(apply.stdout.contains("blocked=1"))
            #expect(try await lab.read("n1", "cat /etc/after.conf /etc/beside.conf") == "failing\nfailing")
            #expect(
                try await lab.read("n2", "cat /etc/beside.conf; ls /etc/after.conf 2>/dev/null || echo none")
                    == "failing\nnone")

            let json = try await lab.kubani(arguments + ["--json"])
            #expect(json.status == 3)
            let events = try json.stdout.split(separator: "\n").map {
                try #require(try JSONSerialization.jsonObject(with: Data($0.utf8)) as? [String: Any])
            }
            let names = events.compactMap { $0["event"] as? String }
            #expect(names.count == events.count)
            #expect(
                Set(names).isSuperset(of: [
                    "connecting", "connected", "planned", "started", "output", "finished", "ended",
                ]))
            // The journal has the same lines.
            let folders = try FileManager.default.contentsOfDirectory(atPath: "\(lab.folder)/.kubani/runs").sorted()
            let journals = try folders.map {
                try String(contentsOfFile: "\(lab.folder)/.kubani/runs/\($0)/events.jsonl", encoding: .utf8)
            }
            #expect(journals.contains(json.stdout))

            try await lab.read("n2", "rm /run/breaks")
            let mended = try await lab.kubani(arguments)
            #expect(mended.status == 0, "\(mended.stdout)\(mended.stderr)")
            #expect(mended.stdout.contains("n1  ok=5  changed=0"), "\(mended.stdout)")
            #expect(mended.stdout.contains("n2  ok=3  changed=2"), "\(mended.stdout)")
        }

        @Test("wrong input ends with status 1, all mistakes are told, and no node is spoken to")
        func mistakes() async throws {
            let lab = try await Lab.ready
            let mistaken = Self.file.replacing("content: \"", with: "contents: \"").replacing(
                "command:", with: "comand:")
            let roles = try lab.roles(["files": mistaken])
            let logins = "journalctl -q -o cat -t sshd --grep 'Accepted publickey' | wc -l"
            let before = try #require(Int(try await lab.read("n1", logins)))
            let role = try await lab.kubani(["apply", "--yes", "-i", lab.inventory(), "--roles", roles])
            #expect(role.status == 1)
            #expect(role.stderr.contains("files/role.yml:6:"))
            #expect(role.stderr.contains("contents") && role.stderr.contains("comand"), "\(role.stderr)")
            let wrong = try lab.inventory(n1: "tailscale_ip: 10.0.0.1", workers: ["n2": "ansible_port: no"])
            let inventory = try await lab.kubani(["apply", "--yes", "-i", wrong])
            #expect(inventory.status == 1)
            #expect(
                inventory.stderr.contains("10.0.0.1") && inventory.stderr.contains("ansible_port"),
                "\(inventory.stderr)")
            let nobody = try await lab.kubani(["plan", "-i", lab.inventory(), "--limit", "n1:!all"])
            #expect(nobody.status == 1)
            let asks = try await lab.kubani([
                "apply", "-i", lab.inventory(), "--roles", try lab.roles(["files": Self.file]), "-e", "content=asks",
            ])
            #expect(asks.status == 1, "\(asks.stdout)\(asks.stderr)")
            #expect(asks.stderr.contains("--yes"))
            // That one looked before it asked.
            #expect(try await lab.read("n1", logins) == "\(before + 2)")
            #expect(try await lab.read("n1", "grep -c asks /etc/files.conf || :") == "0")
        }

        @Test("a secret found on one machine is handed to another and shows nowhere")
        func exports() async throws {
            let lab = try await Lab.ready
            let server = """
                role: server
                hosts: control_plane
                tasks:
                  - name: token
                    command: { script: "printf 'K10%s' s3cr3t-of-the-server >/etc/server.token", creates: /etc/server.token }
                    export: { node_token: { read: cat /etc/server.token, sensitive: true } }
                  - name: port
                    file: { path: /etc/server.port, content: "6443" }
                    export: { port: { read: cat /etc/server.port } }
                """
            let agent = """
                role: agent
                hosts: workers
                tasks:
                  - name: config.yaml
                    file:
                      path: /etc/agent.yaml
                      mode: "0600"
                      yaml:
                        server: "https://{{ hostvars[groups.control_plane[0]].tailscale_ip }}:{{ hostvars.n1.exports.port }}"
                        token: "{{ hostvars[groups.control_plane[0]].exports.node_token }}"
                """
            let roles = try lab.roles(["server": server, "agent": agent])
            let inventory = try lab.inventory()
            let arguments = ["-i", inventory, "--roles", roles]
            let plan = try await lab.kubani(["plan", "-vvv"] + arguments)
            #expect(plan.status == 0)
            #expect(plan.stdout.contains("? config.yaml"), "\(plan.stdout)")
            #expect(plan.stdout.contains("known after"), "\(plan.stdout)")
            let apply = try await lab.kubani(["apply", "--yes", "--json"] + arguments)
            #expect(apply.status == 0, "\(apply.stdout)\(apply.stderr)")
            #expect(
                try await lab.read("n2", "cat /etc/agent.yaml; stat -c %a /etc/agent.yaml")
                    == "server: https://\(lab.address("n1")):6443\ntoken: K10s3cr3t-of-the-server\n600")
            let again = try await lab.kubani(["apply", "--yes", "-vvv"] + arguments)
            #expect(
                again.stdout.contains("n1  ok=2  changed=0") && again.stdout.contains("n2  ok=1  changed=0"),
                "\(again.stdout)")

            // A new token is seen in the plan, and not shown.
            try await lab.read("n1", "printf K10another-s3cr3t >/etc/server.token")
            let changed = try await lab.kubani(["plan", "-vvv"] + arguments)
            #expect(changed.stdout.contains("(sensitive)"), "\(changed.stdout)")
            for run in [plan, apply, again, changed] {
                let said = (run.stdout + run.stderr).replacing("printf 'K10%s' s3cr3t-of-the-server", with: "")
                #expect(!said.contains("s3cr3t"), "\(said)")
            }
            let json = try await lab.kubani(["apply", "--yes", "--json"] + arguments)
            #expect(json.status == 0)
            #expect(!json.stdout.contains("another"))
            #expect(try await lab.read("n2", "grep token /etc/agent.yaml") == "token: K10another-s3cr3t")
        }

        @Test("a rolling role goes through one machine after the other, and stops at the first that fails")
        func rolling() async throws {
            let lab = try await Lab.ready
            let text = """
                role: rolling
                hosts: all
                rolling: 1
                tasks:
                  - name: begin
                    command: { script: "date +%s%N >/run/roll.begin; sleep 0.3; test ! -e /run/breaks", creates: /run/roll.begin }
                  - name: end
                    command: { script: "sleep 0.3; date +%s%N >/run/roll.end", creates: /run/roll.end }
                """
            let arguments = ["apply", "--yes", "-i", try lab.inventory(), "--roles", try lab.roles(["rolling": text])]
            for node in ["n1", "n2"] { try await lab.read(node, "rm -f /run/roll.* /run/breaks") }
            let apply = try await lab.kubani(arguments)
            #expect(apply.status == 0, "\(apply.stdout)\(apply.stderr)")
            var spans: [(Int, Int)] = []
            for node in ["n1", "n2"] {
                let times = try await lab.read(node, "cat /run/roll.begin /run/roll.end").split(separator: "\n")
                spans.append((try #require(Int(times[0])), try #require(Int(times[1]))))
            }
            spans.sort { $0.0 < $1.0 }
            #expect(spans[0].1 < spans[1].0, "one is over before the next begins: \(spans)")

            for node in ["n1", "n2"] { try await lab.read(node, "rm -f /run/roll.*; touch /run/breaks") }
            let failed = try await lab.kubani(arguments)
            #expect(failed.status == 3)
            var begun = 0
            for node in ["n1", "n2"] {
                begun += Int(try await lab.read(node, "ls /run/roll.begin 2>/dev/null | wc -l; rm -f /run/breaks")) ?? 9
            }
            #expect(begun == 1, "\(failed.stdout)\(failed.stderr)")
        }
    }
}
