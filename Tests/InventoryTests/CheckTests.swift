import Foundation
import Model
import OrderedCollections
import TestSupport
import Testing
import YAML

@testable import Inventory

@Suite("inventory check finds what is wrong with the cluster") struct CheckTests {
    private func check(_ text: String, more: [String: String] = [:]) throws -> [String] {
        try withFiles(more.merging(["hosts.yml": text]) { $1 }) { folder in
            try Inventory(reading: "\(folder)/hosts.yml").check().map {
                "\($0.origin?.line ?? 0): \($0.severity == .warning ? "warning: " : "")\($0.message)"
                    + ($0.hint.map { " (\($0))" } ?? "").replacing(folder, with: "")
            }
        }
    }

    /// An inventory that is right but for one more line of the server's variables.
    private func server(_ line: String) throws -> [String] {
        try check(
            "all:\n  children:\n    control_plane:\n      hosts:\n        s1:\n          tailscale_ip: 100.64.0.5\n"
                + (line.isEmpty ? "" : "          \(line)\n"))
    }

    @Test("all mistakes at once, in the order of their places")
    func together() throws {
        let found = try check(
            """
            all:
              children:
                control_plane:
                  hosts:
                    s1: {tailscale_ip: 100.64.0.5}
                    s2: {tailscale_ip: 192.168.0.5}
                workers:
                  hosts:
                    w1: {tailscale_ip: 100.64.0.5, reserved_mem: 4Gi}
                    w2: {gpu: maybe}
                  vars: {ansible_port: ssh, reserved_memory: 4GB}
            """)
        #expect(
            found == [
                "3: warning: 2 servers withstand no more failures than 1 (make it an odd number)",
                "6: the tailscale_ip of s2, 192.168.0.5, is not in tailscale_network 100.64.0.0/10"
                    + " (tailscale ip -4, asked on the machine, prints it)",
                "9: w1 has the same tailscale_ip as s1: 100.64.0.5 (s1's is at /hosts.yml:5:28)",
                "9: 'reserved_mem' is no variable that kubani knows (did you mean 'reserved_memory'?)",
                "10: w2 has no tailscale_ip (tailscale ip -4, asked on the machine, prints it)",
                "10: gpu: true or false is needed, not 'maybe'",
                "11: ansible_port: a port is needed, not 'ssh' (from 1 to 65535)",
                "11: reserved_memory: a quantity of memory is needed, not '4GB' (did you mean '4Gi'?)",
            ])
    }

    @Test("one address and port twice is one machine, unless the ways there differ")
    func endpoints() throws {
        func hosts(_ way: String) throws -> [String] {
            try check(
                """
                all:
                  children:
                    control_plane:
                      hosts:
                        s1: {tailscale_ip: 100.64.0.5, ansible_host: 192.168.0.2}
                    workers:
                      hosts:
                        w1: {tailscale_ip: 100.64.0.6, ansible_host: 192.168.0.2\(way)}
                """)
        }
        #expect(
            try hosts(", ansible_port: 22") == [
                "8: w1 has the same ansible_host as s1: 192.168.0.2 (s1's is at /hosts.yml:5:54)"
            ])
        #expect(try hosts(", ansible_port: 2222") == [])
        #expect(try hosts(", ansible_ssh_common_args: -o ProxyJump=site-b") == [])
    }

    @Test("a name very near to a role's variable is a warning; the role's own and people's own are none")
    func ofRoles() throws {
        let text = "all: {vars: {snapshot_hou: 3, snapshot_hour: 3, snapshot: x, my_ports: []}, hosts: {}}\n"
        try withFiles(["hosts.yml": text]) { folder in
            let inventory = try Inventory(reading: "\(folder)/hosts.yml")
            let found = inventory.check(ofRoles: ["snapshot_hour", "probe_ports"]).filter { $0.severity == .warning }
            #expect(found.map(\.message) == ["'snapshot_hou' is no variable that a role knows"])
            #expect(found.first?.hint == "did you mean 'snapshot_hour'?")
            #expect(found.first?.origin?.column == 14)
        }
    }

    @Test("variables above the inventory's are checked as those in it are")
    func extra() throws {
        try withFiles(["hosts.yml": "all: {vars: {my_level: 1}, hosts: {}}\n"]) { folder in
            let found = try Inventory(reading: "\(folder)/hosts.yml").check(
                extraVariables: [
                    "reserved_mem": "4Gi", "reserved_cpu": "2x", "my_leve": 1, "my_level": 2, "snapshot_hou": 3,
                    "cluster_name": "{{ x }}", "own": 1,
                ], ofRoles: ["snapshot_hour"])
            #expect(
                found.map { "\($0.severity) \($0.message) (\($0.hint ?? ""))" } == [
                    "error --extra-vars: 'reserved_mem' is no variable that kubani knows"
                        + " (did you mean 'reserved_memory'?)",
                    "error --extra-vars: reserved_cpu: a quantity of CPUs is needed, not '2x'"
                        + " (such as 2, 1.5 or 500m)",
                    "warning --extra-vars: 'my_leve' is no variable that a role knows (did you mean 'my_level'?)",
                    "warning --extra-vars: 'snapshot_hou' is no variable that a role knows"
                        + " (did you mean 'snapshot_hour'?)",
                ])
        }
    }

    @Test(
        "what is right says nothing",
        arguments: [
            "", "reserved_cpu: 2", "reserved_cpu: 1.5", "reserved_cpu: 500m", "reserved_memory: 4Gi",
            "reserved_memory: 1e9",
            "reserved_memory: 0.5Gi", "gpu: yes", "gpu: \"True\"",
            "node_labels: {a: b, example.org/x_y: \"1\", rack: 4, e: ''}",
            "node_taints: [{key: a.b/c, effect: NoSchedule}, \"a=b:NoExecute\", \"a:NoSchedule\"]", "node_taints: []",
            "node_taints: \"a=b:NoSchedule, c:NoExecute\"", "node_labels: {node-role.kubernetes.io/worker: \"true\"}",
            "k3s_server_args: --kube-apiserver-arg='audit-log-path=/a b' --disable traefik",
            "k3s_server_args: [--kube-apiserver-arg=audit-log-path=/a b]",
            "k3s_agent_config: {node-label: [topology.kubernetes.io/zone=a, a.b/c=d], kubelet-arg: [max-pods=50]}",
            "k3s_version: v1.35.6+k3s1", "k3s_version: v1.36.0-rc1+k3s2", "ansible_port: \"22\"",
            "ansible_connection: local",
            "cluster_cidr: 10.50.0.0/16", "k3s_server_args: [--disable=traefik]", "k3s_server_args: --debug",
            "gpu: \"{{ has_gpu }}\"", "node_labels: \"{{ labels }}\"", "ansible_port: \"{% if a %}22{% endif %}\"",
            "my_own: [1]", "clusters: 3", "git_branch_old: x", "cluster_id: x", "gpus: 2",
            "api_server_url: https://a:6443",
            "ansible_host: \"{{ tailscale_ip }}\"", "ansible_python_interpreter: /usr/bin/python3",
            "gitops_enabled: null",
        ])
    func right(line: String) throws { #expect(try server(line) == []) }

    @Test(
        "what is wrong says so",
        arguments: [
            ("node_labels: [a]", "node_labels: a map of labels is needed, not a list"),
            ("node_labels: {-a: b}", "node_labels: '-a' is no label"),
            ("node_labels: {a/b/c: d}", "node_labels: 'a/b/c' is no label"),
            ("node_labels: {Example.org/a: d}", "node_labels: 'Example.org/a' is no label"),
            ("node_labels: {a: b c}", "node_labels: 'b c' is no value for 'a'"),
            ("node_labels: {a: true}", "warning: node_labels: the value of 'a' is text and reads as \"true\""),
            ("node_labels: {a: 1.10}", "node_labels: the value of 'a' is text, not a number"),
            ("node_taints: {key: a}", "node_taints: a list of taints is needed, not a map"),
            (
                "node_taints: [{key: a, effect: NoScheduel}]",
                "node_taints: 'NoScheduel' is no effect of a taint (did you mean"
            ),
            (
                "node_taints: [{key: a, effects: NoExecute}]",
                "node_taints: a taint has no 'effects' (did you mean 'effect'?)"
            ),
            ("node_taints: \"a=b:NoSchedul\"", "node_taints: 'NoSchedul' is no effect of a taint"),
            ("node_taints: a=b", "node_taints: 'a=b' is no taint"),
            (
                "k3s_server_args: \"--tls-san 'a b\"",
                "k3s_server_args: a quote is not closed, or a backslash stands at the end"
            ),
            (
                "k3s_agent_args: [--debug, --node-ip 192.0.2.1]",
                "k3s_agent_args: an item is one argument, and this one has a blank behind --node-ip"
            ),
            (
                "k3s_server_args: --node-label=node-role.kubernetes.io/worker=true",
                "k3s_server_args: no kubelet may give itself the label 'node-role.kubernetes.io/worker'"
            ),
            (
                "k3s_server_config: {node-label+: [a=b, x.k8s.io/y=z]}",
                "k3s_server_config: no kubelet may give itself the label 'x.k8s.io/y'"
            ),
            (
                "k3s_agent_config: {kubelet-arg: \"node-labels=a=b,kubernetes.io/role=worker\"}",
                "k3s_agent_config: no kubelet may give itself the label 'kubernetes.io/role'"
            ),
            ("k3s_server_config: {node-taint: [a=b]}", "k3s_server_config: 'a=b' is no taint"),
            ("node_taints: [{value: a}]", "node_taints: a taint needs a key"),
            ("node_taints: [a]", "node_taints: 'a' is no taint"),
            ("node_taints: [\"a:NoExecute\", \"a=b:NoExecute\"]", "node_taints: the taint a:NoExecute is there twice"),
            ("reserved_cpu: 2Gi", "reserved_cpu: a quantity of CPUs is needed, not '2Gi'"),
            ("reserved_cpu: -1", "reserved_cpu: a quantity of CPUs is needed, not '-1' (it cannot be below zero)"),
            ("reserved_memory: 4g", "reserved_memory: a quantity of memory is needed, not '4g' (did you mean '4Gi'?)"),
            ("reserved_memory: 500m", "reserved_memory: a quantity of memory is needed, not '500m'"),
            ("reserved_memory: [1]", "reserved_memory: a quantity of memory is needed, not [1]"),
            ("k3s_version: 1.28", "k3s_version: a k3s release is needed, not 1.28 (put it in quotes)"),
            ("k3s_version: v1.28.5", "k3s_version: a k3s release is needed, not 'v1.28.5'"),
            (
                "cluster_cidr: 10.42.0.1/16",
                "cluster_cidr: an IPv4 network is needed, not '10.42.0.1/16' (the network's own"
            ),
            ("service_cidr: 10.42.128.0/17", "service_cidr 10.42.128.0/17 overlaps with cluster_cidr 10.42.0.0/16"),
            ("ansible_port: 70000", "ansible_port: a port is needed, not 70000"),
            ("ansible_become: sudo", "ansible_become: true or false is needed, not 'sudo'"),
            (
                "ansible_connection: locla",
                "ansible_connection: ssh or local is needed, not 'locla' (did you mean 'local'?)"
            ),
            ("cluster_name: yes", "cluster_name: text is needed, not true (put it in quotes)"),
            ("flux_namespace: Flux", "flux_namespace: a Kubernetes name is needed, not 'Flux'"),
            ("api_server_url: a:6443", "api_server_url: an https URL is needed, not 'a:6443'"),
            ("ansible_password: {a: hunter2}", "ansible_password: text is needed, not (sensitive)"),
            ("node_lables: {}", "'node_lables' is no variable that kubani knows (did you mean 'node_labels'?)"),
            ("node-labels: {}", "'node-labels' is no variable that kubani knows (did you mean 'node_labels'?)"),
            ("ansible_usr: x", "'ansible_usr' is no variable that kubani knows (did you mean 'ansible_user'?)"),
        ])
    func wrong(line: String, message: String) throws {
        let found = try server(line)
        #expect(found.count == 1, "\(found)")
        #expect(found.first?.hasPrefix("7: \(message)") == true, "\(found)")
    }

    @Test("there must be a control plane")
    func controlPlane() throws {
        #expect(
            try check("all: {hosts: {a: {tailscale_ip: 100.64.0.1}}}\n").first?.contains(
                "there is no group control_plane") == true)
        #expect(
            try check("masters: {}\ncontrol-plane: {hosts: {a: {tailscale_ip: 100.64.0.1}}}\n").last
                == "2: there is no group control_plane (did you mean control_plane by 'control-plane'?)")
        #expect(try check("control_plane:\n").first?.contains("the group control_plane has no host") == true)
    }

    @Test("a mistake in group_vars is reported once, where it is written, even for a group without hosts")
    func once() throws {
        let hosts = "control_plane: {hosts: {a: {tailscale_ip: 100.64.0.1}}}\nempty: {}\n"
        let found = try check(
            hosts,
            more: ["group_vars/all.yml": "gpu: maybe\n", "group_vars/empty.yml": "\ngpus_: 1\nansible_port: x\n"])
        #expect(
            found == [
                "1: gpu: true or false is needed, not 'maybe'",
                "3: ansible_port: a port is needed, not 'x' (from 1 to 65535)",
            ])
    }

    @Test("rendered variables are checked instead of templates, where they are given")
    func rendered() throws {
        try withFiles(["hosts.yml": "control_plane: {hosts: {a: {tailscale_ip: \"{{ ip }}\", ip: 100.64.0.1}}}\n"]) {
            folder in
            let inventory = try Inventory(reading: "\(folder)/hosts.yml")
            #expect(inventory.check() == [])
            let found = inventory.check { host in
                var variables = host.variables
                variables["tailscale_ip"] = Value.string("10.0.0.1").at(variables["tailscale_ip"]?.origin)
                return variables
            }
            #expect(
                found.map(\.message) == ["the tailscale_ip of a, 10.0.0.1, is not in tailscale_network 100.64.0.0/10"])
            #expect(found.first?.sourceLine?.hasPrefix("control_plane:") == true)
        }
    }

    @Test("the example inventories have no mistake", arguments: ["minimal", "mixed", "ha", "gpu"])
    func examples(name: String) throws {
        #expect(try Inventory(reading: Repository.path("inventory/\(name).yml")).check() == [])
    }

    @Test("the table of docs/INVENTORY.md is the list of known variables")
    func docs() throws {
        try Golden.check(KnownVariables.markdown, after: "## Variables", in: "docs/INVENTORY.md")
    }
}
