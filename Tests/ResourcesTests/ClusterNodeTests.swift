import Model
import OrderedCollections
import Testing

@testable import Resources

/// A node as the API shows it.
func node(
    _ name: String, labels: Value = [:], taints: [Value] = [], annotations: Value = [:], cordoned: Bool = false
) -> Value {
    var spec: Value = taints.isEmpty ? [:] : ["taints": .list(taints)]
    if cordoned, var entries = spec.map {
        entries["unschedulable"] = true
        spec = .map(entries)
    }
    return [
        "metadata": ["name": .string(name), "labels": labels, "annotations": annotations], "spec": spec,
    ]
}

@Suite struct ClusterNodeTests {
    private func difference(_ fields: OrderedDictionary<String, Value>, _ nodes: [Value]) throws -> Difference {
        let base: OrderedDictionary<String, Value> = ["name": "n1", "kubeconfig": "text"]
        let kind = try resource(ClusterNode.self, .map(base.merging(fields) { $1 }))
        #expect(kind.questions == [.list("/api/v1/nodes")])
        return kind.difference(from: try kind.read([.list(nodes)]))
    }

    private func patches(_ difference: Difference) -> [(type: ClusterDeed.PatchType, body: Value)] {
        guard case .change(let change) = difference else { return [] }
        return change.steps.compactMap { step in
            guard case .cluster(.patch("/api/v1/nodes/n1", let type, let body)) = step else { return nil }
            return (type, body)
        }
    }

    @Test("labels that differ are set, and what kubani set is written down")
    func labels() throws {
        let found = node("n1", labels: ["kubernetes.io/os": "linux", "tier": "old"])
        let difference = try difference(["labels": ["tier": "web", "new": ""]], [node("n2"), found])
        #expect(
            details(difference) == [
                .attribute("label tier", from: "old", to: "web"), .attribute("label new", from: nil, to: ""),
            ])
        let patch = try #require(patches(difference).first)
        #expect(patch.type == .merge)
        #expect(
            patch.body == [
                "metadata": [
                    "labels": ["tier": "web", "new": ""],
                    "annotations": ["kubani.io/managed": #"{"labels":["new","tier"],"taints":[]}"#],
                ]
            ])
    }

    @Test("a label that nobody asks for any more goes only where kubani set it")
    func removal() throws {
        let found = node(
            "n1", labels: ["ours": "x", "theirs": "y"],
            annotations: ["kubani.io/managed": #"{"labels":["ours","long-gone"],"taints":[]}"#])
        let difference = try difference([:], [found])
        #expect(details(difference) == [.attribute("label ours", from: "x", to: nil)])
        #expect(
            patches(difference).first?.body == [
                "metadata": ["labels": ["ours": nil], "annotations": ["kubani.io/managed": nil]]
            ])
    }

    @Test("taints of others keep their places, and are tested to be as they were")
    func taints() throws {
        let system: Value = ["key": "node.kubernetes.io/not-ready", "effect": "NoSchedule", "timeAdded": "2026"]
        let ours: Value = ["key": "old", "value": "1", "effect": "NoSchedule"]
        let found = node(
            "n1", taints: [system, ours],
            annotations: ["kubani.io/managed": #"{"labels":[],"taints":["old:NoSchedule"]}"#])
        let difference = try difference(
            ["taints": [["key": "gpu", "value": "true", "effect": "NoExecute"]]], [found])
        #expect(
            details(difference) == [
                .attribute("taint", from: "old=1:NoSchedule", to: nil),
                .attribute("taint", from: nil, to: "gpu=true:NoExecute"),
            ])
        #expect(
            patches(difference).first?.body == [
                ["op": "test", "path": "/spec/taints", "value": [system, ours]],
                [
                    "op": "replace", "path": "/spec/taints",
                    "value": [system, ["key": "gpu", "value": "true", "effect": "NoExecute"]],
                ],
            ])
    }

    @Test("as desired and written down, nothing is to be done")
    func settled() throws {
        let found = node(
            "n1", labels: ["a": "b"], taints: [["key": "k", "effect": "NoSchedule"]],
            annotations: ["kubani.io/managed": #"{"labels":["a"],"taints":["k:NoSchedule"]}"#])
        let same: OrderedDictionary<String, Value> = [
            "labels": ["a": "b"], "taints": [["key": "k", "effect": "NoSchedule"]],
        ]
        #expect(try difference(same, [found]) == .none("1 label, 1 taint"))
    }

    @Test("only a cordon of kubani's is lifted")
    func cordon() throws {
        let theirs = node("n1", cordoned: true)
        #expect(isSettled(try difference([:], [theirs])))
        let ours = node(
            "n1", annotations: ["kubani.io/cordoned": "upgrade", "kubani.io/drained": "upgrade"], cordoned: true)
        let difference = try difference([:], [ours])
        #expect(details(difference) == [.attribute("schedulable", from: "no", to: "yes")])
        #expect(
            patches(difference).first?.body == [
                "spec": ["unschedulable": nil],
                "metadata": ["annotations": ["kubani.io/cordoned": nil, "kubani.io/drained": nil]],
            ])
    }

    @Test("a node that is not in the cluster is an error, and absent it is as desired")
    func missing() throws {
        guard case .fails(let cause, _) = try difference([:], [node("n2")]) else {
            Issue.record("it must fail")
            return
        }
        #expect(cause == "the cluster has no node n1")
        #expect(try difference(["state": "absent"], [node("n2")]) == .none("not in the cluster"))
        guard case .change(let change) = try difference(["state": "absent"], [node("n1")]) else {
            Issue.record("it must go")
            return
        }
        #expect(change.steps == [.cluster(.delete(path: "/api/v1/nodes/n1"))])
    }

    @Test("a task that has a kubeconfig shows what it does, and never the kubeconfig")
    func secrecy() throws {
        let kind = try resource(ClusterNode.self, ["name": "n1", "kubeconfig": "top secret"])
        #expect(!String(reflecting: kind).contains("top secret"))
        #expect(
            mistakes(ClusterNode.self, ["name": "a/b", "kubeconfig": "top secret"]).contains("'a/b' names no node"))
        #expect(
            mistakes(
                ClusterNode.self,
                [
                    "name": "n1", "kubeconfig": "x",
                    "taints": [
                        ["key": "k", "effect": "NoSchedule"], ["key": "k", "value": "2", "effect": "NoSchedule"],
                    ],
                ]
            ).contains("k:NoSchedule is there twice"))
    }
}

