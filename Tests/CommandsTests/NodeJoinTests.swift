import Foundation
import Kubernetes
import Model
import Report
import Tailscale
import TestSupport
import Testing
import YAML

@testable import Commands

/// Nodes and machines for the tests of what is joined.
enum Told {
    static func node(_ name: String, _ address: String, _ more: String = "{type: Ready, status: 'True'}") throws
        -> NodeStatus
    {
        let text = """
            metadata: {name: \(name), creationTimestamp: "2026-11-24T09:00:00Z"}
            spec: {unschedulable: \(name.hasPrefix("cordoned"))}
            status:
              addresses: [{type: InternalIP, address: \(address)}, {type: Hostname, address: \(name)}]
              conditions: [\(more)]
              nodeInfo: {kubeletVersion: v1.35.6+k3s1}
            """
        return NodeStatus(try YAML.value(Array(text.utf8), file: "node"))
    }

    static func machine(_ name: String, _ addresses: String..., group: String = "workers") -> InventoryMachine {
        InventoryMachine(name: name, groups: [group], addresses: addresses)
    }

    static func tailnet() throws -> TailscaleStatus { try #require(TailscaleCLI.read(TailscaleStandIn.tailnet)) }

    /// Half past ten on the day that the tailnet was seen.
    static func moment() throws -> Moment { Moment(now: try Date("2026-11-24T10:30:00Z", strategy: .iso8601)) }
}

@Suite struct NodeJoinTests {
    @Test("a machine is a node by its name, else by its address; the others come last, by name")
    func joins() throws {
        let join = NodeJoin(
            machines: [
                Told.machine("server-1", "100.64.0.5", group: "control_plane"), Told.machine("renamed", "100.64.0.6"),
                Told.machine("new", "100.64.0.7"),
            ],
            nodes: [
                try Told.node("z", "100.64.0.30"), try Told.node("a", "100.64.0.31"),
                try Told.node("old-name", "100.64.0.6"), try Told.node("server-1", "100.64.0.5"),
            ], peers: try Told.tailnet().machines)
        let pictures = join.pictures
        #expect(pictures.map(\.name) == ["server-1", "old-name", "new", "a", "z"])
        #expect(pictures.map(\.machine?.name) == ["server-1", "renamed", "new", nil, nil])
        #expect(pictures.map(\.state) == [.ready, .ready, .notInCluster, .ready, .ready])
        #expect(pictures.map(\.peer?.name) == ["server-1", "gpu-box", "desktop", nil, nil])
        #expect(pictures.map(\.roles) == [["control-plane"], ["worker"], ["worker"], [], []])
        var chosen = join
        chosen.showsOthers = false
        #expect(chosen.pictures.map(\.name) == ["server-1", "old-name", "new"])
    }

    @Test("a node of a machine's name is its, though another has its address; and the address is a trouble")
    func names() throws {
        let pictures = NodeJoin(
            machines: [Told.machine("n1", "100.64.0.1"), Told.machine("n2", "100.64.0.2")],
            nodes: [try Told.node("n2", "100.64.0.1"), try Told.node("n1", "192.168.1.9")]
        ).pictures
        #expect(pictures.map(\.node?.name) == ["n1", "n2"])
        #expect(pictures[0].troubles == ["address: the cluster has 192.168.1.9, the inventory 100.64.0.1"])
    }

    @Test("where the cluster could not be asked, no node is said to be missing")
    func unknown() throws {
        let pictures = NodeJoin(machines: [Told.machine("n1", "100.64.0.5")], peers: try Told.tailnet().machines)
            .pictures
        #expect(pictures.map(\.state) == [.unknown])
        #expect(pictures.map(\.peer?.name) == ["server-1"])
    }

    @Test("a machine is found in the tailnet by the name there, too")
    func dnsName() throws {
        let machines = [Told.machine("n1", "GPU-box.example.ts.net")]
        #expect(NodeJoin(machines: machines, peers: try Told.tailnet().machines).pictures[0].peer?.name == "gpu-box")
    }

