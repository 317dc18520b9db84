import Model

/// The way from a backup to a running cluster: who is stopped, who gets the state, who joins it afresh.
struct Restoration {
    let cluster: String
    /// The server that gets the state.
    let target: String
    /// The servers that join it, in the inventory's order.
    let others: [String]
    private let manifest: BackupManifest
    private let file: String
    private let contact: Contact
    private let time = Journal.timestamp()

    /// - Throws: what keeps the restoration from being begun.
    init(manifest: BackupManifest, file: String, contact: Contact, skipsUnreachable: Bool) throws {
        self.manifest = manifest
        self.file = file
        self.contact = contact
        if let (_, failure) = contact.unreachable.sorted(by: { $0.key < $1.key }).first, !skipsUnreachable {
            throw Failure(
                .unreachable, host: failure.host, deed: "restore the cluster",
                cause: "it cannot be reached, and would go on with the old state: \(failure.cause)",
                hint: "make it reachable, or switch it off for good and add --skip-unreachable")
        }
        let servers = contact.reached.filter { contact.fact($0, "k3s.mode")?.string == "server" }
        // The one that began the cluster joins nobody: it would begin another one beside the restored.
        guard
            let target = servers.first(where: { contact.fact($0, "k3s.server_url")?.isNull != false }) ?? servers.first
        else {
            throw Failure(
                deed: "restore the cluster", cause: "k3s is on none of its servers", hint: "run kubani apply first")
        }
        self.target = target
        others = servers.filter { $0 != target }
        cluster = try contact.text("cluster_name", of: target) ?? "kubani"
        if manifest.datastore == "sqlite", !others.isEmpty {
            throw Failure(
                deed: "restore the cluster",
                cause: "the backup is of a single server with sqlite, and there are \(others.count + 1) servers",
                hint: "restore it with one server in the inventory, then add the others")
        }
    }

    /// What is going to be done, for whoever agrees to it.
    var summary: String {
        let version = contact.fact(target, "k3s.version")?.string ?? ""
        let note =
            version == manifest.version ? "" : "\nnote: the backup is of \(manifest.version), \(target) has \(version)"
        let joining = others.isEmpty ? "" : "; \(others.joined(separator: ", ")) join it afresh"
        return
            "\(target) gets the state of \(file) (cluster \(manifest.cluster), \(manifest.datastore))\(joining)\(note)"
    }

    func run(_ procedure: Procedure) async throws {
        try await procedure.lock([target] + others)
        for host in [target] + others { try await procedure.run("stop k3s", on: host, "systemctl stop k3s") }
        try await putBack(procedure)
        try await procedure.run("start k3s", on: target, "systemctl start --no-block k3s")
        try await procedure.run("be ready", on: target, ready, deadline: .seconds(330))
        for host in others {
            try await procedure.run("give its old state up", on: host, aside(["db", "tls", "cred"], on: host))
            try await procedure.run("join", on: host, "systemctl start --no-block k3s")
            try await procedure.run("be ready", on: host, ready, deadline: .seconds(330))
        }
    }

    private func folder(_ host: String) -> String {
        contact.fact(host, "k3s.data_dir")?.string ?? "/var/lib/rancher/k3s"
    }

    private func putBack(_ procedure: Procedure) async throws {
        let archive = "/run/kubani-restore.tar.gz"
        let bytes = try LaptopFile.measure(file)
        let write = FileWrite(
            path: archive, content: .local(path: file, length: bytes.length, sha256: bytes.sha256), mode: 0o600)
        try await procedure.run("take the backup", on: target, [.write(write)])
        try await procedure.run(
            "set the old state aside", on: target, aside(["db", "tls", "cred", "token"], on: target))
        try await procedure.run(
            "put the \(manifest.datastore) datastore back", on: target, unpack(archive), deadline: .seconds(900))
    }

    /// Moves parts of a server's folder beside it; what is set aside already, by a run that was cut short, stays there.
    private func aside(_ parts: [String], on host: String) -> Script {
        """
        umask 077
        server=\(folder(host))/server
        mkdir -p "$server-before-"\(time) || exit
        for part in \(parts); do
            [ ! -e "$server/$part" ] || mv "$server/$part" "$server-before-"\(time)/ || exit
        done
        rm -f /etc/rancher/k3s/k3s.yaml
        """
    }

    /// k3s itself brings a snapshot back, by its cluster reset; for that its configuration may name no server to join.
    private func unpack(_ archive: String) -> Script {
        let prepare: Script = """
            umask 077
            server=\(folder(target))/server
            trap 'rm -f '\(archive)' /run/kubani-restore.yaml; rm -rf "$server/kubani-restore"' EXIT
            mkdir -p "$server" || exit
            """
        if manifest.datastore == "sqlite" {
            return Script.lines([prepare, "tar -C \"$server\" -xzf \(archive) token db"])
        }
        return Script.lines([
            prepare,
            """
            mkdir -p "$server/kubani-restore" && tar -C "$server/kubani-restore" -xzf \(archive) snapshot token || exit
            grep -v -e '^server:' -e '^"server":' /etc/rancher/k3s/config.yaml >/run/kubani-restore.yaml
            K3S_TOKEN=$(cat "$server/kubani-restore/token") K3S_CONFIG_FILE=/run/kubani-restore.yaml
            export K3S_TOKEN K3S_CONFIG_FILE
            said=$(/usr/local/bin/k3s server --cluster-reset --cluster-reset-restore-path="$server/kubani-restore/snapshot/etcd" 2>&1) || {
                printf '%s\\n' "$said" | tail -n 8 >&2
                exit 1
            }
            """,
        ])
    }

    private var ready: Script {
        """
        for try in $(seq 300); do
            [ -e /etc/rancher/k3s/k3s.yaml ] &&
                KUBECONFIG=/etc/rancher/k3s/k3s.yaml /usr/local/bin/k3s kubectl get --raw /readyz >/dev/null 2>&1 && exit 0
            sleep 1
        done
        journalctl --no-pager --quiet --output=cat --unit=k3s --lines=15 >&2
        echo "the API is not ready after 5 minutes" >&2
        exit 1
        """
    }
}
