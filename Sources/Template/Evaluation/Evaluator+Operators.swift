import Model
import OrderedCollections

extension Evaluator {
    /// Bounds what repetition and powers may make of a short template.
    static let longestResult = 10_000_000

    func signed(_ node: Node, _ value: Value, isNegative: Bool) throws(InputErrors) -> Value {
        if value.isUnknown != nil { return value }
        let result: Value
        if case .double(let number) = value.content {
            result = .double(isNegative ? -number : number)
        } else if let number = PythonOrder.integer(value) {
            let (negated, overflow) = (0).subtractingReportingOverflow(number)
            if isNegative, overflow { throw error("the number is too large", at: node) }
            result = .int(isNegative ? negated : number)
        } else {
            throw error("a sign needs a number, not \(value.typeName)", at: node)
        }
        return result.sensitive(value.isSensitive)
    }

    func arithmetic(_ node: Node, _ a: Value, _ operation: Arithmetic, _ b: Value) throws(InputErrors) -> Value {
        if let unknown = Unknown.all([a, b]) {
            if operation == .add, let x = a.list, let y = b.list {
                return Value(.list(x + y), isSensitive: a.isSensitive || b.isSensitive)
            }
            return .unknown(unknown)
        }
        if operation == .add, let x = a.list, let y = b.list {
            return Value(.list(x + y), isSensitive: a.isSensitive || b.isSensitive)
        }
        return try plainArithmetic(node, a, operation, b).sensitive(a.containsSensitive || b.containsSensitive)
    }

    private func plainArithmetic(
        _ node: Node, _ a: Value, _ operation: Arithmetic, _ b: Value
    ) throws(InputErrors) -> Value {
        switch (operation, a.content, b.content) {
        case (.join, _, _): return .string(PythonText.text(a) + PythonText.text(b))
        case (.add, .string(let x), .string(let y)): return .string(x + y)
        case (.remainder, .string(let text), _):
            return .string(try formatted(text, b.list ?? [b], at: node))
        case (.multiply, .string(let text), _):
            if let count = PythonOrder.integer(b) { return .string(try repeated(text, count, at: node)) }
        case (.multiply, _, .string(let text)):
            if let count = PythonOrder.integer(a) { return .string(try repeated(text, count, at: node)) }
        case (.multiply, .list(let items), _):
            if let count = PythonOrder.integer(b) { return .list(try repeated(items, count, at: node)) }
        case (.multiply, _, .list(let items)):
            if let count = PythonOrder.integer(a) { return .list(try repeated(items, count, at: node)) }
        default: break
        }
        if let x = PythonOrder.integer(a), let y = PythonOrder.integer(b) {
            return try whole(node, x, operation, y)
        }
        if let x = PythonOrder.number(a), let y = PythonOrder.number(b) {
            return .double(try fractional(node, x, operation, y))
        }
        throw error(
            "'\(operation.rawValue)' does not go with \(a.typeName) and \(b.typeName)", at: node,
            hint: operation == .add && (a.string != nil || b.string != nil) ? "'~' joins anything as text" : nil)
    }

    private func repeated(_ text: String, _ count: Int, at node: Node) throws(InputErrors) -> String {
        guard
            max(0, count).multipliedReportingOverflow(by: max(1, text.utf8.count)).partialValue
                <= Self.longestResult, count <= Self.longestResult
        else { throw error("the result is too long", at: node) }
        return String(repeating: text, count: max(0, count))
    }

    private func repeated(_ items: [Value], _ count: Int, at node: Node) throws(InputErrors) -> [Value] {
        guard count <= Self.longestResult / 10 / max(1, items.count) else {
            throw error("the result is too long", at: node)
        }
        return Array(repeatElement(items, count: max(0, count)).joined())
    }

