import Model

/// Fedora's and RHEL's. A rule is put into the permanent configuration and, while the daemon runs, into the running one
/// too; it counts as there only when both have it.
enum Firewalld: FirewallBackend {
    static let name = "firewalld"

    static let look: Script = """
        if command -v firewall-cmd >/dev/null; then
            printf 'firewalld\\0'
            if firewall-cmd --state >/dev/null 2>&1; then
                if [ "$(systemctl is-enabled firewalld 2>/dev/null)" = enabled ]; then printf 'on\\0'; else printf 'running\\0'; fi
                firewall-cmd --get-default-zone | tr -d '\\000'
                printf '\\0'
                firewall-cmd --permanent --list-all-zones | tr -d '\\000'
                printf '\\0'
                firewall-cmd --list-all-zones | tr -d '\\000'
                printf '\\0'
            else
                printf 'off\\0'
                firewall-offline-cmd --get-default-zone 2>/dev/null | tr -d '\\000'
                printf '\\0'
                firewall-offline-cmd --list-all-zones 2>/dev/null | tr -d '\\000'
                printf '\\0\\0'
            fi
        fi
        """

    static func read(_ fields: inout FieldReader) throws(Failure) -> FirewallState.Backend {
        let state = try fields.next()
        let zone = try fields.nextLineText()
        let permanent = zones(try fields.nextLineText())
        let running = zones(try fields.nextLineText())
        let kept = rules(permanent, zone: zone)
        let rules = state == "off" ? kept : kept.filter(Set(rules(running, zone: zone)).contains)
        return FirewallState.Backend(
            name: name, isEnabled: state == "on",
            rules: blocks(state == "off" ? permanent : running, zone: zone) + rules.map { .init(rule: $0) })
    }

    /// Attribute lines of each zone (`  ports: 22/tcp`), and its rich rules under "rich rules".
    static func zones(_ text: String) -> [String: [String: [String]]] {
        var zones: [String: [String: [String]]] = [:]
        var zone = ""
        var attribute = ""
        for line in text.split(separator: "\n") {
            let words = line.trimmed
            if !line.hasPrefix(" "), !line.hasPrefix("\t") {
                // "public (default, active)"
                zone = words.split(separator: " ").first.map(String.init) ?? ""
                attribute = ""
            } else if words.hasPrefix("rule ") {
                zones[zone, default: [:]]["rich rules", default: []].append(words)
            } else if let colon = words.firstIndex(of: ":") {
                attribute = String(words[..<colon])
                let values = words[words.index(after: colon)...].split(separator: " ").map(String.init)
                zones[zone, default: [:]][attribute, default: []] += values
            }
        }
        return zones
    }

    static func rules(_ zones: [String: [String: [String]]], zone: String) -> [FirewallRule.Rule] {
        var rules: [FirewallRule.Rule] = []
        for text in zones[zone]?["ports"] ?? [] {
            let parts = text.split(separator: "/").map(String.init)
            if parts.count == 2, let port = FirewallRule.port(parts[0]) {
                rules.append(FirewallRule.Rule(port: port, protocol: parts[1]))
            }
        }
        for text in zones["trusted"]?["sources"] ?? [] {
            if let source = Network(text) { rules.append(FirewallRule.Rule(source: source)) }
        }
        rules += (zones[zone]?["rich rules"] ?? []).compactMap { rule(rich: $0) }
        // A port for any protocol is two rules here.
        for rule in rules where rule.port != nil && rule.protocol == "tcp" {
            if rules.contains(rule.with(protocol: "udp")) { rules.append(rule.with(protocol: nil)) }
        }
        return rules
    }

    /// What firewalld turns away before it lets anything in: rich rules that drop and reject, but for those that are
    /// after all else by their priority.
    static func blocks(_ zones: [String: [String: [String]]], zone: String) -> [FirewallState.Entry] {
        (zones[zone]?["rich rules"] ?? []).flatMap { text -> [FirewallState.Entry] in
            let words = text.split(separator: " ").map(String.init)
            guard words.contains("drop") || words.contains("reject"), rule(rich: text) == nil else { return [] }
            let priority = value(of: "priority", in: words).flatMap { Int($0) } ?? 0
            if priority > 0 { return [] }
            var traffic = Traffic(protocol: value(of: "protocol", in: words) ?? value(of: "value", in: words))
            traffic.ports = value(of: "port", in: words).flatMap { Traffic.ports($0) }
            traffic.source = value(of: "address", in: words).flatMap { Network($0) }
            let known = [
                "family", "source", "address", "port", "protocol", "value", "priority", "type", "drop", "reject",
                "rule",
            ]
            let strange = words.filter { word in !known.contains(String(word.prefix { $0 != "=" })) }
            traffic.condition = strange.joined(separator: " ")
            let families = value(of: "family", in: words).map { [$0 == "ipv6"] } ?? [false, true]
            return families.map {
                FirewallState.Entry(
                    action: words.contains("drop") ? "deny" : "reject", traffic: traffic, isIPv6: $0)
            }
        }
    }

