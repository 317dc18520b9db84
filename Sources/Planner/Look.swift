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

    /// Whether what a handler acts on is not there.
    var lacksSubject: Bool { Self.lacksSubject(resource, found) }

    /// What a later look says of the change that was decided on this one.
    public enum Standing: Sendable, Hashable {
        case holds
        /// Somebody else made it so.
        case isSo(String)
        case drifted
    }

    /// A command that still has to run and a wait that still has to wait hold whatever their checks say by now; any
    /// other change holds where it would be decided the very same again.
    public func standing(given now: any Sendable & Equatable) -> Standing {
        if Self.same(found, now) { return .holds }
        let later = Look(resource, found: now).difference
        if case .none(let how) = later { return .isSo(how) }
        if case .change(let change) = later, case .change(let planned) = difference {
            let isRun = change.action == planned.action && (change.action == .run || change.action == .wait)
            if isRun || change == planned { return .holds }
        }
        return .drifted
    }

    private static func difference<Kind: ResourceKind>(_ resource: Kind, _ found: any Sendable) -> Difference {
        guard let found = found as? Kind.Found else { return .none("not looked at") }
        return resource.difference(from: found)
    }

    private static func dependsOn<Kind: ResourceKind>(_ resource: Kind, _ found: any Sendable) -> [Effect] {
        (found as? Kind.Found).map { resource.dependsOn($0) } ?? []
    }

    private static func lacksSubject<Kind: ResourceKind>(_ resource: Kind, _ found: any Sendable) -> Bool {
        (found as? Kind.Found).map { resource.lacksSubject($0) } ?? false
    }

    private static func same<A: Equatable>(_ a: A, _ b: any Sendable & Equatable) -> Bool { (b as? A) == a }
}
