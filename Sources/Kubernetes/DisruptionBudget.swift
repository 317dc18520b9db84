import Model
import OrderedCollections

/// A PodDisruptionBudget, as far as it tells which pods it holds.
struct DisruptionBudget: Sendable {
    var namespace: String
    var name: String
    private var selector: Value?
    /// What it allows now; nil where it does not say yet.
    var allowed: Int?

    init(_ json: Value) {
        namespace = json["metadata"]?["namespace"]?.string ?? ""
        name = json["metadata"]?["name"]?.string ?? ""
        selector = json["spec"]?["selector"]
        allowed = json["status"]?["disruptionsAllowed"]?.int
    }

    func holds(_ pod: Value) -> Bool {
        guard pod["metadata"]?["namespace"]?.string == namespace, let selector else { return false }
        let labels = pod["metadata"]?["labels"]
        let matches = (selector["matchLabels"]?.map ?? [:]).allSatisfy { labels?[$0.key]?.string == $0.value.string }
        let expressions = selector["matchExpressions"]?.list ?? []
        // An empty selector selects nothing in policy/v1beta1 and all in policy/v1; it is named rather than left out.
        return matches && expressions.allSatisfy { Self.holds($0, labels) }
    }

    private static func holds(_ expression: Value, _ labels: Value?) -> Bool {
        let value = labels?[expression["key"]?.string ?? ""]?.string
        let values = (expression["values"]?.list ?? []).compactMap(\.string)
        switch expression["operator"]?.string {
        case "In": return value.map(values.contains) ?? false
        case "NotIn": return value.map { !values.contains($0) } ?? true
        case "Exists": return value != nil
        case "DoesNotExist": return value == nil
        default: return false
        }
    }
}
