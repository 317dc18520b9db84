import Kubernetes
import Model
import OrderedCollections
import Testing
import YAML

@Suite("which pods a drain has leave") struct DrainChoiceTests {
    private func pod(_ name: String, _ more: String = "{}") throws -> Value {
        let text = """
            apiVersion: v1
            kind: Pod
            metadata: {name: \(name), namespace: default, uid: u-\(name)}
            """
        var pod = try YAML.value(Array(text.utf8), file: "pod").map ?? [:]
        for (key, value) in try YAML.value(Array(more.utf8), file: "more").map ?? [:] {
            pod[key] = .map((pod[key]?.map ?? [:]).merging(value.map ?? [:]) { $1 })
        }
        return .map(pod)
    }

    private static let ofDaemonSet = "ownerReferences: [{kind: DaemonSet, name: logs, controller: true}]"

    @Test(
        "as kubectl drain --ignore-daemonsets --delete-emptydir-data --force chooses",
        arguments: [
            ("a bare pod", "{}", nil as DrainChoice.Reason?),
            ("one with local storage", "{spec: {volumes: [{name: v, emptyDir: {}}]}}", nil),
            (
                "one of a ReplicaSet", "{metadata: {ownerReferences: [{kind: ReplicaSet, name: r, controller: true}]}}",
                nil
            ),
            ("a finished one", "{status: {phase: Succeeded}}", nil),
            ("a static one", "{metadata: {annotations: {kubernetes.io/config.mirror: abc}}}", .mirror),
            ("one of a DaemonSet", "{metadata: {\(ofDaemonSet)}, status: {phase: Running}}", .daemonSet),
            ("a finished one of a DaemonSet", "{metadata: {\(ofDaemonSet)}, status: {phase: Failed}}", nil),
            (
                "one of a DaemonSet that is gone",
                "{metadata: {ownerReferences: [{kind: DaemonSet, name: gone, controller: true}]}}", nil
            ),
            (
                "one that a DaemonSet owns and does not control",
                "{metadata: {ownerReferences: [{kind: DaemonSet, name: logs}]}}", nil
            ),
            ("one on its way out", "{metadata: {deletionTimestamp: '2026-11-24T10:00:00Z'}}", nil),
            ("one on its way out for ever", "{metadata: {deletionTimestamp: '2020-01-01T00:00:00Z'}}", .terminating),
        ])
    func choice(what: String, more: String, expected: DrainChoice.Reason?) throws {
        let choice = DrainChoice(
            pods: [try pod("p", more)], daemonSets: ["default/logs"], isLost: { $0.hasPrefix("2020") })
        let reference = PodReference(namespace: "default", name: "p", uid: "u-p")
        #expect(choice.leaving == (expected == nil ? [reference] : []), "\(what)")
        #expect(choice.kept.map(\.reason) == (expected.map { [$0] } ?? []), "\(what)")
    }

    @Test("pods leave in one order, whatever the API's")
    func order() throws {
        let pods = try ["c", "a", "b"].map { try pod($0) }
        #expect(DrainChoice(pods: pods, daemonSets: []).leaving.map(\.name) == ["a", "b", "c"])
    }
}
