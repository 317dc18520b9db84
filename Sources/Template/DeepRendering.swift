import Model
import OrderedCollections

/// Renders every template within a value: texts, the items of lists, the entries of maps and their keys.
/// - Parameter cache: keeps what is parsed, for values that are rendered again.
/// - Throws: all the mistakes within the value at once.
public func render(_ value: Value, in scope: some Scope, cache: TemplateCache? = nil) throws(InputErrors) -> Value {
    var errors: [InputError] = []
    let result = render(value, in: scope, cache: cache, isSensitive: false, into: &errors)
    if !errors.isEmpty { throw InputErrors(errors) }
    return result
}

private func render(
    _ value: Value, in scope: some Scope, cache: TemplateCache?, isSensitive: Bool, into errors: inout [InputError]
) -> Value {
    let isSensitive = isSensitive || value.isSensitive
    func rendered(_ text: String) -> Value {
        do throws(InputErrors) {
            if let cache {
                return try cache.template(parsing: text, at: value.origin, isSensitive: isSensitive).render(in: scope)
            }
            return try Template(parsing: text, at: value.origin, isSensitive: isSensitive).render(in: scope)
        } catch {
            errors += error.errors
            return .null
        }
    }
    switch value.content {
    case .null, .bool, .int, .double, .unknown: return value
    case .string(let text): return Template.isNeeded(for: text) ? rendered(text) : value
    case .list(let items):
        return Value(
            .list(
                items.map { render($0, in: scope, cache: cache, isSensitive: isSensitive, into: &errors) }),
            isSensitive: value.isSensitive, origin: value.origin)
    case .map(let entries):
        var out: OrderedDictionary<String, Value> = [:]
        out.reserveCapacity(entries.count)
        var hidesKeys = false
        for (key, entry) in entries {
            var name = key
            if Template.isNeeded(for: key) {
                let rendered = rendered(key)
                if let unknown = rendered.isUnknown { return Value(.unknown(unknown), origin: value.origin) }
                hidesKeys = hidesKeys || rendered.isSensitive
                name = Evaluator.key(rendered) ?? PythonText.text(rendered)
            }
            out[name] = render(entry, in: scope, cache: cache, isSensitive: isSensitive, into: &errors)
        }
        return Value(.map(out), isSensitive: value.isSensitive || hidesKeys, origin: value.origin)
    }
}

extension Value {
    /// Whether any text within the value has tags to render.
    var hasTemplates: Bool {
        switch content {
        case .string(let text): Template.isNeeded(for: text)
        case .list(let items): items.contains { $0.hasTemplates }
        case .map(let entries):
            entries.keys.contains { Template.isNeeded(for: $0) } || entries.values.contains { $0.hasTemplates }
        default: false
        }
    }
}
