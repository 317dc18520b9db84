import Model

/// A taint as the API has it. A node has one of a key and effect at the most.
struct NodeTaint: Sendable, Hashable {
    var key: String
    var value: String
    var effect: String

    /// What tells one taint from another, whatever its value: `key:Effect`.
    var id: String { "\(key):\(effect)" }

    init(_ json: Value) {
        key = json["key"]?.string ?? ""
        value = json["value"]?.string ?? ""
        effect = json["effect"]?.string ?? ""
    }

    var json: Value {
        value.isEmpty
            ? ["key": .string(key), "effect": .string(effect)]
            : ["key": .string(key), "value": .string(value), "effect": .string(effect)]
    }
}

extension NodeTaint: CustomStringConvertible {
    var description: String { value.isEmpty ? id : "\(key)=\(value):\(effect)" }
}
