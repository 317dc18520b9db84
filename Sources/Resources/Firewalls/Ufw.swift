import Model

/// Ubuntu's and Debian's. Its rules are read from its own files, which it keeps while it is off and which need no
/// Python to be started.
enum Ufw: FirewallBackend {
    static let name = "ufw"

    static let look: Script = """
        if command -v ufw >/dev/null; then
            printf 'ufw\\0'
            cat /etc/ufw/ufw.conf /etc/default/ufw 2>/dev/null | grep -E '^[[:space:]]*(ENABLED|DEFAULT_[A-Z]*_POLICY)=' | tr -d '\\000'
            iptables -n -L ufw-user-input >/dev/null 2>&1 && echo CHAINS=yes
            [ ! -e /etc/ufw/user.rules ] || [ -r /etc/ufw/user.rules ] || echo HIDDEN=yes
            printf '\\0'
            cat /etc/ufw/user.rules /etc/ufw/user6.rules 2>/dev/null | grep '^### tuple ###' | tr -d '\\000'
            printf '\\0'
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
        let rules = try fields.nextLineText().split(separator: "\n").compactMap { entry(String($0)) }
        func policy(_ direction: String) -> String? {
            switch settings["DEFAULT_\(direction)_POLICY"] {
            case "accept": "allow"
            case "drop": "deny"
            case "reject": "reject"
            default: nil
            }
        }
        // The setting alone says what happens at boot; the chains say that it is so now.
        return FirewallState.Backend(
            name: name, isEnabled: settings["ENABLED"] == "yes" && settings["CHAINS"] == "yes", rules: rules,
            policies: Firewall.Policies(
                incoming: policy("INPUT"), outgoing: policy("OUTPUT"), routed: policy("FORWARD")))
    }

    /// `### tuple ### allow tcp 6443 0.0.0.0/0 any 100.64.0.0/10 in comment=4b38`; with application profiles, two words
    /// more before the direction; `allow_log` where it logs too. Rules for one interface and for what goes out or through
    /// (`route:allow`) are not ours.
    static func entry(_ line: String) -> FirewallState.Entry? {
        var words = line.split(separator: " ").dropFirst(3).map(String.init)
        var comment: String?
        if let last = words.last, last.hasPrefix("comment=") {
            comment = text(ofHexadecimal: last.dropFirst("comment=".count))
            words.removeLast()
        }
        guard words.count == 7 || words.count == 9, words.last == "in", !words[0].hasPrefix("route:") else {
            return nil
        }
        let everywhere = ["0.0.0.0/0", "::/0"]
        guard everywhere.contains(words[3]), words[4] == "any" else { return nil }
        let source = everywhere.contains(words[5]) ? nil : Network(words[5])
        if source == nil, !everywhere.contains(words[5]) { return nil }
        return FirewallState.Entry(
            rule: FirewallRule.Rule(
                port: words[2] == "any" ? nil : words[2], protocol: words[1] == "any" ? nil : words[1], source: source,
                action: words[0].split(separator: "_").first.map(String.init) ?? words[0]),
            comment: comment)
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

    private static func words(_ rule: FirewallRule.Rule) -> [String] {
        var words = [rule.action]
        if let name = rule.protocol { words += ["proto", name] }
        words += ["from", rule.source?.text ?? "any"]
        if let port = rule.port { words += ["to", "any", "port", port] }
        return words
    }

    /// A denial after an allowance would never be reached.
    static func add(_ rule: FirewallRule.Rule, comment: String?) -> Script {
        let note = comment.map { ["comment", $0] } ?? []
        if rule.action == "allow" { return "ufw \(words(rule) + note)" }
        return "ufw delete \(words(rule.with(action: "allow"))) >/dev/null 2>&1\nufw prepend \(words(rule) + note)"
    }

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
            if grep -q '^ENABLED=yes' /etc/ufw/ufw.conf; then ufw reload || exit; fi
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
