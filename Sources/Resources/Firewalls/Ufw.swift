import Model

/// Ubuntu's and Debian's. Its rules are read from its own files, which it keeps while it is off and which need no
/// Python to be started.
enum Ufw: FirewallBackend {
    static let name = "ufw"

    static let look: Script = """
        if command -v ufw >/dev/null; then
            printf 'ufw\\0'
            cat /etc/ufw/ufw.conf /etc/default/ufw 2>/dev/null | grep -E '^[[:space:]]*(ENABLED|IPV6|DEFAULT_[A-Z]*_POLICY)=' | tr -d '\\000'
            [ ! -e /etc/ufw/user.rules ] || [ -r /etc/ufw/user.rules ] || echo HIDDEN=yes
            printf '\\0'
            cat /etc/ufw/user.rules /etc/ufw/user6.rules 2>/dev/null | grep -E '^(### tuple ###|-A ufw6?-user-input )' | tr -d '\\000'
            printf '\\0'
            for tables in iptables ip6tables; do
                $tables -S 2>/dev/null | grep -E '^(-P INPUT|-A INPUT -j|-A ufw6?-before-input -j|-A ufw6?-user-input) '
                printf '\\0'
            done
        fi
        """

    static func read(_ fields: inout FieldReader) throws(Failure) -> FirewallState.Backend {
        var settings: [String: String] = [:]
        for line in try fields.nextLineText().split(separator: "\n") {
            let parts = line.split(separator: "=", maxSplits: 1)
            guard parts.count == 2 else { continue }
            settings[parts[0].filter { $0 != " " && $0 != "\t" }] = parts[1].filter {
                $0 != "\"" && $0 != "'" && $0 != " "
            }.lowercased()
        }
        // Rules that may not be read are not rules that are missing.
        guard settings["HIDDEN"] == nil else {
            throw Failure(
                deed: "read ufw's rules", cause: "/etc/ufw/user.rules is root's to read",
                hint: "let kubani become root: ansible_become, ansible_become_user")
        }
        var rules = entries(try fields.nextLineText())
        func policy(_ direction: String) -> String? {
            switch settings["DEFAULT_\(direction)_POLICY"] {
            case "accept": "allow"
            case "drop": "deny"
            case "reject": "reject"
            default: nil
            }
        }
        let kernel = UfwKernel(try fields.nextLineText(), isIPv6: false)
        let kernel6 = UfwKernel(try fields.nextLineText(), isIPv6: true)
        for index in rules.indices {
            rules[index].entry.isLive = (rules[index].entry.isIPv6 ? kernel6 : kernel).has(rules[index].lines)
        }
        // The setting alone says what happens at boot; the kernel says that it is so now.
        let turnsAway = policy("INPUT").map { $0 != "allow" } ?? false
        let isLive =
            kernel.isThere && kernel.asks(turnsAway: turnsAway)
            && (settings["IPV6"] == "no" || !kernel6.isThere || kernel6.asks(turnsAway: turnsAway))
        return FirewallState.Backend(
            name: name, isEnabled: settings["ENABLED"] == "yes" && isLive, rules: rules.map(\.entry),
            policies: Firewall.Policies(
                incoming: policy("INPUT"), outgoing: policy("OUTPUT"), routed: policy("FORWARD")))
    }

    /// Each rule with the lines that its file has for the kernel.
    private static func entries(_ text: String) -> [(entry: FirewallState.Entry, lines: [Substring])] {
        var entries: [(entry: FirewallState.Entry, lines: [Substring])] = []
        for line in text.split(separator: "\n") {
            if line.hasPrefix("###") {
                // One that cannot be read holds its place all the same, for rules are inserted by number.
                entries.append((entry(String(line)), []))
            } else if let last = entries.indices.last {
                entries[last].lines.append(line)
            }
        }
        return entries
    }

