import Model

/// A variable of the inventory that means something to kubani.
public struct KnownVariable: Sendable {
    public enum Area: String, Sendable, CaseIterable {
        case node = "Nodes"
        case cluster = "Cluster"
        case upgrade = "Upgrades"
        case gpu = "GPUs"
        case machine = "Machines"
        case gitops = "GitOps"
        case connection = "Connection"
        case secrecy = "Secrecy"
        /// Ansible's, read for the sake of inventories that Ansible reads too; they change nothing here.
        case accepted = "Accepted and without effect"
    }

    public let name: String
    public let area: Area
    public let kind: VariableKind
    /// What it is for, in a line.
    public let meaning: String
    /// What holds where it is not set, as one would write it; nil where nothing does.
    public let standard: String?
    /// Whether all servers of a cluster must have the same.
    public var isShared = false
    /// Whether anything comes of it yet.
    public var hasEffect = true
}

/// All variables that kubani knows. `docs/INVENTORY.md` shows this list as its table, and a test makes and checks it.
public enum KnownVariables {
    /// What is wrong with a variable's value: it is not of the variable's type. Nothing where it holds a template.
    public static func mistakes(of name: String, _ value: Value) -> [InputError] {
        if name == SecretVariables.name, case let mistakes = SecretVariables.mistakes(in: value), !mistakes.isEmpty {
            return mistakes
        }
        guard let known = Self[name], !value.isNull, !holdsTemplate(value) else { return [] }
        return known.kind.mistakes(in: value.named(name)).map { mistake in
            InputError(
                "\(name): " + SecretText.masked(mistake.message), at: mistake.origin ?? value.origin,
                hint: mistake.hint,
                severity: mistake.isWarning ? .warning : .error)
        }
    }

