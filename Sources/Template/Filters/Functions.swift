import Model
import OrderedCollections

/// The functions that a template may call by name. To add one, add an entry.
struct Function: Sendable {
    let signature: Signature
    let apply: @Sendable (Call) throws(InputErrors) -> Value
}

enum Functions {
    static let all: [String: Function] = [
        "range": Function(signature: Signature(parameters: ["start", "stop", "step"], required: 1), apply: range),
        "dict": Function(signature: Signature(takesAnyKeyword: true)) { (call) throws(InputErrors) in .map(call.named)
        },
        "namespace": Function(signature: Signature(takesAnyKeyword: true)) { (call) throws(InputErrors) in
            .map(call.named)
        },
    ]

    private static let longestRange = 100_000

    private static func range(_ call: Call) throws(InputErrors) -> Value {
        let hasStop = call.named["stop"] != nil
        let start = hasStop ? try call.int("start", 0) : 0
        let stop = hasStop ? try call.int("stop", 0) : try call.int("start", 0)
        let step = try call.int("step", 1)
        guard step != 0 else { throw call.error("the step cannot be 0") }
        let (distance, overflow) = stop.subtractingReportingOverflow(start)
        guard !overflow, step != .min, distance / step <= longestRange else {
            throw call.error("a range of more than \(longestRange) numbers")
        }
        return .list(stride(from: start, to: stop, by: step).map { .int($0) })
    }
}
