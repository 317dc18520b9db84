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
    private func ufw(
        _ settings: String = "ENABLED=no\nDEFAULT_INPUT_POLICY=\"DROP\"\nDEFAULT_FORWARD_POLICY=\"DROP\"",
        kernel: String = ""
    ) -> [UInt8] {
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
            """, kernel, "", "end")
    }

    /// As `iptables -S` shows an ufw that is on.
    private static let heads = """
        -P INPUT DROP
        -A INPUT -j ufw-before-input
        -A ufw-before-input -j ufw-user-input
        """

    /// An ufw with these rules, all of them in the kernel.
    private func ufw(rules: [String]) -> [UInt8] {
        fields("ufw", "ENABLED=yes", rules.map { "### tuple ### \($0)" }.joined(separator: "\n"), Self.heads, "", "end")
    }

    @Test(
        "of the rules that a packet meets the first decides: ours goes before one that would make it void",
        arguments: [
            (
                ["deny tcp 6443 0.0.0.0/0 any 0.0.0.0/0 in"],
                "ufw insert 1 allow proto tcp from 100.64.0.0/10 to any port 6443"
            ),
            (
                ["allow tcp 22 0.0.0.0/0 any 0.0.0.0/0 in", "reject any 6000:7000 0.0.0.0/0 any 0.0.0.0/0 in"],
                "ufw insert 2 allow proto tcp from 100.64.0.0/10 to any port 6443"
            ),
            (
                ["deny any any 0.0.0.0/0 any 100.0.0.0/8 in", "allow tcp 6443 0.0.0.0/0 any 100.64.0.0/10 in"],
                "ufw delete allow proto tcp from 100.64.0.0/10 to any port 6443 || exit\nufw insert 1 allow proto tcp from 100.64.0.0/10 to any port 6443"
            ),
            (
                [
                    "allow tcp 137 0.0.0.0/0 any 0.0.0.0/0 Samba - in",
                    "allow udp 138 0.0.0.0/0 any 0.0.0.0/0 Samba - in",
                    "route:allow tcp 80 0.0.0.0/0 any 0.0.0.0/0 in",
                    "deny tcp 80,6443 0.0.0.0/0 any 0.0.0.0/0 Web - in",
                ], "ufw insert 3 allow proto tcp from 100.64.0.0/10 to any port 6443"
            ),
            // These are about other packets, or come later.
            (["deny tcp 6443 0.0.0.0/0 any 0.0.0.0/0 out"], "ufw allow proto tcp from 100.64.0.0/10 to any port 6443"),
            (
                ["route:deny tcp 6443 0.0.0.0/0 any 0.0.0.0/0 in"],
                "ufw allow proto tcp from 100.64.0.0/10 to any port 6443"
            ),
            (["deny udp 6443 0.0.0.0/0 any 0.0.0.0/0 in"], "ufw allow proto tcp from 100.64.0.0/10 to any port 6443"),
            (["deny tcp 6443 ::/0 any ::/0 in"], "ufw allow proto tcp from 100.64.0.0/10 to any port 6443"),
            (["deny tcp 6443 0.0.0.0/0 any 100.64.0.13 in"], "ufw allow proto tcp from 100.64.0.0/10 to any port 6443"),
            (["allow tcp 6443 0.0.0.0/0 any 100.64.0.0/10 in", "deny tcp 6443 0.0.0.0/0 any 0.0.0.0/0 in"], nil),
            (
                ["allow any any 0.0.0.0/0 any 100.0.0.0/8 in", "deny any any 0.0.0.0/0 any 0.0.0.0/0 in"],
                "ufw allow proto tcp from 100.64.0.0/10 to any port 6443"
            ),
            // A limit is the user's own way to let it in.
            (["limit tcp 6443 0.0.0.0/0 any 0.0.0.0/0 in"], nil),
            (["limit any any 0.0.0.0/0 any 100.64.0.0/10 in"], nil),
        ] as [([String], String?)])
    func order(rules: [String], change: String?) throws {
        #expect(try outcome(["port": 6443, "from": "100.64.0.0/10"], ufw(rules: rules)) == change)
    }

    @Test("a rule of both families goes before what stands in its way in each; IPv6's numbers follow IPv4's")
    func families() throws {
        let rules = [
            "allow tcp 80 0.0.0.0/0 any 0.0.0.0/0 in", "deny tcp 22 0.0.0.0/0 any 0.0.0.0/0 in",
            "allow tcp 80 ::/0 any ::/0 in", "deny any any ::/0 any ::/0 in",
        ]
        #expect(
            try outcome(["port": "22", "protocol": "any"], ufw(rules: rules))
                == "ufw insert 4 allow from ::/0 to any port 22 || exit\nufw allow from any to any port 22")
        #expect(
            try outcome(["port": "20-22"], ufw(rules: ["deny any any 0.0.0.0/0 any 0.0.0.0/0 in"] + rules))
                == """
                ufw insert 1 allow proto tcp from 0.0.0.0/0 to any port 20:22 || exit
                ufw insert 6 allow proto tcp from ::/0 to any port 20:22 || exit
                ufw allow proto tcp from any to any port 20:22
                """)
        #expect(
            try outcome(["port": 22, "from": "fd7a::/48"], ufw(rules: rules))
                == "ufw insert 4 allow proto tcp from fd7a::/48 to any port 22")
    }

    @Test("what stands before a rule for a part of it, or on one interface, is told")
    func exceptions() throws {
        let rule = try resource(FirewallRule.self, ["port": 22])
        func difference(_ other: String) throws -> Difference {
            let output = ufw(rules: [other, "allow tcp 22 0.0.0.0/0 any 0.0.0.0/0 in"])
            return rule.difference(from: try FirewallRule.read(output, of: [rule])[0])
        }
        #expect(
            try difference("deny any any 0.0.0.0/0 any 203.0.113.7 in")
                == .none("ufw has it; 'deny everything from 203.0.113.7' stands before it"))
        #expect(
            try difference("deny tcp 22 0.0.0.0/0 any 0.0.0.0/0 in_tailscale0")
                == .warns("ufw has it, but 'deny 22/tcp from anywhere on tailscale0' stands before it"))
    }

    @Test("a rule that the kernel lacks is not there, and ufw is not on over an empty table")
    func kernel() throws {
        let rules = """
            ### tuple ### allow tcp 22 0.0.0.0/0 any 0.0.0.0/0 in
            -A ufw-user-input -p tcp --dport 22 -j ACCEPT
            ### tuple ### allow udp 30000:32767 0.0.0.0/0 any 100.64.0.0/10 in
            -A ufw-user-input -p udp -m multiport --dports 30000:32767 -s 100.64.0.0/10 -j ACCEPT
            ### tuple ### allow tcp 80 0.0.0.0/0 any 10.0.0.9 Web - in
            -A ufw-user-input -p tcp --dport 80 -s 10.0.0.9 -j ACCEPT -m comment --comment 'dapp_Web'
            """
        let all = """
            \(Self.heads)
            -A ufw-user-input -p tcp -m tcp --dport 22 -j ACCEPT
            -A ufw-user-input -s 100.64.0.0/10 -p udp -m multiport --dports 30000:32767 -j ACCEPT
            -A ufw-user-input -s 10.0.0.9/32 -p tcp -m tcp --dport 80 -m comment --comment "\\'dapp_Web\\'" -j ACCEPT
            """
        func look(_ kernel: String) -> [UInt8] {
            fields("ufw", "ENABLED=yes\nDEFAULT_INPUT_POLICY=\"DROP\"", rules, kernel, "", "end")
        }
        let firewall = try resource(Firewall.self, true)
        func isOn(_ kernel: String) throws -> Difference {
            firewall.difference(from: try Firewall.read(look(kernel), of: [firewall])[0])
        }
        #expect(try outcome(["port": 22], look(all)) == nil)
        #expect(try isOn(all) == .none("ufw is on"))
        let lacking = all.replacing("-A ufw-user-input -p tcp -m tcp --dport 22 -j ACCEPT\n", with: "")
        #expect(try outcome(["port": 22], look(lacking))?.hasSuffix("ufw reload") == true)
        #expect(try details(isOn(lacking)) == [.attribute("rules missing in the kernel", from: "1", to: "0")])
        for gone in ["-P INPUT DROP", "-A INPUT -j ufw-before-input", "-A ufw-before-input -j ufw-user-input"] {
            #expect(
                try details(isOn(all.replacing(gone, with: "-P INPUT ACCEPT"))).contains(
                    .attribute("ufw", from: "off", to: "on")))
        }
    }

    private func outcome(_ value: Value, _ output: [UInt8]) throws -> String? {
        let rule = try resource(FirewallRule.self, value)
        let difference = rule.difference(from: try FirewallRule.read(output, of: [rule])[0])
        return isSettled(difference) ? nil : script(difference)
    }

    @Test("rules that may not be read are a failure, not rules that are missing")
    func hidden() throws {
        let failure = #expect(throws: Failure.self) {
            try outcome(["port": 22], fields("ufw", "ENABLED=yes\nHIDDEN=yes", "", "", "", "end"))
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
            (["port": 2222], nil),
            (["port": 10250], "ufw allow proto tcp from any to any port 10250"),
            (["port": 53, "protocol": "any"], "ufw allow from any to any port 53"),
            (["from": "10.43.0.0/16"], "ufw allow from 10.43.0.0/16"),
            (
                ["port": 80, "action": "deny"],
                "ufw prepend deny proto tcp from any to any port 80"
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

    @Test("what firewalld turns away before all that it lets in is refused, with the rule that does")
    func firewalldOrder() throws {
        let rich = zones.replacing(
            "\trule priority",
            with: "\trule family=\"ipv4\" port port=\"6443\" protocol=\"tcp\" reject type=\"x\"\n\trule priority")
        let rule = try resource(FirewallRule.self, ["port": 6443, "from": "100.64.0.0/10"])
        let found = try FirewallRule.read(fields("firewalld", "on", "public", rich, rich, "end"), of: [rule])[0]
        #expect(
            rule.difference(from: found)
                == .fails(
                    cause:
                        "firewalld has 'reject 6443/tcp from anywhere', which would make 'allow 6443/tcp from 100.64.0.0/10' void",
                    hint: "take that rule out, or this task"))
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
        let on = "ENABLED=yes\nDEFAULT_INPUT_POLICY=\"DROP\"\nDEFAULT_FORWARD_POLICY=\"DROP\""
        #expect(try difference(true, ufw(on, kernel: Self.heads)) == .none("ufw is on"))
        #expect(try difference(["state": true, "incoming": "deny"], ufw(on, kernel: Self.heads)) == .none("ufw is on"))
        #expect(
            try details(difference(["state": true, "routed": "allow"], ufw(on, kernel: Self.heads))) == [
                .attribute("routed", from: "deny", to: "allow")
            ])
        #expect(try details(difference(true, ufw("ENABLED=yes"))) == [.attribute("ufw", from: "off", to: "on")])
        #expect(try script(difference(true, ufw())).contains("\nufw --force enable\nstatus=$?\n"))
        #expect(try script(difference(false, ufw(on, kernel: Self.heads))) == "\nufw disable")
        #expect(try difference(false, fields("end")) == .none("there is none"))
        #expect(
            try script(difference(true, fields("firewalld", "off", "public", "", "", "end")))
                == "systemctl enable --now firewalld")
        #expect(
            mistakes(Firewall.self, ["state": true, "backend": "firewalld", "incoming": "deny"]).contains(
                "policies are ufw's"))
    }
}
