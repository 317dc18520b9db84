import Model
import Testing

@testable import Resources

@Suite struct ClusterWaitTests {
    private static func status(_ status: Value, kind: String = "Node", generation: Int = 1) -> Value {
        ["kind": .string(kind), "metadata": ["generation": .int(generation)], "status": status]
    }

    static let sights: [(ClusterGoal, Value?, ClusterGoal.Sight)] = [
        (.nodeReady("n1", version: nil), nil, .notYet("it is not there")),
        (
            .nodeReady("n1", version: "v2"),
            status(["conditions": [["type": "Ready", "status": "True"]], "nodeInfo": ["kubeletVersion": "v1"]]),
            .notYet("its kubelet is still v1")
        ),
        (
            .nodeReady("n1", version: "v2"),
            status(["conditions": [["type": "Ready", "status": "True"]], "nodeInfo": ["kubeletVersion": "v2"]]),
            .met("Ready, v2")
        ),
        (
            .nodeReady("n1", version: nil),
            status(["conditions": [["type": "Ready", "status": "False", "message": "no network plugin"]]]),
            .notYet("Ready is False: no network plugin")
        ),
        (
            .allocatable(node: "n1", resource: "nvidia.com/gpu", atLeast: 4),
            status(["allocatable": ["nvidia.com/gpu": "1"]]), .notYet("it offers 1 nvidia.com/gpu")
        ),
        (
            .allocatable(node: "n1", resource: "nvidia.com/gpu", atLeast: 4),
            status(["allocatable": ["nvidia.com/gpu": "4"]]), .met("4 nvidia.com/gpu")
        ),
        (.allocatable(node: "n1", resource: "x", atLeast: 1), status([:]), .notYet("it offers no x")),
        (
            .rolledOut(path: "/apis/x"),
            status(
                ["observedGeneration": 1, "desiredNumberScheduled": 3, "updatedNumberScheduled": 3, "numberReady": 2],
                kind: "DaemonSet"), .notYet("2 of 3 ready")
        ),
        (
            .rolledOut(path: "/apis/x"), status(["observedGeneration": 1], kind: "DaemonSet", generation: 2),
            .notYet("its controller has not seen it yet")
        ),
        (.gone(path: "/api/x"), nil, .met("gone")),
        (.gone(path: "/api/x"), status([:]), .notYet("it is still there")),
        (.annotated(path: "/api/x", key: "k"), ["metadata": ["annotations": ["k": "v"]]], .met("k is v")),
    ]

    @Test("what is there tells whether it is what was waited for", arguments: sights.indices)
    func sight(_ index: Int) {
        let (goal, object, sight) = Self.sights[index]
        #expect(goal.look(at: object) == sight)
    }

    @Test("a task waits for one thing, by the object's path")
    func fields() throws {
        let wait = try resource(
            ClusterWait.self, ["kubeconfig": "x", "node_ready": ["name": "n1"], "timeout": "1m"])
        #expect(wait.questions == [.object("/api/v1/nodes/n1")])
        guard case .change(let change) = wait.difference(from: try wait.read([.object(nil)])) else {
            Issue.record("it must wait")
            return
        }
        #expect(change.steps == [.cluster(.wait(.nodeReady("n1", version: nil), timeout: .seconds(60)))])
        #expect(change.details == [.note("now: it is not there")])
        #expect(mistakes(ClusterWait.self, ["kubeconfig": "x"]).contains("one of 'node_ready'"))
        #expect(
            mistakes(ClusterWait.self, ["kubeconfig": "x", "gone": "pods"]).contains("'pods' is no path of the API"))
    }
}