    private func whole(_ node: Node, _ x: Int, _ operation: Arithmetic, _ y: Int) throws(InputErrors) -> Value {
        let result: (partialValue: Int, overflow: Bool)
        switch operation {
        case .add: result = x.addingReportingOverflow(y)
        case .subtract: result = x.subtractingReportingOverflow(y)
        case .multiply: result = x.multipliedReportingOverflow(by: y)
        case .divide: return .double(try fractional(node, Double(x), .divide, Double(y)))
        case .floorDivide, .remainder:
            guard y != 0 else { throw error("division by zero", at: node) }
            guard x != .min || y != -1 else { throw error("the number is too large", at: node) }
            let (quotient, remainder) = x.quotientAndRemainder(dividingBy: y)
            let isBelow = remainder != 0 && (remainder < 0) != (y < 0)
            return .int(operation == .floorDivide ? quotient - (isBelow ? 1 : 0) : remainder + (isBelow ? y : 0))
        default:
            if y < 0 { return .double(try fractional(node, Double(x), .power, Double(y))) }
            result = Self.power(x, y)
        }
        if result.overflow { throw error("the number is too large", at: node) }
        return .int(result.partialValue)
    }

    private static func power(_ base: Int, _ exponent: Int) -> (partialValue: Int, overflow: Bool) {
        if base == 0 || base == 1 { return (exponent == 0 ? 1 : base, false) }
        if base == -1 { return (exponent.isMultiple(of: 2) ? 1 : -1, false) }
        var result = 1
        for _ in 0..<min(exponent, 64) {
            let (next, overflow) = result.multipliedReportingOverflow(by: base)
            if overflow { return (0, true) }
            result = next
        }
        return (result, exponent > 64)
    }

    private func fractional(
        _ node: Node, _ x: Double, _ operation: Arithmetic, _ y: Double
    ) throws(InputErrors) -> Double {
        switch operation {
        case .add: return x + y
        case .subtract: return x - y
        case .multiply: return x * y
        case .power:
            guard x != 0 || y >= 0 else { throw error("division by zero", at: node) }
            let result = PythonNumber.power(x, y)
            guard result.isFinite || !x.isFinite || !y.isFinite else {
                throw error("the number is too large, or not a real one", at: node)
            }
            return result
        default: break
        }
        guard y != 0 else { throw error("division by zero", at: node) }
        if operation == .divide { return x / y }
        var remainder = x.truncatingRemainder(dividingBy: y)
        var quotient = (x - remainder) / y
        if remainder != 0, (remainder < 0) != (y < 0) {
            remainder += y
            quotient -= 1
        }
        if operation == .remainder { return remainder }
        let floor = quotient.rounded(.down)
        return quotient - floor > 0.5 ? floor + 1 : floor
    }

    /// - Throws: where Python cannot order the two.
    func compare(_ a: Value, _ comparison: Comparison, _ b: Value, at node: Node) throws(InputErrors) -> Bool {
        func ordered(_ x: Value, _ y: Value) throws(InputErrors) -> Bool {
            guard let result = PythonOrder.less(x, y) else {
                throw error("'\(comparison.rawValue)' does not go with \(a.typeName) and \(b.typeName)", at: node)
            }
            return result
        }
        switch comparison {
        case .equal: return PythonOrder.equal(a, b)
        case .notEqual: return !PythonOrder.equal(a, b)
        case .less: return try ordered(a, b)
        case .greater: return try ordered(b, a)
        case .lessOrEqual: return try ordered(a, b) || PythonOrder.equal(a, b)
        case .greaterOrEqual: return try ordered(b, a) || PythonOrder.equal(a, b)
        case .isIn: return try contains(b, a, at: node)
        case .isNotIn: return try !contains(b, a, at: node)
        }
    }

    func contains(_ container: Value, _ item: Value, at node: Node) throws(InputErrors) -> Bool {
        switch container.content {
        case .list(let items): return items.contains { PythonOrder.equal($0, item) }
        case .map(let entries): return Self.key(item).map { entries[$0] != nil } ?? false
        case .string(let text):
            if let part = item.string { return PythonString.contains(text, part) }
            throw error("'in' looks for text in text, not for \(item.typeName)", at: node)
        default: throw error("'in' needs text, a list or a map, not \(container.typeName)", at: node)
        }
    }
}
