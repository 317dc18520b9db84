import Model
import OrderedCollections

/// What an expression gives: a value, or that there is none. Undefined never leaves an expression: whatever uses it
/// throws its error, except the few filters and tests that ask.
enum Operand: Sendable {
    case value(Value)
    case undefined(InputErrors)
}

/// Whether a condition holds.
public enum Truth: Sendable, Hashable {
    case yes
    case no
    /// It depends on something known only later.
    case unknown(Unknown)
}

extension Value {
    /// All that this value waits for, as one; nil where every part is known.
    var waitsFor: Unknown? { Unknown.all([self]) }
    /// As `waitsFor`, without looking into lists and maps.
    var isUnknown: Unknown? { if case .unknown(let unknown) = content { unknown } else { nil } }

    var truth: Truth {
        if case .unknown(let unknown) = content { return .unknown(unknown) }
        return PythonOrder.isTrue(self) ? .yes : .no
    }
}

extension Unknown {
    /// What an operation on these values waits for.
    static func all(_ values: [Value]) -> Unknown? {
        var result: Unknown?
        for value in values {
            switch value.content {
            case .unknown(let unknown): result = result?.and(unknown) ?? unknown
            case .list, .map:
                for unknown in value.unknowns { result = result?.and(unknown) ?? unknown }
            default: break
            }
        }
        return result
    }
}
