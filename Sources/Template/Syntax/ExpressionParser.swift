import Model

/// Reads expressions with Jinja2's precedences. How deep they nest is bounded, so that no input can exhaust the stack.
struct ExpressionParser {
    static let deepest = 100

    let source: SourceText
    private let tokens: [Token]
    private var index = 0
    private var nesting = 0

    /// - Parameter tokens: the last one is `.end`.
    init(_ source: SourceText, _ tokens: [Token]) {
        self.source = source
        self.tokens = tokens
    }

    var current: Token { tokens[min(index, tokens.count - 1)] }
    private var next: Token { tokens[min(index + 1, tokens.count - 1)] }

    mutating func advance() { index += 1 }
    func nextIs(_ symbol: String) -> Bool { next.kind == .symbol(symbol) }

    func error(_ message: String, hint: String? = nil) -> InputErrors {
        source.error(message, at: current.at, hint: hint)
    }

    // MARK: Tokens

    func isSymbol(_ symbol: String) -> Bool { current.kind == .symbol(symbol) }
    func isName(_ name: String) -> Bool { current.kind == .name(name) }

    mutating func take(_ symbol: String) -> Bool {
        guard isSymbol(symbol) else { return false }
        advance()
        return true
    }

    mutating func takeName(_ name: String) -> Bool {
        guard isName(name) else { return false }
        advance()
        return true
    }

    mutating func expect(_ symbol: String) throws(InputErrors) {
        guard take(symbol) else { throw error("'\(symbol)' is missing before \(current.description)") }
    }

    mutating func name() throws(InputErrors) -> String {
        guard case .name(let name) = current.kind else {
            throw error("a name is needed, not \(current.description)")
        }
        advance()
        return name
    }

    func expectEnd() throws(InputErrors) {
        guard current.kind == .end else { throw error("unexpected \(current.description)") }
    }

    func node(_ kind: Node.Kind, at: Int) throws(InputErrors) -> Node {
        var node = Node(kind: kind, at: at, depth: 0)
        let depth = (node.children.map(\.depth).max() ?? 0) + 1
        guard depth <= Self.deepest else { throw source.error("this expression nests too deeply", at: at) }
        node = Node(kind: kind, at: at, depth: depth)
        return node
    }

    // MARK: Expressions, loosest first

    /// An expression, or several with commas between, which make a list.
    mutating func tuple(withConditional: Bool = true) throws(InputErrors) -> Node {
        let at = current.at
        let first = try withConditional ? expression() : or()
        guard isSymbol(",") else { return first }
        var items = [first]
        while take(",") {
            if current.kind == .end || isSymbol(")") || isName("if") { break }
            items.append(try withConditional ? expression() : or())
        }
        return try node(.list(items), at: at)
    }

    mutating func expression() throws(InputErrors) -> Node {
        nesting += 1
        defer { nesting -= 1 }
        guard nesting <= Self.deepest else { throw error("this expression nests too deeply") }
        let at = current.at
        var result = try or()
        while takeName("if") {
            let condition = try or()
            let otherwise = takeName("else") ? try expression() : nil
            result = try node(.conditional(condition, then: result, otherwise: otherwise), at: at)
        }
        return result
    }

    private mutating func or() throws(InputErrors) -> Node {
        let at = current.at
        var left = try and()
        while takeName("or") { left = try node(.or(left, try and()), at: at) }
        return left
    }

    private mutating func and() throws(InputErrors) -> Node {
        let at = current.at
        var left = try not()
        while takeName("and") { left = try node(.and(left, try not()), at: at) }
        return left
    }

    private mutating func not() throws(InputErrors) -> Node {
        let at = current.at
        var count = 0
        while takeName("not") { count += 1 }
        var result = try comparison()
        guard count <= Self.deepest else { throw error("this expression nests too deeply") }
        for _ in 0..<count { result = try node(.not(result), at: at) }
        return result
    }

    private mutating func comparison() throws(InputErrors) -> Node {
        let at = current.at
        let first = try arithmetic(0)
        var rest: [(Comparison, Node)] = []
        while true {
            if case .symbol(let symbol) = current.kind, let comparison = Comparison(rawValue: symbol) {
                advance()
                rest.append((comparison, try arithmetic(0)))
            } else if takeName("in") {
                rest.append((.isIn, try arithmetic(0)))
            } else if isName("not"), next.kind == .name("in") {
                advance()
                advance()
                rest.append((.isNotIn, try arithmetic(0)))
            } else {
                return rest.isEmpty ? first : try node(.comparison(first, rest), at: at)
            }
        }
    }

    /// All of them bind to the left, `**` too, as in Jinja2.
    private static let levels: [[String: Arithmetic]] = [
        ["+": .add, "-": .subtract], ["~": .join],
        ["*": .multiply, "/": .divide, "//": .floorDivide, "%": .remainder], ["**": .power],
    ]

    private mutating func arithmetic(_ level: Int) throws(InputErrors) -> Node {
        guard level < Self.levels.count else { return try unary(withFilters: true) }
        let at = current.at
        var left = try arithmetic(level + 1)
        while case .symbol(let symbol) = current.kind, let operation = Self.levels[level][symbol] {
            advance()
            left = try node(.arithmetic(left, operation, try arithmetic(level + 1)), at: at)
        }
        return left
    }

    private mutating func unary(withFilters: Bool) throws(InputErrors) -> Node {
        nesting += 1
        defer { nesting -= 1 }
        guard nesting <= Self.deepest else { throw error("this expression nests too deeply") }
        let at = current.at
        var result: Node
        if take("-") {
            result = try node(.negative(try unary(withFilters: false)), at: at)
        } else if take("+") {
            result = try node(.positive(try unary(withFilters: false)), at: at)
        } else {
            result = try primary()
        }
        result = try postfix(result)
        return withFilters ? try filters(result) : result
    }
}
