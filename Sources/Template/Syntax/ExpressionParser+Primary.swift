import Model
import OrderedCollections

extension ExpressionParser {
    mutating func primary() throws(InputErrors) -> Node {
        let token = current
        switch token.kind {
        case .name(let name):
            advance()
            switch name {
            case "true", "True": return try node(.literal(.bool(true)), at: token.at)
            case "false", "False": return try node(.literal(.bool(false)), at: token.at)
            case "none", "None": return try node(.literal(.null), at: token.at)
            case "if", "else", "and", "or", "not", "in", "is":
                throw source.error("'\(name)' cannot stand here: a value is needed", at: token.at)
            default: return try node(.name(name), at: token.at)
            }
        case .string(var text):
            advance()
            while case .string(let more) = current.kind {
                text += more
                advance()
            }
            return try node(.literal(.string(text)), at: token.at)
        case .int(let number):
            advance()
            return try node(.literal(.int(number)), at: token.at)
        case .float(let number):
            advance()
            return try node(.literal(.double(number)), at: token.at)
        case .symbol("("):
            advance()
            if take(")") { return try node(.list([]), at: token.at) }
            let inner = try tuple()
            try expect(")")
            return inner
        case .symbol("["):
            advance()
            return try node(.list(try items(until: "]")), at: token.at)
        case .symbol("{"):
            advance()
            return try node(.map(try entries()), at: token.at)
        default:
            throw error("a value is needed, not \(token.description)")
        }
    }

    private mutating func items(until close: String) throws(InputErrors) -> [Node] {
        var items: [Node] = []
        while !take(close) {
            if !items.isEmpty {
                try expect(",")
                if take(close) { break }
            }
            items.append(try expression())
        }
        return items
    }

    private mutating func entries() throws(InputErrors) -> [(key: Node, value: Node)] {
        var entries: [(key: Node, value: Node)] = []
        while !take("}") {
            if !entries.isEmpty {
                try expect(",")
                if take("}") { break }
            }
            let key = try expression()
            try expect(":")
            entries.append((key, try expression()))
        }
        return entries
    }

    /// `.name`, `[…]` and `(…)` after a value.
    mutating func postfix(_ base: Node) throws(InputErrors) -> Node {
        var result = base
        while true {
            let at = current.at
            if take(".") {
                switch current.kind {
                case .name(let name): result = try node(.attribute(result, name), at: current.at)
                case .int(let index):
                    result = try node(.element(result, try node(.literal(.int(index)), at: current.at)), at: at)
                default: throw error("a name is needed after '.', not \(current.description)")
                }
                advance()
            } else if take("[") {
                result = try subscripted(result, at: at)
            } else if isSymbol("(") {
                result = try node(.call(result, try callArguments()), at: result.at)
            } else {
                return result
            }
        }
    }

    private mutating func subscripted(_ base: Node, at: Int) throws(InputErrors) -> Node {
        var parts: [Node?] = [isSymbol(":") ? nil : try expression()]
        while parts.count < 3, take(":") {
            parts.append(isSymbol(":") || isSymbol("]") ? nil : try expression())
        }
        try expect("]")
        if parts.count == 1, let key = parts[0] { return try node(.element(base, key), at: at) }
        parts += [Node?](repeating: nil, count: 3 - parts.count)
        return try node(.slice(base, from: parts[0], to: parts[1], step: parts[2]), at: at)
    }

    /// `| filter(…)` and `is [not] test …`, any number of them.
    mutating func filters(_ base: Node) throws(InputErrors) -> Node {
        var result = base
        while true {
            if take("|") {
                let at = current.at
                let name = try dottedName()
                if Filters.all[name] == nil { throw source.unknown("filter", name, among: Filters.all.keys, at: at) }
                result = try node(.filter(result, name, isSymbol("(") ? try callArguments() : CallArguments()), at: at)
            } else if takeName("is") {
                result = try test(of: result)
            } else if isSymbol("(") {
                result = try node(.call(result, try callArguments()), at: result.at)
            } else {
                return result
            }
        }
    }

    private mutating func test(of value: Node) throws(InputErrors) -> Node {
        let isNegated = takeName("not")
        let at = current.at
        let name = try dottedName()
        if Tests.all[name] == nil, !Tests.ofExistence.contains(name) {
            throw source.unknown("test", name, among: Array(Tests.all.keys) + Tests.ofExistence, at: at)
        }
        var arguments = CallArguments()
        if isSymbol("(") {
            arguments = try callArguments()
        } else if startsArgument() {
            if isName("is") { throw error("tests cannot be chained with 'is'", hint: "put 'and' between them") }
            arguments.positional = [try postfix(try primary())]
        }
        let result = try node(.test(value, name, arguments), at: at)
        return isNegated ? try node(.not(result), at: at) : result
    }

    /// Whether what follows a test's name is its argument: `is divisibleby 3`.
    private func startsArgument() -> Bool {
        switch current.kind {
        case .name(let name): !["else", "or", "and", "if", "not", "in"].contains(name)
        case .string, .int, .float, .symbol("["), .symbol("{"): true
        default: false
        }
    }

    private mutating func dottedName() throws(InputErrors) -> String {
        var name = try name()
        while take(".") { name += "." + (try self.name()) }
        return name
    }

    mutating func callArguments() throws(InputErrors) -> CallArguments {
        try expect("(")
        var arguments = CallArguments()
        var isFirst = true
        while !take(")") {
            if !isFirst {
                try expect(",")
                if take(")") { break }
            }
            isFirst = false
            if isSymbol("*") || isSymbol("**") { throw error("'*' and '**' arguments are not supported") }
            if case .name(let name) = current.kind, nextIs("=") {
                advance()
                advance()
                arguments.keywords.append((name, try expression()))
            } else if arguments.keywords.isEmpty {
                arguments.positional.append(try expression())
            } else {
                throw error("an argument without a name cannot follow one with a name")
            }
        }
        return arguments
    }
}
