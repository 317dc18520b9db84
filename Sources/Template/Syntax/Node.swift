import Model

/// An expression: what it is, the byte where it begins, and how deep it nests.
struct Node: Sendable {
    indirect enum Kind: Sendable {
        case literal(Value)
        case name(String)
        /// A list or a tuple: Values have no tuples.
        case list([Node])
        case map([(key: Node, value: Node)])
        case attribute(Node, String)
        case element(Node, Node)
        case slice(Node, from: Node?, to: Node?, step: Node?)
        case call(Node, CallArguments)
        case filter(Node, String, CallArguments)
        case test(Node, String, CallArguments)
        case negative(Node)
        case positive(Node)
        case not(Node)
        case and(Node, Node)
        case or(Node, Node)
        case arithmetic(Node, Arithmetic, Node)
        /// `a < b <= c`: each side is evaluated once.
        case comparison(Node, [(Comparison, Node)])
        case conditional(Node, then: Node, otherwise: Node?)
    }

    let kind: Kind
    let at: Int
    let depth: Int
}

enum Arithmetic: String, Sendable {
    case add = "+"
    case subtract = "-"
    case multiply = "*"
    case divide = "/"
    case floorDivide = "//"
    case remainder = "%"
    case power = "**"
    case join = "~"
}

enum Comparison: String, Sendable {
    case equal = "=="
    case notEqual = "!="
    case less = "<"
    case lessOrEqual = "<="
    case greater = ">"
    case greaterOrEqual = ">="
    case isIn = "in"
    case isNotIn = "not in"
}

/// What stands between a call's parentheses.
struct CallArguments: Sendable {
    var positional: [Node] = []
    var keywords: [(name: String, value: Node)] = []

    var nodes: [Node] { positional + keywords.map(\.value) }
}

/// A part of a template's body.
indirect enum Statement: Sendable {
    case text(String)
    case output(Node)
    case branch([(condition: Node, body: [Statement])], otherwise: [Statement])
    case loop(Loop)
    /// `{% set a, b = … %}`.
    case set([Target], Node)
    /// `{% set a %}…{% endset %}`.
    case capture(String, [Statement])
}

/// A name that `set` gives a value to: a variable, or a field of a `namespace()`.
struct Target: Sendable {
    let name: String
    let field: String?
    let at: Int
}

struct Loop: Sendable {
    let targets: [String]
    let items: Node
    let filter: Node?
    let body: [Statement]
    let otherwise: [Statement]
    /// Whether the body says `loop`; making that map for every turn costs.
    let usesLoop: Bool
}
