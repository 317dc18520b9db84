import Model
import OrderedCollections

/// Filters over lists.
extension Filters {
    static let lists: [String: Filter] = [
        "join": Filter(["d", "attribute"], value: join),
        "length": Filter([], .parts, value: length),
        "count": Filter([], .parts, value: length),
        "list": Filter([], .parts) { (call) throws(InputErrors) in .value(.list(try call.items())) },
        "reverse": Filter([], .parts, value: reverse),
        "sort": Filter(["reverse", "case_sensitive", "attribute"], .order, value: sort),
        "unique": Filter(["case_sensitive", "attribute"], .order, value: unique),
        "min": Filter(["case_sensitive", "attribute"], .order, minimum),
        "max": Filter(["case_sensitive", "attribute"], .order, maximum),
        "sum": Filter(["attribute", "start"], value: sum),
        "flatten": Filter(["levels", "skip_nulls"], .parts, value: flatten),
        "union": Filter(["b"], required: 1, .order, value: union),
        "intersect": Filter(["b"], required: 1, .order, value: intersect),
        "difference": Filter(["b"], required: 1, .order, value: difference),
        "symmetric_difference": Filter(["b"], required: 1, .order, value: symmetricDifference),
        "zip": Filter(more: true, .parts, value: zipped),
        "product": Filter(["b"], required: 1, .parts, value: product),
    ]

    private static func join(_ call: Call) throws(InputErrors) -> Value {
        let separator = call.named["d"].map(PythonText.text) ?? ""
        var parts: [String] = []
        for item in try call.items() { parts.append(PythonText.text(try call.attribute("attribute", of: item))) }
        return .string(parts.joined(separator: separator))
    }

    private static func length(_ call: Call) throws(InputErrors) -> Value {
        switch call.input.content {
        case .string(let text): return .int(PythonString.length(text))
        case .list(let items): return .int(items.count)
        case .map(let entries): return .int(entries.count)
        default: throw call.error("a list, a map or text is needed, not \(call.input.typeName)")
        }
    }

    private static func reverse(_ call: Call) throws(InputErrors) -> Value {
        if let text = call.input.string { return .string(PythonString.join(text.unicodeScalars.reversed())) }
        return .list(try call.items().reversed())
    }

    private static func sort(_ call: Call) throws(InputErrors) -> Value {
        let names = try call.string("attribute").map { PythonString.split($0, ",") }
        var keyed: [(key: Value, item: Value)] = []
        for item in try call.items() {
            var keys: [Value] = []
            for name in names ?? [] { keys.append(call.folded(try call.attribute(path: .string(name), of: item))) }
            keyed.append((names == nil ? call.folded(item) : .list(keys), item))
        }
        let isReversed = call.flag("reverse")
        var mismatch: (Value, Value)?
        // Equal items keep their order, in reverse too, as Python's sort has it.
        let order = keyed.indices.sorted { a, b in
            let (x, y) = isReversed ? (keyed[b].key, keyed[a].key) : (keyed[a].key, keyed[b].key)
            if PythonOrder.equal(x, y) { return a < b }
            guard let less = PythonOrder.less(x, y) else {
                mismatch = (x, y)
                return false
            }
            return less
        }
        if let (x, y) = mismatch { throw call.error("\(x.typeName) and \(y.typeName) have no order") }
        return .list(order.map { keyed[$0].item })
    }

    private static func unique(_ call: Call) throws(InputErrors) -> Value {
        var seen: [Value] = []
        var texts: Set<String> = []
        var out: [Value] = []
        for item in try call.items() {
            let key = call.folded(try call.attribute("attribute", of: item))
            if case .string(let text) = key.content {
                if texts.insert(text).inserted { out.append(item) }
            } else if !seen.contains(where: { PythonOrder.equal($0, key) }) {
                seen.append(key)
                out.append(item)
            }
        }
        return .list(out)
    }

    private static func minimum(_ call: Call) throws(InputErrors) -> Operand { try extreme(call, isGreatest: false) }
    private static func maximum(_ call: Call) throws(InputErrors) -> Operand { try extreme(call, isGreatest: true) }

