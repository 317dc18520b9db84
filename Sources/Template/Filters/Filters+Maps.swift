import Model
import OrderedCollections

/// Filters over maps.
extension Filters {
    static let maps: [String: Filter] = [
        "dict2items": Filter(["key_name", "value_name"], .parts, value: items),
        "items2dict": Filter(["key_name", "value_name"], .parts, value: fromItems),
        "items": Filter([], .parts, value: Methods.items),
        "dictsort": Filter(["case_sensitive", "by", "reverse"], .order, value: sorted),
        "combine": Filter(keywords: ["recursive", "list_merge"], more: true, .parts, value: combine),
        "extract": Filter(["container", "morekeys"], required: 1, .parts, extract),
    ]

    private static func items(_ call: Call) throws(InputErrors) -> Value {
        let (key, value) = (try call.string("key_name") ?? "key", try call.string("value_name") ?? "value")
        return .list(try call.map().map { .map([key: .string($0.key), value: $0.value]) })
    }

    private static func fromItems(_ call: Call) throws(InputErrors) -> Value {
        let (key, value) = (try call.string("key_name") ?? "key", try call.string("value_name") ?? "value")
        guard let items = call.input.list else { throw call.error("a list is needed, not \(call.input.typeName)") }
        var out: OrderedDictionary<String, Value> = [:]
        for item in items {
            guard let name = item[key].flatMap(Evaluator.key), let entry = item[value] else {
                throw call.error("each item is a map with '\(key)' and '\(value)'")
            }
            out[name] = entry.sensitive(item.isSensitive)
        }
        return .map(out)
    }

    private static func sorted(_ call: Call) throws(InputErrors) -> Value {
        let by = try call.string("by") ?? "key"
        guard by == "key" || by == "value" else { throw call.error("'by' is 'key' or 'value'") }
        var sorting = call
        sorting.named = [
            "reverse": call.named["reverse"] ?? false, "case_sensitive": call.named["case_sensitive"] ?? false,
        ]
        sorting.input = .list(try call.map().map { .list([.string($0.key), $0.value]) })
        sorting.named["attribute"] = by == "key" ? "0" : "1"
        guard let filter = lists["sort"] else { return sorting.input }
        return try call.defined(try filter.apply(sorting))
    }

    private static let merges = ["replace", "keep", "append", "prepend", "append_rp", "prepend_rp"]

    private static func combine(_ call: Call) throws(InputErrors) -> Value {
        let merge = try call.string("list_merge") ?? "replace"
        guard merges.contains(merge) else {
            throw call.error("'list_merge' is one of \(merges.joined(separator: ", "))")
        }
        let isRecursive = call.flag("recursive")
        var result: OrderedDictionary<String, Value> = [:]
        for term in [call.input] + call.rest {
            for value in term.list ?? [term] {
                if value.isNull, term.list != nil { continue }
                guard let map = value.map else { throw call.error("maps are needed, not \(value.typeName)") }
                let marked = value.isSensitive ? map.mapValues { $0.sensitive() } : map
                result = merged(result, marked, isRecursive, merge)
            }
        }
        return .map(result)
    }

    private static func merged(
        _ low: OrderedDictionary<String, Value>, _ high: OrderedDictionary<String, Value>, _ isRecursive: Bool,
        _ merge: String
    ) -> OrderedDictionary<String, Value> {
        var out = low
        for (key, new) in high {
            guard let old = out[key] else {
                out[key] = new
                continue
            }
            let isSensitive = old.isSensitive || new.isSensitive
            switch (old.content, new.content) {
            case (.map(let a), .map(let b)):
                out[key] = isRecursive ? Value(.map(merged(a, b, true, merge)), isSensitive: isSensitive) : new
            case (.list(let a), .list(let b)):
                func without(_ items: [Value], _ gone: [Value]) -> [Value] {
                    items.filter { item in !gone.contains { PythonOrder.equal($0, item) } }
                }
                let joined: [Value]? =
                    switch merge {
                    case "keep": a
                    case "append": a + b
                    case "prepend": b + a
                    case "append_rp": without(a, b) + b
                    case "prepend_rp": b + without(a, b)
                    default: nil
                    }
                out[key] = joined.map { Value(.list($0), isSensitive: isSensitive) } ?? new
            default: out[key] = new
            }
        }
        return out
    }

    private static func extract(_ call: Call) throws(InputErrors) -> Operand {
        let more = call.named["morekeys"].map { $0.list ?? ($0.isNull ? [] : [$0]) } ?? []
        var result = Operand.value(call.named["container"] ?? .null)
        for key in [call.input] + more {
            guard case .value(let value) = result else { return result }
            result = call.evaluator.member(of: value, key, at: call.node)
        }
        return result
    }
}