@Suite struct DrainTests {
    private func difference(_ nodes: [Value]) throws -> Difference {
        let kind = try resource(
            Drain.self, ["node": "n1", "kubeconfig": "x", "reason": "upgrade to v2", "timeout": "5m"])
        return kind.difference(from: try kind.read([.list(nodes)]))
    }

    @Test("a node is drained once for each reason")
    func once() throws {
        guard case .change(let change) = try difference([node("n1")]) else {
            Issue.record("it must be drained")
            return
        }
        #expect(change.action == .run)
        #expect(
            change.steps == [
                .cluster(.drain(DrainOrder(node: "n1", reason: "upgrade to v2", timeout: .seconds(300))))
            ])
        let done = node("n1", annotations: ["kubani.io/drained": "upgrade to v2"], cordoned: true)
        #expect(try difference([done]) == .none("drained already, upgrade to v2"))
        let earlier = node("n1", annotations: ["kubani.io/drained": "upgrade to v1"], cordoned: true)
        #expect(!isSettled(try difference([earlier])))
        guard case .change(let anew) = try difference([node("n1", cordoned: true)]),
            case .cluster(.drain(let order))? = anew.steps.first
        else {
            Issue.record("it must be drained")
            return
        }
        #expect(order.isCordoned, "somebody else's cordon is not kubani's to lift")
        let lifted = node("n1", annotations: ["kubani.io/drained": "upgrade to v2"])
        #expect(!isSettled(try difference([lifted])))
        #expect(try difference([]) == .none("not in the cluster"))
    }
}