    private static func value(of name: String, in words: [String]) -> String? {
        words.first { $0.hasPrefix("\(name)=") }.map { $0.dropFirst(name.count + 1).filter { $0 != "\"" } }
    }

    /// `rule family="ipv4" source address="10.0.0.0/8" port port="6443" protocol="tcp" accept`; nil for those that say
    /// more than ours do.
    static func rule(rich text: String) -> FirewallRule.Rule? {
        var rule = FirewallRule.Rule()
        var words = text.split(separator: " ").dropFirst().map(String.init)
        guard let verdict = words.popLast(), ["accept", "drop"].contains(verdict) else { return nil }
        rule.action = verdict == "accept" ? "allow" : "deny"
        for word in words {
            let parts = word.split(separator: "=", maxSplits: 1).map(String.init)
            let value = parts.count == 2 ? parts[1].filter { $0 != "\"" } : ""
            switch parts[0] {
            case "family", "source": break
            case "port" where parts.count == 1, "protocol" where parts.count == 1: break
            case "priority" where rule.action == "deny": break
            case "address":
                guard let source = Network(value) else { return nil }
                rule.source = source
            case "port":
                guard let port = FirewallRule.port(value) else { return nil }
                rule.port = port
            case "protocol", "value": rule.protocol = value
            default: return nil
            }
        }
        return rule
    }

    /// The option that puts a rule in or takes it out: a plain port, a trusted network, else a rich rule.
    static func option(_ rule: FirewallRule.Rule, _ deed: String) -> [String] {
        if rule.action == "allow" {
            if rule.source == nil, let port = rule.port, let name = rule.protocol {
                return ["--\(deed)-port=\(port.replacing(":", with: "-"))/\(name)"]
            }
            if let source = rule.source, rule.port == nil, rule.protocol == nil {
                return ["--zone=trusted", "--\(deed)-source=\(source)"]
            }
        }
        var words = ["rule"]
        // Denials before all else, whose order firewalld decides by priority.
        if rule.action == "deny" { words.append("priority=\"-1\"") }
        if let source = rule.source {
            words += ["family=\"\(source.isIPv6 ? "ipv6" : "ipv4")\"", "source", "address=\"\(source)\""]
        }
        if let port = rule.port {
            words += ["port", "port=\"\(port.replacing(":", with: "-"))\"", "protocol=\"\(rule.protocol ?? "tcp")\""]
        } else if let name = rule.protocol {
            words += ["protocol", "value=\"\(name)\""]
        }
        words.append(rule.action == "allow" ? "accept" : "drop")
        return ["--\(deed)-rich-rule=\(words.joined(separator: " "))"]
    }

    static func add(_ rule: FirewallRule.Rule, comment: String?) -> Script { change(rule, "add") }
    static func remove(_ rule: FirewallRule.Rule) -> Script { change(rule, "remove") }
    static func insert(_ rule: FirewallRule.Rule, comment: String?, among entries: [FirewallState.Entry]) -> Script? {
        nil
    }
    static let reload: Script = "firewall-cmd --reload"

    private static func change(_ rule: FirewallRule.Rule, _ deed: String) -> Script {
        let isBoth = rule.port != nil && rule.protocol == nil
        let rules = isBoth ? ["tcp", "udp"].map { rule.with(protocol: $0) } : [rule]
        return Script.lines(
            rules.map { rule in
                let option = option(rule, deed)
                return """
                    if firewall-cmd --state >/dev/null 2>&1; then
                        firewall-cmd --permanent \(option) && firewall-cmd \(option) || exit
                    else
                        firewall-offline-cmd \(option) || exit
                    fi
                    """
            })
    }

    static func enable(_ policies: Firewall.Policies) -> Script { "systemctl enable --now firewalld" }
    static func disable(_ policies: Firewall.Policies) -> Script { "systemctl disable --now firewalld" }
}

extension FirewallRule.Rule {
    fileprivate func with(protocol name: String?) -> FirewallRule.Rule {
        var rule = self
        rule.protocol = name
        return rule
    }
}

extension Substring {
    /// Without the blanks around it.
    fileprivate var trimmed: String {
        var rest = self
        while let first = rest.first, first == " " || first == "\t" { rest.removeFirst() }
        while let last = rest.last, last == " " || last == "\t" { rest.removeLast() }
        return String(rest)
    }
}
