import Model

/// A program that keeps a node's packet filter; `FirewallState.backends` lists them.
protocol FirewallBackend: Sendable {
    static var name: String { get }
    /// Read-only: nothing where the node lacks it, else its name as a field and then the fields that `read` takes.
    static var look: Script { get }
    static func read(_ fields: inout FieldReader) throws(Failure) -> FirewallState.Backend

    static func add(_ rule: FirewallRule.Rule, comment: String?) -> Script
    static func remove(_ rule: FirewallRule.Rule) -> Script
    static func enable(_ policies: Firewall.Policies) -> Script
    static func disable(_ policies: Firewall.Policies) -> Script
}

/// What a node's firewall is, and what it lets through.
public struct FirewallState: Sendable, Equatable {
    struct Backend: Sendable, Equatable {
        var name: String
        /// Switched on, now and at boot.
        var isEnabled: Bool
        var rules: [Entry]
        /// What happens to what no rule names, by direction; empty where the backend has no such thing.
        var policies = Firewall.Policies()
    }

    /// A rule as the node has it.
    struct Entry: Sendable, Hashable {
        var rule: FirewallRule.Rule
        var comment: String?
    }

    /// The installed ones.
    var installed: [Backend]

    static let backends: [any FirewallBackend.Type] = [Ufw.self, Firewalld.self]

    static var look: Script { Script.lines(backends.map { $0.look } + ["printf 'end\\0'"]) }

    static func read(_ fields: inout FieldReader) throws(Failure) -> FirewallState {
        var state = FirewallState(installed: [])
        while true {
            let word = try fields.next()
            if word == "end" { return state }
            guard let backend = backends.first(where: { $0.name == word }) else {
                throw fields.unreadable("no firewall is called '\(word)'")
            }
            state.installed.append(try backend.read(&fields))
        }
    }

    /// The one to speak to: the one asked for, or the one that is on, or the first.
    func backend(_ wanted: String?) -> (kind: any FirewallBackend.Type, found: Backend)? {
        let candidates = installed.filter { wanted == nil || $0.name == wanted }
        guard let found = candidates.first(where: \.isEnabled) ?? candidates.first else { return nil }
        return Self.backends.first { $0.name == found.name }.map { ($0, found) }
    }

    func missing(_ wanted: String?) -> Difference {
        .fails(
            cause: wanted.map { "\($0) is not on the node" } ?? "neither ufw nor firewalld is on the node",
            hint: "put a package task before this one: `package: \(wanted ?? "ufw")`")
    }
}
