import Foundation
import HTTP
import Kubernetes
import Model
import Synchronization
import TestSupport
import Testing

extension KubernetesTests {
    @Suite("drains of hollow nodes") struct DrainTests {
        /// Lines that a drain has told.
        private final class Told: Sendable {
            private let lines = Mutex<[String]>([])
            var all: [String] { lines.withLock { $0 } }
            var add: @Sendable (String) -> Void { { line in self.lines.withLock { $0.append(line) } } }
        }

        private func pod(_ name: String, on node: String, app: String = "none", more: String = "") -> String {
            """
            apiVersion: v1
            kind: Pod
            metadata: {name: \(name), labels: {app: \(app)}\(more)}
            spec:
              nodeName: \(node)
              terminationGracePeriodSeconds: 1
              tolerations: [{operator: Exists}]
              containers: [{name: c, image: example.com/none}]
            ---

            """
        }

        private func budget(_ name: String, app: String) -> String {
            """
            apiVersion: policy/v1beta1
            kind: PodDisruptionBudget
            metadata: {name: \(name)}
            spec: {minAvailable: 1, selector: {matchLabels: {app: \(app)}}}
            ---

            """
        }

        /// A node of the test's own, and pods that run on it.
        private func node(_ name: String, _ space: Space) async throws -> String {
            let node = "\(name)-\(space.name)"
            try await space.lab.addNode(node)
            try await space.awaitAccount()
            return node
        }

        private func awaitRunning(_ pods: String..., in space: Space) async throws {
            for pod in pods {
                try await space.lab.wait("pod \(pod)") {
                    try await space.client.object(space.path("pods", pod))?["status"]?["phase"] == "Running"
                }
            }
        }

        private func pods(on node: String, _ space: Space) async throws -> [String] {
            try await space.client.list("/api/v1/pods", [("fieldSelector", "spec.nodeName=\(node)")])
                .compactMap { $0["metadata"]?["name"]?.string }.sorted()
        }

        private func within(seconds: Int) -> DrainOptions {
            var options = DrainOptions()
            options.timeout = .seconds(seconds)
            options.retryEvery = .seconds(1)
            return options
        }

        @Test("pods leave, those of DaemonSets stay, and nothing new is put there until it is lifted")
        func plain() async throws {
            let space = try await Space(try ClusterLab.current)
            let node = try await node("plain", space)
            try await space.apply(
                """
                apiVersion: apps/v1
                kind: DaemonSet
                metadata: {name: logs}
                spec:
                  selector: {matchLabels: {app: logs}}
                  template:
                    metadata: {labels: {app: logs}}
                    spec: {nodeSelector: {no: node}, containers: [{name: c, image: example.com/none}]}
                """)
            let uid = try await space.client.object(space.path("daemonsets", "logs", group: "/apis/apps/v1"))?[
                "metadata"]?["uid"]
            let owner = """
                , ownerReferences: [{apiVersion: apps/v1, kind: DaemonSet, name: logs, uid: \(uid?.string ?? ""), controller: true}]
                """
            try await space.apply(pod("one", on: node) + pod("two", on: node))
            // The DaemonSet's controller would remove a pod where none is wanted; it knows none of another label.
            try await space.apply(pod("log", on: node, app: "other", more: owner))
            try await awaitRunning("one", "two", in: space)
            let told = Told()
            try await space.client.drain(
                node: node, options: within(seconds: 90), annotations: ["kubani.io/cordoned": "test"], tell: told.add)
            let left = try await pods(on: node, space)
            #expect(left == ["log"] || left == [])
            let object = try #require(try await space.client.object("/api/v1/nodes/\(node)"))
            #expect(object["spec"]?["unschedulable"] == true)
            #expect(object["metadata"]?["annotations"]?["kubani.io/cordoned"] == "test")
            #expect(told.all.contains("\(space.name)/one leaves") && told.all.contains("\(space.name)/two is gone"))
            #expect(told.all.last == "drained")
            try await space.client.setSchedulable(true, node: node, annotations: ["kubani.io/cordoned": nil])
            let lifted = try #require(try await space.client.object("/api/v1/nodes/\(node)"))
            #expect(lifted["spec"]?["unschedulable"] == nil)
            #expect(lifted["metadata"]?["annotations"]?["kubani.io/cordoned"] == nil)
            try await space.client.drain(node: node, options: within(seconds: 30))
        }

