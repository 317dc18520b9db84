import Model

/// A resource and what one look at it found: what a plan was decided on, and what apply compares with later.
public struct Look: Sendable {
    public var resource: any ResourceKind
    public var found: any Sendable & Equatable

    public init(_ resource: any ResourceKind, found: any Sendable & Equatable) {
        self.resource = resource
        self.found = found
    }

    public var difference: Difference { Self.difference(resource, found) }

    /// What could make another look come out otherwise.
    public var dependsOn: [Effect] { Self.dependsOn(resource, found) }

    /// Whether another look found the same.
    public func agrees(with other: any Sendable & Equatable) -> Bool { Self.same(found, other) }

    private static func difference<Kind: ResourceKind>(_ resource: Kind, _ found: any Sendable) -> Difference {
        guard let found = found as? Kind.Found else { return .none("not looked at") }
        return resource.difference(from: found)
    }

    private static func dependsOn<Kind: ResourceKind>(_ resource: Kind, _ found: any Sendable) -> [Effect] {
        (found as? Kind.Found).map { resource.dependsOn($0) } ?? []
    }

    private static func same<A: Equatable>(_ a: A, _ b: any Sendable & Equatable) -> Bool { (b as? A) == a }
}