    public static let all: [KnownVariable] =
        [
            known(
                .node, "tailscale_ip", .address, "The node's address on the Tailscale network; needed for every node."),
            known(
                .node, "reserved_cpu", .cpu, "Processor time kept from Kubernetes, for whoever works at the machine."),
            known(.node, "reserved_memory", .memory, "Memory kept from Kubernetes."),
            known(.node, "gpu", .bool, "Whether the node has an NVIDIA GPU for the cluster.", "false"),
            known(.node, "gpu_replicas", .int, "How many pods may share each of its GPUs.", "1"),
            known(.node, "node_labels", .labels, "Kubernetes labels of the node.", "{}"),
            known(
                .node, "node_taints", .taints,
                "Kubernetes taints of the node: `{key: …, value: …, effect: …}` or `key=value:effect`.", "[]"),

            known(.cluster, "cluster_name", .text, "The cluster's name."),
            known(.cluster, "cluster_domain", .domain, "The cluster's DNS domain.", "cluster.local", isShared: true),
            known(.cluster, "k3s_version", .version, "The k3s release, such as v1.35.6+k3s1."),
            known(
                .cluster, "k3s_server_args", .arguments,
                "Further arguments of every k3s server; one text is split as a shell does.", "[]"),
            known(
                .cluster, "k3s_agent_args", .arguments,
                "Further arguments of every k3s agent; one text is split as a shell does.", "[]"),
            known(.cluster, "k3s_server_config", .k3sConfig, "Further entries of a server's config.yaml.", "{}"),
            known(.cluster, "k3s_agent_config", .k3sConfig, "Further entries of an agent's config.yaml.", "{}"),
            known(.cluster, "k3s_kubelet_args", .texts, "Further kubelet-arg entries.", "[]"),
            known(.cluster, "k3s_tls_san", .texts, "Further names and addresses in the API's certificate.", "[]"),
            known(
                .cluster, "k3s_disable", .texts, "What k3s brings and is to leave out: traefik, servicelb.", "[]",
                isShared: true),
            known(.cluster, "k3s_environment", .map, "Variables of k3s's service: HTTPS_PROXY and the like.", "{}"),
            known(
                .cluster, "k3s_forget", .texts,
                "Flags and variables that k3s was told on a machine by others and that it may lose, by name.", "[]"),
            known(
                .cluster, "k3s_secrets_encryption", .bool, "Whether Secrets are encrypted in the datastore.", "true",
                isShared: true),
            known(
                .cluster, "k3s_datastore", .oneOf(["etcd", "sqlite"]), "What a single server keeps its cluster in.",
                "sqlite; etcd where there are several"),
            known(.cluster, "k3s_token", .text, "The token that the first server begins with.", "k3s makes one"),
            known(.cluster, "k3s_data_dir", .text, "Where k3s keeps its data.", "/var/lib/rancher/k3s"),
            known(.cluster, "k3s_flannel_iface", .text, "The interface of the cluster's network.", "tailscale0"),
            known(.cluster, "k3s_mirror", .text, "Where releases are: a file is at MIRROR/VERSION/FILE.", "GitHub"),
            known(
                .cluster, "artifact_delivery", .oneOf(["node", "push"]),
                "Whether each node downloads, or the laptop does and sends it: for nodes without a way out.", "node"),
            known(.cluster, "k3s_ready_timeout", .text, "How long a node may take to become Ready.", "5m"),
            known(.cluster, "kubeconfig_merge", .bool, "Whether apply writes your kubeconfig.", "true"),
            known(.cluster, "api_server_url", .url, "Where nodes and you reach the API, if not at the first server."),
            known(
                .cluster, "tailscale_network", .network, "The network that tailscale_ip must lie in.", "100.64.0.0/10"),
            known(.cluster, "cluster_cidr", .network, "The pods' network.", "10.42.0.0/16", isShared: true),
            known(.cluster, "service_cidr", .network, "The services' network.", "10.43.0.0/16", isShared: true),
            known(
                .cluster, "monitoring_enabled", .bool, "Whether monitoring is set up.", "false", hasEffect: false),

            known(.upgrade, "upgrade_rolling", .int, "How many agents at a time are upgraded or restarted.", "1"),
            known(.upgrade, "upgrade_drain", .bool, "Whether a node's pods move elsewhere first.", "true"),
            known(.upgrade, "upgrade_drain_timeout", .text, "How long that may take.", "10m"),
            known(
                .upgrade, "skip_unreachable", .bool, "Whether an upgrade leaves nodes behind that are off.", "false"),

            known(
                .gpu, "skip_driver_install", .bool, "Whether the driver is there by other means.", "false"),
            known(.gpu, "nvidia_driver_version", .text, "The driver's version, on Ubuntu.", "535"),
            known(.gpu, "nvidia_driver_package", .text, "The driver's package.", "by the system and the version"),
            known(
                .gpu, "nvidia_toolkit_repository", .text, "The Debian repository of the container toolkit.", "NVIDIA's"),
            known(.gpu, "nvidia_toolkit_key", .text, "Its key.", "NVIDIA's"),
            known(.gpu, "nvidia_device_plugin_image", .text, "The image of the device plugin.", "NVIDIA's"),
            known(.gpu, "gpu_ready_timeout", .text, "How long a GPU may take to be offered to pods.", "10m"),

            known(
                .machine, "firewall", .oneOf(["ufw", "firewalld", "none"]), "The firewall that is set up.",
                "ufw with apt, firewalld elsewhere"),
            known(.machine, "ssh_allowed_from", .text, "Who may reach SSH: any, an address or a network.", "any"),
            known(.machine, "ssh_port", .port, "The port that SSH listens on.", "ansible_port, or 22"),
            known(
                .machine, "prerequisite_packages", .texts, "Packages of every machine.",
                "ca-certificates, curl, iptables"),
            known(
                .machine, "time_sync", .oneOf(["systemd-timesyncd", "chrony", "none"]), "What keeps the clock.",
                "systemd-timesyncd"),
            known(.machine, "minimum_cpus", .int, "Fewer processors are warned of.", "2"),
            known(.machine, "minimum_memory_mb", .int, "Less memory is warned of.", "1900"),
            known(.machine, "minimum_disk_mb", .int, "A smaller disk is warned of.", "20000"),

            known(.gitops, "gitops_enabled", .bool, "Whether Flux is set up.", "true", hasEffect: false),
            known(.gitops, "git_repo_url", .text, "The Git repository that Flux follows.", hasEffect: false),
            known(.gitops, "git_branch", .text, "The branch that Flux follows.", "main", hasEffect: false),
            known(
                .gitops, "flux_namespace", .namespace, "The namespace of Flux's controllers.", "flux-system",
                hasEffect: false),

            known(.connection, "ansible_host", .text, "Where SSH connects to.", "the host's name"),
            known(.connection, "ansible_port", .port, "The SSH port.", "22, or what ssh_config says"),
            known(.connection, "ansible_user", .text, "Whom SSH logs in as.", "what ssh_config says, or you"),
            known(.connection, "ansible_password", .text, "The password of SSH."),
            known(
                .connection, "ansible_ssh_private_key_file", .text, "The key of SSH.", "the agent's and ssh_config's"),
            known(.connection, "ansible_ssh_common_args", .text, "Options of ssh, such as -o ProxyJump=HOST."),
            known(.connection, "ansible_ssh_args", .text, "More of them, which stand before those."),
            known(.connection, "ansible_ssh_extra_args", .text, "More of them, which stand after those."),
            known(
                .connection, "ansible_connection", .oneOf(["ssh", "local"], or: sshNames + localNames),
                "local: this machine, without SSH.", "ssh"),
            known(
                .connection, "kubani_transport", .oneOf(["libssh2", "openssh"]),
                "How SSH is spoken: openssh is your own ssh, with your keys, agents and configuration.", "libssh2"),
            known(.connection, "ansible_become", .bool, "Whether sudo is used.", "true"),
            known(.connection, "ansible_become_method", .oneOf(["sudo"], or: sudoNames), "How.", "sudo"),
            known(.connection, "ansible_become_user", .text, "Whom sudo becomes.", "root"),
            known(.connection, "ansible_become_password", .text, "The password of sudo."),
            known(.connection, "ansible_ssh_host", .text, "An older name of ansible_host."),
            known(.connection, "ansible_ssh_port", .port, "An older name of ansible_port."),
            known(.connection, "ansible_ssh_user", .text, "An older name of ansible_user."),
            known(.connection, "ansible_ssh_pass", .text, "An older name of ansible_password."),
            known(.connection, "ansible_become_pass", .text, "An older name of ansible_become_password."),
            known(.connection, "ansible_private_key_file", .text, "Another name of ansible_ssh_private_key_file."),
            known(.connection, "ansible_group_priority", .int, "Which of a host's groups of equal depth wins.", "1"),

            known(
                .secrecy, SecretVariables.name, .texts,
                "Names of further variables, and keys within them, that hold secrets; `*` and `?` stand for any "
                    + "characters. It counts for the whole inventory, wherever it is set.", "[]"),
        ] + accepted.map { known(.accepted, $0, .any, "") }

