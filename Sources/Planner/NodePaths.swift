import Model

/// Which directories of the nodes are reached through links, such as /var/run, which is /run: what is changed below one
/// name is changed below the other.
public struct NodePaths: Sendable {
    /// By host, then by path: where it really is. Only what is somewhere else than it says.
    private var links: [String: [String: String]] = [:]

    public init() {}

    /// Directories that systems like to have as links; what tasks depend on may lie there, whatever they touch.
    private static let usual = ["/var/run", "/var/lock", "/bin", "/sbin", "/lib", "/lib64"]

    /// What is to be asked of a node: the paths that the resources touch, and all directories above them.
    static func asked(for resources: [any ResourceKind]) -> [String] {
        var seen: Set<String> = Set(usual)
        var paths = usual
        for effect in resources.flatMap(\.touches) {
            guard var path = effect.place else { continue }
            while !path.isEmpty, path != "/", seen.insert(path).inserted {
                paths.append(path)
                path = path.lastIndex(of: "/").map { String(path[..<$0]) } ?? ""
            }
        }
        return paths
    }

    /// Prints two fields for each that is reached through a link. It starts no process.
    static func look(at paths: [String]) -> Script {
        """
        for place in \(paths); do
            cd -P -- "$place" 2>/dev/null || continue
            [ "$PWD" = "$place" ] || printf '%s\\0%s\\0' "$place" "$PWD"
        done
        :
        """
    }

    mutating func take(_ answer: [UInt8], host: String) {
        let fields = answer.split(separator: 0, omittingEmptySubsequences: false).map {
            String(decoding: $0, as: UTF8.self)
        }
        for i in stride(from: 0, to: fields.count - 1, by: 2) where fields[i + 1].hasPrefix("/") {
            links[host, default: [:]][fields[i]] = fields[i + 1]
        }
    }

    mutating func merge(_ other: NodePaths) { links.merge(other.links) { $0.merging($1) { $1 } } }

    /// The effects, and once more those that are somewhere else than they say.
    public func all(_ effects: [Effect], on host: String) -> [Effect] {
        guard let links = links[host] else { return effects }
        var all = effects
        for effect in effects {
            guard let path = effect.place, let real = Self.real(path, links), real != path else { continue }
            all.append(effect.at(real))
        }
        return all
    }

    private static func real(_ path: String, _ links: [String: String]) -> String? {
        var above = path[...]
        while !above.isEmpty {
            if let real = links[String(above)] { return real + path[above.endIndex...] }
            guard let slash = above.lastIndex(of: "/") else { return nil }
            above = above[..<slash]
        }
        return nil
    }
}

extension Effect {
    fileprivate var place: String? {
        switch self {
        case .path(let path), .entry(let path): path
        default: nil
        }
    }

    fileprivate func at(_ path: String) -> Effect { if case .entry = self { .entry(path) } else { .path(path) } }
}
