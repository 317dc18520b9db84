import Kubernetes
import Model
import Report
import Tailscale

/// What `kubani status` shows to people.
struct StatusText {
    var style: Style
    var moment: Moment
    /// Whether Tailscale was asked with success.
    var knowsTailnet: Bool

    func nodes(_ pictures: [NodePicture]) -> String {
        let rows = pictures.map { picture in
            TableText.Row(
                [
                    picture.name, picture.roles.isEmpty ? "-" : picture.roles.joined(separator: ","),
                    standing(picture), picture.node?.version ?? "-", picture.address.isEmpty ? "-" : picture.address,
                    tailscale(picture.peer),
                ],
                tints: tints(picture), notes: notes(picture))
        }
        return TableText.render(["NODE", "ROLES", "STATUS", "VERSION", "ADDRESS", "TAILSCALE"], rows, style: style)
    }

    /// `Ready`, `NotReady: KubeletNotReady`, `Silent for 5m`, and what else marks a node.
    func standing(_ picture: NodePicture) -> String {
        var parts: [String] = []
        switch picture.node?.readiness {
        case .ready: parts.append("Ready")
        case .notReady(let reason, _): parts.append(reason.isEmpty ? "NotReady" : "NotReady: \(reason)")
        case .silent(let since, _): parts.append(moment.age(since).map { "Silent for \($0)" } ?? "Silent")
        case .untold: parts.append("nothing told yet")
        case nil: parts.append(picture.state == .unknown ? "unknown" : "not in the cluster")
        }
        if picture.node?.isSchedulable == false { parts.append("cordoned") }
        if picture.machine == nil { parts.append("not in the inventory") }
        return parts.joined(separator: ", ")
    }

    /// `online`, `seen 3d ago`, `never seen`.
    func tailscale(_ peer: TailscaleStatus.Peer?) -> String {
        guard let peer else { return knowsTailnet ? "not there" : "unknown" }
        if peer.isOnline { return "online" }
        return peer.lastSeen.flatMap { moment.age($0) }.map { "seen \($0) ago" } ?? "offline"
    }

    private func tints(_ picture: NodePicture) -> [Int: Style.Tint] {
        var tints: [Int: Style.Tint] = [:]
        switch picture.state {
        case .ready: tints[2] = picture.node?.isSchedulable == false || picture.machine == nil ? .yellow : .green
        case .notReady, .silent: tints[2] = .red
        case .untold, .notInCluster: tints[2] = .yellow
        case .unknown: tints[2] = .dim
        }
        if let peer = picture.peer { tints[5] = peer.isOnline ? .green : .red }
        return tints
    }

    private func notes(_ picture: NodePicture) -> [String] {
        let taints = picture.node?.taints ?? []
        return picture.troubles + (taints.isEmpty ? [] : ["taints: \(taints.joined(separator: ", "))"])
    }

    /// `homelab: 3 of 4 nodes Ready, Kubernetes v1.35.6+k3s1 at https://100.64.0.5:6443`.
    func summary(_ pictures: [NodePicture], _ cluster: ClusterReading) -> String {
        let ready = pictures.filter { $0.state == .ready }.count
        return style.tinted("\(cluster.context): ", .bold)
            + "\(ready) of \(counted(pictures.count, "node")) Ready, Kubernetes \(cluster.version) at \(cluster.server)"
    }

    func pods(_ pods: [PodStatus]) -> String {
        let rows = pods.map { pod in
            TableText.Row(
                [
                    pod.namespace, pod.name, pod.node.isEmpty ? "-" : pod.node, "\(pod.ready)/\(pod.containers)",
                    pod.state, "\(pod.restarts)", moment.age(pod.created) ?? "-",
                ],
                tints: [4: pod.isFinished ? .dim : pod.isWell ? .green : .red])
        }
        return TableText.render(["NAMESPACE", "POD", "NODE", "READY", "STATUS", "RESTARTS", "AGE"], rows, style: style)
    }
}
