import Model

/// A variable of the inventory that means something to kubani.
public struct KnownVariable: Sendable {
    public enum Area: String, Sendable, CaseIterable {
        case node = "Nodes"
        case cluster = "Cluster"
        case gitops = "GitOps"
        case connection = "Connection"
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
}

/// All variables that kubani knows. `docs/INVENTORY.md` shows this list as its table, and a test holds the two equal.
public enum KnownVariables {
    public static let all: [KnownVariable] =
        [
            known(
                .node, "tailscale_ip", .address, "The node's address on the Tailscale network; needed for every node."),
            known(
                .node, "reserved_cpu", .cpu, "Processor time kept from Kubernetes, for whoever works at the machine."),
            known(.node, "reserved_memory", .memory, "Memory kept from Kubernetes."),
            known(.node, "gpu", .bool, "Whether the node has an NVIDIA GPU for the cluster.", "false"),
            known(.node, "node_labels", .labels, "Kubernetes labels of the node.", "{}"),
            known(.node, "node_taints", .taints, "Kubernetes taints of the node.", "[]"),

            known(.cluster, "cluster_name", .text, "The cluster's name."),
            known(.cluster, "cluster_domain", .domain, "The cluster's DNS domain.", "cluster.local"),
            known(.cluster, "k3s_version", .version, "The k3s release, such as v1.35.6+k3s1."),
            known(.cluster, "k3s_server_args", .texts, "Further arguments of every k3s server.", "[]"),
            known(.cluster, "api_server_url", .url, "Where nodes and you reach the API, if not at the first server."),
            known(
                .cluster, "tailscale_network", .network, "The network that tailscale_ip must lie in.", "100.64.0.0/10"),
            known(.cluster, "cluster_cidr", .network, "The pods' network.", "10.42.0.0/16"),
            known(.cluster, "service_cidr", .network, "The services' network.", "10.43.0.0/16"),
            known(.cluster, "monitoring_enabled", .bool, "Whether monitoring is set up.", "false"),

            known(.gitops, "gitops_enabled", .bool, "Whether Flux is set up.", "true"),
            known(.gitops, "git_repo_url", .text, "The Git repository that Flux follows."),
            known(.gitops, "git_branch", .text, "The branch that Flux follows.", "main"),
            known(.gitops, "flux_namespace", .namespace, "The namespace of Flux's controllers.", "flux-system"),

            known(.connection, "ansible_host", .text, "Where SSH connects to.", "the host's name"),
            known(.connection, "ansible_port", .port, "The SSH port.", "22, or what ssh_config says"),
            known(.connection, "ansible_user", .text, "Whom SSH logs in as.", "what ssh_config says, or you"),
            known(.connection, "ansible_password", .text, "The password of SSH."),
            known(
                .connection, "ansible_ssh_private_key_file", .text, "The key of SSH.", "the agent's and ssh_config's"),
            known(.connection, "ansible_ssh_common_args", .text, "Options of ssh, such as -o ProxyJump=HOST."),
            known(
                .connection, "ansible_connection", .oneOf(["ssh", "local"]), "local: this machine, without SSH.", "ssh"),
            known(.connection, "ansible_become", .bool, "Whether sudo is used.", "true"),
            known(.connection, "ansible_become_user", .text, "Whom sudo becomes.", "root"),
            known(.connection, "ansible_become_password", .text, "The password of sudo."),
            known(.connection, "ansible_ssh_host", .text, "An older name of ansible_host."),
            known(.connection, "ansible_ssh_port", .port, "An older name of ansible_port."),
            known(.connection, "ansible_ssh_user", .text, "An older name of ansible_user."),
            known(.connection, "ansible_ssh_pass", .text, "An older name of ansible_password."),
            known(.connection, "ansible_become_pass", .text, "An older name of ansible_become_password."),
            known(.connection, "ansible_private_key_file", .text, "Another name of ansible_ssh_private_key_file."),
            known(.connection, "ansible_group_priority", .int, "Which of a host's groups of equal depth wins.", "1"),
        ] + accepted.map { known(.accepted, $0, .any, "") }

    private static let accepted = [
        "ansible_become_exe", "ansible_become_flags", "ansible_become_method", "ansible_host_key_checking",
        "ansible_module_compression", "ansible_pipelining", "ansible_python_interpreter", "ansible_remote_tmp",
        "ansible_scp_executable", "ansible_scp_extra_args", "ansible_sftp_executable", "ansible_sftp_extra_args",
        "ansible_shell_executable", "ansible_shell_type", "ansible_ssh_args", "ansible_ssh_executable",
        "ansible_ssh_extra_args", "ansible_ssh_pipelining", "ansible_ssh_retries", "ansible_ssh_transfer_method",
        "ansible_sudo_pass", "ansible_timeout",
    ]

    private static func known(
        _ area: KnownVariable.Area, _ name: String, _ kind: VariableKind, _ meaning: String, _ standard: String? = nil
    ) -> KnownVariable {
        KnownVariable(name: name, area: area, kind: kind, meaning: meaning, standard: standard)
    }

    static let byName = Dictionary(uniqueKeysWithValues: all.map { ($0.name, $0) })

    public static subscript(name: String) -> KnownVariable? { byName[name] }

    /// What is wrong with a value of a variable, errors and warnings; nothing where kubani does not know the variable, or
    /// the value still holds a template.
    public static func mistakes(in value: Value, of name: String) -> [InputError] {
        guard let known = self[name], !value.isNull, !holdsTemplate(value) else { return [] }
        return known.kind.mistakes(in: value.named(name)).map { mistake in
            InputError(
                "\(name): \(mistake.message)", at: mistake.origin ?? value.origin, hint: mistake.hint,
                severity: mistake.isWarning ? .warning : .error)
        }
    }
}
