import Foundation
import HTTP
import Kubernetes
import Model
import OrderedCollections
import TestSupport
import Testing
import YAML

extension KubernetesTests {
    @Suite("what is told of real nodes") struct NodeTests {
        /// The columns of `kubectl get nodes -o wide` of a node.
        private func columns(_ node: String, _ lab: ClusterLab) async throws -> [String: String] {
            let lines = try await lab.kubectl("get", "node", node, "-o", "wide").split(separator: "\n").map(String.init)
            let titles = try #require(lines.first)
            // Columns begin where their titles do.
            let names = titles.split(separator: " ").map(String.init).filter { $0 != "" }
            var out: [String: String] = [:]
            for (index, name) in names.enumerated() {
                guard let start = titles.range(of: name)?.lowerBound else { continue }
                let from = titles.distance(from: titles.startIndex, to: start)
                var to = lines[1].count
                if index + 1 < names.count, let next = titles.range(of: names[index + 1])?.lowerBound {
                    to = titles.distance(from: titles.startIndex, to: next)
                }
                let text = String(lines[1].dropFirst(from).prefix(to - from))
                out[name] = text.trimmingCharacters(in: .whitespaces)
            }
            return out
        }

        private func status(_ node: String, _ client: ClusterClient) async throws -> NodeStatus {
            NodeStatus(try #require(try await client.object("/api/v1/nodes/\(node)")))
        }

        private func expectAlike(_ status: NodeStatus, _ columns: [String: String]) {
            let state =
                switch status.readiness {
                case .ready: "Ready"
                default: "NotReady"
                }
            #expect(columns["STATUS"] == state + (status.isSchedulable ? "" : ",SchedulingDisabled"))
            #expect(columns["ROLES"] == (status.roles.isEmpty ? "<none>" : status.roles.joined(separator: ",")))
            #expect(columns["VERSION"] == status.version)
            #expect(columns["INTERNAL-IP"] == status.internalAddresses.first ?? "<none>")
            #expect(columns["OS-IMAGE"] == status.system.osImage)
            #expect(columns["KERNEL-VERSION"] == status.system.kernel)
            #expect(columns["CONTAINER-RUNTIME"] == status.system.containerRuntime)
        }

        @Test("as kubectl get nodes shows them: ready, cordoned, and silent once the kubelet is")
        func nodes() async throws {
            let lab = try ClusterLab.current
            let client = try lab.client()
            let name = "told-\(UInt32.random(in: 0 ... .max))"
            try await lab.addNode(name, labels: "lab=yes,node-role.kubernetes.io/worker=true")
            // One that a kubelet may not give itself.
            try await lab.kubectl("label", "node", name, "node-role.kubernetes.io/control-plane=true")
            try await lab.kubectl("taint", "node", name, "gpu=yes:NoSchedule", "alone:NoExecute")
            let ready = try await status(name, client)
            #expect(ready.isReady && ready.isSchedulable && ready.troubles == [])
            #expect(ready.roles == ["control-plane", "worker"])
            #expect(ready.labels["lab"] == "yes")
            #expect(ready.taints.contains("gpu=yes:NoSchedule") && ready.taints.contains("alone:NoExecute"))
            #expect(ready.capacity["cpu"] != nil && ready.allocatable["memory"] != nil)
            expectAlike(ready, try await columns(name, lab))
            try await client.setSchedulable(false, node: name)
            expectAlike(try await status(name, client), try await columns(name, lab))
            lab.stopNode(name)
            try await client.wait(
                for: .condition(path: "/api/v1/nodes/\(name)", type: "Ready", status: "Unknown"), timeout: .seconds(90))
            let silent = try await status(name, client)
            guard case .silent(let since, let message) = silent.readiness else {
                Issue.record("\(silent.readiness)")
                return
            }
            #expect(message == "Kubelet stopped posting node status.")
            #expect(try Date(since, strategy: .iso8601).timeIntervalSinceNow > -120)
            #expect(silent.troubles == [])
            expectAlike(silent, try await columns(name, lab))
        }
    }
}

@Suite("what is told of a node and its pods") struct NodeStatusTests {
    private func node(_ conditions: String) throws -> NodeStatus {
        let text = "{metadata: {name: n}, status: {conditions: [\(conditions)]}}"
        return NodeStatus(try YAML.value(Array(text.utf8), file: "node"))
    }

    @Test("why a node is not ready, and what else is wrong")
    func conditions() throws {
        #expect(try node("").readiness == .untold)
        let starting = try node("{type: Ready, status: 'False', reason: KubeletNotReady, message: cni not initialized}")
        #expect(starting.readiness == .notReady(reason: "KubeletNotReady", message: "cni not initialized"))
        let pressed = try node(
            "{type: Ready, status: 'True'}, {type: DiskPressure, status: 'True', message: 5% left}, "
                + "{type: MemoryPressure, status: 'False', message: enough}, {type: NetworkUnavailable, status: 'True'}, "
                + "{type: EtcdIsVoter, status: 'True', message: Node is a voting member of the etcd cluster}")
        #expect(pressed.isReady)
        #expect(pressed.troubles == ["DiskPressure: 5% left", "NetworkUnavailable"])
    }

    @Test(
        "a pod's state is kubectl's STATUS",
        arguments: [
            (
                "{phase: Running, containerStatuses: [{ready: true, restartCount: 2, state: {running: {}}}]}",
                "Running", true
            ),
            (
                "{phase: Running, containerStatuses: [{ready: false, state: {waiting: {reason: CrashLoopBackOff}}}]}",
                "CrashLoopBackOff", false
            ),
            (
                "{phase: Pending, containerStatuses: [{ready: false, state: {waiting: {reason: ImagePullBackOff}}}]}",
                "ImagePullBackOff", false
            ),
            ("{phase: Pending}", "Pending", false),
            (
                "{phase: Succeeded, containerStatuses: [{ready: false, state: {terminated: {exitCode: 0, reason: Completed}}}]}",
                "Completed", true
            ),
            ("{phase: Failed, reason: Evicted}", "Evicted", false),
            (
                "{phase: Failed, containerStatuses: [{ready: false, state: {terminated: {exitCode: 1, reason: Error}}}]}",
                "Error", false
            ),
            (
                "{phase: Pending, initContainerStatuses: [{state: {waiting: {reason: ErrImagePull}}}]}",
                "Init:ErrImagePull", false
            ),
        ])
    func pod(status: String, expected: String, isWell: Bool) throws {
        let text = "{metadata: {name: p}, spec: {containers: [{name: c}]}, status: \(status)}"
        let pod = PodStatus(try YAML.value(Array(text.utf8), file: "pod"))
        #expect(pod.state == expected)
        #expect(pod.isWell == isWell)
    }
}
