import Foundation
import Model
import OrderedCollections
import TestSupport
import Testing

@testable import Resources

/// k3s as others set it up, by what a machine's files say; no machine is needed.
@Suite struct K3sSetupTests {
    static let unit = "/etc/systemd/system/k3s.service"
    static let config = "/etc/rancher/k3s/config.yaml"

    /// What k3s's installer writes, with arguments as it quotes them.
    static func official(_ command: String = "server", _ arguments: String...) -> String {
        let words = ([command] + arguments.map { "'\($0)'" }).map { "    \($0) \\\n" }.joined()
        return """
            [Unit]
            Description=Lightweight Kubernetes
            [Service]
            Type=notify
            EnvironmentFile=-/etc/default/%N
            EnvironmentFile=-/etc/sysconfig/%N
            EnvironmentFile=-/etc/systemd/system/\(command == "server" ? "k3s" : "k3s-agent").service.env
            ExecStart=/usr/local/bin/k3s \\
            \(words)

            """
    }

    static let live = ["server", "server/db/state.db", "server/token", "agent", "agent/kubelet.kubeconfig"]

    static func machine(
        _ files: [String: String], folders: [String: [String]] = [:], hostname: String = "n1",
        kubeconfig: Bool = true, other: String = "", id: String = ""
    ) throws -> K3sMachine {
        var records = files.sorted { $0.key < $1.key }.flatMap { [$0.key, $0.value] } + [""]
        for (path, holds) in folders.sorted(by: { $0.key < $1.key }) {
            records += [path, path + "\n", holds.map { " \($0)" }.joined(), "abc"]
        }
        records += [
            "", "/usr/local/bin/k3s", "k3s version v1.28.5+k3s1 (x)", id, hostname, kubeconfig ? "yes" : "", other,
        ]
        var output = ProbeOutput(Array(records.map { $0 + "\0" }.joined().utf8), deed: "look at k3s")
        let machine = try K3sMachine(&output)
        try output.end()
        return machine
    }

    static func setup(_ more: OrderedDictionary<String, Value> = [:], config: Value = [:]) throws -> K3sSetup {
        var own: OrderedDictionary<String, Value> = [
            "node-name": "n1", "node-ip": "100.64.0.11", "flannel-iface": "tailscale0",
        ]
        for (name, value) in config.map ?? [:] { own[name] = value }
        var fields: OrderedDictionary<String, Value> = [
            "command": "server", "node": "n1", "data_dir": "/var/lib/rancher/k3s",
            "files": [
                "config.yaml": .map(own),
                "config.yaml.d/labels.yaml": ["node-label+": ["tier=web"], "node-taint+": []],
            ],
        ]
        for (name, value) in more { fields[name] = value }
        return try K3sSetup(Arguments(.map(fields), kind: "k3s_setup", fields: K3sSetup.fields))
    }

    static func verdict(_ setup: K3sSetup, _ machine: K3sMachine) -> String {
        switch setup.difference(from: machine) {
        case .fails(let cause, let hint): "refused: \(cause) — \(hint ?? "")"
        case .warns(let text): "warns: \(text)"
        case .none(let text): "fine: \(text)"
        case .change: "change"
        }
    }

