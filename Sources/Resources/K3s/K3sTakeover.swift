import Model
import OrderedCollections

/// What would become of k3s on a machine: what speaks against going on, and what a person should know.
struct K3sTakeover {
    struct Problem: Equatable {
        var cause: String
        var hint: String?
    }

    let setup: K3sSetup
    let machine: K3sMachine
    /// What k3s is told now, and what it will be told.
    let now: K3sOptions
    let then: K3sTold
    let asked: K3sOptions
    /// Whether somebody else set k3s up here, or wrote something for it.
    let isForeign: Bool

    init(setup: K3sSetup, machine: K3sMachine) {
        self.setup = setup
        self.machine = machine
        now = machine.options
        then = setup.told(on: machine)
        asked = setup.asked
        isForeign = !machine.units.contains { $0.name == setup.unitName && $0.isOwn }
    }

    var problems: [Problem] {
        company + unreadable + data + datastore + nodeName + (isForeign ? networks + token + losses : []) + overrides
    }

    /// What becomes different without harm.
    var notes: [String] {
        guard isForeign else { return [] }
        return changed.map { "k3s was told \($0.old), which becomes \($0.new)" }
            + kept.map { "k3s was told \($0), which is left to the node" }
    }

    // MARK: What else is there

    private var company: [Problem] {
        var found: [Problem] = []
        if let other = machine.other {
            found.append(
                Problem(
                    cause: "another Kubernetes is on the machine: \(other)",
                    hint: "k3s cannot run beside it: take it off first"))
        }
        for unit in machine.units where unit.name != setup.unitName {
            let move =
                unit.command == setup.command
                ? "to have it taken over, name it as k3s's installer does: systemctl disable --now \(unit.name), mv \(unit.path) \(setup.unitPath), systemctl daemon-reload"
                : "take it off first, or move the host to the group of what it is"
            found.append(
                Problem(cause: "\(unit.path) runs k3s \(unit.command) beside \(setup.unitName).service", hint: move))
        }
        return found
    }

    /// What these say cannot be compared, and k3s does not start with it.
    private var unreadable: [Problem] {
        let files = (isForeign ? machine.told(by: machine.unit).files : []) + then.files
        return OrderedSet(files.compactMap(\.mistake)).map {
            Problem(cause: $0, hint: "k3s cannot read it either: mend the file or take it away")
        }
    }

    // MARK: The cluster

    private var data: [Problem] {
        func same(_ a: String, _ b: String) -> Bool {
            a == b || machine.folder(a).map { a in machine.folder(b)?.real == a.real } == true
        }
        let wanted = K3sMachine.tidy(setup.folder)
        let present = machine.dataFolder(now)
        let next = machine.dataFolder(then.options)
        var found: [Problem] = []
        if !same(present, wanted), now.last("data-dir") != nil || machine.folder(present) != nil {
            let source = now.last("data-dir").map { " (\($0.source))" } ?? ""
            found.append(
                Problem(
                    cause: "k3s keeps its data in \(present)\(source), and would begin anew in \(wanted)",
                    hint: "set k3s_data_dir: \(present)"))
        } else if !same(next, wanted) {
            let source = then.options.last("data-dir").map { " (\($0.source))" } ?? ""
            found.append(
                Problem(
                    cause: "k3s will keep its data in \(next)\(source), and k3s_data_dir is \(wanted)",
                    hint: "set k3s_data_dir: \(next)"))
        } else if setup.command == "server", machine.hasKubeconfig, machine.folder(wanted)?.has("server") != true,
            then.options.last("datastore-endpoint") == nil
        {
            found.append(
                Problem(
                    cause: "k3s has been a server here (/etc/rancher/k3s/k3s.yaml), and its data is not in \(wanted)",
                    hint: "set k3s_data_dir to where it is; if it is gone for good, remove /etc/rancher/k3s/k3s.yaml"))
        }
        return found
    }

    /// Where an endpoint is, it has a password in it, so it is not shown.
    private var datastore: [Problem] {
        guard setup.command == "server" else { return [] }
        let (present, next) = (now.last("datastore-endpoint"), then.options.last("datastore-endpoint"))
        if let present, present.value != next?.value {
            return [
                Problem(
                    cause:
                        "k3s keeps its cluster in an external datastore (datastore-endpoint, \(present.source)), and \(next == nil ? "would begin one of its own" : "would turn to another")",
                    hint: "set datastore-endpoint in k3s_server_config to the same")
            ]
        }
        if present == nil, let next, let own = machine.datastore(now) {
            return [
                Problem(
                    cause: "k3s keeps its cluster in \(own), and would turn to an external datastore (\(next.source))",
                    hint: "take datastore-endpoint away: what is in \(own) does not move by itself")
            ]
        }
        return []
    }

    private var nodeName: [Problem] {
        let wanted = machine.nodeName(asked, of: setup.node)
        let next = machine.nodeName(then.options)
        let present = machine.nodeName(now)
        func by(_ options: K3sOptions) -> String {
            (options.last("node-name") ?? options.last("with-node-id"))?.source ?? "the host's name"
        }
        if next != wanted {
            return [
                Problem(
                    cause: "k3s will call this node \(next) (\(by(then.options))), and is to call it \(wanted)",
                    hint: "take the setting away, or call the host \(next) in the inventory")
            ]
        }
        guard isForeign, machine.folder(machine.dataFolder(now)) != nil, present != wanted else { return [] }
        return [
            Problem(
                cause:
                    "k3s calls this machine's node \(present) (\(by(now))), and would call it \(wanted): the cluster would get a second node",
                hint: "call the host \(present) in the inventory; ansible_host says where it is")
        ]
    }

    /// What a cluster that runs cannot change.
    private var networks: [Problem] {
        guard setup.command == "server", machine.datastore(now) != nil else { return [] }
        let standards = [
            "cluster-cidr": "10.42.0.0/16", "service-cidr": "10.43.0.0/16", "cluster-domain": "cluster.local",
        ]
        return standards.sorted { $0.key < $1.key }.compactMap { name, standard in
            func value(_ options: K3sOptions) -> String {
                let values = options[name].map(\.value)
                return values.isEmpty ? standard : values.joined(separator: ",")
            }
            guard value(now) != value(then.options) else { return nil }
            let source = now[name].first.map { " (\($0.source))" } ?? ""
            return Problem(
                cause: "the cluster's \(name) is \(value(now))\(source), and would become \(value(then.options))",
                hint: "set \(setup.variable(for: name)): \(value(now))")
        }
    }

    /// A server that has data has its token there; one whose cluster is elsewhere has what it is told alone.
    private var token: [Problem] {
        guard setup.command == "server", !setup.hasToken, let token = now.last("token") ?? now.last("token-file"),
            then.options.last("token") == nil, then.options.last("token-file") == nil,
            machine.folder(setup.folder)?.has("server/token") != true
        else { return [] }
        return [
            Problem(
                cause: "k3s is told a token (\(token.source)), which would be lost", hint: "set k3s_token to the same")
        ]
    }
}
