import Model
import OrderedCollections

/// Filters that hand on a value or another in its place.
extension Filters {
    static let choices: [String: Filter] = [
        "default": Filter(["default_value", "boolean"], .chosen, takesUndefined: true, fallback),
        "d": Filter(["default_value", "boolean"], .chosen, takesUndefined: true, fallback),
        "required": Filter(["msg"], .chosen, takesUndefined: true, required),
        "mandatory": Filter(["msg"], .chosen, takesUndefined: true, required),
        "ternary": Filter(["true_val", "false_val", "none_val"], required: 2, .chosen, value: ternary),
        "first": Filter([], .parts, first),
        "last": Filter([], .parts, last),
    ]

    private static func fallback(_ call: Call) throws(InputErrors) -> Operand {
        let absent = call.named["default_value"] ?? ""
        guard call.undefined == nil else { return .value(absent) }
        if call.flag("boolean"), call.input.truth == .no { return .value(absent) }
        return .value(call.input)
    }

    /// A value that must be defined; the message says why.
    private static func required(_ call: Call) throws(InputErrors) -> Operand {
        guard let undefined = call.undefined else { return .value(call.input) }
        guard let message = try call.string("msg") else { throw undefined }
        let because = undefined.errors.first?.message
        throw call.evaluator.error(message, at: call.node, hint: because)
    }

    private static func ternary(_ call: Call) throws(InputErrors) -> Value {
        if call.input.isNull, let value = call.named["none_val"], !value.isNull { return value }
        switch call.input.truth {
        case .yes: return call.named["true_val"] ?? .null
        case .no: return call.named["false_val"] ?? .null
        case .unknown(let unknown): return .unknown(unknown)
        }
    }

    private static func first(_ call: Call) throws(InputErrors) -> Operand {
        if let item = try call.items().first { return .value(item) }
        return .undefined(call.error("there is no first item: it is empty"))
    }

    private static func last(_ call: Call) throws(InputErrors) -> Operand {
        if let item = try call.items().last { return .value(item) }
        return .undefined(call.error("there is no last item: it is empty"))
    }
}
