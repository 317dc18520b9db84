import Model

/// One rule of the node's firewall for what comes in.
public struct FirewallRule: ShellKind {
    public static let name = "firewall_rule"
    public static let summary = """
        Keeps a rule for incoming traffic in ufw or firewalld, whichever the node has. Rules can be put in while the \
        firewall is off, so that SSH is let in before it is switched on. With `from` and no `port`, all that comes from \
        that network is meant.
        """
    public static let example = """
        - name: the Kubernetes API, from the tailnet
          firewall_rule:
            port: 6443
            from: "{{ tailscale_network }}"
            comment: Kubernetes API
        """
    public static let fields = [
        Field("port", .string, "A port (6443) or a range (30000-32767); all ports without it."),
        Field("protocol", .oneOf(["tcp", "udp", "any"]), "tcp (the default where there is a port), udp or any."),
        Field("from", .string, "The address or network that it is about, in CIDR notation, or any (the default)."),
        Field("action", .oneOf(["allow", "deny"]), "allow (the default) or deny; a denial goes before other rules."),
        Field("comment", .string, "A note kept beside the rule, where the firewall can (ufw)."),
        Field("state", .oneOf(["present", "absent"]), "present (the default) or absent."),
        Field("backend", .oneOf(["auto", "ufw", "firewalld"]), "auto (the default) takes the one that the node has."),
    ]

    /// What a rule says, in the one form in which two rules compare.
    struct Rule: Sendable, Hashable {
        /// `6443` or `30000:32767`; nil for all.
        var port: String?
        /// nil for any.
        var `protocol`: String?
        /// nil for anywhere.
        var source: Network?
        var action = "allow"

        func isAbout(_ other: Rule) -> Bool {
            port == other.port && `protocol` == other.`protocol` && source == other.source
        }
    }

    let rule: Rule
    let comment: String?
    let isPresent: Bool
    let backend: String?

    public init(_ arguments: Arguments) throws(InputErrors) {
        var errors: [InputError] = []
        var port: String?
        if let given = arguments.string("port") {
            port = FirewallRule.port(given)
            if port == nil {
                errors.append(
                    arguments.error(
                        "firewall_rule.port: '\(arguments.shown("port"))' is no port", at: "port",
                        hint: "6443, or 30000-32767"))
            }
        }
        var source: Network?
        let everywhere = ["any", "0.0.0.0/0", "::/0"]
        if let given = arguments.string("from"), !everywhere.contains(given) {
            source = Network(given)
            if source == nil {
                errors.append(
                    arguments.error(
                        "firewall_rule.from: '\(arguments.shown("from"))' is neither an address nor a network",
                        at: "from",
                        hint: "100.64.0.0/10"))
            }
        }
        let named = arguments.string("protocol") ?? (port == nil ? "any" : "tcp")
        rule = Rule(
            port: port, protocol: named == "any" ? nil : named, source: source,
            action: arguments.string("action") ?? "allow")
        comment = arguments.string("comment")
        isPresent = arguments.string("state") != "absent"
        backend = arguments.string("backend").flatMap { $0 == "auto" ? nil : $0 }
        if let comment, comment.contains("'") || comment.contains(where: \.isNewline) {
            errors.append(
                arguments.error("firewall_rule.comment: ufw takes neither quotes nor newlines", at: "comment"))
        } else {
            arguments.checkLine("comment", kind: Self.name, into: &errors)
        }
        if !arguments.has("port"), !arguments.has("from") {
            errors.append(
                arguments.error(
                    "firewall_rule: 'port' or 'from' is needed", hint: "a rule for everything is a policy: firewall"))
        }
        if port?.contains(":") == true, named == "any" {
            errors.append(arguments.error("firewall_rule: a range of ports needs 'protocol' tcp or udp", at: "port"))
        }
        if !errors.isEmpty { throw InputErrors(errors) }
    }

    /// `30000:32767` of `30000-32767`; nil for what is no port.
    static func port(_ text: String) -> String? {
        let ends = text.split(omittingEmptySubsequences: false) { $0 == ":" || $0 == "-" }.map { Int($0) }
        guard let low = ends.first ?? nil, let high = ends.last ?? nil, ends.count <= 2, 1 <= low, low <= high,
            high <= 65535
        else { return nil }
        return low == high ? "\(low)" : "\(low):\(high)"
    }

    public var subject: String { "\(rule)" }

    public static func probe(_ all: [FirewallRule]) -> Script { FirewallState.look }

    public static func read(_ output: [UInt8], of all: [FirewallRule]) throws(Failure) -> [FirewallState] {
        var fields = FieldReader(output, deed: "look at the firewall")
        let state = try FirewallState.read(&fields)
        try fields.end()
        return all.map { _ in state }
    }

