import Model
import OrderedCollections

/// Where a template finds its variables.
public protocol Scope: Sendable {
    /// Finds the longest part of a path that the scope knows how to answer, so that a scope may be lazy:
    /// `hostvars[groups.control_plane[0]].tailscale_ip` asks for `["hostvars", "n1", "tailscale_ip"]`, and need not
    /// make the rest of `hostvars`.
    /// - Parameter path: never empty; the first is the variable's name, as text.
    /// - Returns: the value and how many components it answers (at least 1); nil when the name is undefined. What is
    ///   left of the path is looked up in the value.
    func resolve(_ path: [Value]) throws(InputErrors) -> (value: Value, consumed: Int)?

    /// The names it defines, for the hints of messages; need not be complete.
    var knownNames: [String] { get }
}

extension Scope {
    public var knownNames: [String] { [] }
}

/// Variables whose values are final: nothing in them is a template.
public struct PlainScope: Scope {
    public var variables: OrderedDictionary<String, Value>

    public init(_ variables: OrderedDictionary<String, Value> = [:]) { self.variables = variables }

    public func resolve(_ path: [Value]) -> (value: Value, consumed: Int)? {
        guard case .string(let name) = path.first?.content, let value = variables[name] else { return nil }
        return (value, 1)
    }

    public var knownNames: [String] { Array(variables.keys) }
}

/// A few final values over another scope: a loop's `item`, say.
public struct OverlaidScope: Scope {
    private let over: PlainScope
    private let base: any Scope

    public init(_ variables: OrderedDictionary<String, Value>, over base: any Scope) {
        over = PlainScope(variables)
        self.base = base
    }

    public func resolve(_ path: [Value]) throws(InputErrors) -> (value: Value, consumed: Int)? {
        if let found = over.resolve(path) { return found }
        return try base.resolve(path)
    }

    public var knownNames: [String] { over.knownNames + base.knownNames }
}
