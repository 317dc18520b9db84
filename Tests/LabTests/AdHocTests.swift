import Foundation
import Shell
import TestSupport
import Testing

extension LabTests {
    @Suite("commands that follow no plan") struct AdHocTests {
        @Test("exec runs as root on all nodes side by side, tells them in order, and takes no lock")
        func exec() async throws {
            let lab = try await Lab.ready
            let inventory = try lab.inventory()
            for node in ["n1", "n2"] { try await lab.read(node, "rm -f /run/begun /run/go") }
            let command = """
                touch /run/begun; for i in $(seq 300); do [ ! -e /run/go ] || break; sleep 0.1; done
                id -un; hostname; echo noted >&2
                """
            let running = try RunningProgram(lab, ["exec", "-i", inventory, "--", command])
            // It has begun on both before it can end on either; and n2 ends first.
            for node in ["n1", "n2"] { try await lab.wait(for: "[ -e /run/begun ]", on: node) }
            #expect(try await lab.read("n1", "ls /run/kubani 2>/dev/null | wc -l") == "0")
            for node in ["n2", "n1"] { try await lab.read(node, "touch /run/go") }
            let run = try await running.end()
            #expect(run.status == 0, "\(run.stdout)\(run.stderr)")
            #expect(
                run.stdout.hasPrefix(
                    "n1: exit 0\n    root\n    n1\n  ! noted\nn2: exit 0\n    root\n    n2\n  ! noted\n\n2 hosts in "),
                "\(run.stdout)")
            let plain = try await lab.kubani([
                "exec", "-i", inventory, "--limit", "n2", "--no-become", "--", "id", "-un",
            ])
            #expect(plain.stdout.hasPrefix("n2: exit 0\n    ops\n"))
        }

        @Test("exec goes on beside a run that holds the nodes")
        func besideARun() async throws {
            let lab = try await Lab.ready
            let inventory = try lab.inventory()
            try await lab.withShell(on: "n1") { shell in
                try await shell.lock(owner: "somebody else")
                let run = try await lab.kubani(["exec", "-i", inventory, "--limit", "n1", "--", "echo here"])
                #expect(run.status == 0 && run.stdout.hasPrefix("n1: exit 0\n    here\n"), "\(run.stdout)")
            }
        }

        @Test("a node that is switched off keeps nobody waiting for the others: exec, facts, doctor")
        func stopped() async throws {
            let lab = try await Lab.ready
            try await lab.reset("n3")
            try await lab.nodes("stop", "n3")
            let inventory = try lab.inventory(workers: ["n2": "", "n3": ""])
            let options = ["-i", inventory, "--connect-timeout", "4"]
            let exec = try await lab.kubani(["exec"] + options + ["--", "hostname"])
            #expect(exec.status == 4, "\(exec.stdout)\(exec.stderr)")
            #expect(
                exec.stdout.hasPrefix(
                    "n1: exit 0\n    n1\nn2: exit 0\n    n2\nn3: unreachable\n    n3: could not connect"))
            let facts = try await lab.kubani(["facts", "--json"] + options)
            #expect(facts.status == 4 && facts.stderr.hasPrefix("n3: could not connect to ops@"))
            let told = try #require(
                try JSONSerialization.jsonObject(with: Data(facts.stdout.utf8)) as? [String: Any])
            #expect(told["n3"] is NSNull)
            for node in ["n1", "n2"] {
                let facts = try #require(told[node] as? [String: Any])
                #expect(facts["hostname"] as? String == node)
                let addresses = (facts["interfaces"] as? [String: [String]])?["tailscale0"] ?? []
                #expect(addresses.contains(lab.address(node)))
            }
            let doctor = try await lab.kubani(["doctor"] + options)
            #expect(doctor.status == 4, "\(doctor.stdout)")
            let block = try #require(doctor.stdout.range(of: "\nn3\n"))
            let node = doctor.stdout[block.upperBound...].replacing(/[ ]{2,}/, with: " ")
            #expect(node.hasPrefix(" ok name \(lab.address("n3"))\n fail port "), "\(node)")
            #expect(
                node.contains(
                    "\n not looked at: host key, login, shell, sudo, clock, disk /, disk of k3s, tailscale\n"))
            try await lab.nodes("start", "n3")
        }

        @Test("doctor finds a sound node sound, and tells a sudo that refuses and a clock that is wrong")
        func doctor() async throws {
            let lab = try await Lab.ready
            try await lab.reset("n1", "n2")
            try await lab.users(on: "n2", [("nobodys", "/bin/bash", "")])
            // A node's clock is this machine's: what it says of it is not.
            try await lab.read(
                "n1",
                """
                printf '#!/bin/sh\\nexec /bin/date -d "+2 hours" "$@"\\n' >/usr/local/bin/date
                chmod 755 /usr/local/bin/date
                """)
            let inventory = try lab.inventory(workers: [
                "n2": "ansible_user: nobodys", "n4": "tailscale_ip: 100.64.99.9, tailscale_network: 100.64.0.0/10",
            ])
            let run = try await lab.kubani(["doctor", "-i", inventory, "--json"])
            #expect(run.status == 3, "\(run.stdout)\(run.stderr)")
            let told = try #require(try JSONSerialization.jsonObject(with: Data(run.stdout.utf8)) as? [String: Any])
            let hosts = try #require(told["hosts"] as? [String: [[String: Any]]])
            func finding(_ host: String, _ check: String) -> (state: String, found: String, hint: String) {
                let entry = hosts[host]?.first { $0["check"] as? String == check } ?? [:]
                func text(_ key: String) -> String { entry[key] as? String ?? "" }
                return (text("state"), text("found"), text("hint"))
            }
            for (host, check) in [
                ("n1", "name"), ("n1", "port"), ("n1", "host key"), ("n1", "login"), ("n1", "shell"), ("n1", "sudo"),
                ("n1", "tailscale"), ("n2", "login"), ("n2", "shell"), ("n4", "clock"),
            ] {
                #expect(finding(host, check).state == "ok", "\(host) \(check): \(finding(host, check))")
            }
            #expect(finding("n1", "tailscale").found == "\(lab.address("n1")) on tailscale0")
            #expect(finding("n1", "clock").state == "fail")
            #expect(finding("n1", "clock").found.hasSuffix(" min ahead of this machine's"))
            #expect(finding("n1", "clock").hint.contains("timedatectl set-ntp true"))
            #expect(finding("n2", "sudo").state == "fail")
            #expect(finding("n2", "sudo").hint.contains("--ask-become-pass"), "\(finding("n2", "sudo"))")
            #expect(finding("n2", "clock").state == "not looked at")
            #expect(
                finding("n4", "tailscale").found
                    == "no interface has 100.64.99.9, tailscale0 has \(lab.address("n4"))"
                    || finding("n4", "tailscale").found.hasPrefix(
                        "no interface has 100.64.99.9, tailscale0 has \(lab.address("n4")), ")
            )
            try await lab.reset("n1", "n2")
        }
    }
}
