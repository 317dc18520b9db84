import Model
import Testing

@testable import Resources

@Suite("firewall_rule and firewall")
struct FirewallTests {
    @Test(
        "what is no rule is refused",
        arguments: [
            (["port": "0"] as Value, "is no port"), (["port": "5-3"], "is no port"), (["port": "ssh"], "is no port"),
            (["port": "1:2:3"], "is no port"), (["port": 65536], "is no port"),
            (["from": "10.0.0.0/33"], "neither an address nor a network"), (["from": "x"], "neither an address"),
            (["comment": "x"], "'port' or 'from' is needed"), (["port": "1-2", "protocol": "any"], "needs 'protocol'"),
            (["port": 1, "comment": "it's"], "neither quotes nor newlines"),
        ] as [(Value, String)])
    func refused(value: Value, message: String) { #expect(mistakes(FirewallRule.self, value).contains(message)) }

    @Test(
        "networks have one form",
        arguments: [
            ("10.42.0.0/16", "10.42.0.0/16"), ("10.42.7.9/16", "10.42.0.0/16"), ("100.64.0.5/10", "100.64.0.0/10"),
            ("1.2.3.4/32", "1.2.3.4"), ("1.2.3.4", "1.2.3.4"), ("fd7a:0:0::1/48", "fd7a::/48"), ("::1/128", "::1"),
            ("1.2.3", nil), ("1.2.3.4/", nil), ("1.2.3.4/+8", nil), ("fd7a::/129", nil), ("a.b.c.d", nil),
        ] as [(String, String?)])
    func networks(written: String, form: String?) { #expect(Network(written)?.text == form) }

    /// Written by ufw 0.36.2 on Debian 12.
    private func ufw(_ settings: String = "ENABLED=no\nDEFAULT_INPUT_POLICY=\"DROP\"\nDEFAULT_FORWARD_POLICY=\"DROP\"")
        -> [UInt8]
    {
        fields(
            "ufw", settings,
            """
            ### tuple ### allow tcp 22 0.0.0.0/0 any 0.0.0.0/0 in comment=535348
            ### tuple ### allow tcp 6443 0.0.0.0/0 any 100.64.0.0/10 in
            ### tuple ### allow any any 0.0.0.0/0 any 10.42.0.0/16 in
            ### tuple ### allow udp 30000:32767 0.0.0.0/0 any 100.64.0.0/10 in
            ### tuple ### deny tcp 23 0.0.0.0/0 any 0.0.0.0/0 in
            ### tuple ### limit tcp 2222 0.0.0.0/0 any 0.0.0.0/0 in
            ### tuple ### allow tcp 80 0.0.0.0/0 any 0.0.0.0/0 Nginx%20HTTP - in
            ### tuple ### allow tcp 10250 0.0.0.0/0 any 0.0.0.0/0 in_tailscale0
            ### tuple ### allow tcp 22 ::/0 any ::/0 in comment=535348
            """, "end")
    }

    private func outcome(_ value: Value, _ output: [UInt8]) throws -> String? {
        let rule = try resource(FirewallRule.self, value)
        let difference = rule.difference(from: try FirewallRule.read(output, of: [rule])[0])
        return isSettled(difference) ? nil : script(difference)
    }

    @Test("rules that may not be read are a failure, not rules that are missing")
    func hidden() throws {
        let failure = #expect(throws: Failure.self) {
            try outcome(["port": 22], fields("ufw", "ENABLED=yes\nHIDDEN=yes", "", "end"))
        }
        #expect(failure?.cause == "/etc/ufw/user.rules is root's to read")
    }

    @Test(
        "ufw's own files tell which rules are missing",
        arguments: [
            (["port": 22], nil), (["port": 22, "comment": "SSH"], nil),
            (["port": "6443", "from": "100.64.0.9/10"], nil),
            (["from": "10.42.0.0/16"], nil),
            (["port": "30000-32767", "protocol": "udp", "from": "100.64.0.0/10"], nil),
            (["port": 80], nil), (["port": 23, "action": "deny"], nil), (["port": 99, "state": "absent"], nil),
            (["port": 22, "comment": "door"], "ufw allow proto tcp from any to any port 22 comment door"),
            (["port": 23], "ufw allow proto tcp from any to any port 23"),
            (["port": 2222], "ufw allow proto tcp from any to any port 2222"),
            (["port": 10250], "ufw allow proto tcp from any to any port 10250"),
            (["port": 53, "protocol": "any"], "ufw allow from any to any port 53"),
            (["from": "10.43.0.0/16"], "ufw allow from 10.43.0.0/16"),
            (
                ["port": 80, "action": "deny"],
                "ufw delete allow proto tcp from any to any port 80 >/dev/null 2>&1\nufw prepend deny proto tcp from any to any port 80"
            ),
            (["port": 22, "state": "absent"], "ufw delete allow proto tcp from any to any port 22"),
        ] as [(Value, String?)])
    func ufwRules(value: Value, change: String?) throws { #expect(try outcome(value, ufw()) == change) }

    /// The form of `firewall-cmd --list-all-zones` as its manual has it.
    private let zones = """
        public (default, active)
          target: default
          interfaces: eth0 tailscale0
          sources: 
          services: dhcpv6-client ssh
          ports: 6443/tcp 30000-32767/udp 53/tcp 53/udp
          forward-ports: 
          rich rules: 
        \trule family="ipv4" source address="100.64.0.0/10" port port="10250" protocol="tcp" accept
        \trule priority="-1" port port="23" protocol="tcp" drop
        \trule family="ipv4" source address="10.0.0.0/8" service name="http" accept

        trusted
          target: ACCEPT
          sources: 10.42.0.0/16
          ports: 
        """

    @Test(
        "firewalld's words tell which rules are missing",
        arguments: [
            (["port": 6443], nil), (["port": "30000-32767", "protocol": "udp"], nil), (["from": "10.42.0.0/16"], nil),
            (["port": 10250, "from": "100.64.0.0/10"], nil), (["port": 23, "action": "deny"], nil),
            (["port": 53, "protocol": "any"], nil),
            (["port": 80], "'--add-port=80/tcp'"), (["port": "30000-32767"], "'--add-port=30000-32767/tcp'"),
            (["from": "10.43.0.0/16"], "'--zone=trusted' '--add-source=10.43.0.0/16'"),
            (
                ["port": 2379, "from": "100.64.0.0/10"],
                "'--add-rich-rule=rule family=\"ipv4\" source address=\"100.64.0.0/10\" port port=\"2379\" protocol=\"tcp\" accept'"
            ),
            (
                ["from": "10.0.0.0/8", "protocol": "udp"],
                "'--add-rich-rule=rule family=\"ipv4\" source address=\"10.0.0.0/8\" protocol value=\"udp\" accept'"
            ),
            (["port": 6443, "state": "absent"], "'--remove-port=6443/tcp'"),
        ] as [(Value, String?)])
    func firewalldRules(value: Value, option: String?) throws {
        let change = try outcome(value, fields("firewalld", "on", "public", zones, zones, "end"))
        guard let option else { return #expect(change == nil) }
        #expect(
            change?.contains("firewall-cmd --permanent \(option) && firewall-cmd \(option) ||") == true,
            "\(change ?? "")")
        #expect(change?.contains("firewall-offline-cmd \(option) ||") == true)
    }

    @Test("a rule that only the running or only the permanent firewalld has is not there")
    func halves() throws {
        #expect(
            try outcome(["port": 6443], fields("firewalld", "on", "public", zones, "public\n  ports: ", "end")) != nil)
        #expect(
            try outcome(["port": 6443], fields("firewalld", "on", "public", "public\n  ports: ", zones, "end")) != nil)
        #expect(try outcome(["port": 6443], fields("firewalld", "off", "public", zones, "", "end")) == nil)
    }

