import Model

/// A program that keeps a node's packet filter; `FirewallState.backends` lists them.
protocol FirewallBackend: Sendable {
    static var name: String { get }
    /// Read-only: nothing where the node lacks it, else its name as a field and then the fields that `read` takes.
    static var look: Script { get }
    static func read(_ fields: inout FieldReader) throws(Failure) -> FirewallState.Backend

    static func add(_ rule: FirewallRule.Rule, comment: String?) -> Script
    /// Puts a rule where it is met before what would make it void; nil where the backend keeps no such order.
    static func insert(_ rule: FirewallRule.Rule, comment: String?, among entries: [FirewallState.Entry]) -> Script?
    /// Brings into the kernel what the backend's files have.
    static var reload: Script { get }
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
        /// In the order in which a packet meets them, those for IPv4 and those for IPv6.
        var rules: [Entry]
        /// What happens to what no rule names, by direction; empty where the backend has no such thing.
        var policies = Firewall.Policies()
    }

    /// A rule as the node has it.
    struct Entry: Sendable, Hashable {
        /// nil where it says more than ours do.
        var rule: FirewallRule.Rule?
        /// allow, deny, reject or limit.
        var action: String
        var traffic: Traffic
        var comment: String?
        var isIPv6 = false
        /// Whether it is about what comes in to the node itself.
        var isIncoming = true
        /// The application profile that it was made by; rules of one that follow each other count as one.
        var profile: String?
        /// Whether the kernel has it, too.
        var isLive = true

        var letsIn: Bool { action == "allow" || action == "limit" }
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

extension FirewallState.Entry {
    /// A rule of the one form that ours have.
    init(rule: FirewallRule.Rule, comment: String? = nil) {
        self.init(
            rule: rule, action: rule.action, traffic: rule.traffic, comment: comment,
            isIPv6: rule.source?.isIPv6 ?? false)
    }
}

extension FirewallState.Entry: CustomStringConvertible {
    /// "deny 6443/tcp from anywhere on eth0"
    var description: String {
        let ports = traffic.ports?.map {
            $0.lowerBound == $0.upperBound ? "\($0.lowerBound)" : "\($0.lowerBound)-\($0.upperBound)"
        }
        let what: String =
            switch (ports?.joined(separator: ","), traffic.protocol) {
            case (let ports?, let name?): "\(ports)/\(name)"
            case (let ports?, nil): "port \(ports)"
            case (nil, let name?): "all of \(name)"
            case (nil, nil): "everything"
            }
        let words = [action, what, "from \(traffic.source?.text ?? "anywhere")", traffic.condition]
        return words.filter { !$0.isEmpty }.joined(separator: " ")
    }
}
