import Model

/// A line of an INI inventory, with the section that it is in.
struct INILine {
    enum Content {
        case header
        /// The host's pattern, then its variables.
        case host([INIWords.Word])
        case variable(String)
        case other
    }

    var group: String
    var section: INIInventory.Section
    var content: Content

    /// The lines of a file that its reader takes.
    static func read(_ lines: [[UInt8]]) -> [INILine] {
        var group = "ungrouped"
        var section = INIInventory.Section.hosts
        return lines.map { bytes in
            let line = String(decoding: bytes, as: UTF8.self)
            let text = line.trimmed
            if text.first == "[", let header = INIInventory.header(text) {
                (group, section) = (header.name, INIInventory.Section(rawValue: header.kind) ?? .hosts)
                return INILine(group: group, section: section, content: .header)
            }
            return INILine(group: group, section: section, content: content(line, text, section))
        }
    }

    private static func content(_ line: String, _ text: String, _ section: INIInventory.Section) -> Content {
        guard let first = text.first, first != "#", first != ";" else { return .other }
        switch section {
        case .hosts:
            guard let words = try? INIWords.split(line), !words.isEmpty else { return .other }
            return .host(words)
        case .vars: return text.firstIndex(of: "=").map { .variable(String(text[..<$0]).trimmed) } ?? .other
        case .children: return .other
        }
    }

    /// The names that a host's line stands for.
    var names: [String] {
        guard case .host(let words) = content, let pattern = words.first?.text else { return [] }
        return (try? HostRange.names(HostAddress(pattern)?.name ?? pattern)) ?? []
    }

    /// The word that sets a variable in a host's line; the last one counts.
    func word(setting variable: String) -> INIWords.Word? {
        guard case .host(let words) = content else { return nil }
        return words.dropFirst().last { $0.text.hasPrefix(variable + "=") }
    }
}
