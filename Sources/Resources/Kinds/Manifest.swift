import Model
import OrderedCollections
import YAML

/// Objects of the cluster's API, as manifests declare them.
public struct Manifest: ClusterKind {
    public static let name = "manifest"
    public static let summary = """
        Keeps objects in the cluster as their manifests declare them, by server-side apply as field manager `kubani`: \
        what a manifest does not say is left as it is. The plan shows what the API itself says it would make of them.
        """
    public static let example = """
        - name: runtime class
          manifest:
            kubeconfig: "{{ exports.kubeconfig }}"
            yaml:
              apiVersion: node.k8s.io/v1
              kind: RuntimeClass
              metadata: { name: nvidia }
              handler: nvidia
        """
    public static let fields = [
        Field("kubeconfig", .credential, required: true, "The text of a kubeconfig for the cluster."),
        Field("yaml", .any, "A manifest, or a list of them."),
        Field("template", .templateFile, "A template of the role's `templates/` with manifests, `---` between them."),
        Field("source", .sourceFile, "A file of the role's `files/` with manifests, `---` between them."),
        Field("state", .oneOf(["present", "absent"]), "absent: the objects are deleted (present)."),
    ]

    public let access: ClusterAccess
    let objects: [ManifestObject]
    let isAbsent: Bool

    public struct Found: Sendable, Equatable {
        struct One: Sendable, Equatable {
            var live: Value?
            /// What the API would make of the manifest; nil where it cannot tell yet.
            var applied: Value?
        }
        var objects: [One]
    }

    public init(_ arguments: Arguments) throws(InputErrors) {
        access = ClusterAccess(kubeconfig: Secret(arguments.string("kubeconfig") ?? ""))
        isAbsent = arguments.string("state") == "absent"
        let given = ["yaml", "template", "source"].filter { arguments.has($0) }
        guard given.count == 1, let name = given.first, let value = arguments.value(name) else {
            throw InputErrors(arguments.error("manifest: one of 'yaml', 'template' and 'source' is needed"))
        }
        objects = try ManifestObject.read(value, name, arguments)
    }

    public var subject: String { objects.map(\.description).joined(separator: ", ") }
    public var questions: [ClusterQuestion] { objects.map { .manifest($0.json) } }

    public func read(_ answers: [ClusterAnswer]) throws(Failure) -> Found {
        var found = Found(objects: [])
        for answer in answers {
            guard case .manifest(let live, let applied) = answer else {
                throw Failure(deed: "look at \(subject)", cause: "the API's answer is about something else")
            }
            found.objects.append(.init(live: live, applied: applied))
        }
        return found
    }

    public func difference(from found: Found) -> Difference {
        var details: [Detail] = []
        var steps: [Step] = []
        var action: Action?
        func note(_ new: Action) { action = action == nil || action == new ? new : .update }
        for (object, one) in zip(objects, found.objects) {
            if isAbsent {
                guard one.live != nil else { continue }
                note(.delete)
                details.append(.attribute("\(object)", from: "present", to: nil))
                steps.append(.cluster(.deleteManifest(object.json)))
                continue
            }
            let was = one.live.map(object.shown)
            let now = object.shown(one.applied ?? object.json)
            if let was, was == now { continue }
            note(was == nil ? .create : .update)
            details.append(
                .text(
                    object.description, from: was.map { Shown($0, isSensitive: object.isSecret) },
                    to: Shown(now, isSensitive: object.isSecret)))
            steps.append(.cluster(.apply(object.json)))
            if let goal = object.goal { steps.append(.cluster(.wait(goal, timeout: .seconds(60)))) }
        }
        guard let action else {
            return .none(objects.count == 1 ? "as declared" : "\(objects.count) objects as declared")
        }
        return .change(Change(action, details: details, steps: steps))
    }

    public var touches: [Effect] { [.cluster("/")] }
    /// Another manifest may bring its namespace or its kind; what is there already stands for itself.
    public func dependsOn(_ found: Found) -> [Effect] {
        found.objects.allSatisfy { $0.live != nil } ? [] : [.cluster("/")]
    }
}
