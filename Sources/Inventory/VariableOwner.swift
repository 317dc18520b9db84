import Model
import OrderedCollections

/// Whom a variable is set for.
public enum VariableOwner: Sendable, Hashable, CustomStringConvertible {
    case group(String)
    case host(String)

    public var name: String {
        switch self {
        case .group(let name), .host(let name): name
        }
    }

    public var description: String {
        switch self {
        case .group("all"): "all hosts"
        case .group(let name): "the group \(name)"
        case .host(let name): name
        }
    }
}

extension Inventory {
    /// Whom a name given by a person means: a group or a host.
    ///
    /// - Throws: where there is neither, with the nearest name.
    public func owner(named name: String) throws(InputErrors) -> VariableOwner {
        if groups[name] != nil { return .group(name) }
        if host(named: name) != nil { return .host(name) }
        let near = nearestName(to: name, among: Array(groups.keys) + hosts.map(\.name))
        throw InputErrors(
            InputError("'\(name)' is no host and no group of \(path)", hint: near.map { "did you mean '\($0)'?" }))
    }

    /// What holds for a host, or for a group's hosts as far as the group tells; templates are not rendered.
    public func variables(of owner: VariableOwner) -> OrderedDictionary<String, Value> {
        switch owner {
        case .group(let name): variables(ofGroup: name)
        case .host(let name): host(named: name)?.variables ?? [:]
        }
    }

    /// What is written of just this group or host, in the inventory and in the file beside it.
    public func ownVariables(of owner: VariableOwner) -> OrderedDictionary<String, Value> {
        let written = written(for: owner)
        return Self.merged([written.own, written.beside], secretNames)
    }

    func written(for owner: VariableOwner) -> Written {
        switch owner {
        case .group(let name): groups[name]?.written ?? Written()
        case .host(let name): hostWritten[name] ?? Written()
        }
    }
}
