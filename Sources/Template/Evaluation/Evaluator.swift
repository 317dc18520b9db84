import Model
import OrderedCollections

/// Evaluates expressions in a scope. Secrecy and not-yet-known go through every operation: what is made from a secret
/// is secret, what is made from an unknown value is unknown; only conditions come out plain.
struct Evaluator {
    let scope: any Scope
    let source: SourceText
    let context: EvaluationContext
    /// The template's own variables, innermost last.
    var locals: [[String: Value]] = [[:]]

    func error(_ message: String, at node: Node, hint: String? = nil) -> InputErrors {
        source.error(message, at: node.at, hint: hint)
    }

    /// The expression's value.
    /// - Throws: also when it is undefined.
    func value(_ node: Node) throws(InputErrors) -> Value {
        switch try operand(node) {
        case .value(let value): return value
        case .undefined(let errors): throw errors
        }
    }

    func operand(_ node: Node) throws(InputErrors) -> Operand {
        context.depth += 1
        defer { context.depth -= 1 }
        guard context.depth <= EvaluationContext.deepest else {
            throw error("this nests too deeply", at: node, hint: "do variables refer to each other in a long chain?")
        }
        switch node.kind {
        case .literal(let value): return .value(value)
        case .name, .attribute, .element: return try path(node)
        case .conditional(let condition, let then, let otherwise):
            return try conditional(node, condition, then, otherwise)
        case .call(let callee, let arguments): return try call(node, callee, arguments)
        case .filter(let base, let name, let arguments): return try filter(node, base, name, arguments)
        case .test(let base, let name, let arguments): return .value(try test(node, base, name, arguments))
        default: return .value(try plain(node))
        }
    }

    private func plain(_ node: Node) throws(InputErrors) -> Value {
        switch node.kind {
        case .list(let items):
            var out: [Value] = []
            for item in items { out.append(try value(item)) }
            return .list(out)
        case .map(let entries): return try map(entries)
        case .slice(let base, let from, let to, let step):
            return try slice(node, try value(base), [try bound(from), try bound(to), try bound(step)])
        case .negative(let base): return try signed(node, try value(base), isNegative: true)
        case .positive(let base): return try signed(node, try value(base), isNegative: false)
        case .not(let base):
            switch try truth(base) {
            case .yes: return false
            case .no: return true
            case .unknown(let unknown): return .unknown(unknown)
            }
        case .and(let a, let b):
            let left = try value(a)
            switch left.truth {
            case .yes: return try value(b)
            case .no, .unknown: return left
            }
        case .or(let a, let b):
            let left = try value(a)
            switch left.truth {
            case .no: return try value(b)
            case .yes, .unknown: return left
            }
        case .arithmetic(let a, let operation, let b):
            return try arithmetic(node, try value(a), operation, try value(b))
        case .comparison(let first, let rest): return try comparison(first, rest)
        default: return .null
        }
    }

    func truth(_ node: Node) throws(InputErrors) -> Truth { try value(node).truth }

    private func bound(_ node: Node?) throws(InputErrors) -> Value? {
        guard let node else { return nil }
        return try value(node)
    }

    private func conditional(
        _ node: Node, _ condition: Node, _ then: Node, _ otherwise: Node?
    ) throws(InputErrors) -> Operand {
        switch try truth(condition) {
        case .yes: return try operand(then)
        case .no:
            if let otherwise { return try operand(otherwise) }
            return .undefined(error("this has no value: its condition does not hold and there is no 'else'", at: node))
        case .unknown(let unknown): return .value(.unknown(unknown))
        }
    }

    private func map(_ entries: [(key: Node, value: Node)]) throws(InputErrors) -> Value {
        var out: OrderedDictionary<String, Value> = [:]
        var isSensitive = false
        for entry in entries {
            let key = try value(entry.key)
            if let unknown = key.isUnknown { return .unknown(unknown) }
            guard let name = Self.key(key) else {
                throw error("a map's keys are text, not \(key.typeName)", at: entry.key)
            }
            isSensitive = isSensitive || key.isSensitive
            out[name] = try value(entry.value)
        }
        return Value(.map(out), isSensitive: isSensitive)
    }

    /// The name of a map's entry: text, or a whole number as YAML's keys have it.
    static func key(_ value: Value) -> String? {
        switch value.content {
        case .string(let text): text
        case .int(let number): String(number)
        default: nil
        }
    }

    private func comparison(_ first: Node, _ rest: [(Comparison, Node)]) throws(InputErrors) -> Value {
        var left = try value(first)
        for (comparison, node) in rest {
            let right = try value(node)
            if let unknown = Unknown.all([left, right]) { return .unknown(unknown) }
            if try !compare(left, comparison, right, at: node) { return false }
            left = right
        }
        return true
    }
}
