import Model
import OrderedCollections

/// Truth, equality and order as Python has them. Unknown parts must be ruled out before.
enum PythonOrder {
    /// `bool(value)`.
    static func isTrue(_ value: Value) -> Bool {
        switch value.content {
        case .null, .unknown: false
        case .bool(let flag): flag
        case .int(let number): number != 0
        case .double(let number): number != 0
        case .string(let text): !text.isEmpty
        case .list(let items): !items.isEmpty
        case .map(let entries): !entries.isEmpty
        }
    }

    /// A number, or a boolean as 0 or 1.
    static func number(_ value: Value) -> Double? {
        switch value.content {
        case .bool(let flag): flag ? 1 : 0
        case .int(let number): Double(number)
        case .double(let number): number
        default: nil
        }
    }

    /// A whole number, or a boolean as 0 or 1.
    static func integer(_ value: Value) -> Int? {
        switch value.content {
        case .bool(let flag): flag ? 1 : 0
        case .int(let number): number
        default: nil
        }
    }

    static func equal(_ a: Value, _ b: Value) -> Bool {
        switch (a.content, b.content) {
        case (.null, .null): return true
        case (.string(let x), .string(let y)): return PythonString.equal(x, y)
        case (.list(let x), .list(let y)):
            return x.count == y.count && zip(x, y).allSatisfy { equal($0, $1) }
        case (.map(let x), .map(let y)):
            return x.count == y.count
                && x.allSatisfy { key, value in y[key].map { equal(value, $0) } ?? false }
        default:
            if let x = integer(a), let y = integer(b) { return x == y }
            if let x = number(a), let y = number(b) { return x == y }
            return false
        }
    }

    /// `a < b`, or nil where Python cannot order them.
    static func less(_ a: Value, _ b: Value) -> Bool? {
        switch (a.content, b.content) {
        case (.string(let x), .string(let y)): return PythonString.less(x, y)
        case (.list(let x), .list(let y)):
            for (p, q) in zip(x, y) where !equal(p, q) { return less(p, q) }
            return x.count < y.count
        default:
            if let x = integer(a), let y = integer(b) { return x < y }
            if let x = number(a), let y = number(b) { return x < y }
            return nil
        }
    }

    /// Text in small letters, for the filters that sort and compare without regard to case.
    static func folded(_ value: Value) -> Value {
        if case .string(let text) = value.content { return Value(.string(text.lowercased())) }
        return value
    }
}
