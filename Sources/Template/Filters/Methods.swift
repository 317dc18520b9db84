import Model
import OrderedCollections

/// The methods of text, lists and maps that templates use, as Python has them. Those that change a list or map in place
/// are not among them.
enum Methods {
    static func table(for value: Value) -> [String: Filter] {
        switch value.content {
        case .string: texts
        case .list: lists
        case .map: maps
        default: [:]
        }
    }

    static let texts: [String: Filter] = [
        "split": Filter(["sep", "maxsplit"], value: split),
        "rsplit": Filter(["sep", "maxsplit"], value: splitFromRight),
        "splitlines": Filter { call in .list(PythonString.lines(call.text).map { .string($0) }) },
        "strip": Filter(["chars"]) { (call) throws(InputErrors) in try strip(call, .both) },
        "lstrip": Filter(["chars"]) { (call) throws(InputErrors) in try strip(call, .left) },
        "rstrip": Filter(["chars"]) { (call) throws(InputErrors) in try strip(call, .right) },
        "lower": Filter { call in .string(call.text.lowercased()) },
        "upper": Filter { call in .string(call.text.uppercased()) },
        "capitalize": Filter { call in .string(PythonString.capitalized(call.text)) },
        "title": Filter { call in .string(PythonString.titled(call.text)) },
        "replace": Filter(["old", "new", "count"], required: 2, value: replace),
        "startswith": Filter(["prefix"], required: 1) { (call) throws(InputErrors) in
            try ends(call, "prefix", PythonString.hasPrefix)
        },
        "endswith": Filter(["suffix"], required: 1) { (call) throws(InputErrors) in
            try ends(call, "suffix", PythonString.hasSuffix)
        },
        "join": Filter(["iterable"], required: 1, value: join),
        "find": Filter(["sub"], required: 1) { (call) throws(InputErrors) in .int(try position(call) ?? -1) },
        "index": Filter(["sub"], required: 1, value: index),
        "count": Filter(["sub"], required: 1, value: count),
        "format": Filter(more: true, anyKeyword: true, value: format),
        "zfill": Filter(["width"], required: 1, value: zeroFill),
        "isdigit": Filter { call in
            .bool(
                !call.text.isEmpty
                    && call.text.unicodeScalars.allSatisfy {
                        $0.properties.numericType == .decimal || $0.properties.numericType == .digit
                    })
        },
    ]

    static let lists: [String: Filter] = [
        "index": Filter(["value"], required: 1, value: indexOfItem),
        "count": Filter(["value"], required: 1) { (call) throws(InputErrors) in
            let wanted = call.named["value"] ?? .null
            return .int(try call.items().filter { PythonOrder.equal($0, wanted) }.count)
        },
    ]

    static let maps: [String: Filter] = [
        "items": Filter([], .parts, value: items),
        "keys": Filter([], .parts) { (call) throws(InputErrors) in .list(try call.map().keys.map { .string($0) }) },
        "values": Filter([], .parts) { (call) throws(InputErrors) in .list(Array(try call.map().values)) },
        "get": Filter(["key", "default"], required: 1, .parts, value: get),
        "copy": Filter([], .parts) { (call) throws(InputErrors) in .map(try call.map()) },
    ]

    static func split(_ call: Call) throws(InputErrors) -> Value {
        let separator = try call.string("sep")
        guard separator != "" else { throw call.error("the separator is empty") }
        let text = try call.strictText()
        return .list(PythonString.split(text, separator, most: try call.int("maxsplit", -1)).map { .string($0) })
    }

    private static func splitFromRight(_ call: Call) throws(InputErrors) -> Value {
        let most = try call.int("maxsplit", -1)
        guard let separator = try call.string("sep"), !separator.isEmpty else {
            if most < 0 { return try split(call) }
            throw call.error("a separator is needed")
        }
        return .list(PythonString.splitFromRight(call.text, separator, most: most).map { .string($0) })
    }

    private static func strip(_ call: Call, _ side: PythonString.Side) throws(InputErrors) -> Value {
        .string(PythonString.stripped(call.text, try call.string("chars"), side))
    }

    private static func replace(_ call: Call) throws(InputErrors) -> Value {
        guard let old = try call.string("old"), let new = try call.string("new") else {
            throw call.error("two texts are needed")
        }
        return .string(PythonString.replaced(call.text, old, new, count: try call.int("count", -1)))
    }

    private static func ends(
        _ call: Call, _ argument: String, _ holds: (String, String) -> Bool
    ) throws(InputErrors) -> Value {
        let value = call.named[argument] ?? .null
        for item in value.list ?? [value] {
            guard let part = item.string else { throw call.error("text is needed, not \(item.typeName)") }
            if holds(call.text, part) { return true }
        }
        return false
    }

    private static func join(_ call: Call) throws(InputErrors) -> Value {
        var parts: [String] = []
        for item in try call.items(of: call.named["iterable"] ?? .null) {
            guard let part = item.string else { throw call.error("a list of texts is needed") }
            parts.append(part)
        }
        return .string(parts.joined(separator: call.text))
    }

    private static func position(_ call: Call) throws(InputErrors) -> Int? {
        let bytes = Array(call.text.utf8)
        let part = Array((try call.string("sub") ?? "").utf8)
        return PythonString.find(part, in: bytes).map {
            String(decoding: bytes[..<$0], as: UTF8.self).unicodeScalars.count
        }
    }

    private static func index(_ call: Call) throws(InputErrors) -> Value {
        guard let position = try position(call) else { throw call.error("the text does not hold that") }
        return .int(position)
    }

    private static func count(_ call: Call) throws(InputErrors) -> Value {
        guard let part = try call.string("sub") else { throw call.error("text is needed") }
        if part.isEmpty { return .int(PythonString.length(call.text) + 1) }
        return .int(PythonString.split(call.text, part).count - 1)
    }

    private static func format(_ call: Call) throws(InputErrors) -> Value {
        .string(try PythonFormat.braces(call.text, call))
    }

    private static func zeroFill(_ call: Call) throws(InputErrors) -> Value {
        let width = try call.width("width", 0)
        let sign = call.text.utf8.first.map { $0 == 43 || $0 == 45 } == true ? 1 : 0
        let zeros = String(repeating: "0", count: max(0, width - PythonString.length(call.text)))
        return .string(String(call.text.prefix(sign)) + zeros + call.text.dropFirst(sign))
    }

    private static func indexOfItem(_ call: Call) throws(InputErrors) -> Value {
        let wanted = call.named["value"] ?? .null
        guard let index = try call.items().firstIndex(where: { PythonOrder.equal($0, wanted) }) else {
            throw call.error("the list does not hold that")
        }
        return .int(index)
    }

    static func items(_ call: Call) throws(InputErrors) -> Value {
        .list(try call.map().map { .list([.string($0.key), $0.value]) })
    }

    private static func get(_ call: Call) throws(InputErrors) -> Value {
        let absent = call.named["default"] ?? .null
        guard let key = call.named["key"].flatMap(Evaluator.key) else { return absent }
        return try call.map()[key] ?? absent
    }
}
