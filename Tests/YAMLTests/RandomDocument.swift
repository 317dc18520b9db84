import Model

/// A YAML document as somebody might write it, from a seed: maps and lists in both styles, comments in every place,
/// blank lines, quotes, text blocks. Every comment is a different one.
struct RandomDocument {
    private(set) var lines: [String] = []
    private var random: RandomValues
    private var comments = 0
    private let step: Int
    private let dashOffset: Int
    private let padding: String
    private let hasAnchors: Bool
    private let hasTabs: Bool
    private var anchors: [String] = []
    private var named = 0
    private let lineBreak: String
    private let endsWithBreak: Bool

    /// - Parameter tabs: before comments, which PyYAML itself refuses and libyaml does not.
    init(seed: UInt64, anchors: Bool = false, tabs: Bool = true) {
        var random = RandomValues(state: seed)
        step = [2, 2, 4, 3].randomElement(using: &random) ?? 2
        dashOffset = [0, 2].randomElement(using: &random) ?? 2
        padding = Bool.random(using: &random) ? " " : ""
        lineBreak = Int.random(in: 0..<5, using: &random) == 0 ? "\r\n" : "\n"
        endsWithBreak = Int.random(in: 0..<5, using: &random) > 0
        hasAnchors = anchors
        hasTabs = tabs
        self.random = random
        if chance(4) { lines.append("# head \(comment())") }
        if chance(5) { lines.append("---" + trailing()) }
        map(column: 0, depth: 4)
        if chance(3) { lines.append(comment()) }
        if chance(8) { lines.append("...") }
    }

    var text: String { lines.joined(separator: lineBreak) + (endsWithBreak ? lineBreak : "") }

    private mutating func chance(_ n: Int) -> Bool { Int.random(in: 0..<n, using: &random) == 0 }

    private mutating func comment() -> String {
        comments += 1
        return "# c\(comments)" + (["", " é: ü", " - x: {", " 'quote"].randomElement(using: &random) ?? "") + ";"
    }

    private mutating func trailing() -> String {
        guard chance(3) else { return "" }
        return ([" ", "   ", hasTabs ? "\t" : "  "].randomElement(using: &random) ?? " ") + comment()
    }

    private mutating func between(_ column: Int) {
        while chance(4) {
            let depth = chance(6) ? column + 1 : column
            lines.append(chance(3) ? "" : String(repeating: " ", count: depth) + comment())
        }
    }

    private mutating func keys() -> [String] {
        var all = [
            "a", "name", "ansible_host", "key-1", "\"quoted: k\"", "'single'", "ö", "n1.example", "\"7\"", "k_2",
        ]
        all.shuffle(using: &random)
        return Array(all.prefix(Int.random(in: 1...4, using: &random)))
    }

    private mutating func map(column: Int, depth: Int, begun: String? = nil) {
        var begun = begun
        let indentation = String(repeating: " ", count: column)
        for key in keys() {
            let lead = begun ?? indentation
            if begun == nil { between(column) }
            begun = nil
            value(lead + key + ":", column: column, depth: depth)
        }
    }

    private mutating func value(_ lead: String, column: Int, depth: Int) {
        switch Int.random(in: 0..<(depth > 0 ? 9 : 5), using: &random) {
        case 0: lines.append(lead + trailing())
        case 1: lines.append("\(lead) \(flow(depth: 2))" + trailing())
        case 2: textBlock(lead, column: column)
        case 3, 4: lines.append("\(lead) \(anchored(scalar()))" + trailing())
        case 5, 6:
            let name = anchor()
            lines.append(lead + (name.map { " &\($0)" } ?? "") + trailing())
            map(column: column + step, depth: depth - 1)
            if let name { anchors.append(name) }
        case 7:
            let name = anchor()
            lines.append(lead + (name.map { " &\($0)" } ?? "") + trailing())
            list(column: column + dashOffset, depth: depth - 1)
            if let name { anchors.append(name) }
        default: flowLines(lead, column: column)
        }
    }

    private mutating func list(column: Int, depth: Int) {
        let indentation = String(repeating: " ", count: column)
        for index in 0..<Int.random(in: 1...3, using: &random) {
            if index > 0 { between(column) }
            if depth > 0, chance(3) {
                map(column: column + 2, depth: depth - 1, begun: indentation + "- ")
            } else {
                lines.append("\(indentation)- \(chance(4) ? flow(depth: 1) : scalar())" + trailing())
            }
        }
    }

    private mutating func textBlock(_ lead: String, column: Int) {
        let indicator = ["|", "|-", ">", "|+"].randomElement(using: &random) ?? "|"
        lines.append("\(lead) \(indicator)" + (chance(4) ? " " + comment() : ""))
        let indentation = String(repeating: " ", count: column + step)
        for _ in 0..<Int.random(in: 1...3, using: &random) { lines.append(indentation + "text # no comment: é") }
        if chance(3) { lines.append("") }
    }

    private mutating func flowLines(_ lead: String, column: Int) {
        let indentation = String(repeating: " ", count: column + step)
        let keys = keys()
        let hasLastComma = chance(2)
        lines.append(lead + " {" + trailing())
        for (index, key) in keys.enumerated() {
            let comma = index < keys.count - 1 || hasLastComma ? "," : ""
            lines.append("\(indentation)\(key): \(flow(depth: 1))\(comma)" + trailing())
        }
        lines.append(String(repeating: " ", count: max(1, column)) + "}" + trailing())
    }

    private mutating func flow(depth: Int) -> String {
        guard depth > 0, !chance(3) else { return scalar() }
        if chance(5) { return Bool.random(using: &random) ? "{}" : "[]" }
        if chance(2) {
            let items = (0..<Int.random(in: 1...3, using: &random)).map { _ in flow(depth: depth - 1) }
            return "[" + padding + items.joined(separator: ", ") + padding + "]"
        }
        let entries = keys().map { "\($0): \(flow(depth: depth - 1))" }
        return "{" + padding + entries.joined(separator: ", ") + padding + "}"
    }

    private mutating func scalar() -> String {
        let all = [
            "1", "0644", "yes", "~", "plain", "two words", "'single # no comment'", "\"double \\u00e9\"", "100.64.0.5",
            "\"{{ x }}\"", "🙂", "1.5", "a#b", "http://x.y/z", "''", "4Gi",
        ]
        return all.randomElement(using: &random) ?? "x"
    }

    /// An anchor for what comes next, which aliases may name once it is complete.
    private mutating func anchor() -> String? {
        guard hasAnchors, chance(2) else { return nil }
        named += 1
        return "x\(named)"
    }

    private mutating func anchored(_ scalar: String) -> String {
        guard hasAnchors, chance(3) else { return scalar }
        if let known = anchors.randomElement(using: &random), chance(2) { return "*" + known }
        guard let name = anchor() else { return scalar }
        anchors.append(name)
        return "&\(name) \(scalar)"
    }
}
