import OrderedCollections

/// What a variable, a template or a role's field holds: plain data that also knows whether it is secret, whether it is
/// known yet, and where it was written.
///
/// Secrecy belongs to the value, so whatever shows one (a diff, a log, a plan file, a mirror) can only show
/// `(sensitive)`. Equality compares content alone.
public struct Value: Sendable {
    public indirect enum Content: Sendable, Hashable {
        case null
        case bool(Bool)
        case int(Int)
        case double(Double)
        case string(String)
        case list([Value])
        case map(OrderedDictionary<String, Value>)
        /// Known only once an earlier task has run.
        case unknown(Unknown)
    }

    public var content: Content
    /// Marks this value and, for a list or map, all that it holds.
    public var isSensitive: Bool
    public var origin: Origin?

    public init(_ content: Content, isSensitive: Bool = false, origin: Origin? = nil) {
        self.content = content
        self.isSensitive = isSensitive
        self.origin = origin
    }

    public static let null = Value(.null)
    public static func bool(_ b: Bool) -> Value { Value(.bool(b)) }
    public static func int(_ i: Int) -> Value { Value(.int(i)) }
    public static func double(_ d: Double) -> Value { Value(.double(d)) }
    public static func string(_ s: String) -> Value { Value(.string(s)) }
    public static func list(_ l: [Value]) -> Value { Value(.list(l)) }
    public static func map(_ m: OrderedDictionary<String, Value>) -> Value { Value(.map(m)) }
    public static func unknown(_ u: Unknown) -> Value { Value(.unknown(u)) }
}

/// Why a value is not known yet, in words that a plan can show after "known after".
public struct Unknown: Sendable, Hashable {
    public var because: String
    /// What will make it known (the keys of exports), so that a graph can draw its edges from the values themselves.
    public var sources: Set<String>
    /// URLs of texts that the laptop has to fetch first.
    public var texts: Set<String>

    public init(because: String, sources: Set<String> = [], texts: Set<String> = []) {
        self.because = because
        self.sources = sources
        self.texts = texts
    }

    /// What an operation on two unknowns waits for: both.
    public func and(_ other: Unknown) -> Unknown {
        Unknown(
            because: because, sources: sources.union(other.sources), texts: texts.union(other.texts))
    }
}

extension Value: Hashable {
    public static func == (a: Value, b: Value) -> Bool { a.content == b.content }
    public func hash(into hasher: inout Hasher) { hasher.combine(content) }
}

extension Value {
    public var isNull: Bool { content == .null }

    public var string: String? { if case .string(let s) = content { s } else { nil } }
    public var bool: Bool? { if case .bool(let b) = content { b } else { nil } }
    public var int: Int? { if case .int(let i) = content { i } else { nil } }
    public var list: [Value]? { if case .list(let l) = content { l } else { nil } }
    public var map: OrderedDictionary<String, Value>? { if case .map(let m) = content { m } else { nil } }

    /// The entry of a map; nil where this is no map or has no such key.
    public subscript(key: String) -> Value? { map?[key] }

    /// Whether any part of the value is secret.
    public var containsSensitive: Bool {
        if isSensitive { return true }
        switch content {
        case .list(let items): return items.contains { $0.containsSensitive }
        case .map(let entries): return entries.values.contains { $0.containsSensitive }
        default: return false
        }
    }

    /// Every unknown within the value, in order.
    public var unknowns: [Unknown] {
        switch content {
        case .unknown(let unknown): return [unknown]
        case .list(let items): return items.flatMap(\.unknowns)
        case .map(let entries): return entries.values.flatMap(\.unknowns)
        default: return []
        }
    }

    /// This value marked secret; the mark never comes off.
    public func sensitive(_ mark: Bool = true) -> Value {
        Value(content, isSensitive: isSensitive || mark, origin: origin)
    }

    /// The value without its marks, for one who has asked to see it, and for nobody else.
    public var revealed: Value {
        switch content {
        case .list(let items): Value(.list(items.map(\.revealed)), origin: origin)
        case .map(let map): Value(.map(map.mapValues(\.revealed)), origin: origin)
        default: Value(content, origin: origin)
        }
    }

    public func at(_ origin: Origin?) -> Value { Value(content, isSensitive: isSensitive, origin: origin) }

    /// What the value is, for messages: "text", "a whole number", "a list", …
    public var typeName: String {
        switch content {
        case .null: "null"
        case .bool: "true or false"
        case .int: "a whole number"
        case .double: "a number"
        case .string: "text"
        case .list: "a list"
        case .map: "a map"
        case .unknown: "a value not known yet"
        }
    }
}

extension Value: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    /// For people; secret values show as `(sensitive)`, unknown ones as `(known after apply)`.
    public var description: String {
        if isSensitive { return "(sensitive)" }
        switch content {
        case .null: return "null"
        case .bool(let b): return b ? "true" : "false"
        case .int(let i): return String(i)
        case .double(let d): return String(d)
        case .string(let s): return s
        case .list(let items): return "[" + items.map(\.description).joined(separator: ", ") + "]"
        case .map(let m): return "{" + m.map { "\($0.key): \($0.value)" }.joined(separator: ", ") + "}"
        case .unknown: return "(known after apply)"
        }
    }

    public var debugDescription: String { description }

    /// Reflection (`dump`, a test's failure text) sees what people see, so a secret cannot leak through it.
    public var customMirror: Mirror { Mirror(self, children: [("value", description)]) }
}

extension Value: ExpressibleByStringLiteral, ExpressibleByIntegerLiteral, ExpressibleByBooleanLiteral,
    ExpressibleByArrayLiteral, ExpressibleByDictionaryLiteral, ExpressibleByNilLiteral, ExpressibleByFloatLiteral
{
    public init(stringLiteral value: String) { self = .string(value) }
    public init(integerLiteral value: Int) { self = .int(value) }
    public init(booleanLiteral value: Bool) { self = .bool(value) }
    public init(floatLiteral value: Double) { self = .double(value) }
    public init(arrayLiteral elements: Value...) { self = .list(elements) }
    public init(dictionaryLiteral elements: (String, Value)...) {
        self = .map(OrderedDictionary(elements, uniquingKeysWith: { $1 }))
    }
    public init(nilLiteral: ()) { self = .null }
}
