import Model

/// Tells whether an ssh_config could say anything about a host that we would follow, so that `ssh -G` is run only then.
struct ConfigScan: Sendable {
    /// Gives the text of each file that an `Include` pattern names; nil where they cannot be told.
    var include: @Sendable (_ pattern: String) -> [String]?

    /// - Parameter text: a configuration file.
    func matters(_ text: String, for host: String, depth: Int = 0) -> Bool {
        var applies = true
        for line in text.split(whereSeparator: \.isNewline) {
            let trimmed = line.drop(while: \.isWhitespace)
            if trimmed.isEmpty || trimmed.hasPrefix("#") { continue }
            let keyword = trimmed.prefix { !$0.isWhitespace && $0 != "=" }.lowercased()
            let value = trimmed.dropFirst(keyword.count).drop { $0.isWhitespace || $0 == "=" }
            switch keyword {
            case "host": applies = Self.applies(String(value), to: host)
            // What a Match asks for only ssh itself can tell.
            case "match": applies = true
            case "include":
                guard applies else { continue }
                if depth >= 16 { return true }
                for pattern in ShellWords.split(String(value)) ?? [] {
                    guard let texts = include(pattern) else { return true }
                    if texts.contains(where: { matters($0, for: host, depth: depth + 1) }) { return true }
                }
            default:
                if applies, SSHSettings.keywords.contains(keyword) || keyword.hasPrefix("canonical") { return true }
            }
        }
        return false
    }

    private static func applies(_ patterns: String, to host: String) -> Bool {
        var isMatched = false
        for pattern in ShellWords.split(patterns) ?? [] {
            if pattern.hasPrefix("!") {
                if Wildcard.matches(pattern.dropFirst(), host) { return false }
            } else if Wildcard.matches(pattern, host) {
                isMatched = true
            }
        }
        return isMatched
    }
}
