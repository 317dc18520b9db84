/// A mistake in what a person wrote: a file, a role, an inventory, a command line. Nothing was touched.
public struct InputError: Error, Sendable, Hashable {
    public enum Severity: String, Sendable, Hashable { case error, warning }

    public var severity: Severity
    public var message: String
    public var origin: Origin?
    /// The offending line as written, for the caret under it; nil where it would show a secret or is not at hand.
    public var sourceLine: String?
    /// What to do about it, where we know.
    public var hint: String?

    public init(
        _ message: String, at origin: Origin? = nil, sourceLine: String? = nil, hint: String? = nil,
        severity: Severity = .error
    ) {
        self.message = message
        self.origin = origin
        self.sourceLine = sourceLine
        self.hint = hint
        self.severity = severity
    }
}

extension InputError: CustomStringConvertible {
    /// `file:line:column: message`, the line with a caret, and the hint, each on a line of its own.
    public var description: String {
        var lines = [(origin.map { "\($0): " } ?? "") + (severity == .warning ? "warning: " : "") + message]
        if let origin, let sourceLine {
            lines.append("    " + sourceLine.map { $0 == "\t" ? " " : String($0) }.joined())
            lines.append("    " + String(repeating: " ", count: max(0, origin.column - 1)) + "^")
        }
        if let hint { lines.append("hint: \(hint)") }
        return lines.joined(separator: "\n")
    }
}

/// All the mistakes found in one go, in the order of their places.
public struct InputErrors: Error, Sendable, CustomStringConvertible {
    public var errors: [InputError]

    public init(_ errors: [InputError]) {
        self.errors = errors.sorted { a, b in
            guard let x = a.origin, let y = b.origin else { return a.origin == nil && b.origin != nil }
            return x < y
        }
    }

    public init(_ error: InputError) { errors = [error] }

    /// Those without a place are put there.
    public func placed(at origin: Origin?) -> InputErrors {
        InputErrors(
            errors.map { error in
                var error = error
                error.origin = error.origin ?? origin
                return error
            })
    }

    public var description: String { errors.map(\.description).joined(separator: "\n") }
}
