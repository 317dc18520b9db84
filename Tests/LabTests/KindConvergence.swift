import Model
import Resources
import Testing

/// Looks, changes what differs and looks again, as a run does: afterwards nothing may differ.
///
/// - Parameter changes: whether the first look must find a difference.
/// - Returns: what the first look gave.
@discardableResult
func checkConverges<Kind: ShellKind>(
    _ type: Kind.Type, _ value: Value, on shell: any NodeShell, changes: Bool = true,
    sourceLocation: SourceLocation = #_sourceLocation
) async throws -> Difference {
    let kind = try resource(type, value)
    let before = try await look([kind], on: shell)[0]
    guard case .change(let change) = before else {
        #expect(!changes, "\(Kind.name) \(kind.subject): \(before)", sourceLocation: sourceLocation)
        return before
    }
    for outcome in try await shell.perform(change.steps) {
        #expect(
            outcome.succeeded, "\(Kind.name) \(kind.subject): \(outcome.output)\(outcome.errorOutput)",
            sourceLocation: sourceLocation)
    }
    let after = try await look([kind], on: shell)[0]
    guard case .none = after else {
        Issue.record("\(Kind.name) \(kind.subject) still differs: \(after)", sourceLocation: sourceLocation)
        return before
    }
    return before
}

func resource<Kind: ShellKind>(_ type: Kind.Type, _ value: Value) throws -> Kind {
    try Kind(try Arguments(value, kind: Kind.name, fields: Kind.fields, shorthand: Kind.shorthand))
}

/// One look for all of them.
func look<Kind: ShellKind>(_ all: [Kind], on shell: any NodeShell) async throws -> [Difference] {
    let outcome = try await shell.run(Kind.probe(all), deadline: .seconds(120))
    return zip(all, try Kind.read(outcome.stdout, of: all)).map { $0.difference(from: $1) }
}