    public func difference(from found: FirewallState) -> Difference {
        guard let (kind, state) = found.backend(backend) else { return found.missing(backend) }
        let there = state.rules.first {
            $0.rule?.isAbout(rule) == true && ($0.profile == nil || $0.rule?.action == rule.action)
        }
        if !isPresent {
            // A profile's rule is the profile's.
            guard let there, there.rule?.action == rule.action, there.profile == nil else {
                return .none("no such rule")
            }
            let step = Step.run(kind.remove(rule), deadline: .seconds(120))
            return .change(
                Change(.delete, details: [.attribute(kind.name, from: Shown("\(rule)"), to: nil)], steps: [step]))
        }
        let order = FirewallOrder(of: rule, among: state.rules)
        if let limit = order.limit, there?.rule?.action ?? rule.action == rule.action {
            return .none("\(kind.name) lets it in, by its own '\(limit)'")
        }
        let step = Step.run(kind.add(rule, comment: comment), deadline: .seconds(120))
        if order.isVoid { return moved(kind, state, order, isThere: there != nil) }
        let exceptions = order.exceptions.map { "'\($0)' stands before it" }
        guard let there else {
            return .change(
                Change(
                    .create,
                    details: [.attribute(kind.name, from: nil, to: Shown("\(rule)"))] + exceptions.map { .note($0) },
                    steps: [step]))
        }
        if there.rule?.action != rule.action {
            let detail = Detail.attribute("action", from: Shown(there.action), to: Shown(rule.action))
            return .change(Change(.update, details: [detail] + exceptions.map { .note($0) }, steps: [step]))
        }
        // Limited, rejected: what was asked for, and how is somebody's own choice.
        if there.action != rule.action { return .none("\(kind.name) has '\(there)'") }
        if let comment, kind.name == Ufw.name, there.profile == nil, there.comment != comment {
            let detail = Detail.attribute("comment", from: there.comment.map { Shown($0) }, to: Shown(comment))
            return .change(Change(.update, details: [detail], steps: [step]))
        }
        if state.isEnabled, state.rules.contains(where: { $0.rule == rule && !$0.isLive }) {
            let detail = Detail.attribute("in the kernel", from: "missing", to: Shown("\(rule)"))
            return .change(
                Change(.update, details: [detail], steps: [.run(kind.reload, deadline: .seconds(120))]))
        }
        let strict = order.exceptions.filter { $0.traffic.covers(rule.traffic, ifCondition: true) }
        if let first = strict.first { return .warns("\(kind.name) has it, but '\(first)' stands before it") }
        return .none((["\(kind.name) has it"] + exceptions).joined(separator: "; "))
    }

    /// Of two rules that a packet meets, the first decides: where that is another one, ours goes before it.
    private func moved(
        _ kind: any FirewallBackend.Type, _ state: FirewallState.Backend, _ order: FirewallOrder, isThere: Bool
    ) -> Difference {
        let voiding = order.places.compactMap { place in
            place.voidedBy.map { index in state.rules.filter { $0.isIPv6 == place.isIPv6 }[index] }
        }
        let first = voiding.first.map { "\($0)" } ?? ""
        guard let script = kind.insert(rule, comment: comment, among: state.rules) else {
            return .fails(
                cause: "\(kind.name) has '\(first)', which would make '\(rule)' void",
                hint: "take that rule out, or this task")
        }
        return .change(
            Change(
                isThere ? .update : .create,
                details: [
                    .attribute(kind.name, from: isThere ? Shown("\(rule), void") : nil, to: Shown("\(rule)")),
                    .note("goes before '\(first)', which would make it void"),
                ], steps: [.run(script, deadline: .seconds(120))]))
    }

    public var touches: [Effect] { [.firewall, .path("/etc/ufw/user.rules"), .path("/etc/firewalld/zones")] }

    /// Not other rules: one rule's being there does not hang on another's.
    public func dependsOn(_ found: FirewallState) -> [Effect] {
        found.backend(backend) == nil ? [.packages] : [.package("ufw"), .package("firewalld")]
    }
}

extension FirewallRule.Rule: CustomStringConvertible {
    /// "allow 6443/tcp from 100.64.0.0/10"
    var description: String {
        var words = [action]
        switch (port, self.protocol) {
        case (let port?, let name?): words.append("\(port.replacing(":", with: "-"))/\(name)")
        case (let port?, nil): words.append("port \(port)")
        case (nil, let name?): words.append("all of \(name)")
        case (nil, nil): words.append("everything")
        }
        words.append("from \(source?.text ?? "anywhere")")
        return words.joined(separator: " ")
    }
}
