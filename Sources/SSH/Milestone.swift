/// The way to a machine, part by part, for one who wants to know where it ends.
public enum Milestone: Int, Sendable, CaseIterable, Comparable {
    /// Its name has an address; behind a jump host or a ProxyCommand that is not ours to ask.
    case named
    /// Something listens at its port.
    case answered
    /// Its host key is one to trust.
    case trusted
    case loggedIn

    public static func < (a: Milestone, b: Milestone) -> Bool { a.rawValue < b.rawValue }
}
