import Model
import OrderedCollections

/// Filters that make numbers and booleans.
extension Filters {
    static let numbers: [String: Filter] = [
        "int": Filter(["default", "base"], value: int),
        "float": Filter(["default"], value: double),
        "bool": Filter(value: bool),
        "abs": Filter(value: absolute),
        "round": Filter(["precision", "method"], value: round),
        "pow": Filter(["y"], required: 1, value: power),
    ]

    private static func int(_ call: Call) throws(InputErrors) -> Value {
        let absent = call.named["default"] ?? 0
        if let number = PythonOrder.integer(call.input) { return .int(number) }
        var number: Double?
        if case .double(let input) = call.input.content { number = input }
        if let text = call.input.string {
            if let whole = PythonNumber.int(text, base: try call.int("base", 10)) { return .int(whole) }
            number = PythonNumber.double(text)
        }
        guard let number, number.isFinite else { return absent }
        guard let whole = Int(exactly: number.rounded(.towardZero)) else { throw call.error("the number is too large") }
        return .int(whole)
    }

    private static func double(_ call: Call) throws(InputErrors) -> Value {
        if let number = PythonOrder.number(call.input) { return .double(number) }
        if let number = call.input.string.flatMap(PythonNumber.double) { return .double(number) }
        return call.named["default"] ?? 0.0
    }

    /// Ansible's words for true and false. It takes any others for false, with a warning; here they are a mistake.
    private static func bool(_ call: Call) throws(InputErrors) -> Value {
        switch call.text.lowercased() {
        case "yes", "on", "true", "1", "1.0": return true
        case "no", "off", "false", "0": return false
        default:
            throw call.error("this is neither true nor false", hint: "true, yes, on, 1 or false, no, off, 0")
        }
    }

    private static func absolute(_ call: Call) throws(InputErrors) -> Value {
        if case .double(let number) = call.input.content { return .double(Swift.abs(number)) }
        guard let number = PythonOrder.integer(call.input), number != .min else {
            throw call.error("a number is needed, not \(call.input.typeName)")
        }
        return .int(Swift.abs(number))
    }

    private static func round(_ call: Call) throws(InputErrors) -> Value {
        guard let number = PythonOrder.number(call.input) else {
            throw call.error("a number is needed, not \(call.input.typeName)")
        }
        let digits = try call.int("precision", 0)
        switch try call.string("method") ?? "common" {
        case "common":
            if let whole = PythonOrder.integer(call.input), digits >= 0 { return .int(whole) }
            let result = PythonNumber.rounded(number, digits: max(-400, min(digits, 400)))
            if PythonOrder.integer(call.input) != nil, let whole = Int(exactly: result) { return .int(whole) }
            return .double(result)
        case "ceil", "floor":
            let scale = PythonNumber.power(10, Double(digits))
            let isUp = try call.string("method") == "ceil"
            return .double((number * scale).rounded(isUp ? .up : .down) / scale)
        default: throw call.error("the method is 'common', 'ceil' or 'floor'")
        }
    }

    private static func power(_ call: Call) throws(InputErrors) -> Value {
        guard let x = PythonOrder.number(call.input), let y = call.named["y"].flatMap(PythonOrder.number) else {
            throw call.error("numbers are needed")
        }
        return try call.evaluator.arithmetic(call.node, .double(x), .power, .double(y))
    }
}