    /// `### tuple ### allow tcp 6443 0.0.0.0/0 any 100.64.0.0/10 in comment=4b38`; with application profiles, two words
    /// more before the direction; `allow_log` where it logs too; `in_eth0` for one interface, `route:allow` and `out` for
    /// what is not for the node itself.
    static func entry(_ line: String) -> FirewallState.Entry {
        var words = line.split(separator: " ").dropFirst(3).map(String.init)
        var comment: String?
        if let last = words.last, last.hasPrefix("comment=") {
            comment = text(ofHexadecimal: last.dropFirst("comment=".count))
            words.removeLast()
        }
        let isIPv6 = words.dropFirst(3).contains { $0.contains(":") && $0.contains("/") || $0.contains("::") }
        let action = words.first?.split(separator: "_").first.map(String.init) ?? ""
        guard words.count == 7 || words.count == 9, let direction = words.last, direction.hasPrefix("in"),
            !action.hasPrefix("route:")
        else {
            return FirewallState.Entry(
                action: action, traffic: Traffic(), comment: comment, isIPv6: isIPv6, isIncoming: false)
        }
        let everywhere = ["0.0.0.0/0", "::/0"]
        var conditions: [String] = []
        if direction != "in" { conditions.append("on \(direction.dropFirst(3))") }
        if !everywhere.contains(words[3]) { conditions.append("to \(words[3])") }
        if words[4] != "any" { conditions.append("from port \(words[4])") }
        let source = everywhere.contains(words[5]) ? nil : Network(words[5])
        if source == nil, !everywhere.contains(words[5]) { conditions.append("from \(words[5])") }
        let traffic = Traffic(
            protocol: words[1] == "any" ? nil : words[1], ports: Traffic.ports(words[2]), source: source,
            condition: conditions.joined(separator: " "))
        let isOne = words[2] == "any" || FirewallRule.port(words[2]) != nil
        let rule = FirewallRule.Rule(
            port: words[2] == "any" ? nil : words[2], protocol: traffic.protocol, source: source,
            action: ["allow", "limit"].contains(action) ? "allow" : "deny")
        return FirewallState.Entry(
            rule: conditions.isEmpty && isOne ? rule : nil, action: action, traffic: traffic, comment: comment,
            isIPv6: isIPv6, profile: words.count == 9 ? words[3...7].joined(separator: " ") : nil)
    }