        @Test("a pod that a budget holds is named with it; once the budget lets it go, the drain ends")
        func budget() async throws {
            let space = try await Space(try ClusterLab.current)
            let (first, second) = (try await node("a", space), try await node("b", space))
            try await space.apply(budget("web", app: "web") + pod("web-1", on: first, app: "web"))
            try await awaitRunning("web-1", in: space)
            try await space.lab.wait("the budget's count") {
                let budget = try await space.client.object(
                    space.path("poddisruptionbudgets", "web", group: "/apis/policy/v1beta1"))
                return budget?["status"]?["currentHealthy"] == 1
            }
            let told = Told()
            let held = await failure {
                try await space.client.drain(node: first, options: within(seconds: 3), tell: told.add)
            }
            #expect(held?.code == .timedOut)
            #expect(held?.deed == "drain \(first)")
            #expect(held?.cause == "after 3 s a pod is left")
            #expect(
                held?.detail == "\(space.name)/web-1 is held by the PodDisruptionBudget web: The disruption budget web "
                    + "needs 1 healthy pods and has 1 currently")
            #expect(held?.hint == "let more pods of it run elsewhere, or loosen the budget: \(space.name)/web")
            #expect(told.all.filter { $0.contains(" is held: ") }.count == 1)
            #expect(try await pods(on: first, space) == ["web-1"])

            let more = Told()
            async let drained: Void = space.client.drain(node: first, options: within(seconds: 90), tell: more.add)
            try await space.lab.wait("the drain to be held") { more.all.contains { $0.contains("is held") } }
            try await space.apply(pod("web-2", on: second, app: "web"))
            try await drained
            #expect(try await pods(on: first, space) == [])
            #expect(try await pods(on: second, space) == ["web-2"])
        }

        @Test("without evictions pods are deleted whatever their budgets say")
        func deletes() async throws {
            let space = try await Space(try ClusterLab.current)
            let node = try await node("deletes", space)
            try await space.apply(budget("web", app: "web") + pod("web-1", on: node, app: "web"))
            try await awaitRunning("web-1", in: space)
            var options = within(seconds: 60)
            options.disablesEviction = true
            try await space.client.drain(node: node, options: options)
            #expect(try await pods(on: node, space) == [])
        }

        @Test("a pod that does not end is named, and another of its name is not taken for it")
        func stays() async throws {
            let space = try await Space(try ClusterLab.current)
            let node = try await node("stays", space)
            try await space.apply(pod("stuck", on: node, more: ", finalizers: [example.com/stays]"))
            try await awaitRunning("stuck", in: space)
            let stuck = await failure { try await space.client.drain(node: node, options: within(seconds: 4)) }
            #expect(stuck?.detail == "\(space.name)/stuck has not ended yet")
            #expect(stuck?.hint == "kubectl describe pod tells what it waits for")
            try await space.client.patch(space.path("pods", "stuck"), .merge, ["metadata": ["finalizers": nil]])
            try await space.client.drain(node: node, options: within(seconds: 60))
        }

        @Test("pods of a machine that is off are not waited for, where that is said")
        func off() async throws {
            let space = try await Space(try ClusterLab.current)
            let node = try await node("off", space)
            try await space.apply(pod("one", on: node))
            try await awaitRunning("one", in: space)
            space.lab.stopNode(node)
            let waits = await failure { try await space.client.drain(node: node, options: within(seconds: 3)) }
            #expect(waits?.detail == "\(space.name)/one has not ended yet")
            var options = within(seconds: 60)
            options.forgetsPodsTerminatingFor = .seconds(1)
            let told = Told()
            try await space.client.drain(node: node, options: options, tell: told.add)
            #expect(
                told.all == ["\(space.name)/one stays: on its way out for long", "drained"]
                    || told.all.contains("\(space.name)/one is not waited for any longer"))
        }

        @Test("a node that there is not is told at once")
        func missing() async throws {
            let client = try ClusterLab.current.client()
            let missing = await failure { try await client.drain(node: "nobody") }
            #expect(missing?.description == "could not drain nobody: the cluster has no node nobody")
        }
    }
}
