import Model

/// What the kernel has of ufw's rules: its files say what was asked for, not what holds.
struct UfwKernel: Sendable {
    private let chain: String
    private let lines: Set<Set<String>>
    private let heads: Set<Substring>
    private let prefix: String

    /// - Parameter text: lines of `iptables -S`.
    init(_ text: String, isIPv6: Bool) {
        prefix = isIPv6 ? "ufw6" : "ufw"
        chain = "-A \(prefix)-user-input "
        let all = text.split(separator: "\n")
        heads = Set(all.filter { !$0.hasPrefix("-A \(isIPv6 ? "ufw6" : "ufw")-user-input ") })
        lines = Set(all.filter { $0.hasPrefix("-A \(isIPv6 ? "ufw6" : "ufw")-user-input ") }.map { Self.form($0) })
    }

    /// Whether there is a packet filter for this family that could be read.
    var isThere: Bool { heads.contains { $0.hasPrefix("-P INPUT ") } }

    /// Whether packets come to ufw's rules, and what no rule names is dropped where it is to be.
    func asks(turnsAway: Bool) -> Bool {
        heads.contains("-A INPUT -j \(prefix)-before-input")
            && heads.contains("-A \(prefix)-before-input -j \(prefix)-user-input")
            && (!turnsAway || heads.contains("-P INPUT DROP"))
    }

    /// Whether the lines of one rule are there; true where it cannot be told.
    func has(_ wanted: [Substring]) -> Bool {
        if !isThere { return true }
        // What only counts or logs has more forms than can be compared.
        let deciding = wanted.filter { line in
            !line.contains(" -m recent ") && verdicts.contains { line.contains(" -j \($0)") }
        }
        return deciding.allSatisfy { lines.contains(Self.form($0)) }
    }

    private var verdicts: [String] { ["ACCEPT", "DROP", "REJECT", "\(prefix)-user-limit-accept"] }

    /// The options of a line in whatever order, without those that iptables adds when it shows one.
    private static func form(_ line: Substring) -> Set<String> {
        var options: Set<String> = []
        var option = ""
        func take() {
            let name = option.prefix { $0 != " " }
            if !["-m", "--comment", "--reject-with", "-A"].contains(name), !option.isEmpty { options.insert(option) }
        }
        for word in line.split(separator: " ") {
            if word.hasPrefix("-") {
                take()
                option = String(word)
            } else {
                let isNetwork = option == "-s" || option == "-d"
                option += " " + (isNetwork ? Network(String(word))?.text ?? String(word) : String(word))
            }
        }
        take()
        return options
    }
}
