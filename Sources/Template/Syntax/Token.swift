/// A piece of an expression, with the offset of its first byte.
struct Token: Sendable, Equatable {
    enum Kind: Sendable, Equatable {
        case name(String)
        case string(String)
        case int(Int)
        case float(Double)
        /// `+`, `==`, `[`, …
        case symbol(String)
        case end
    }

    let kind: Kind
    let at: Int

    /// The token as a message names it.
    var description: String {
        switch kind {
        case .name(let name): "'\(name)'"
        case .string: "a text"
        case .int(let number): "'\(number)'"
        case .float(let number): "'\(number)'"
        case .symbol(let symbol): "'\(symbol)'"
        case .end: "the end"
        }
    }
}

/// A part of a template, before its statements are put together.
enum Segment: Sendable {
    case text(String)
    /// `{{ … }}`; the last token is `.end`.
    case output([Token])
    /// `{% … %}`; the last token is `.end`.
    case block([Token], at: Int)
}