    private static func text(ofHexadecimal digits: Substring) -> String? {
        var bytes: [UInt8] = []
        var rest = digits
        while !rest.isEmpty {
            guard let byte = UInt8(rest.prefix(2), radix: 16) else { return nil }
            bytes.append(byte)
            rest = rest.dropFirst(2)
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// - Parameter anywhere: `any` is of both families; `0.0.0.0/0` and `::/0` of one.
    private static func words(_ rule: FirewallRule.Rule, anywhere: String = "any") -> [String] {
        var words = [rule.action]
        if let name = rule.protocol { words += ["proto", name] }
        words += ["from", rule.source?.text ?? anywhere]
        if let port = rule.port { words += ["to", "any", "port", port] }
        return words
    }

    /// A denial after an allowance would never be reached.
    static func add(_ rule: FirewallRule.Rule, comment: String?) -> Script {
        let note = comment.map { ["comment", $0] } ?? []
        if rule.action == "allow" { return "ufw \(words(rule) + note)" }
        return "ufw delete \(words(rule.with(action: "allow"))) >/dev/null 2>&1\nufw prepend \(words(rule) + note)"
    }

    /// Before the rule that decides the other way, and after whatever else stands before that one.
    static func insert(_ rule: FirewallRule.Rule, comment: String?, among entries: [FirewallState.Entry]) -> Script? {
        let note = comment.map { ["comment", $0] } ?? []
        func isOwn(_ entry: FirewallState.Entry) -> Bool { entry.rule?.isAbout(rule) == true && entry.profile == nil }
        // ufw leaves one where it is, whatever its action, so it goes first. Limited or rejected it comes again so.
        let own = entries.filter(isOwn)
        let action = own.first { $0.rule?.action == rule.action }?.action ?? rule.action
        let rule = rule.with(action: action)
        var script: [Script] = Set(own.map(\.action)).sorted().map { "ufw delete \(words(rule.with(action: $0)))" }
        let kept = entries.filter { !isOwn($0) }
        let isAllowed = action == "allow" || action == "limit"
        if !isAllowed { script.append("ufw prepend \(words(rule) + note)") }
        var inserted = 0
        for place in isAllowed ? FirewallOrder(of: rule.with(action: "allow"), among: kept).places : [] {
            guard let index = place.voidedBy else { continue }
            let list = kept.filter { $0.isIPv6 == place.isIPv6 }
            // IPv6's numbers follow IPv4's.
            let above = place.isIPv6 ? count(kept.filter { !$0.isIPv6 }[...]) + inserted : 0
            let text = words(rule, anywhere: place.isIPv6 ? "::/0" : "0.0.0.0/0") + note
            script.append("ufw insert \(above + count(list[..<index]) + 1) \(text)")
            inserted += 1
        }
        // The family that nothing stands in the way in; the other has it already.
        if isAllowed, rule.source == nil { script.append("ufw \(words(rule) + note)") }
        return Script(written: script.map(\.text).joined(separator: " || exit\n"))
    }

    /// How ufw numbers rules: those of one profile that follow each other are one.
    private static func count(_ entries: ArraySlice<FirewallState.Entry>) -> Int {
        var last: String?
        var count = 0
        for entry in entries {
            if entry.profile == nil || entry.profile != last { count += 1 }
            last = entry.profile
        }
        return count
    }

    /// ufw makes its chains and the ways to them together: where an `iptables -F` took only the ways, a reload would drop
    /// every packet. So what is left of them goes first, and what is not ufw's stays.
    static let reload: Script = #"""
        for tables in iptables ip6tables; do
            $tables -S 2>/dev/null | grep -q '^-N ufw' || continue
            $tables -S INPUT | grep -q -e '-j ufw6\{0,1\}-before-input$' && continue
            for chain in INPUT OUTPUT FORWARD; do $tables -P $chain ACCEPT; done
            $tables -S | sed -n '/^-A ufw/d; s/^-A \([^ ]* \(.* \)\{0,1\}-j ufw6\{0,1\}-\)/-D \1/p' | while read -r line; do $tables $line; done
            chains=$($tables -S | sed -n 's/^-N \(ufw.*\)/\1/p')
            for chain in $chains; do $tables -F "$chain"; done
            for chain in $chains; do $tables -X "$chain"; done
        done
        ufw reload
        """#

    static func remove(_ rule: FirewallRule.Rule) -> Script { "ufw delete \(words(rule))" }

    /// Whoever switches a firewall on over SSH must not lock the door behind himself: where the policy turns away what no
    /// rule names, a rule that lets SSH in must be there first.
    static func enable(_ policies: Firewall.Policies) -> Script {
        let turnsAway: Script =
            switch policies.incoming {
            case "allow": "false"
            case nil: #"grep -q '^DEFAULT_INPUT_POLICY="\(DROP\|REJECT\)"' /etc/default/ufw"#
            default: "true"
            }
        return """
            if \(turnsAway); then
            \(SSHAdmission.guarding)
            fi
            \(set(policies))
            if grep -q '^ENABLED=yes' /etc/ufw/ufw.conf; then
            \(reload) || exit
            fi
            ufw --force enable
            """
    }

    private static func set(_ policies: Firewall.Policies) -> Script {
        Script.lines(
            policies.all.compactMap { direction, policy in policy.map { "ufw default \($0) \(direction) || exit" } })
    }

    static func disable(_ policies: Firewall.Policies) -> Script { "\(set(policies))\nufw disable" }
}

extension FirewallRule.Rule {
    func with(action: String) -> FirewallRule.Rule {
        var rule = self
        rule.action = action
        return rule
    }
}
