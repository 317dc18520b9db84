import Foundation
import HTTP
import Kubernetes
import Model
import OrderedCollections
import TestSupport
import Testing
import YAML

extension KubernetesTests {
    @Suite("changing objects") struct ChangeTests {
        private func service(_ space: Space, type: String) -> Value {
            [
                "apiVersion": "v1", "kind": "Service",
                "metadata": ["name": "web", "namespace": .string(space.name)],
                "spec": [
                    "type": .string(type), "selector": ["app": "web"], "ports": [["port": 80, "protocol": "TCP"]],
                ],
            ]
        }

        @Test("an apply makes an object and changes it, and leaves what it does not say")
        func apply() async throws {
            let space = try await Space(try ClusterLab.current)
            let (client, path) = (space.client, space.path("configmaps", "one"))
            let made = try await client.apply(space.configMap("one", ["a": "1", "b": "2"]))
            #expect(made["data"]?.sorted == ["a": "1", "b": "2"])
            try await space.lab.kubectl("-n", space.name, "label", "configmap", "one", "by=hand")
            let changed = try await client.apply(space.configMap("one", ["a": "3"]))
            #expect(changed["data"] == ["a": "3"])
            #expect(changed["metadata"]?["labels"] == ["by": "hand"])
            #expect(try await client.object(path)?.sorted == space.kubectl("get", "configmap", "one").sorted)
            let managers = changed["metadata"]?["managedFields"]?.list ?? []
            #expect(managers.contains { $0["manager"] == "kubani" && $0["operation"] == "Apply" })
        }

        @Test("an apply without a namespace goes where the context says")
        func contextNamespace() async throws {
            let space = try await Space(try ClusterLab.current)
            var endpoint = try space.lab.endpoint()
            endpoint.namespace = space.name
            let manifest: Value = ["apiVersion": "v1", "kind": "ConfigMap", "metadata": ["name": "one"]]
            let client = ClusterClient(endpoint)
            #expect(try await client.path(of: manifest) == space.path("configmaps", "one"))
            try await client.apply(manifest)
            #expect(try await client.object(space.path("configmaps", "one")) != nil)
            let role: Value = [
                "apiVersion": "rbac.authorization.k8s.io/v1", "kind": "ClusterRole", "metadata": ["name": "a:b"],
            ]
            #expect(
                try await client.path(of: role) == "/apis/rbac.authorization.k8s.io/v1/clusterroles/a%3Ab")
        }

        @Test("a dry run changes nothing, and says what would be")
        func dryRun() async throws {
            let space = try await Space(try ClusterLab.current)
            let (client, path) = (space.client, space.path("configmaps", "one"))
            let would = try await client.apply(space.configMap("one"), dryRun: true)
            #expect(would["data"] == ["a": "1"])
            #expect(try await client.object(path) == nil)
            try await client.apply(space.configMap("one"))
            let before = try await client.object(path)
            #expect(try await client.apply(space.configMap("one", ["a": "2"]), dryRun: true)["data"] == ["a": "2"])
            #expect(try await client.patch(path, .merge, ["data": ["a": "3"]], dryRun: true)["data"] == ["a": "3"])
            #expect(try await client.delete(path, dryRun: true))
            #expect(try await client.create(space.configMap("two"), dryRun: true)["data"] == ["a": "1"])
            let after = try await client.object(path)
            #expect(after?["metadata"]?["resourceVersion"] == before?["metadata"]?["resourceVersion"])
            #expect(after?.sorted == before?.sorted, "\(JSON.line(after ?? nil)) \(JSON.line(before ?? nil))")
            #expect(try await client.object(space.path("configmaps", "two")) == nil)
        }

