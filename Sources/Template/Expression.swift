import Model

/// A bare expression, as in `when`, parsed once and evaluated as often as wanted.
public struct Expression: Sendable {
    let source: SourceText
    let node: Node

    /// - Parameter origin: where the text begins; errors count their lines and columns from it.
    public init(parsing text: String, at origin: Origin? = nil, isSensitive: Bool = false) throws(InputErrors) {
        source = SourceText(text, at: origin, isSensitive: isSensitive)
        var lexer = Lexer(source, options: .ansible)
        var parser = ExpressionParser(source, try lexer.bareTokens())
        if parser.current.kind == .end {
            throw source.error("an expression is needed, not an empty text", at: 0)
        }
        node = try parser.expression()
        try parser.expectEnd()
    }

    /// The names that the expression takes from its scope.
    public var names: Set<String> {
        var free = FreeNames()
        free.visit(node)
        return free.names
    }

    public func evaluate(in scope: some Scope) throws(InputErrors) -> Value {
        let value = try EvaluationContext.with { (context) throws(InputErrors) in
            try Evaluator(scope: scope, source: source, context: context).value(node)
        }
        return Value(
            value.content, isSensitive: value.isSensitive || source.isSensitive, origin: source.start ?? value.origin)
    }

    /// Whether the condition holds, by Python's idea of truth.
    public func isTrue(in scope: some Scope) throws(InputErrors) -> Truth { try evaluate(in: scope).truth }
}

extension Template {
    /// The same type, for files that import another `Expression` too: `Template.Expression`.
    public typealias Expression = _TemplateExpression
}

public typealias _TemplateExpression = Expression
