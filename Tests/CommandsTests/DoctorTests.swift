import Foundation
import Report
import TestSupport
import Testing

@testable import Commands
@testable import Model

@Suite("kubani doctor", Needs.program("sshd")) struct DoctorTests {
    private func kubani(_ hosts: [String: String]) throws -> Kubani {
        let lines = hosts.sorted { $0.key < $1.key }.map { "        \($0.key): \($0.value)" }.joined(separator: "\n")
        return try Kubani(["inventory/hosts.yml": "all:\n  children:\n    control_plane:\n      hosts:\n\(lines)\n"])
    }

    /// name → state and what was found, for a place of the JSON.
    private func findings(_ told: [String: Any], _ place: String? = nil) throws -> [String: (
        state: String, text: String
    )] {
        let list = place.map { (told["hosts"] as? [String: Any])?[$0] } ?? told["here"]
        let entries = try #require(list as? [[String: Any]])
        return Dictionary(
            uniqueKeysWithValues: entries.map {
                ($0["check"] as? String ?? "", ($0["state"] as? String ?? "", $0["found"] as? String ?? ""))
            })
    }

    @Test("a node that can be reached is looked at whole; what is wrong there gives 3")
    func reached() async throws {
        let server = try await LoopbackSSHD()
        defer { server.stop() }
        let kubani = try kubani(["n1": server.host()])
        defer { kubani.remove() }
        let run = try await kubani.run("doctor", "--json")
        // The address is nobody's here.
        #expect(run.status == 3 && run.stderr == "", "\(run.stdout)\(run.stderr)")
        let told = try #require(try JSONSerialization.jsonObject(with: Data(run.stdout.utf8)) as? [String: Any])
        #expect(told["ok"] as? Bool == false)
        let node = try findings(told, "n1")
        for name in ["name", "port", "host key", "login", "shell", "clock"] {
            #expect(node[name]?.state == "ok", "\(name): \(String(describing: node[name]))")
        }
        #expect(node["sudo"]?.state == (NSUserName() == "root" ? "ok" : "warn"))
        #expect(node["disk of k3s"]?.text.hasSuffix("for /var/lib/rancher/k3s") == true)
        #expect(node["tailscale"]?.state == "fail")
        #expect(node["tailscale"]?.text.hasPrefix("no interface has 100.64.0.9") == true)
        let here = try findings(told)
        #expect(here["ssh keys"]?.text.contains(server.key) == true)
        #expect(here["inventory"]?.text == "inventory/hosts.yml, 1 host")
        #expect(!kubani.exists(".kubani"))
    }

    @Test("of a node out of reach the first thing that fails is told, and what was not looked at")
    func unreachable() async throws {
        let server = try await LoopbackSSHD()
        defer { server.stop() }
        let unknown = try await LoopbackSSHD(isKnown: false)
        defer { unknown.stop() }
        let kubani = try kubani([
            "closed": "{ tailscale_ip: 100.64.0.1, ansible_host: 127.0.0.1, ansible_port: 1 }",
            "nameless": "{ tailscale_ip: 100.64.0.2, ansible_host: no-such-host.invalid }",
            "stranger": unknown.host(at: "100.64.0.8"),
            "refuses": server.host(", ansible_user: nobody-of-this-name"),
        ])
        defer { kubani.remove() }
        let run = try await kubani.run("doctor")
        #expect(run.status == 4, "\(run.stdout)\(run.stderr)")
        let told = run.stdout.replacing(/[ ]{2,}/, with: " ")
        let rest = "clock, disk /, disk of k3s, tailscale\n"
        for block in [
            "closed\n ok name 127.0.0.1\n fail port Connection refused\n",
            " not looked at: host key, login, shell, sudo, \(rest)",
            "nameless\n fail name the name no-such-host.invalid cannot be looked up",
            " not looked at: port, host key, login, shell, sudo, \(rest)",
            " ok port \(unknown.port) answers\n fail host key its host key is not known: ED25519 SHA256:",
            " not looked at: login, shell, sudo, \(rest)", " ok host key known\n fail login the server refuses",
            " not looked at: shell, sudo, \(rest)",
        ] {
            #expect(told.contains(block), "\(block)\n---\n\(told)")
        }
        #expect(run.stdout.contains("hint: nothing listens on port 1 there: is sshd running?"))
        #expect(run.stdout.contains("\n4 failures, "))
        #expect(!run.stdout.utf8.contains(0x1B))
    }

    @Test("without an inventory this machine is looked at alone; what it lacks is said with what helps")
    func here() async throws {
        let kubani = try Kubani()
        defer { kubani.remove() }
        let bare = try TemporaryFolder("bare")
        let environment = [
            "PATH": bare.path, "HOME": bare.path, "SSH_AUTH_SOCK": "\(bare.path)/none",
            "KUBANI_TAILSCALE_SOCKET": "\(bare.path)/none",
        ]
        let run = try await kubani.run(["doctor"], environment: environment)
        #expect(run.status == 0, "\(run.stdout)\(run.stderr)")
        for line in [
            "  warn  ssh          there is no ssh here", "  warn  ssh agent    SSH_AUTH_SOCK names one, and nobody",
            "  warn  ssh keys     there are none", "  warn  known_hosts  \(bare.path)/.ssh/known_hosts: No such file",
            "  warn  tailscale    ", "  warn  kubectl      there is none here",
            "  ok    ansible      not needed", "  ok    journals     .kubani/runs can be written",
            "  warn  inventory    there is no inventory/hosts.yml yet",
            "hint: ssh-keygen -t ed25519, then ssh-copy-id USER@NODE; or --ask-pass", "\n0 failures, 7 warnings\n",
        ] {
            #expect(run.stdout.contains(line), "\(line)\n---\n\(run.stdout)")
        }
        let named = try await kubani.run("doctor", "-i", "nowhere.yml")
        #expect(named.status == 1 && named.stdout == "" && named.stderr.contains("nowhere.yml"))
    }

    @Test("the clock is only said to be off as far as that is certain")
    func skew() {
        for (time, asked, skew) in [
            (1000, 1000.2...1000.4, 0), (1000, 1000.9...1001.1, 0), (999, 1000.0...1000.1, 0),
            (998, 1000.5...1001.0, -2),
            (1003, 1000.5...1000.9, 3), (1000, 990.0...1020.0, 0), (4600, 1000.0...1000.1, 3600),
        ] {
            #expect(NodeVitals.skew(time: time, asked: asked) == skew, "\(time) \(asked)")
        }
    }

    private func vitals(skew: Int = 0, root: (Int, Int) = (100_000, 50_000), data: NodeVitals.Disk? = nil) -> [String:
        String]
    {
        let facts: Value = [
            "disks": ["/": ["total_mb": .int(root.0), "free_mb": .int(root.1)]],
            "interfaces": ["lo": ["127.0.0.1"], "tailscale0": ["100.64.0.9", "fd7a:115c:a1e0::9"]],
        ]
        let vitals = NodeVitals(
            facts: facts, skew: skew, tailscaleAddress: "100.64.0.9", dataFolder: "/data", dataDisk: data)
        return Dictionary(
            uniqueKeysWithValues: vitals.findings.map { ($0.name, "\($0.state.rawValue): \($0.text)") })
    }

    @Test("what is to be thought of clocks and disks")
    func judgements() {
        #expect(vitals()["clock"] == "ok: as this machine's")
        #expect(vitals(skew: -5)["clock"] == "warn: 5 s behind this machine's")
        #expect(vitals(skew: 7200)["clock"] == "fail: 120 min ahead of this machine's")
        #expect(vitals()["disk /"] == "ok: 48 GB of 97 GB free (50 %)")
        #expect(vitals(root: (100_000, 9_000))["disk /"] == "warn: 9000 MB of 97 GB free (9 %)")
        #expect(vitals(root: (100_000, 4_000))["disk /"] == "fail: 4000 MB of 97 GB free (4 %)")
        #expect(vitals(root: (4_000, 900))["disk /"] == "fail: 900 MB of 4000 MB free (22 %)")
        #expect(vitals(root: (0, 0))["disk /"]?.hasPrefix("fail") == true)
        #expect(
            vitals(data: .init(df: "/dev/a b 10240000 1 5120000 50% /data"))["disk of k3s"]
                == "warn: 5000 MB of 10000 MB free (50 %), for /data")
        #expect(vitals()["disk of k3s"] == "warn: df tells nothing of /data")
        #expect(vitals()["tailscale"] == "ok: 100.64.0.9 on tailscale0")
    }
}