    @Test("without a firewall, a rule fails and hangs on packages")
    func missing() throws {
        let rule = try resource(FirewallRule.self, ["port": 22])
        let found = try FirewallRule.read(fields("end"), of: [rule])[0]
        guard case .fails("neither ufw nor firewalld is on the node", _) = rule.difference(from: found) else {
            Issue.record("\(found)")
            return
        }
        #expect(rule.dependsOn(found) == [.packages])
        #expect(throws: Failure.self) { try FirewallRule.read(fields("pf"), of: [rule]) }
    }

    @Test("one rule's change leaves another's plan exact, and the firewall's own state too")
    func effects() throws {
        let rule = try resource(FirewallRule.self, ["port": 22])
        let firewall = try resource(Firewall.self, true)
        let found = try FirewallRule.read(ufw(), of: [rule])[0]
        #expect(!rule.touches.contains { touched in rule.dependsOn(found).contains { $0.overlaps(touched) } })
        #expect(!firewall.touches.contains { touched in rule.dependsOn(found).contains { $0.overlaps(touched) } })
        #expect(!rule.touches.contains { touched in firewall.dependsOn(found).contains { $0.overlaps(touched) } })
    }

    @Test("the firewall is on when it is so now and at boot")
    func onAndOff() throws {
        func difference(_ value: Value, _ output: [UInt8]) throws -> Difference {
            let firewall = try resource(Firewall.self, value)
            return firewall.difference(from: try Firewall.read(output, of: [firewall])[0])
        }
        let on = "ENABLED=yes\nDEFAULT_INPUT_POLICY=\"DROP\"\nDEFAULT_FORWARD_POLICY=\"DROP\"\nCHAINS=yes"
        #expect(try difference(true, ufw(on)) == .none("ufw is on"))
        #expect(try difference(["state": true, "incoming": "deny"], ufw(on)) == .none("ufw is on"))
        #expect(
            try details(difference(["state": true, "routed": "allow"], ufw(on))) == [
                .attribute("routed", from: "deny", to: "allow")
            ])
        #expect(try details(difference(true, ufw("ENABLED=yes"))) == [.attribute("ufw", from: "off", to: "on")])
        #expect(try script(difference(true, ufw())).contains("\nufw --force enable\nstatus=$?\n"))
        #expect(try script(difference(false, ufw(on))) == "\nufw disable")
        #expect(try difference(false, fields("end")) == .none("there is none"))
        #expect(
            try script(difference(true, fields("firewalld", "off", "public", "", "", "end")))
                == "systemctl enable --now firewalld")
        #expect(
            mistakes(Firewall.self, ["state": true, "backend": "firewalld", "incoming": "deny"]).contains(
                "policies are ufw's"))
    }
}