        @Test("a preview is the object as it is and as it would be, and nothing where the API cannot tell")
        func preview() async throws {
            let space = try await Space(try ClusterLab.current)
            let client = space.client
            let new = try await client.preview(space.configMap("one"))
            #expect(new.live == nil && new.applied?["data"] == ["a": "1"])
            try await client.apply(space.configMap("one"))
            let same = try await client.preview(space.configMap("one"))
            #expect(same.live?["data"] == same.applied?["data"])
            let kind = try await client.preview([
                "apiVersion": "example.com/v1", "kind": "Widget", "metadata": ["name": "w"],
            ])
            #expect(kind.live == nil && kind.applied == nil)
            var elsewhere = space.configMap("one").map ?? [:]
            elsewhere["metadata"] = ["name": "one", "namespace": "no-such-namespace"]
            let namespace = try await client.preview(.map(elsewhere))
            #expect(namespace.live == nil && namespace.applied == nil)
            let refused = await failure { try await client.apply(.map(elsewhere)) }
            #expect(
                refused?.description == """
                    could not apply ConfigMap no-such-namespace/one: namespaces "no-such-namespace" not found
                    hint: make the namespace first
                    """)
        }

        @Test("fields that somebody else keeps are a conflict that names them, unless they are taken over")
        func conflict() async throws {
            let space = try await Space(try ClusterLab.current)
            try await space.lab.kubectl(
                "apply", "--server-side", "--field-manager=anna", "-f", "-",
                stdin: JSON.line(service(space, type: "ClusterIP")))
            let refused = await failure { try await space.client.apply(service(space, type: "NodePort")) }
            #expect(
                refused?.description == """
                    could not apply Service \(space.name)/web: Apply failed with 1 conflict: conflict with "anna": .spec.type
                    hint: others keep these fields; to take them over is what force does
                    """)
            let taken = try await space.client.apply(service(space, type: "NodePort"), force: true)
            #expect(taken["spec"]?["type"] == "NodePort")
        }

        @Test("a manifest that is wrong is refused in the server's words, each field named")
        func invalid() async throws {
            let space = try await Space(try ClusterLab.current)
            var wrong = service(space, type: "Nothing").map ?? [:]
            let kept = wrong
            wrong["spec"] = ["type": "Nothing", "ports": [["port": 99999, "protocol": "TCP"]]]
            let refused = await failure { try await space.client.apply(.map(wrong)) }
            #expect(refused?.cause.hasPrefix("Service \"web\" is invalid: ") == true)
            let lines = (refused?.detail ?? "").split(separator: "\n")
            #expect(
                lines.contains { $0.hasPrefix("spec.type: ") }
                    && lines.contains { $0.hasPrefix("spec.ports[0].port: ") })
            wrong = kept
            wrong["kind"] = "Sevrice"
            #expect(
                await failure { try await space.client.apply(.map(wrong)) }?.description == """
                    could not apply Sevrice \(space.name)/web: the API knows no kind Sevrice in v1
                    hint: is its CustomResourceDefinition there, and of that version?
                    """)
        }

        @Test("merge, strategic and JSON patches")
        func patches() async throws {
            let space = try await Space(try ClusterLab.current)
            let (client, path) = (space.client, space.path("services", "web"))
            try await client.create(service(space, type: "ClusterIP"))
            let merged = try await client.patch(path, .merge, ["metadata": ["labels": ["a": "1", "b": nil]]])
            #expect(merged["metadata"]?["labels"] == ["a": "1"])
            let strategic = try await client.patch(
                path, .strategic,
                [
                    "spec": [
                        "ports": [
                            ["port": 443, "name": "tls", "protocol": "TCP"],
                            ["port": 80, "name": "web", "protocol": "TCP"],
                        ]
                    ]
                ])
            #expect(strategic["spec"]?["ports"]?.list?.count == 2)
            let json = try await client.patch(
                path, .json,
                [
                    ["op": "test", "path": "/metadata/labels", "value": ["a": "1"]],
                    ["op": "replace", "path": "/metadata/labels", "value": ["c": "2"]],
                ])
            #expect(json["metadata"]?["labels"] == ["c": "2"])
            let failed = await failure {
                try await client.patch(path, .json, [["op": "test", "path": "/metadata/labels", "value": ["a": "1"]]])
            }
            #expect(failed?.deed == "change \(path)")
            #expect(failed?.code == .drifted && failed?.cause == "it is no longer as it was looked at")
            #expect(
                await failure { try await client.patch(path + "x", .merge, [:]) }?.cause
                    == "services \"webx\" not found")
        }

        @Test("what is created twice is told; what is deleted twice is not there the second time")
        func createAndDelete() async throws {
            let space = try await Space(try ClusterLab.current)
            let (client, path) = (space.client, space.path("configmaps", "one"))
            let made = try await client.create(space.configMap("one"))
            let again = await failure { try await client.create(space.configMap("one")) }
            #expect(
                again?.description
                    == "could not create ConfigMap \(space.name)/one: configmaps \"one\" already exists")
            let generated = try await client.create([
                "apiVersion": "v1", "kind": "ConfigMap",
                "metadata": ["generateName": "some-", "namespace": .string(space.name)],
            ])
            #expect(generated["metadata"]?["name"]?.string?.hasPrefix("some-") == true)
            #expect(try await !client.delete(path, uid: "another"))
            #expect(try await client.object(path) != nil)
            #expect(try await client.delete(path, uid: made["metadata"]?["uid"]?.string))
            #expect(try await !client.delete(path))
            #expect(try await !client.delete(manifest: space.configMap("one")))
            #expect(
                try await !client.delete(manifest: [
                    "apiVersion": "example.com/v1", "kind": "W", "metadata": ["name": "w"],
                ]))
        }

        @Test("a deletion reaches what the object owns, or leaves it, as is said")
        func propagation() async throws {
            let space = try await Space(try ClusterLab.current)
            let client = space.client
            for (name, propagation) in [("kept", ClusterClient.Propagation.orphan), ("taken", .foreground)] {
                let owner = try await client.create(space.configMap(name))
                var owned = space.configMap("\(name)-below").map ?? [:]
                let uid = try #require(owner["metadata"]?["uid"])
                owned["metadata"] = [
                    "name": .string("\(name)-below"), "namespace": .string(space.name),
                    "ownerReferences": [
                        [
                            "apiVersion": "v1", "kind": "ConfigMap", "name": .string(name), "uid": uid,
                            "blockOwnerDeletion": true,
                        ]
                    ],
                ]
                try await client.create(.map(owned))
                try await client.delete(space.path("configmaps", name), propagation: propagation)
                try await client.wait(for: .gone(path: space.path("configmaps", name)), timeout: .seconds(60))
            }
            #expect(try await client.object(space.path("configmaps", "kept-below")) != nil)
            #expect(try await client.object(space.path("configmaps", "taken-below")) == nil)
        }

        @Test("a kind that has just come is known, and the wait for it ends when it is established")
        func newKind() async throws {
            let space = try await Space(try ClusterLab.current)
            let client = space.client
            let group = "\(space.name).example.com"
            let widget: Value = [
                "apiVersion": .string("\(group)/v1"), "kind": "Widget",
                "metadata": ["name": "w", "namespace": .string(space.name)], "spec": ["size": 3],
            ]
            #expect(try await client.path(of: widget) == nil)
            async let waited = client.wait(
                for: .condition(
                    path: "/apis/\(group)/v1/namespaces/\(space.name)/widgets/w", type: "Ready", status: "True"),
                timeout: .seconds(60))
            try await client.apply([
                "apiVersion": "apiextensions.k8s.io/v1", "kind": "CustomResourceDefinition",
                "metadata": ["name": .string("widgets.\(group)")],
                "spec": [
                    "group": .string(group), "scope": "Namespaced", "names": ["kind": "Widget", "plural": "widgets"],
                    "versions": [
                        [
                            "name": "v1", "served": true, "storage": true,
                            "schema": [
                                "openAPIV3Schema": ["type": "object", "x-kubernetes-preserve-unknown-fields": true]
                            ],
                        ]
                    ],
                ],
            ])
            try await client.wait(
                for: .condition(
                    path: "/apis/apiextensions.k8s.io/v1/customresourcedefinitions/widgets.\(group)",
                    type: "Established",
                    status: "True"), timeout: .seconds(60))
            let made = try await client.apply(widget)
            #expect(made["spec"]?["size"] == 3)
            try await client.patch(
                "/apis/\(group)/v1/namespaces/\(space.name)/widgets/w", .merge,
                ["status": ["conditions": [["type": "Ready", "status": "True"]]]])
            #expect(try await waited == "Ready is True")
        }

        @Test("a kind that discovery tells of, and that is not served yet, is waited for")
        func notServedYet() async throws {
            let space = try await Space(try ClusterLab.current)
            let path = space.path("configmaps")
            let (first, applying) = try space.lab.proxied("\(path)/one?", "no-such-kind")
            defer { first.stop() }
            #expect(try await applying.apply(space.configMap("one"))["metadata"]?["name"] == "one")
            let (second, creating) = try space.lab.proxied("\(path)?", "no-such-kind")
            defer { second.stop() }
            #expect(try await creating.create(space.configMap("two"))["metadata"]?["name"] == "two")
            // The kind comes between the list that did not find it and whatever is asked next.
            let (third, waiting) = try space.lab.proxied("\(path)?", "no-such-kind")
            defer { third.stop() }
            let said = try await waiting.wait(for: .gone(path: path + "/three"), timeout: .seconds(20))
            #expect(said != "")
            let (fourth, annotated) = try space.lab.proxied("\(path)?", "no-such-kind")
            defer { fourth.stop() }
            let late = await failure {
                try await annotated.wait(for: .annotated(path: path + "/one", key: "a"), timeout: .seconds(3))
            }
            #expect(late?.cause == "after 3 s: it has no annotation a")
            for proxy in [first, second, third, fourth] { #expect(proxy.text.contains("404 \(path)")) }
        }

        @Test("a wait whose time is up says what it last saw")
        func waitInVain() async throws {
            let space = try await Space(try ClusterLab.current)
            let (client, path) = (space.client, space.path("configmaps", "one"))
            let missing = await failure {
                try await client.wait(for: .annotated(path: path, key: "a"), timeout: .seconds(1))
            }
            #expect(missing?.code == .timedOut)
            #expect(missing?.description == "could not wait for \(path): after 1 s: it is not there")
            try await client.apply(space.configMap("one"))
            let other = await failure {
                try await client.wait(for: .annotated(path: path, key: "a"), timeout: .seconds(1))
            }
            #expect(other?.cause == "after 1 s: it has no annotation a")
        }
    }
}
