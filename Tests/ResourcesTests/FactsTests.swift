import Foundation
import Model
import TestSupport
import Testing

@testable import Resources

@Suite struct FactsTests {
    /// What the probe prints on a Raspberry Pi that runs 32-bit programs on a 64-bit kernel, and has no `ip`.
    static let raspberryPi = answer(
        files: """
            /etc/os-release:PRETTY_NAME="Raspbian GNU/Linux 12 (\\"bookworm\\")"
            /etc/os-release:# a comment = nothing
            /etc/os-release:ID=raspbian
            /etc/os-release:ID_LIKE=debian
            /etc/os-release:VERSION_ID='12'
            /etc/os-release:VERSION_CODENAME=bookworm
            /proc/meminfo:MemTotal:        3884096 kB
            /proc/meminfo:SwapTotal:        102396 kB
            /proc/sys/kernel/hostname:pi
            /proc/sys/kernel/osrelease:6.6.20+rpt-rpi-v8
            /proc/sys/kernel/random/boot_id:0f9c
            /proc/1/comm:systemd
            /proc/cgroups:#subsys_name	hierarchy	num_cgroups	enabled
            /proc/cgroups:memory	0	61	0
            /sys/fs/cgroup/cgroup.controllers:cpuset cpu io pids
            /sys/devices/system/cpu/online:0-2,5
            /proc/net/route:Iface	Destination	Gateway 	Flags	RefCnt	Use	Metric	Mask		MTU	Window	IRTT
            /proc/net/route:eth0	00000000	010200C0	0003	0	0	0	00000000	0	0	0
            /proc/net/route:eth0	000200C0	00000000	0001	0	0	0	00FFFFFF	0	0	0
            /proc/net/fib_trie:  |-- 127.0.0.1
            /proc/net/fib_trie:     /32 host LOCAL
            /proc/net/fib_trie:  |-- 192.0.2.7
            /proc/net/fib_trie:     /32 host LOCAL
            /proc/net/fib_trie:  |-- 192.0.2.255
            /proc/net/fib_trie:     /32 link BROADCAST
            /proc/net/fib_trie:  |-- 192.0.2.7
            /proc/net/fib_trie:     /32 host LOCAL
            /proc/net/if_inet6:00000000000000000000000000000001 01 80 10 80       lo
            /proc/net/if_inet6:fe800000000000000000fc00fe000001 04 40 20 80     eth0
            """,
        [
            "aarch64\n", "1700000000\n",
            "Filesystem 1024-blocks Used Available Capacity Mounted on\n/dev/my disk 2048 1 1024 1% /\n",
            "", "", "Raspberry Pi 4 Model B Rev 1.4", "apt-get", "yes", "no", "no", "no", "no",
            "/lib/ld-linux-armhf.so.3", "/etc/systemd/system/k3s-agent.service",
            "[Service]\nExecStart=/usr/local/bin/k3s agent\n", "/etc/rancher/k3s/config.yaml",
            "server: https://192.0.2.1:6443\n", "", "/var/lib/rancher/k3s", "/var/lib/rancher/k3s\n", " agent", "", "",
            "/usr/local/bin/k3s", "k3s version v1.31.2+k3s1 (6da20424)\ngo version go1.22.8", "", "Pi", "", "",
        ])

    /// What a machine says that has no k3s.
    static let noK3s = ["", "", "", "", "", "", "", ""]

    static func answer(files: String, _ records: [String]) -> [UInt8] {
        Array(([files] + records).map { $0 + "\0" }.joined().utf8)
    }

    @Test("a node tells all it can, and null where it cannot")
    func raspberryPi() throws {
        let facts = try Facts.read(Self.raspberryPi)
        let wanted: Value = [
            "os": [
                "id": "raspbian", "version": "12", "version_major": 12, "codename": "bookworm", "family": "debian",
                "name": "Raspbian GNU/Linux 12 (\"bookworm\")",
            ],
            "arch": "armhf", "machine": "aarch64", "kernel": "6.6.20+rpt-rpi-v8", "hostname": "pi", "cpus": 4,
            "memory_mb": 3793, "swap_mb": 99,
            "disks": ["/": ["device": "/dev/my disk", "mount": "/", "total_mb": 2, "free_mb": 1]],
            "interfaces": ["lo": ["127.0.0.1", "::1"], "eth0": ["192.0.2.7", "fe80::fc00:fe00:1"]],
            "default_interface": "eth0", "init": "systemd", "package_manager": "apt", "virtualisation": "none",
            "boot_id": "0f9c", "time": 1_700_000_000, "model": "Raspberry Pi 4 Model B Rev 1.4", "raspberry_pi": true,
            "cgroup": ["version": 2, "memory": false], "has_modules_dir": false,
            "k3s": [
                "mode": "agent", "version": "v1.31.2+k3s1", "unit": "k3s-agent.service",
                "program": "/usr/local/bin/k3s", "data_dir": "/var/lib/rancher/k3s",
                "server_url": "https://192.0.2.1:6443", "datastore": nil, "joined": false, "node_name": "pi",
                "authority": nil,
            ],
        ]
        #expect(facts == wanted, "\(facts)")
    }

