import Model
import OrderedCollections
import YAML

/// One object that a manifest declares.
struct ManifestObject: Sendable, Hashable {
    let json: Value

    var kind: String { json["kind"]?.string ?? "" }
    var name: String { json["metadata"]?["name"]?.string ?? "" }
    var namespace: String? { json["metadata"]?["namespace"]?.string }
    /// A Secret's data are not shown, whatever gave them.
    var isSecret: Bool { kind == "Secret" || json.containsSensitive }

    /// What later objects hang on before they can be made.
    var goal: ClusterGoal? {
        guard kind == "CustomResourceDefinition", let version = json["apiVersion"]?.string else { return nil }
        return .condition(
            path: "/apis/\(version)/customresourcedefinitions/\(name)", type: "Established", status: "True")
    }

    /// Namespaces and kinds come first, for the rest hangs on them.
    private var rank: Int {
        switch kind {
        case "CustomResourceDefinition": 0
        case "Namespace": 1
        default: 2
        }
    }

    /// The object as YAML, without what the API keeps for itself.
    func shown(_ object: Value) -> String {
        guard var entries = object.map else { return "" }
        entries["status"] = nil
        if var metadata = entries["metadata"]?.map {
            for key in ["managedFields", "resourceVersion", "uid", "creationTimestamp", "generation", "selfLink"] {
                metadata[key] = nil
            }
            entries["metadata"] = .map(metadata)
        }
        return yamlText(Self.sorted(.map(entries)))
    }

    /// Keys in one order, for the API gives them in another than people write them.
    private static func sorted(_ value: Value) -> Value {
        switch value.content {
        case .list(let items): return .list(items.map(sorted))
        case .map(let entries):
            let pairs = entries.sorted { $0.key < $1.key }.map { ($0.key, sorted($0.value)) }
            return .map(OrderedDictionary(uniqueKeysWithValues: pairs))
        default: return value
        }
    }

    /// The objects that a task's field gives, in the order in which they can be made.
    ///
    /// - Parameter field: `yaml`, `template` or `source`.
    static func read(_ value: Value, _ field: String, _ arguments: Arguments) throws(InputErrors) -> [ManifestObject] {
        var values: [Value] = []
        if field == "yaml" {
            values = value.list ?? [value]
        } else {
            guard let text = value.string ?? value["text"]?.string else {
                throw InputErrors(arguments.error("manifest.\(field): text in UTF-8 is needed", at: field))
            }
            let file = value["path"]?.string ?? "manifest.\(field)"
            for document in try YAML.parse(Array(text.utf8), file: file) {
                let one = try document.value()
                if !one.isNull { values.append(one.sensitive(value.isSensitive)) }
            }
        }
        var errors: [InputError] = []
        for one in values {
            for (path, text) in [
                ("apiVersion", one["apiVersion"]?.string), ("kind", one["kind"]?.string),
                ("metadata.name", one["metadata"]?["name"]?.string),
            ] where text?.isEmpty != false {
                errors.append(
                    InputError("manifest: an object has no '\(path)'", at: one.origin ?? arguments.origin))
            }
        }
        if values.isEmpty { errors.append(arguments.error("manifest.\(field): there is no object in it", at: field)) }
        if !errors.isEmpty { throw InputErrors(errors) }
        return values.map { ManifestObject(json: $0) }.enumerated()
            .sorted { ($0.element.rank, $0.offset) < ($1.element.rank, $1.offset) }.map(\.element)
    }
}

extension ManifestObject: CustomStringConvertible {
    /// `Deployment kube-system/coredns`.
    var description: String { "\(kind) \(namespace.map { "\($0)/" } ?? "")\(name)" }
}
