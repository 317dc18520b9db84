import Model

/// Puts a template's segments together into statements.
struct StatementParser {
    private static let deepest = 40

    let source: SourceText
    private let segments: [Segment]
    private var index = 0
    private var nesting = 0

    init(_ source: SourceText, _ segments: [Segment]) {
        self.source = source
        self.segments = segments
    }

    mutating func statements() throws(InputErrors) -> [Statement] {
        let (body, end) = try body(until: [])
        if let end { throw Self.misplaced(end.name, in: source, at: end.at) }
        return body
    }

    /// A tag that ended a body, its expression not yet read.
    private struct EndTag {
        let name: String
        var parser: ExpressionParser
        let at: Int
    }

    /// Statements up to one of the tags in `ends`, or to the template's end.
    private mutating func body(until ends: Set<String>) throws(InputErrors) -> ([Statement], EndTag?) {
        nesting += 1
        defer { nesting -= 1 }
        var out: [Statement] = []
        while index < segments.count {
            let segment = segments[index]
            index += 1
            switch segment {
            case .text(let text): out.append(.text(text))
            case .output(let tokens):
                var parser = ExpressionParser(source, tokens)
                let node = try parser.tuple()
                try parser.expectEnd()
                out.append(.output(node))
            case .block(let tokens, let at):
                var parser = ExpressionParser(source, tokens)
                let name = try parser.name()
                if ends.contains(name) { return (out, EndTag(name: name, parser: parser, at: at)) }
                guard nesting < Self.deepest else { throw source.error("blocks nest too deeply", at: at) }
                switch name {
                case "if": out.append(try branch(&parser, openedAt: at))
                case "for": out.append(try loop(&parser, openedAt: at))
                case "set": out.append(try set(&parser, openedAt: at))
                default: throw Self.misplaced(name, in: source, at: at)
                }
            }
        }
        return (out, nil)
    }

    private mutating func branch(_ parser: inout ExpressionParser, openedAt at: Int) throws(InputErrors) -> Statement {
        var branches: [(condition: Node, body: [Statement])] = []
        var condition = try Self.whole(&parser)
        while true {
            let (body, end) = try body(until: ["elif", "else", "endif"])
            guard var end else { throw unclosed("if", at: at) }
            branches.append((condition, body))
            switch end.name {
            case "elif": condition = try Self.whole(&end.parser)
            case "else":
                try end.parser.expectEnd()
                let (otherwise, close) = try self.body(until: ["endif"])
                guard let close else { throw unclosed("if", at: at) }
                try close.parser.expectEnd()
                return .branch(branches, otherwise: otherwise)
            default:
                try end.parser.expectEnd()
                return .branch(branches, otherwise: [])
            }
        }
    }

    private mutating func loop(_ parser: inout ExpressionParser, openedAt at: Int) throws(InputErrors) -> Statement {
        var targets: [String] = []
        let isBracketed = parser.take("(")
        repeat { targets.append(try parser.name()) } while parser.take(",")
        if isBracketed { try parser.expect(")") }
        if targets.contains("loop") { throw parser.error("'loop' is the loop's own name", hint: "choose another") }
        guard parser.takeName("in") else { throw parser.error("'in' is missing before \(parser.current.description)") }
        let items = try parser.tuple(withConditional: false)
        let filter = parser.takeName("if") ? try parser.expression() : nil
        if parser.isName("recursive") { throw parser.error("recursive loops are not supported") }
        try parser.expectEnd()
        let (body, end) = try body(until: ["else", "endfor"])
        guard let end else { throw unclosed("for", at: at) }
        try end.parser.expectEnd()
        var otherwise: [Statement] = []
        if end.name == "else" {
            let (rest, close) = try self.body(until: ["endfor"])
            guard let close else { throw unclosed("for", at: at) }
            try close.parser.expectEnd()
            otherwise = rest
        }
        var free = FreeNames()
        free.visit(body)
        return .loop(
            Loop(
                targets: targets, items: items, filter: filter, body: body, otherwise: otherwise,
                usesLoop: free.names.contains("loop")))
    }

    private mutating func set(_ parser: inout ExpressionParser, openedAt at: Int) throws(InputErrors) -> Statement {
        var targets: [Target] = []
        repeat {
            let at = parser.current.at
            let name = try parser.name()
            targets.append(Target(name: name, field: parser.take(".") ? try parser.name() : nil, at: at))
        } while parser.take(",")
        if parser.take("=") {
            let value = try parser.tuple()
            try parser.expectEnd()
            return .set(targets, value)
        }
        guard targets.count == 1, targets[0].field == nil else { throw parser.error("'=' is missing") }
        try parser.expectEnd()
        let (body, end) = try body(until: ["endset"])
        guard let end else { throw unclosed("set", at: at) }
        try end.parser.expectEnd()
        return .capture(targets[0].name, body)
    }

    private static func whole(_ parser: inout ExpressionParser) throws(InputErrors) -> Node {
        let node = try parser.tuple()
        try parser.expectEnd()
        return node
    }

    private func unclosed(_ name: String, at: Int) -> InputErrors {
        source.error("'{% \(name) %}' is not closed", at: at, hint: "end it with '{% end\(name) %}'")
    }

    private static let ownTags = ["if", "elif", "else", "endif", "for", "endfor", "set", "endset", "raw", "endraw"]
    private static let unsupported: Set<String> = [
        "include", "import", "from", "macro", "extends", "block", "call", "filter", "with", "autoescape", "do",
        "trans", "break", "continue", "debug",
    ]

    private static func misplaced(_ name: String, in source: SourceText, at: Int) -> InputErrors {
        if unsupported.contains(name) {
            return source.error("'{% \(name) %}' is not supported", at: at, hint: "there are if, for, set and raw")
        }
        if ownTags.contains(name) { return source.error("'{% \(name) %}' closes or goes on with nothing open", at: at) }
        return source.error(
            "unknown tag '{% \(name) %}'", at: at,
            hint: nearestName(to: name, among: ownTags).map { "did you mean '\($0)'?" })
    }
}
