/// The text of a unit or a drop-in, as far as its settings: `Key=value` in sections, lines that go on with a backslash.
struct UnitFile: Equatable {
    struct Setting: Equatable {
        var section: String
        var key: String
        var value: String
    }

    var settings: [Setting] = []

    init(_ text: String) {
        var section = ""
        var begun = ""
        for line in text.split(separator: "\n", omittingEmptySubsequences: false) {
            let bare = line.trimmingBlanks
            // A comment may stand between a line and its continuation.
            if bare.hasPrefix("#") || bare.hasPrefix(";") { continue }
            if bare.hasSuffix("\\") {
                begun += bare.dropLast() + " "
                continue
            }
            let whole = (begun + bare)[...].trimmingBlanks
            begun = ""
            if whole.hasPrefix("["), whole.hasSuffix("]") {
                section = String(whole.dropFirst().dropLast())
            } else if let equals = whole.firstIndex(of: "=") {
                settings.append(
                    Setting(
                        section: section, key: String(whole[..<equals].trimmingBlanks),
                        value: String(whole[whole.index(after: equals)...].trimmingBlanks)))
            }
        }
    }

    /// What a service's key is set to, in order; an empty value takes back what came before, for the reader to see.
    func values(_ key: String) -> [String] {
        settings.filter { $0.section == "Service" && $0.key == key }.map(\.value)
    }
}

extension Substring {
    fileprivate var trimmingBlanks: Substring {
        var text = drop { $0.isWhitespace }
        while text.last?.isWhitespace == true { text.removeLast() }
        return text
    }
}

/// Text split into words as systemd splits ExecStart= and Environment=: quotes of both kinds, C's escapes.
enum UnitWords {
    static func split(_ text: String) -> [String] {
        var words: [String] = []
        var word = ""
        var isIn = false
        var quote: Character?
        var rest = text[...]
        while let character = rest.popFirst() {
            if character == "\\", let next = rest.popFirst() {
                word.append(escaped(next, &rest))
                isIn = true
            } else if let open = quote {
                if character == open { quote = nil } else { word.append(character) }
            } else if character == "\"" || character == "'" {
                (quote, isIn) = (character, true)
            } else if character.isWhitespace {
                if isIn { words.append(word) }
                (word, isIn) = ("", false)
            } else {
                word.append(character)
                isIn = true
            }
        }
        return isIn ? words + [word] : words
    }

    private static func escaped(_ character: Character, _ rest: inout Substring) -> Character {
        switch character {
        case "n": return "\n"
        case "t": return "\t"
        case "r": return "\r"
        case "s": return " "
        case "x":
            guard let byte = UInt8(rest.prefix(2), radix: 16) else { return "x" }
            rest = rest.dropFirst(2)
            return Character(Unicode.Scalar(byte))
        default: return character
        }
    }

    /// A word of ExecStart= with `$$`, `%%` and `${NAME}` replaced; a bare `$NAME` becomes as many words as it holds.
    static func expanded(_ words: [String], by environment: [String: String]) -> [String] {
        words.flatMap { word -> [String] in
            if let name = word.wholeMatch(of: /\$([A-Za-z_][A-Za-z0-9_]*)/)?.1 {
                return (environment[String(name)] ?? "").split(whereSeparator: \.isWhitespace).map(String.init)
            }
            let filled = word.replacing(/\$\$|%%|\$\{([A-Za-z_][A-Za-z0-9_]*)\}/) { match in
                if let name = match.1 { return environment[String(name)] ?? "" }
                return String(match.0.prefix(1))
            }
            return [filled]
        }
    }
}

/// A file of `EnvironmentFile=`.
enum EnvironmentText {
    static func read(_ text: String) -> [(name: String, value: String)] {
        var begun = ""
        var found: [(name: String, value: String)] = []
        for line in text.split(separator: "\n", omittingEmptySubsequences: false) {
            if begun.isEmpty, let first = line.first(where: { !$0.isWhitespace }), first == "#" || first == ";" {
                continue
            }
            if line.hasSuffix("\\") {
                begun += line.dropLast()
                continue
            }
            let whole = begun + line
            begun = ""
            guard let equals = whole.firstIndex(of: "=") else { continue }
            let name = whole[..<equals].filter { !$0.isWhitespace }
            // Unquoted, a value's blanks belong to it, all but those at its ends.
            let raw = whole[whole.index(after: equals)...].trimmingBlanks
            let isQuoted = raw.first == "\"" || raw.first == "'"
            found.append((name, isQuoted ? UnitWords.split(String(raw)).joined(separator: " ") : String(raw)))
        }
        return found
    }
}