    @Test("the table says of each node what it is, why, and what else is wrong")
    func table() throws {
        let silent =
            "{type: Ready, status: Unknown, lastTransitionTime: '2026-11-24T10:25:00Z', message: Kubelet stopped posting node status.}"
        let pictures = NodeJoin(
            machines: [
                Told.machine("server-1", "100.64.0.5", group: "control_plane"),
                Told.machine("cordoned-1", "100.64.0.6"),
                Told.machine("starting", "100.64.0.40"), Told.machine("desktop", "100.64.0.7"),
                Told.machine("new", "100.64.0.41"), Told.machine("registered", "100.64.0.42"),
            ],
            nodes: [
                try Told.node(
                    "server-1", "100.64.0.5",
                    "{type: Ready, status: 'True'}, {type: DiskPressure, status: 'True', message: 5% left}"),
                try Told.node("cordoned-1", "100.64.0.6"),
                try Told.node(
                    "starting", "100.64.0.40",
                    "{type: Ready, status: 'False', reason: KubeletNotReady, message: cni not initialized}"),
                try Told.node("desktop", "100.64.0.7", silent), try Told.node("registered", "100.64.0.42", ""),
                try Told.node("guest", "100.64.0.43"),
            ], peers: try Told.tailnet().machines
        ).pictures
        let text = StatusText(style: .plain, moment: try Told.moment(), knowsTailnet: true)
        let reading = ClusterReading(
            context: "homelab", server: "https://100.64.0.5:6443", version: "v1.35.6+k3s1", nodes: [])
        try Golden.check(text.nodes(pictures) + "\n" + text.summary(pictures, reading) + "\n", "status.txt")
        let colored = StatusText(style: Style(color: true), moment: try Told.moment(), knowsTailnet: false)
        let blind = NodeJoin(machines: [Told.machine("n1", "100.64.0.5")]).pictures
        #expect(colored.nodes(blind).contains("\u{1B}[2munknown\u{1B}[0m"))
    }

    @Test("pods are shown as kubectl shows them, with their nodes")
    func pods() throws {
        let text = """
            - metadata: {namespace: kube-system, name: coredns-7, creationTimestamp: "2026-11-24T05:20:00Z"}
              spec: {nodeName: server-1, containers: [{name: c}]}
              status: {phase: Running, containerStatuses: [{ready: true, restartCount: 2, state: {running: {}}}]}
            - metadata: {namespace: web, name: site-0, creationTimestamp: "2026-11-24T10:29:30Z"}
              spec: {containers: [{name: c}, {name: d}]}
              status: {phase: Pending}
            """
        let pods = try #require(try YAML.value(Array(text.utf8), file: "pods").list).map(PodStatus.init)
        #expect(
            StatusText(style: .plain, moment: try Told.moment(), knowsTailnet: true).pods(pods) == """
                NAMESPACE    POD        NODE      READY  STATUS   RESTARTS  AGE
                kube-system  coredns-7  server-1  1/1    Running  2         5h10m
                web          site-0     -         0/2    Pending  0         30s

                """)
    }
}

@Suite struct DiscoveryTests {
    @Test("a machine is in the inventory by its address or its name in the tailnet, and in the cluster by its address")
    func known() throws {
        var discovery = Discovery(tailnet: try Told.tailnet())
        #expect(discovery.found.map(\.peer.name) == ["laptop", "desktop", "gpu-box", "phone", "server-1"])
        #expect(discovery.found.filter(\.isThis).map(\.peer.name) == ["laptop"])
        #expect(discovery.candidates == [])
        discovery.machines = [
            Told.machine("main", "100.64.0.5", group: "control_plane"), Told.machine("gpu", "gpu-box.example.ts.net"),
        ]
        discovery.nodes = [
            // By its address; by its name, its address being one of its home; and one elsewhere in the tailnet.
            try Told.node("main", "100.64.0.5"), try Told.node("desktop", "192.168.1.7"),
            try Told.node("gpu", "100.64.0.8"),
        ]
        #expect(discovery.found.map(\.machine?.name) == [nil, nil, "gpu", nil, "main"])
        #expect(discovery.found.map(\.node?.name) == [nil, "desktop", nil, "gpu", "main"])
        #expect(discovery.candidates.map(\.peer.name) == ["desktop"])
    }

    @Test("globs choose by any of a machine's names; --online-only leaves out what is off")
    func filters() throws {
        var discovery = Discovery(tailnet: try Told.tailnet(), onlineOnly: true)
        #expect(discovery.found.map(\.peer.name) == ["laptop", "gpu-box", "server-1"])
        discovery.onlineOnly = false
        for (glob, names) in [
            ("GPU-*", ["gpu-box"]), ("[dp]*", ["desktop", "phone"]),
            ("*.example.ts.net", discovery.found.map(\.peer.name)),
            ("localhost", ["gpu-box"]), ("server", []), ("stranger", []), ("se-*", []),
        ] {
            var filtered = discovery
            filtered.filter = glob
            #expect(filtered.found.map(\.peer.name) == names, "\(glob)")
        }
    }
}
