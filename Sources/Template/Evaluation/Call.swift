import Model
import OrderedCollections

/// The arguments that a filter, test, method or function takes.
struct Signature: Sendable {
    /// In the order of their places; each may be given by name too.
    var parameters: [String] = []
    /// How many of them must be given.
    var required = 0
    /// Given by name only.
    var keywords: [String] = []
    /// Whether more may follow without names, and any others by name.
    var takesMore = false
    var takesAnyKeyword = false
}

/// One use of a filter, test, method or function: its input and arguments, and how to say what is wrong with them.
struct Call {
    let name: String
    let evaluator: Evaluator
    let node: Node
    var input: Value = .null
    /// Why the input is undefined, for the few filters that take that.
    var undefined: InputErrors?
    var named: OrderedDictionary<String, Value> = [:]
    var rest: [Value] = []

    init(name: String, evaluator: Evaluator, node: Node) {
        self.name = name
        self.evaluator = evaluator
        self.node = node
    }

    var everything: [Value] { [input] + named.values + rest }

    func error(_ message: String, hint: String? = nil) -> InputErrors {
        evaluator.error("'\(name)': \(message)", at: node, hint: hint)
    }

    /// The input as Python's `str()` has it.
    var text: String { PythonText.text(input) }

    func strictText() throws(InputErrors) -> String {
        guard let text = input.string else { throw error("text is needed, not \(input.typeName)") }
        return text
    }

    /// The input's items as a loop would see them.
    func items() throws(InputErrors) -> [Value] { try items(of: input) }

    func items(of value: Value) throws(InputErrors) -> [Value] {
        guard let items = Self.iterated(value) else { throw error("a list is needed, not \(value.typeName)") }
        return items
    }

    /// A list's items, a map's keys, a text's characters.
    static func iterated(_ value: Value) -> [Value]? {
        switch value.content {
        case .list(let items): value.isSensitive ? items.map { $0.sensitive() } : items
        case .map(let entries): entries.keys.map { Value(.string($0), isSensitive: value.isSensitive) }
        case .string(let text):
            text.unicodeScalars.map { Value(.string(String($0)), isSensitive: value.isSensitive) }
        default: nil
        }
    }

    func map() throws(InputErrors) -> OrderedDictionary<String, Value> {
        guard let map = input.map else { throw error("a map is needed, not \(input.typeName)") }
        return map
    }

    func string(_ name: String) throws(InputErrors) -> String? {
        guard let value = named[name], !value.isNull else { return nil }
        guard let text = value.string else { throw error("'\(name)' is text, not \(value.typeName)") }
        return text
    }

    func int(_ name: String, _ absent: Int) throws(InputErrors) -> Int {
        guard let value = named[name], !value.isNull else { return absent }
        guard let number = PythonOrder.integer(value) else {
            throw error("'\(name)' is a whole number, not \(value.typeName)")
        }
        return number
    }

    /// A number of characters, bounded so that no small template makes a huge text.
    func width(_ name: String, _ absent: Int) throws(InputErrors) -> Int {
        let width = try int(name, absent)
        guard width <= 1000 else { throw error("'\(name)' is at most 1000") }
        return width
    }

    func flag(_ name: String) -> Bool { named[name].map(PythonOrder.isTrue) ?? false }
}

/// What a filter's result carries of its input and arguments.
enum Carries: Sendable {
    /// Made of the whole: secret when any part of them is, unknown when any part is.
    case whole
    /// Made of their parts, which keep their own marks: a list of the same items, say.
    case parts
    /// As `parts`, but which comes where depends on the parts: all must be known.
    case order
    /// One of them, as it is.
    case chosen
}

/// A filter or a method: a name in a table, and the function behind it.
struct Filter: Sendable {
    let signature: Signature
    let carries: Carries
    let takesUndefined: Bool
    let apply: @Sendable (Call) throws(InputErrors) -> Operand

    init(
        _ parameters: [String] = [], required: Int = 0, keywords: [String] = [], more: Bool = false,
        anyKeyword: Bool = false, _ carries: Carries = .whole, takesUndefined: Bool = false,
        _ apply: @escaping @Sendable (Call) throws(InputErrors) -> Operand
    ) {
        signature = Signature(
            parameters: parameters, required: required, keywords: keywords, takesMore: more, takesAnyKeyword: anyKeyword
        )
        self.carries = carries
        self.takesUndefined = takesUndefined
        self.apply = apply
    }

    /// One whose result is always there.
    init(
        _ parameters: [String] = [], required: Int = 0, keywords: [String] = [], more: Bool = false,
        anyKeyword: Bool = false, _ carries: Carries = .whole,
        value: @escaping @Sendable (Call) throws(InputErrors) -> Value
    ) {
        self.init(parameters, required: required, keywords: keywords, more: more, anyKeyword: anyKeyword, carries) {
            (call) throws(InputErrors) in .value(try value(call))
        }
    }
}

/// A test, as after `is`.
struct Test: Sendable {
    let signature: Signature
    /// Whether it depends on what a list or map holds, which then must be known.
    let looksInside: Bool
    let holds: @Sendable (Call) throws(InputErrors) -> Bool

    init(
        _ parameters: [String] = [], required: Int? = nil, inside: Bool = false,
        _ holds: @escaping @Sendable (Call) throws(InputErrors) -> Bool
    ) {
        signature = Signature(parameters: parameters, required: required ?? parameters.count)
        looksInside = inside
        self.holds = holds
    }
}