    /// What Ansible calls SSH, whichever of its plugins speaks it.
    public static let sshNames = [
        "ssh", "smart", "ansible.builtin.ssh", "paramiko", "paramiko_ssh", "ansible.builtin.paramiko_ssh",
    ]
    public static let localNames = ["local", "ansible.builtin.local"]
    public static let sudoNames = ["sudo", "ansible.builtin.sudo"]

    private static let accepted = [
        "ansible_become_exe", "ansible_become_flags", "ansible_host_key_checking",
        "ansible_module_compression", "ansible_pipelining", "ansible_python_interpreter", "ansible_remote_tmp",
        "ansible_scp_executable", "ansible_scp_extra_args", "ansible_sftp_executable", "ansible_sftp_extra_args",
        "ansible_shell_executable", "ansible_shell_type", "ansible_ssh_executable", "ansible_ssh_pipelining",
        "ansible_ssh_retries", "ansible_ssh_transfer_method",
        "ansible_sudo_pass", "ansible_timeout",
    ]

    private static func known(
        _ area: KnownVariable.Area, _ name: String, _ kind: VariableKind, _ meaning: String, _ standard: String? = nil,
        isShared: Bool = false, hasEffect: Bool = true
    ) -> KnownVariable {
        KnownVariable(
            name: name, area: area, kind: kind, meaning: meaning, standard: standard, isShared: isShared,
            hasEffect: hasEffect)
    }

    static let byName = Dictionary(uniqueKeysWithValues: all.map { ($0.name, $0) })

    public static subscript(name: String) -> KnownVariable? { byName[name] }

    /// The list in Markdown: a table for each area that has an effect, and the names that are merely accepted.
    public static var markdown: String {
        var lines = ["", "Those that kubani knows; an empty default means that nothing is set.", ""]
        for area in KnownVariable.Area.allCases where area != .accepted {
            lines += [
                "### \(area.rawValue)", "", "| variable | value | default | meaning |", "| --- | --- | --- | --- |",
            ]
            lines += all.filter { $0.area == area }.map {
                let note = $0.hasEffect ? "" : " It has no effect yet."
                return "| `\($0.name)` | \($0.kind.name) | \($0.standard ?? "") | \($0.meaning)\(note) |"
            }
            lines.append("")
        }
        let names = all.filter { $0.area == .accepted }.map { "`\($0.name)`" }.joined(separator: ", ")
        lines += [
            "### \(KnownVariable.Area.accepted.rawValue)", "",
            "Ansible's, for inventories that Ansible reads too: \(names).",
        ]
        return lines.joined(separator: "\n") + "\n"
    }
}
