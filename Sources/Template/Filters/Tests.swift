import Model
import OrderedCollections

/// What may stand after `is`, besides `defined` and `undefined`. To add one, add an entry.
enum Tests {
    static let all: [String: Test] = kinds.merging(comparisons) { first, _ in first }.merging(patterns) { first, _ in
        first
    }

    /// Those that ask about the name and not about its value.
    static let ofExistence = ["defined", "undefined"]

    private static let kinds: [String: Test] = [
        "none": Test { call in call.input.isNull },
        "string": Test { call in call.input.string != nil },
        "number": Test { call in PythonOrder.number(call.input) != nil },
        "integer": Test { call in call.input.int != nil },
        "float": Test { call in if case .double = call.input.content { true } else { false } },
        "boolean": Test { call in call.input.bool != nil },
        "true": Test { call in call.input.bool == true },
        "false": Test { call in call.input.bool == false },
        "mapping": Test { call in call.input.map != nil },
        "sequence": Test { call in Call.iterated(call.input) != nil },
        "iterable": Test { call in Call.iterated(call.input) != nil },
        "lower": Test { call in isCased(call.text) && PythonString.equal(call.text, call.text.lowercased()) },
        "upper": Test { call in isCased(call.text) && PythonString.equal(call.text, call.text.uppercased()) },
        "truthy": Test { call in PythonOrder.isTrue(call.input) },
        "falsy": Test { call in !PythonOrder.isTrue(call.input) },
        "filter": Test { call in Filters.all[call.text] != nil },
        "test": Test { call in all[call.text] != nil },
    ]

    private static let comparisons: [String: Test] = {
        var out: [String: Test] = [
            "even": Test { (call) throws(InputErrors) in try remainder(call, 2) == 0 },
            "odd": Test { (call) throws(InputErrors) in try remainder(call, 2) == 1 },
            "divisibleby": Test(["num"]) { (call) throws(InputErrors) in try remainder(call, nil) == 0 },
            "sameas": Test(["other"], inside: true) { call in same(call.input, call.named["other"] ?? .null) },
            "in": Test(["seq"], inside: true) { (call) throws(InputErrors) in
                try call.evaluator.contains(call.named["seq"] ?? .null, call.input, at: call.node)
            },
            "contains": Test(["value"], inside: true) { (call) throws(InputErrors) in
                try call.evaluator.contains(call.input, call.named["value"] ?? .null, at: call.node)
            },
            "all": Test(inside: true) { (call) throws(InputErrors) in try call.items().allSatisfy(PythonOrder.isTrue) },
            "any": Test(inside: true) { (call) throws(InputErrors) in
                try call.items().contains(where: PythonOrder.isTrue)
            },
            "version": Test(["version", "operator"], required: 1, version),
        ]
        let names: [(Comparison, [String])] = [
            (.equal, ["eq", "equalto", "=="]), (.notEqual, ["ne", "!="]), (.less, ["lt", "lessthan", "<"]),
            (.lessOrEqual, ["le", "<="]), (.greater, ["gt", "greaterthan", ">"]), (.greaterOrEqual, ["ge", ">="]),
        ]
        for (comparison, names) in names {
            for name in names {
                out[name] = Test(["other"], inside: true) { (call) throws(InputErrors) in
                    try call.evaluator.compare(call.input, comparison, call.named["other"] ?? .null, at: call.node)
                }
            }
        }
        return out
    }()

    private static let patterns: [String: Test] = [
        "match": Test(["pattern", "ignorecase", "multiline"], required: 0) { (call) throws(InputErrors) in
            try matches(call, anchored: true)
        },
        "search": Test(["pattern", "ignorecase", "multiline"], required: 0) { (call) throws(InputErrors) in
            try matches(call, anchored: false)
        },
        "regex": Test(["pattern", "ignorecase", "multiline"], required: 0) { (call) throws(InputErrors) in
            try matches(call, anchored: false)
        },
    ]

    private static func isCased(_ text: String) -> Bool { text.unicodeScalars.contains { $0.properties.isCased } }

    private static func remainder(_ call: Call, _ divisor: Int?) throws(InputErrors) -> Double {
        let divisor = divisor.map { Value.int($0) } ?? call.named["num"] ?? .null
        guard PythonOrder.number(call.input) != nil, PythonOrder.number(divisor) != nil else {
            throw call.error("a number is needed, not \(call.input.typeName)")
        }
        return PythonOrder.number(try call.evaluator.arithmetic(call.node, call.input, .remainder, divisor)) ?? .nan
    }

    private static func same(_ a: Value, _ b: Value) -> Bool {
        switch (a.content, b.content) {
        case (.bool(let x), .bool(let y)): x == y
        case (.bool, _), (_, .bool), (.int, .double), (.double, .int): false
        default: PythonOrder.equal(a, b)
        }
    }

    private static func matches(_ call: Call, anchored: Bool) throws(InputErrors) -> Bool {
        let text = Array(call.text.unicodeScalars)
        let pattern = try call.pattern("pattern")
        return try call.matching { () throws(Pattern.Mistake) in try pattern.search(in: text, anchored: anchored) != nil
        }
    }

    /// Compares versions part by part, numbers as numbers, as Ansible's loose versions do.
    private static func version(_ call: Call) throws(InputErrors) -> Bool {
        let name = try call.string("operator") ?? "=="
        let operators: [String: Comparison] = [
            "==": .equal, "=": .equal, "eq": .equal, "!=": .notEqual, "<>": .notEqual, "ne": .notEqual, "<": .less,
            "lt": .less, "<=": .lessOrEqual, "le": .lessOrEqual, ">": .greater, "gt": .greater,
            ">=": .greaterOrEqual, "ge": .greaterOrEqual,
        ]
        guard let comparison = operators[name] else { throw call.error("'\(name)' compares nothing") }
        let other = call.named["version"].map(PythonText.text) ?? ""
        guard !call.text.isEmpty, !other.isEmpty else { throw call.error("a version is empty") }
        return try call.evaluator.compare(parts(call.text), comparison, parts(other), at: call.node)
    }

    private static func parts(_ version: String) -> Value {
        var out: [Value] = []
        var run = ""
        func close() {
            if !run.isEmpty { out.append(Int(run).map { .int($0) } ?? .string(run)) }
            run = ""
        }
        for scalar in version.unicodeScalars {
            if scalar == "." {
                close()
                continue
            }
            let isDigit = ("0"..."9").contains(scalar)
            if let last = run.unicodeScalars.last, ("0"..."9").contains(last) != isDigit { close() }
            run.unicodeScalars.append(scalar)
        }
        close()
        return .list(out)
    }
}
