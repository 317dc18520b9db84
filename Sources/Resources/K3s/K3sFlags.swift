/// k3s's command line, as far as more must be known of a flag than its name (k3s-io/k3s, pkg/cli/cmds).
enum K3sFlags {
    static let aliases = [
        "d": "data-dir", "t": "token", "s": "server", "c": "config", "i": "node-ip", "o": "write-kubeconfig",
        "l": "log", "no-deploy": "disable", "cluster-secret": "token",
    ]

    /// Those of which all that is said counts, not the last alone.
    static let lists: Set = [
        "node-ip", "node-external-ip", "node-internal-dns", "node-external-dns", "node-label", "node-taint",
        "kubelet-arg", "kube-proxy-arg", "airgap-extra-registry", "tls-san", "cluster-cidr", "service-cidr",
        "cluster-dns", "kube-apiserver-arg", "etcd-arg", "kube-scheduler-arg", "kube-controller-manager-arg",
        "kube-cloud-controller-manager-arg", "disable",
    ]

    /// Variables that stand for a flag that is not given.
    static let environment = [
        "K3S_TOKEN": "token", "K3S_TOKEN_FILE": "token-file", "K3S_CLUSTER_SECRET": "token", "K3S_URL": "server",
        "K3S_DATA_DIR": "data-dir", "K3S_NODE_NAME": "node-name", "K3S_CONFIG_FILE": "config",
        "K3S_CLUSTER_INIT": "cluster-init", "K3S_CLUSTER_RESET": "cluster-reset",
        "K3S_AGENT_TOKEN": "agent-token", "K3S_AGENT_TOKEN_FILE": "agent-token-file",
        "K3S_DATASTORE_ENDPOINT": "datastore-endpoint", "K3S_DATASTORE_CAFILE": "datastore-cafile",
        "K3S_DATASTORE_CERTFILE": "datastore-certfile", "K3S_DATASTORE_KEYFILE": "datastore-keyfile",
        "K3S_KUBECONFIG_OUTPUT": "write-kubeconfig", "K3S_KUBECONFIG_MODE": "write-kubeconfig-mode",
        "K3S_KUBECONFIG_GROUP": "write-kubeconfig-group", "K3S_SELINUX": "selinux", "K3S_DEBUG": "debug",
        "K3S_LB_SERVER_PORT": "lb-server-port", "K3S_RESOLV_CONF": "resolv-conf", "K3S_VPN_AUTH": "vpn-auth",
        "K3S_VPN_AUTH_FILE": "vpn-auth-file", "K3S_NO_FLANNEL": "no-flannel",
    ]

    /// What is never shown: k3s's own secrets, and what may hold one.
    static func isSecret(_ name: String) -> Bool {
        if name.hasSuffix("-file") { return false }
        return ["token", "secret", "password", "access-key", "vpn-auth", "datastore-endpoint"].contains {
            name.contains($0)
        }
    }

    /// A value in the parts that it is taken as; what goes on to another program keeps its commas.
    static func parts(of value: String, for name: String) -> [String] {
        guard lists.contains(name), !name.hasSuffix("-arg") else { return [value] }
        return value.split(separator: ",").map { $0.trimmingPrefix(while: \.isWhitespace) }.map(String.init)
    }
}