/// What every kind for the state of a system does on a machine that has none of it yet, and undoes in the end. The
/// machine's apt must have jq and ufw.
func checkSystemKindsConverge(on shell: any NodeShell) async throws {
    func none(_ difference: Difference) -> Bool { if case .none = difference { true } else { false } }

    let packages: Script = "dpkg-query -W -f '${Package}\\n'"
    _ = try await shell.run("\(packages) >/run/kubani-lab-packages")

    // Packages, a missing one among several.
    try await checkConverges(Package.self, ["name": ["curl", "jq", "ufw"]], on: shell)
    try await checkConverges(Package.self, "awk", on: shell, changes: false)
    // Another apt that holds the lock is waited for; a dpkg that was killed is mended.
    let other: Script = "apt-get -qq -y -o DPkg::Pre-Invoke::='sleep 4' purge jq >/dev/null 2>&1 & sleep 2"
    _ = try await shell.run(other)
    try await checkConverges(Package.self, ["name": "ufw", "state": "absent"], on: shell)
    try await checkConverges(Package.self, "jq", on: shell)
    _ = try await shell.run("touch /var/lib/dpkg/updates/0001")
    try await checkConverges(Package.self, "ufw", on: shell)
    let missing = try resource(Package.self, "kubani-no-such-package")
    guard case .change(let install) = try await look([missing], on: shell)[0] else {
        Issue.record("a package that does not exist looks installed")
        return
    }
    let refused = try await shell.perform(install.steps)
    #expect(refused.last?.status == 100)
    #expect(refused.last?.errorOutput.contains("Unable to locate package kubani-no-such-package") == true)
    #expect(refused.last?.errorOutput.contains("hint: is the name right") == true)

    // Kernel parameters and modules.
    let buffers: Script = "cat /proc/sys/net/ipv4/tcp_rmem"
    let buffersBefore = try await shell.run(buffers).output
    try await checkConverges(Sysctl.self, ["key": "net.ipv4.conf.lo.log_martians", "value": 1], on: shell)
    try await checkConverges(Sysctl.self, ["key": "net.ipv4.tcp_rmem", "value": "4096 131072 6291455"], on: shell)
    try await checkConverges(Sysctl.self, ["key": "net.ipv4.conf.lo.log_martians", "value": 0], on: shell)
    #expect(
        try await look([resource(Sysctl.self, ["key": "net.ipv4.nosuch", "value": 1])], on: shell)[0]
            == .fails(
                cause: "the running kernel has no parameter net.ipv4.nosuch",
                hint: "is its name right? `sysctl -a` lists them; some come with a kernel module"))
    try await checkConverges(KernelModule.self, "overlay", on: shell, changes: false)

    // Services: a new unit, a drop-in that restarts it, stopped and masked.
    let unit = "[Service]\nExecStart=/bin/sleep 1000\n[Install]\nWantedBy=multi-user.target\n"
    let running: Value = ["name": "kubani-lab", "unit": .string(unit), "enabled": true, "state": "running"]
    try await checkConverges(Service.self, running, on: shell)
    let pid: Script = "systemctl show --property=MainPID kubani-lab"
    let first = try await shell.run(pid).output
    try await checkConverges(
        Service.self, ["name": "kubani-lab", "drop_ins": ["nice": "[Service]\nNice=5\n"]], on: shell)
    #expect(try await shell.run(pid).output != first, "a changed drop-in restarts the service")
    let restart = try #require(try resource(Service.self, ["name": "kubani-lab", "state": "restarted"]).whenNotified)
    let second = try await shell.run(pid).output
    #expect(try await shell.perform(restart.steps).last?.succeeded == true)
    #expect(try await shell.run(pid).output != second, "a handler restarts the service")
    try await checkConverges(
        Service.self, ["name": "kubani-lab", "state": "stopped", "enabled": false], on: shell)
    try await checkConverges(
        Service.self, ["name": "kubani-lab.service", "unit": .string(unit)], on: shell, changes: false)
    let broken: Value = [
        "name": "kubani-broken", "unit": "[Service]\nExecStart=/bin/sh -c 'echo it hurts; exit 3'\n",
        "state": "running",
    ]
    guard case .change(let start) = try await look([resource(Service.self, broken)], on: shell)[0] else {
        Issue.record("a unit that is not there looks right")
        return
    }
    let failed = try await shell.perform(start.steps)
    #expect(failed.last?.succeeded == false)
    #expect(failed.last?.errorOutput.contains("it hurts") == true, "\(failed)")

    // The firewall: rules while it is off, then on.
    let locked = try await look([resource(Firewall.self, ["state": true, "incoming": "deny"])], on: shell)[0]
    if case .change(let change) = locked {
        let outcome = try await shell.perform(change.steps).last
        #expect(outcome?.errorOutput.contains("no rule lets SSH in") == true)
    } else {
        Issue.record("ufw is on already: \(locked)")
    }
    let rules: [Value] = [
        ["port": 22, "comment": "SSH"], ["port": 6443, "from": "100.64.0.0/10"], ["from": "10.42.0.0/16"],
        ["port": "30000-32767", "protocol": "udp", "from": "100.64.0.5/10"],
        ["from": "fd7a:115c:a1e0::/48", "port": 8472, "protocol": "udp"],
        ["port": 23, "action": "deny", "comment": "never"], ["port": 53, "protocol": "any"],
    ]
    for rule in rules { try await checkConverges(FirewallRule.self, rule, on: shell) }
    try await checkConverges(FirewallRule.self, ["port": 22, "comment": "SSH for all"], on: shell)
    try await checkConverges(FirewallRule.self, ["port": 23], on: shell)
    try await checkConverges(Firewall.self, ["state": true, "incoming": "deny", "routed": "allow"], on: shell)
    #expect(
        try await look(rules.dropFirst(1).dropLast(2).map { try resource(FirewallRule.self, $0) }, on: shell)
            .allSatisfy(none))
    try await checkConverges(FirewallRule.self, ["port": 53, "protocol": "any", "state": "absent"], on: shell)
    try await checkConverges(Firewall.self, ["state": false, "routed": "deny"], on: shell)

    // Commands, asserts, waits.
    let mark = "/run/kubani-lab-mark"
    try await checkConverges(Command.self, ["script": .string("touch \(mark)"), "creates": .string(mark)], on: shell)
    try await checkConverges(
        Command.self,
        [
            "script": "printf '%s' \"$SECRET\" >kubani-lab-secret; id -un >>kubani-lab-secret", "chdir": "/tmp",
            "user": "nobody",
            "environment": ["SECRET": "it's\n\"odd\" "],
            "check": "grep -q nobody kubani-lab-secret || { echo 'no secret yet'; exit 1; }",
        ], on: shell)
    try await checkConverges(Assert.self, ["check": "test -d /etc"], on: shell, changes: false)
    let later: Script = "(sleep 1; rm -f \(mark)) >/dev/null 2>&1 &"
    _ = try await shell.run(later)
    try await checkConverges(
        WaitFor.self, ["command": .string("[ ! -e \(mark) ]"), "interval": "200ms", "timeout": "20s"], on: shell)
    try await checkConverges(WaitFor.self, ["port": 22], on: shell, changes: false)
    guard case .change(let wait) = try await look([resource(WaitFor.self, ["port": 9, "timeout": "1s"])], on: shell)[0]
    else {
        Issue.record("port 9 is open")
        return
    }
    let waited = try await shell.perform(wait.steps)
    #expect(waited.last?.status == 1)
    #expect(
        waited.last?.errorOutput
            == "Connection refused\nport 9 on 127.0.0.1 did not come true within 1s; above is what was last seen\n")

    // Swap, as an fstab and a unit of a generator would have it.
    _ = try await shell.run(
        "cp -p /etc/fstab /run/kubani-lab-fstab; echo '/swapfile none swap sw 0 0' >>/etc/fstab; systemctl daemon-reload"
    )
    try await checkConverges(Swap.self, .bool(false), on: shell)
    #expect(try await shell.run("grep -c '^# kubani, swap off: /swapfile none swap sw 0 0' /etc/fstab").output == "1\n")

    // All as it was.
    try await checkConverges(Package.self, ["name": ["jq", "ufw"], "state": "absent"], on: shell)
    let undone = try await shell.run(
        """
        cp -p /run/kubani-lab-fstab /etc/fstab && rm -f /run/kubani-lab-fstab /tmp/kubani-lab-secret
        rm -rf /etc/systemd/system/kubani-lab.service* /etc/systemd/system/kubani-broken.service* /etc/sysctl.d/99-zz-kubani-*
        DEBIAN_FRONTEND=noninteractive apt-get purge -qq -y $(\(packages) | grep -vxFf /run/kubani-lab-packages)
        rm -f /run/kubani-lab-packages
        for way in ipv4/conf/all ipv4/conf/default ipv6/conf/all ipv6/conf/default; do
            echo 1 >/proc/sys/net/$way/accept_redirects
        done
        for tables in iptables ip6tables; do $tables -F; $tables -X; done
        systemctl daemon-reload; systemctl reset-failed
        printf '%s' \(buffersBefore) >/proc/sys/net/ipv4/tcp_rmem
        """, deadline: .seconds(120))
    #expect(undone.succeeded, "\(undone.errorOutput)")
}