    @Test(
        "a data folder elsewhere is found wherever k3s may have been told it",
        arguments: [
            [unit: official("server", "--data-dir", "/srv/k3s")],
            [unit: official("server", "--data-dir=/srv/k3s/")],
            [unit: official("server", "-d", "/srv/k3s")],
            [
                unit:
                    "[Service]\nEnvironment=DIR=/srv/k3s\nExecStart=/bin/sh -c 'exec /usr/local/bin/k3s server -d ${DIR}'\n"
            ],
            [unit: official(), config: "data-dir: '/srv/k3s'\n"],
            [unit: official(), config: "data-dir:    /srv/k3s   # the big disk\n"],
            [unit: official(), config: "{\"data-dir\": \"/srv/k3s\"}"],
            [unit: official(), config: "\"data-dir\" : /srv/k3s\r\n"],
            [unit: official(), config: "data-dir: /x\n", config + ".d/10-a.yaml": "data-dir: /srv/k3s\n"],
            [unit: official(), config + ".d/10-a.yaml": "data-dir: /x\n", config + ".d/20-b.yml": "d: /srv/k3s\n"],
            [unit: official(), "/etc/systemd/system/k3s.service.env": "K3S_DATA_DIR='/srv/k3s'\n"],
            [unit: official(), "/etc/default/k3s": "# mine\nK3S_DATA_DIR=/srv/k3s\n"],
            [unit: official(), unit + ".d/mine.conf": "[Service]\nEnvironment=\"K3S_DATA_DIR=/srv/k3s\"\n"],
            [
                unit: official(), unit + ".d/mine.conf": "[Service]\nEnvironmentFile=/etc/mine\n",
                "/etc/mine": "K3S_DATA_DIR=/srv/k3s",
            ],
            [
                unit: official(),
                unit + ".d/mine.conf": "[Service]\nExecStart=\nExecStart=/usr/local/bin/k3s server -d /srv/k3s\n",
            ],
            [unit: official("server", "--config", "/srv/c.yaml"), "/srv/c.yaml": "data-dir: /srv/k3s\n"],
            [
                unit: official(), "/etc/default/k3s": "K3S_CONFIG_FILE=/srv/c.yaml",
                "/srv/c.yaml.d/x.yaml": "data-dir: /srv/k3s\n",
            ],
            ["/usr/lib/systemd/system/k3s.service": official("server", "--data-dir=/srv/k3s")],
            [config: "data-dir: /srv/k3s\n"],
        ])
    func dataFolder(files: [String: String]) throws {
        let machine = try Self.machine(files, folders: ["/srv/k3s": Self.live])
        #expect(machine.facts["data_dir"]?.string == "/srv/k3s")
        #expect(machine.facts["datastore"]?.string == "sqlite")
        #expect(machine.facts["joined"]?.bool == true)
        let refused = Self.verdict(try Self.setup(), machine)
        #expect(
            refused.contains("keeps its data in /srv/k3s") && refused.contains("set k3s_data_dir: /srv/k3s"),
            "\(refused)")
    }

    @Test("of several places that name a data folder, the one counts that counts for k3s")
    func precedence() throws {
        let machine = try Self.machine([
            Self.unit: Self.official("server", "--data-dir", "/argument"), Self.config: "data-dir: /file\n",
            Self.config + ".d/z.yaml": "data-dir: /later\n", "/etc/default/k3s": "K3S_DATA_DIR=/environment\n",
        ])
        #expect(machine.facts["data_dir"]?.string == "/argument")
        #expect(machine.options.last("data-dir")?.source == "ExecStart of \(Self.unit)")
        let files = try Self.machine([
            Self.unit: Self.official(), Self.config: "data-dir: /file\ntls-san: [a]\n",
            Self.config + ".d/a.yaml": "tls-san+:\n  - b\n", Self.config + ".d/b.yaml": "tls-san+: c\n",
            "/etc/default/k3s": "K3S_DATA_DIR=/environment\n",
        ])
        #expect(files.facts["data_dir"]?.string == "/file")
        #expect(files.options["tls-san"].map(\.value) == ["a", "b", "c"])
    }

    @Test("what the plan keeps is taken over: the official installation, its token and its default folder")
    func takenOver() throws {
        let machine = try Self.machine(
            [
                Self.unit: Self.official("server", "--cluster-init", "--write-kubeconfig-mode=644"),
                "/etc/systemd/system/k3s.service.env": "K3S_TOKEN='geheim'\n",
            ], folders: ["/var/lib/rancher/k3s": Self.live])
        let verdict = Self.verdict(try Self.setup(config: ["write-kubeconfig-mode": "0600"]), machine)
        #expect(verdict.hasPrefix("warns: k3s was told write-kubeconfig-mode=644"), "\(verdict)")
        #expect(!verdict.contains("geheim"))
    }

    @Test(
        "what k3s was told and the inventory does not have is refused, with where it stands and how to keep it",
        arguments: [
            (
                [unit: official("server", "--disable", "traefik")], "disable=traefik (ExecStart of \(unit))",
                "k3s_disable: [traefik]"
            ),
            (
                [unit: official(), config: "kube-apiserver-arg:\n- audit-log-path=/a b\n"],
                "kube-apiserver-arg=audit-log-path=/a b (\(config))", "kube-apiserver-arg: [\"audit-log-path=/a b\"]"
            ),
            ([unit: official("server", "--flannel-backend=none")], "flannel-backend=none", "{flannel-backend: none}"),
            ([unit: official("server", "--disable-kube-proxy")], "disable-kube-proxy=true", "k3s_server_config"),
            (
                [
                    unit: official(), config + ".d/x.yaml": "", "/etc/default/k3s": "A=b\n",
                    "/etc/systemd/system/k3s.service.env": "HTTPS_PROXY=http://u:geheim@p\n",
                ], "HTTPS_PROXY (/etc/systemd/system/k3s.service.env)", "k3s_environment: {HTTPS_PROXY: …}"
            ),
            ([unit: official("server", "--agent-token", "geheim")], "agent-token (", "agent-token: …"),
            (
                [unit: official("server", "--cluster-cidr=10.50.0.0/16")], "cluster-cidr is 10.50.0.0/16",
                "set cluster_cidr: 10.50.0.0/16"
            ),
            (
                [unit: official("server", "--datastore-endpoint=mysql://u:geheim@tcp(h)/k3s")], "external datastore",
                "k3s_server_config"
            ),
            (
                [
                    unit: official(),
                    "/etc/systemd/system/k3s.service.env": "K3S_DATASTORE_ENDPOINT=postgres://u:geheim@h/k\n",
                ], "external datastore", "k3s_server_config"
            ),
            ([unit: official("server", "--node-name", "web-01")], "node web-01 (ExecStart", "call the host web-01"),
            (
                [unit: official(), "/etc/default/k3s": "K3S_NODE_NAME=web-01\n"],
                "node web-01 (K3S_NODE_NAME in /etc/default/k3s)", "call the host web-01"
            ),
            ([unit: official("server", "--with-node-id")], "node n1-77", "call the host n1-77"),
            (
                ["/etc/systemd/system/k3s-server.service": official()], "k3s-server.service runs k3s server beside",
                "mv /etc/systemd/system/k3s-server.service \(unit)"
            ),
            (
                ["/etc/systemd/system/cluster.service": "[Service]\nExecStart=/opt/bin/k3s server\n"],
                "cluster.service runs k3s server", "mv"
            ),
            ([unit: official(), config: "a: [\n"], "config.yaml:", "mend the file"),
        ] as [([String: String], String, String)])
    func refused(files: [String: String], cause: String, hint: String) throws {
        let machine = try Self.machine(
            files, folders: ["/var/lib/rancher/k3s": Self.live], id: "77")
        let verdict = Self.verdict(try Self.setup(), machine)
        #expect(verdict.hasPrefix("refused: ") && verdict.contains(cause) && verdict.contains(hint), "\(verdict)")
        #expect(!verdict.contains("geheim"))
    }

    @Test("a host whose own name is k3s's is another node than the inventory's")
    func hostname() throws {
        let machine = try Self.machine(
            [Self.unit: Self.official()], folders: ["/var/lib/rancher/k3s": Self.live], hostname: "Web-01")
        #expect(machine.facts["node_name"]?.string == "web-01")
        #expect(Self.verdict(try Self.setup(), machine).contains("node web-01 (the host's name)"))
    }

    @Test("what the inventory asks for as well, or lets go by name, is no loss")
    func kept() throws {
        let machine = try Self.machine(
            [
                Self.unit: Self.official("server", "--data-dir", "/srv/k3s", "--disable=traefik", "--debug"),
                "/etc/systemd/system/k3s.service.env": "HTTPS_PROXY=p\n",
            ], folders: ["/srv/k3s": Self.live])
        let setup = try Self.setup(
            ["data_dir": "/srv/k3s", "forget": ["debug"], "environment": ["HTTPS_PROXY": "p"]],
            config: ["data-dir": "/srv/k3s", "disable": ["traefik", "servicelb"]])
        #expect(Self.verdict(setup, machine) == "fine: nothing of k3s is lost")
    }

    @Test("kubani's own unit may lose arguments: that is somebody's change of the inventory")
    func own() throws {
        let machine = try Self.machine(
            [
                Self.unit: "# Written by kubani, as k3s's own installer writes it.\n"
                    + Self.official("server", "--debug")
            ],
            folders: ["/var/lib/rancher/k3s": Self.live])
        #expect(Self.verdict(try Self.setup(), machine).hasPrefix("fine"))
    }

    @Test(
        "another file, drop-in or variable that would win is named with its setting",
        arguments: [
            ([config + ".d/90-mine.yaml": "node-ip: 192.0.2.1\n"], "\(config).d/90-mine.yaml says another node-ip"),
            ([config + ".d/90-mine.yaml": "flannel-iface: eth0\n"], "says another flannel-iface"),
            ([config + ".d/z.yaml": "node-label: [a=b]\n"], "z.yaml says another node-label"),
            ([config + ".d/z.yaml": "token: geheim\n"], "z.yaml says another token"),
            (
                [
                    unit + ".d/x.conf":
                        "[Service]\nExecStart=\nExecStart=/usr/local/bin/k3s server --node-ip=1.2.3.4 --flannel-iface=eth1\n"
                ], "ExecStart of \(unit).d/x.conf says another flannel-iface"
            ),
            (
                [unit + ".d/x.conf": "[Service]\nExecStart=\nExecStart=/usr/local/bin/k3s agent\n"],
                "x.conf makes it k3s agent"
            ),
            (["/etc/default/k3s": "K3S_CONFIG_FILE=/etc/mine.yaml\n"], "will read /etc/mine.yaml"),
            (["/etc/default/k3s": "K3S_DATA_DIR=/srv/k3s\n"], "/srv/k3s (K3S_DATA_DIR in /etc/default/k3s)"),
            (
                [config + ".d/90-mine.yaml": "node-name: other\n"],
                "will call this node other (\(config).d/90-mine.yaml), and is to call it n1"
            ),
        ] as [([String: String], String)])
    func overridden(files: [String: String], cause: String) throws {
        let own = [Self.unit: "# Written by kubani\n" + Self.official()].merging(files) { $1 }
        let machine = try Self.machine(
            own, folders: ["/var/lib/rancher/k3s": Self.live])
        let verdict = Self.verdict(try Self.setup(["has_token": true]), machine)
        #expect(verdict.hasPrefix("refused: ") && verdict.contains(cause), "\(verdict)")
        #expect(!verdict.contains("geheim"))
    }

    @Test(
        "files beside kubani's that say the same, add, or say something else altogether are left",
        arguments: [
            [config + ".d/90-mine.yaml": "node-ip: 100.64.0.11\ndebug: true\ntls-san+: [x]\nnode-label+: [a=b]\n"],
            [config + ".d/10-mine.yaml": "node-label: [a=b]\n"],
            [unit + ".d/x.conf": "[Service]\nMemoryMax=2G\nEnvironment=GOGC=50\n"],
            ["/etc/default/k3s": "K3S_NODE_NAME=other\n"],
        ] as [[String: String]])
    func beside(files: [String: String]) throws {
        let own = [Self.unit: "# Written by kubani\n" + Self.official()].merging(files) { $1 }
        let machine = try Self.machine(
            own, folders: ["/var/lib/rancher/k3s": Self.live])
        #expect(Self.verdict(try Self.setup(), machine).hasPrefix("fine"))
    }

    @Test("half uninstalled: what is left of a server says that its data is elsewhere; another Kubernetes is named")
    func remains() throws {
        let lost = Self.verdict(try Self.setup(), try Self.machine([:], kubeconfig: true))
        #expect(lost.contains("has been a server here (/etc/rancher/k3s/k3s.yaml)"), "\(lost)")
        let there = try Self.machine([:], folders: ["/var/lib/rancher/k3s": Self.live], kubeconfig: true)
        #expect(Self.verdict(try Self.setup(), there).hasPrefix("fine"))
        let other = try Self.machine([:], kubeconfig: false, other: "/usr/local/lib/systemd/system/rke2-server.service")
        #expect(Self.verdict(try Self.setup(), other).contains("another Kubernetes is on the machine: /usr/local/lib"))
        #expect(Self.verdict(try Self.setup(), try Self.machine([:], kubeconfig: false)).hasPrefix("fine"))
    }
}