    @Test(
        "families are told by the id, else by what it is like",
        arguments: [
            ("ID=rocky\nID_LIKE=\"rhel centos fedora\"", "redhat"), ("ID=pop\nID_LIKE=\"ubuntu debian\"", "debian"),
            ("ID=\"opensuse-leap\"\nID_LIKE=\"suse opensuse\"", "suse"), ("ID=alpine", "alpine"), ("ID=nixos", "nixos"),
        ])
    func family(release: String, family: String) throws {
        let lines = release.split(separator: "\n").map { "/etc/os-release:\($0)\n" }.joined()
        let records = ["x86_64", "1", "", "", "", "", "", "no", "no", "no", "yes", "no", ""] + Self.noK3s
        let facts = try Facts.read(Self.answer(files: lines, records))
        #expect(facts["os"]?["family"]?.string == family)
        #expect(facts["package_manager"]?.isNull == true)
    }

    @Test("output that the probe did not print is a failure", arguments: ["", "\0", "x\0", "a:b\0x86_64\0soon\0"])
    func garbage(output: String) {
        #expect(throws: Failure.self) { try Facts.read(Array(output.utf8)) }
    }
}

@Suite(Needs.program("busybox")) struct FactsOnShellTests {
    @Test("every fact of the list is there on this machine, and of its type", arguments: LocalNode.Flavour.allCases)
    func here(flavour: LocalNode.Flavour) async throws {
        let node = try await LocalNode(flavour)
        defer { node.remove() }
        let outcome = try await node.run(Facts.probe)
        #expect(outcome.status == 0, "\(outcome.errorOutput)")
        let facts = try Facts.read(outcome.stdout)
        for fact in Facts.list {
            let path = fact.name.split(separator: ".").map(String.init)
            let value = path.reduce(facts as Value?) { $0?[$1] }
            let names = [
                "text": "text", "number": "a whole number", "bool": "true or false", "list": "a list", "map": "a map",
            ]
            var allowed = [names[String(fact.type.prefix { $0 != " " })]]
            if fact.type.hasSuffix("or null") { allowed.append("null") }
            #expect(allowed.contains(value?.typeName), "\(fact.name): \(String(describing: value))")
        }
        func told(_ command: String) async throws -> String {
            try await Program.run("sh", ["-c", command]).stdout.trimmingCharacters(in: .whitespacesAndNewlines)
        }
        #expect(facts["machine"]?.string == (try await told("uname -m")))
        #expect(facts["kernel"]?.string == (try await told("uname -r")))
        #expect(facts["hostname"]?.string == (try await told("uname -n")))
        #expect(facts["os"]?["id"]?.string == (try await told(". /etc/os-release; echo $ID")))
        #expect(abs((facts["time"]?.int ?? 0) - Int(Date().timeIntervalSince1970)) < 60)
        #expect((facts["disks"]?["/"]?["free_mb"]?.int ?? 0) > 0)
    }

    @Test("without ip, the kernel's tables give the same addresses", Needs.program("ip"))
    func tables() async throws {
        let node = try await LocalNode(.dash)
        defer { node.remove() }
        let without = Script(
            written: "command() { [ \"$2\" != ip ] && [ \"$2\" != systemd-detect-virt ]; }\n" + Facts.probe.text)
        let shown = "\(try Facts.read(try await node.run(without).stdout)["interfaces"] ?? nil)"
        let told = try await Program.run("ip", ["-o", "addr"]).stdout.split(separator: "\n")
        #expect(!told.isEmpty)
        for line in told {
            let words = line.split(separator: " ")
            let address = words[3].split(separator: "/")[0]
            #expect(shown.contains(address), "\(words[1]) \(address): \(shown)")
        }
    }
}
