import Model
import OrderedCollections
import Testing

@testable import Resources

@Suite struct ManifestTests {
    private static let settings: Value = [
        "apiVersion": "v1", "kind": "ConfigMap", "metadata": ["name": "c", "namespace": "x"], "data": ["a": "1"],
    ]

    private func live(_ object: Value, _ more: Value = [:]) -> Value {
        guard var entries = object.map, var metadata = entries["metadata"]?.map else { return object }
        metadata["resourceVersion"] = "7"
        metadata["managedFields"] = []
        entries["metadata"] = .map(metadata)
        entries["status"] = ["phase": "x"]
        return .map(entries.merging(more.map ?? [:]) { $1 })
    }

    @Test("what the API would make of it is what the plan shows")
    func update() throws {
        let kind = try resource(Manifest.self, ["kubeconfig": "k", "yaml": Self.settings])
        #expect(kind.questions == [.manifest(Self.settings)])
        let was = live(Self.settings, ["data": ["a": "0", "theirs": "kept"]])
        let found = try kind.read([
            .manifest(live: was, applied: live(Self.settings, ["data": ["a": "1", "theirs": "kept"]]))
        ])
        let difference = kind.difference(from: found)
        guard case .text("ConfigMap x/c", let from, let to)? = details(difference).first else {
            Issue.record("\(difference)")
            return
        }
        #expect(from?.description.contains("a: \"0\"\n  theirs: kept") == true, "\(from as Any)")
        #expect(to?.description.contains("a: \"1\"\n  theirs: kept") == true)
        #expect(to?.description.contains("resourceVersion") == false)
        guard case .change(let change) = difference else { return }
        #expect(change.action == .update && change.steps == [.cluster(.apply(Self.settings))])
        #expect(isSettled(kind.difference(from: try kind.read([.manifest(live: was, applied: was)]))))
    }

    @Test("kinds and namespaces are made first, and a kind is waited for")
    func order() throws {
        let text = """
            # a comment alone
            ---
            apiVersion: v1
            kind: ConfigMap
            metadata: {name: c, namespace: x}
            ---
            apiVersion: v1
            kind: Namespace
            metadata: {name: x}
            ---
            apiVersion: apiextensions.k8s.io/v1
            kind: CustomResourceDefinition
            metadata: {name: things.example.org}
            """
        let kind = try resource(Manifest.self, ["kubeconfig": "k", "template": .string(text)])
        #expect(kind.subject == "CustomResourceDefinition things.example.org, Namespace x, ConfigMap x/c")
        let nothing = ClusterAnswer.manifest(live: nil, applied: nil)
        guard case .change(let change) = kind.difference(from: try kind.read([nothing, nothing, nothing])) else {
            Issue.record("all of it is missing")
            return
        }
        #expect(change.action == .create)
        #expect(change.steps.count == 4)
        let crd = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions/things.example.org"
        #expect(
            change.steps[1]
                == .cluster(.wait(.condition(path: crd, type: "Established", status: "True"), timeout: .seconds(60))))
    }

    @Test("a Secret shows nothing, whatever gave its data")
    func secrets() throws {
        let secret: Value = [
            "apiVersion": "v1", "kind": "Secret", "metadata": ["name": "s", "namespace": "x"],
            "stringData": ["password": "hunter2"],
        ]
        let kind = try resource(Manifest.self, ["kubeconfig": "k", "yaml": secret])
        let difference = kind.difference(from: try kind.read([.manifest(live: nil, applied: nil)]))
        for case .text(_, _, let to) in details(difference) { #expect(to?.description == "(sensitive)") }
        #expect(details(difference).count == 1)
    }

    @Test("what is absent is deleted once")
    func absence() throws {
        let kind = try resource(Manifest.self, ["kubeconfig": "k", "yaml": Self.settings, "state": "absent"])
        guard
            case .change(let change) = kind.difference(
                from: try kind.read([.manifest(live: live(Self.settings), applied: nil)]))
        else {
            Issue.record("it must go")
            return
        }
        #expect(change.action == .delete && change.steps == [.cluster(.deleteManifest(Self.settings))])
        #expect(isSettled(kind.difference(from: try kind.read([.manifest(live: nil, applied: nil)]))))
    }

    @Test("objects without a kind or a name are refused, all at once")
    func mistaken() {
        let text = mistakes(
            Manifest.self, ["kubeconfig": "k", "yaml": [["kind": "A"], ["apiVersion": "v1", "kind": "B"]]])
        #expect(text.contains("no 'apiVersion'") && text.contains("no 'metadata.name'"))
        #expect(mistakes(Manifest.self, ["kubeconfig": "k", "template": "---\n"]).contains("there is no object in it"))
    }
}
