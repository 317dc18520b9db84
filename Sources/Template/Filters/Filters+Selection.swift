import Model
import OrderedCollections

/// Filters that apply another filter or a test to each item of a list.
extension Filters {
    static let selections: [String: Filter] = [
        "map": Filter(
            ["filter"], keywords: ["attribute", "default"], more: true, anyKeyword: true, .parts, value: mapped),
        "select": Filter(["test"], more: true, .parts) { (call) throws(InputErrors) in
            .value(try selected(call, byAttribute: false, keeping: true))
        },
        "reject": Filter(["test"], more: true, .parts) { (call) throws(InputErrors) in
            .value(try selected(call, byAttribute: false, keeping: false))
        },
        "selectattr": Filter(["attribute", "test"], required: 1, more: true, .parts) { (call) throws(InputErrors) in
            .value(try selected(call, byAttribute: true, keeping: true))
        },
        "rejectattr": Filter(["attribute", "test"], required: 1, more: true, .parts) { (call) throws(InputErrors) in
            .value(try selected(call, byAttribute: true, keeping: false))
        },
    ]

    /// `map('filter', …)` or `map(attribute='a.b', default=…)`.
    private static func mapped(_ call: Call) throws(InputErrors) -> Value {
        var out: [Value] = []
        if let path = call.named["attribute"] {
            guard call.named["filter"] == nil else { throw call.error("a filter or an attribute, not both") }
            for item in try call.items() {
                switch call.operand(path: path, of: item) {
                case .value(let value): out.append(value)
                case .undefined(let errors):
                    guard let absent = call.named["default"] else { throw errors }
                    out.append(absent)
                }
            }
            return .list(out)
        }
        guard let name = try call.string("filter") else { throw call.error("a filter's name or attribute=… is needed") }
        guard let filter = Filters.all[name] else { throw call.evaluator.unknownFilter(name, at: call.node) }
        var keywords = call.named
        keywords["filter"] = nil
        for item in try call.items() {
            var inner = try call.evaluator.bind(filter.signature, name, call.rest, keywords, at: call.node)
            inner.input = item
            switch try call.evaluator.applied(filter, to: inner) {
            case .value(let value): out.append(value)
            case .undefined(let errors): throw errors
            }
        }
        return .list(out)
    }

    private static func selected(_ call: Call, byAttribute: Bool, keeping: Bool) throws(InputErrors) -> Value {
        let name = try call.string("test")
        var test: Test?
        if let name, name != "defined", name != "undefined" {
            guard let found = Tests.all[name] else { throw call.evaluator.unknownTest(name, at: call.node) }
            test = found
        }
        var out: [Value] = []
        for item in try call.items() {
            let subject = byAttribute ? call.operand(path: call.named["attribute"] ?? "", of: item) : .value(item)
            let holds: Truth
            if let test, let name {
                var inner = try call.evaluator.bind(test.signature, name, call.rest, [:], at: call.node)
                inner.input = try call.defined(subject)
                holds = try call.evaluator.tested(test, inner).truth
            } else if let name {
                let isDefined = if case .value = subject { true } else { false }
                holds = isDefined == (name == "defined") ? .yes : .no
            } else {
                holds = try call.defined(subject).truth
            }
            switch holds {
            case .unknown(let unknown): return .unknown(unknown)
            case .yes: if keeping { out.append(item) }
            case .no: if !keeping { out.append(item) }
            }
        }
        return .list(out)
    }
}
