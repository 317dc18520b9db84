import Model

/// A text with `{{ … }}`, `{% … %}` and `{# … #}` in it, parsed once and rendered as often as wanted.
public struct Template: Sendable {
    /// How white space around tags is taken.
    public struct Options: Sendable, Hashable {
        /// Takes away the line break after a block tag.
        public var trimBlocks: Bool
        /// Takes away the blanks before a block tag that begins a line.
        public var lstripBlocks: Bool
        public var keepTrailingNewline: Bool

        public init(trimBlocks: Bool = true, lstripBlocks: Bool = false, keepTrailingNewline: Bool = true) {
            self.trimBlocks = trimBlocks
            self.lstripBlocks = lstripBlocks
            self.keepTrailingNewline = keepTrailingNewline
        }

        /// As Ansible renders values and the files of its template module.
        public static let ansible = Options()
    }

    let source: SourceText
    let body: [Statement]

    /// - Parameters:
    ///   - origin: where the text begins; errors count their lines and columns from it.
    ///   - isSensitive: the text itself is secret: so is all that is made of it, and no message quotes it.
    public init(
        parsing text: String, at origin: Origin? = nil, options: Options = .ansible, isSensitive: Bool = false
    ) throws(InputErrors) {
        source = SourceText(text, at: origin, isSensitive: isSensitive)
        guard Self.isNeeded(for: text) || !options.keepTrailingNewline else {
            body = [.text(text)]
            return
        }
        var lexer = Lexer(source, options: options)
        let segments = try lexer.segments()
        var parser = StatementParser(source, segments)
        body = try parser.statements()
    }

    /// Whether the text has any tag; one that has none renders as it is.
    public static func isNeeded(for text: String) -> Bool {
        var text = text
        return text.withUTF8 { bytes in
            var i = 0
            while i + 1 < bytes.count {
                if bytes[i] == Lexer.brace {
                    let next = bytes[i + 1]
                    if next == Lexer.brace || next == Lexer.percent || next == Lexer.hash { return true }
                }
                i += 1
            }
            return false
        }
    }

    /// The names that the template takes from its scope.
    public var names: Set<String> {
        var free = FreeNames()
        free.visit(body)
        return free.names
    }

    /// The value of a template that is one whole `{{ … }}`, whatever its type; the text of any other. A text with a
    /// part not known yet is unknown as a whole.
    public func render(in scope: some Scope) throws(InputErrors) -> Value {
        guard body.count == 1, case .output(let node) = body[0] else { return try renderText(in: scope) }
        let value = try EvaluationContext.with { (context) throws(InputErrors) in
            try Evaluator(scope: scope, source: source, context: context).value(node)
        }
        return Value(
            value.content, isSensitive: value.isSensitive || source.isSensitive, origin: source.start ?? value.origin)
    }

    /// The text of the template, as a file is rendered: also where it is one whole `{{ … }}`.
    public func renderText(in scope: some Scope) throws(InputErrors) -> Value {
        if body.count == 1, case .text(let text) = body[0] {
            return Value(.string(text), isSensitive: source.isSensitive, origin: source.start)
        }
        let renderer = try run(in: scope, forDisplay: false)
        let content: Value.Content = renderer.unknown.map { .unknown($0) } ?? .string(renderer.text)
        return Value(content, isSensitive: renderer.isSensitive || source.isSensitive, origin: source.start)
    }

    /// The text for people: parts not known yet read `(known after apply)`, secret parts `(sensitive)`.
    public func renderForDisplay(in scope: some Scope) throws(InputErrors) -> String {
        source.isSensitive ? "(sensitive)" : try run(in: scope, forDisplay: true).text
    }

    private func run(in scope: some Scope, forDisplay: Bool) throws(InputErrors) -> Renderer {
        try EvaluationContext.with { (context) throws(InputErrors) in
            let evaluator = Evaluator(scope: scope, source: source, context: context)
            var renderer = Renderer(evaluator: evaluator, forDisplay: forDisplay)
            try renderer.run(body)
            return renderer
        }
    }
}
