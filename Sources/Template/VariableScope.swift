import Model
import OrderedCollections
import Synchronization

/// A host's variables: raw values, whose texts may be templates of each other, rendered when they are asked for and
/// only as far as they are asked for.
public final class VariableScope: Scope {
    private let label: String?
    private let layers: [OrderedDictionary<String, Value>]
    private let magic: (any Scope)?
    private let cache: TemplateCache
    /// Values rendered before, by their path, and whether they may come out otherwise later. The lock guards it.
    private let rendered = Mutex<[String: (result: Value, isPassing: Bool)]>([:])

    /// - Parameters:
    ///   - layers: raw variables, the weakest first.
    ///   - magic: names that no variable can override: `hostvars`, `groups`, `inventory_hostname`, the facts.
    ///   - label: whose variables they are, for the message about a cycle that leads through several hosts.
    ///   - cache: shared between scopes that hold the same templates.
    public init(
        layers: [OrderedDictionary<String, Value>], magic: (any Scope)? = nil, label: String? = nil,
        cache: TemplateCache = TemplateCache()
    ) {
        self.layers = layers
        self.magic = magic
        self.label = label
        self.cache = cache
    }

    /// The same variables with one more layer over them, a loop's `item` for example, which they may refer to.
    public func adding(_ layer: OrderedDictionary<String, Value>) -> VariableScope {
        VariableScope(layers: layers + [layer], magic: magic, label: label, cache: cache)
    }

    public var knownNames: [String] { layers.flatMap(\.keys) + (magic?.knownNames ?? []) }

    public func resolve(_ path: [Value]) throws(InputErrors) -> (value: Value, consumed: Int)? {
        if let found = try magic?.resolve(path) { return found }
        guard case .string(let name) = path.first?.content, let raw = raw(name) else { return nil }
        // Down to the part that is asked for: what lies beside it is not rendered.
        var part = raw
        var isSensitive = raw.isSensitive
        var consumed = 1
        while consumed < path.count, let key = Evaluator.key(path[consumed]), let entry = part.map?[key] {
            part = entry
            isSensitive = isSensitive || entry.isSensitive || path[consumed].isSensitive
            consumed += 1
        }
        guard part.hasTemplates else { return (part.sensitive(isSensitive), consumed) }
        let id = consumed == 1 ? name : path.prefix(consumed).compactMap(Evaluator.key).joined(separator: "\u{1f}")
        if let known = rendered.withLock({ $0[id] }) {
            if known.isPassing { Passing.note() }
            return (known.result, consumed)
        }
        let shown = path.prefix(consumed).compactMap(Evaluator.key).joined(separator: ".")
        let value = try Passing.watch { () throws(InputErrors) in
            try evaluate(part.sensitive(isSensitive), id: id, shown: shown)
        }
        rendered.withLock { $0[id] = value }
        return (value.result, consumed)
    }

    private func raw(_ name: String) -> Value? {
        for layer in layers.reversed() { if let value = layer[name] { return value } }
        return nil
    }

    private func evaluate(_ value: Value, id: String, shown: String) throws(InputErrors) -> Value {
        try EvaluationContext.with { (context) throws(InputErrors) in
            let owner = ObjectIdentifier(self)
            let shown = label.map { "\($0): \(shown)" } ?? shown
            if let start = context.variables.firstIndex(where: { $0.owner == owner && $0.name == id }) {
                let cycle = context.variables[start...].map(\.shown) + [shown]
                throw InputErrors(
                    InputError(
                        "variables refer to each other in a circle: \(cycle.joined(separator: " → "))",
                        at: value.origin))
            }
            guard context.variables.count < EvaluationContext.mostNestedVariables else {
                throw InputErrors(
                    InputError(
                        "more than \(EvaluationContext.mostNestedVariables) variables refer to each other in a row, "
                            + "the last of them '\(shown)'", at: value.origin))
            }
            context.variables.append((owner, id, shown))
            defer { context.variables.removeLast() }
            return try render(value, in: self, cache: cache)
        }
    }
}
