/// A part of a node that a task changes or depends on, coarse enough to compare and fine enough to be of use: it tells
/// which tasks may turn out otherwise once an earlier one has changed something.
public enum Effect: Sendable, Hashable {
    /// A file or directory and all below it.
    case path(String)
    /// A directory itself: that it is there, its mode and owner, not what it holds.
    case entry(String)
    case package(String)
    /// Whatever packages bring: units, users, programs.
    case packages
    case unit(String)
    case sysctl
    case modules
    case swap
    case firewall
    /// An object of the cluster's API, or a list and all in it, by its path.
    case cluster(String)
    /// A task whose reach cannot be told, such as a command.
    case everything

    /// Whether a change of it on one host is a change for the others too.
    public var isShared: Bool {
        switch self {
        case .everything, .cluster: true
        default: false
        }
    }

    /// Whether what is touched may go on to alter more than it names: a service that starts, what a package installs.
    public var setsMoreGoing: Bool {
        switch self {
        case .path, .entry, .sysctl: false
        case .package, .packages, .unit, .modules, .swap, .firewall, .cluster, .everything: true
        }
    }

    public func overlaps(_ other: Effect) -> Bool {
        switch (self, other) {
        case (.everything, _), (_, .everything): true
        case (.path(let a), .path(let b)), (.cluster(let a), .cluster(let b)):
            Self.lies(a, within: b) || Self.lies(b, within: a)
        case (.path(let whole), .entry(let one)), (.entry(let one), .path(let whole)): Self.lies(one, within: whole)
        case (.packages, .package), (.package, .packages), (.packages, .packages): true
        default: self == other
        }
    }

    /// Whether a path is another one, or below it.
    private static func lies(_ path: String, within whole: String) -> Bool {
        if whole == "/" { return true }
        let (path, whole) = (path.utf8, whole.utf8)
        guard path.starts(with: whole) else { return false }
        return path.count == whole.count || path.dropFirst(whole.count).first == UInt8(ascii: "/")
    }
}