    private static func extreme(_ call: Call, isGreatest: Bool) throws(InputErrors) -> Operand {
        var best: (key: Value, item: Value)?
        for item in try call.items() {
            let key = call.folded(try call.attribute("attribute", of: item))
            guard let held = best else {
                best = (key, item)
                continue
            }
            guard let isBetter = isGreatest ? PythonOrder.less(held.key, key) : PythonOrder.less(key, held.key) else {
                throw call.error("\(held.key.typeName) and \(key.typeName) have no order")
            }
            if isBetter { best = (key, item) }
        }
        if let best { return .value(best.item) }
        return .undefined(call.error("there is no such item: the list is empty"))
    }

    private static func sum(_ call: Call) throws(InputErrors) -> Value {
        var total = call.named["start"] ?? 0
        for item in try call.items() {
            total = try call.evaluator.arithmetic(
                call.node, total, .add, try call.attribute("attribute", of: item))
        }
        return total
    }

    private static func flatten(_ call: Call) throws(InputErrors) -> Value {
        let skipsNulls = call.named["skip_nulls"].map(PythonOrder.isTrue) ?? true
        let levels = call.named["levels"].flatMap { $0.isNull ? nil : PythonOrder.integer($0) }
        func flat(_ items: [Value], _ levels: Int) -> [Value] {
            items.flatMap { item -> [Value] in
                if skipsNulls, item.isNull || item.string == "None" || item.string == "null" { return [] }
                guard let inner = item.list, levels > 0 else { return [item] }
                return flat(item.isSensitive ? inner.map { $0.sensitive() } : inner, levels - 1)
            }
        }
        return .list(flat(try call.items(), levels ?? .max))
    }

    private static func other(_ call: Call) throws(InputErrors) -> [Value] {
        try call.items(of: call.named["b"] ?? .null)
    }

    private static func holds(_ items: [Value], _ item: Value) -> Bool {
        items.contains { PythonOrder.equal($0, item) }
    }

    private static func once(_ items: [Value]) -> Value {
        .list(items.reduce(into: []) { out, item in if !holds(out, item) { out.append(item) } })
    }

    private static func union(_ call: Call) throws(InputErrors) -> Value { once(try call.items() + other(call)) }

    private static func intersect(_ call: Call) throws(InputErrors) -> Value {
        let b = try other(call)
        return once(try call.items().filter { holds(b, $0) })
    }

    private static func difference(_ call: Call) throws(InputErrors) -> Value {
        let b = try other(call)
        return once(try call.items().filter { !holds(b, $0) })
    }

    private static func symmetricDifference(_ call: Call) throws(InputErrors) -> Value {
        let (a, b) = (try call.items(), try other(call))
        return once(a.filter { !holds(b, $0) } + b.filter { !holds(a, $0) })
    }

    private static func zipped(_ call: Call) throws(InputErrors) -> Value {
        var lists = [try call.items()]
        for other in call.rest { lists.append(try call.items(of: other)) }
        let count = lists.map(\.count).min() ?? 0
        return .list((0..<count).map { i in .list(lists.map { $0[i] }) })
    }

    private static func product(_ call: Call) throws(InputErrors) -> Value {
        let (a, b) = (try call.items(), try other(call))
        guard a.count * b.count <= 1_000_000 else { throw call.error("the result is too long") }
        return .list(a.flatMap { x in b.map { y in .list([x, y]) } })
    }
}

extension Call {
    func defined(_ operand: Operand) throws(InputErrors) -> Value {
        switch operand {
        case .value(let value): return value
        case .undefined(let errors): throw errors
        }
    }

    /// What an item has at `a.b.0`, as `map(attribute=…)` and its kin take it.
    func operand(path: Value, of item: Value) -> Operand {
        guard let text = path.string else { return evaluator.member(of: item, path, at: node) }
        var result = Operand.value(item)
        for part in PythonString.split(text, ".") {
            guard case .value(let value) = result else { return result }
            result = evaluator.member(of: value, PythonNumber.int(part).map { .int($0) } ?? .string(part), at: node)
        }
        return result
    }

    func attribute(path: Value, of item: Value) throws(InputErrors) -> Value {
        try defined(operand(path: path, of: item))
    }

    /// The attribute that an argument names, or the item itself where it names none.
    func attribute(_ argument: String, of item: Value) throws(InputErrors) -> Value {
        guard let path = named[argument], !path.isNull else { return item }
        return try attribute(path: path, of: item)
    }

    /// A value to compare by: text in small letters, unless `case_sensitive`.
    func folded(_ value: Value) -> Value { flag("case_sensitive") ? value : PythonOrder.folded(value) }
}
