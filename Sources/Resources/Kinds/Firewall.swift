import Model

/// The node's firewall as a whole: on or off, and what happens to what no rule names.
public struct Firewall: ShellKind {
    public static let name = "firewall"
    public static let summary = """
        Switches ufw or firewalld on or off, now and at boot, and sets ufw's default policies. It is a kind of its own \
        so that a role can put its rules in first; ufw is not switched on while no rule lets SSH in.
        """
    public static let example = """
        - name: the firewall is on, after SSH was let in
          firewall: { state: on, incoming: deny, outgoing: allow }
        """
    public static let shorthand: String? = "state"
    public static let fields = [
        Field("state", .bool, required: true, "`on` or `off`."),
        Field("incoming", .oneOf(["allow", "deny", "reject"]), "ufw's policy for what comes in and no rule names."),
        Field("outgoing", .oneOf(["allow", "deny", "reject"]), "ufw's policy for what goes out."),
        Field("routed", .oneOf(["allow", "deny", "reject"]), "ufw's policy for what passes through."),
        Field("backend", .oneOf(["auto", "ufw", "firewalld"]), "auto (the default) takes the one that the node has."),
    ]

    /// allow, deny or reject, by direction; nil where nothing is asked, or nothing known.
    struct Policies: Sendable, Hashable {
        var incoming: String?
        var outgoing: String?
        var routed: String?

        var all: [(direction: String, policy: String?)] {
            [("incoming", incoming), ("outgoing", outgoing), ("routed", routed)]
        }
    }

    let isOn: Bool
    let policies: Policies
    let backend: String?

    public init(_ arguments: Arguments) throws(InputErrors) {
        isOn = arguments.bool("state") ?? true
        policies = Policies(
            incoming: arguments.string("incoming"), outgoing: arguments.string("outgoing"),
            routed: arguments.string("routed"))
        backend = arguments.string("backend").flatMap { $0 == "auto" ? nil : $0 }
        if backend == Firewalld.name, policies != Policies() {
            throw InputErrors(
                arguments.error("firewall: policies are ufw's; firewalld has targets of zones", at: "backend"))
        }
    }

    public var subject: String { backend ?? "firewall" }

    public static func probe(_ all: [Firewall]) -> Script { FirewallState.look }

    public static func read(_ output: [UInt8], of all: [Firewall]) throws(Failure) -> [FirewallState] {
        var fields = FieldReader(output, deed: "look at the firewall")
        let state = try FirewallState.read(&fields)
        try fields.end()
        return all.map { _ in state }
    }

    public func difference(from found: FirewallState) -> Difference {
        guard let (kind, state) = found.backend(backend) else {
            return isOn ? found.missing(backend) : .none("there is none")
        }
        var details: [Detail] = []
        var asked = Policies()
        if kind.name == Ufw.name {
            for (wanted, was) in zip(policies.all, state.policies.all) {
                guard let policy = wanted.policy, policy != was.policy else { continue }
                details.append(.attribute(wanted.direction, from: was.policy.map { Shown($0) }, to: Shown(policy)))
            }
            asked = policies
        }
        let missing = state.rules.filter { !$0.isLive }.count
        if isOn, state.isEnabled, missing > 0 {
            details.append(.attribute("rules missing in the kernel", from: Shown("\(missing)"), to: "0"))
        }
        if isOn != state.isEnabled {
            details.append(.attribute(kind.name, from: state.isEnabled ? "on" : "off", to: isOn ? "on" : "off"))
        }
        if details.isEmpty { return .none("\(kind.name) is \(isOn ? "on" : "off")") }
        var script = isOn ? kind.enable(asked) : kind.disable(asked)
        if isOn, kind.name == Ufw.name {
            // What it sets of its own accord and a sysctl task holds otherwise.
            script = Script.lines([script, "status=$?", SysctlKey.putBack(), "exit $status"])
        }
        return .change(Change(.update, details: details, steps: [.run(script, deadline: .seconds(180))]))
    }

    /// ufw sets the parameters of its own sysctl.conf whenever it starts.
    public var touches: [Effect] {
        [
            .firewall, .path("/etc/ufw/ufw.conf"), .path("/etc/default/ufw"), .unit("ufw.service"),
            .unit("firewalld.service"),
        ] + (isOn ? [.path("/proc/sys/net")] : [])
    }

    /// Not the rules: whether it is on does not hang on them.
    public func dependsOn(_ found: FirewallState) -> [Effect] {
        let own: [Effect] = [
            .path("/etc/ufw/ufw.conf"), .path("/etc/default/ufw"), .unit("ufw.service"), .unit("firewalld.service"),
        ]
        return own + (found.backend(backend) == nil ? [.packages] : [.package("ufw"), .package("firewalld")])
    }
}
