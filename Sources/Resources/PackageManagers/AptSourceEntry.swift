import Model

/// One source of packages as some file of apt's has it: a line of a `.list`, or a paragraph of a `.sources`
/// (sources.list(5)). What is switched off or commented out is none.
struct AptSourceEntry: Sendable, Hashable {
    /// A repository as apt tells two apart: by address and suite, whatever is taken from it.
    struct Pair: Sendable, Hashable {
        var uri: String
        var suite: String

        /// - Parameter architecture: the node's own, for `$(ARCH)`.
        init(_ uri: String, _ suite: String, architecture: String) {
            func inFull(_ text: String) -> String {
                architecture.isEmpty ? text : text.replacing("$(ARCH)", with: architecture)
            }
            let address = inFull(uri)
            self.uri = address.hasSuffix("/") ? address : address + "/"
            let release = inFull(suite)
            // Two ways to say that there is no folder of releases.
            self.suite = release == "./" ? "/" : release
        }
    }

    /// Its lines in the file, counted from 0.
    var lines: Range<Int>
    var types: [String]
    var uris: [String]
    var suites: [String]
    var components: [String]
    var architectures: [String] = []
    /// Paths, fingerprints or the key itself; empty where apt's own keys count.
    var signedBy = ""
    /// Those that apt wants to be alike wherever a repository is named, such as `trusted`.
    var otherOptions: [String] = []
    var isParagraph: Bool

    func pairs(_ architecture: String) -> [(uri: String, suite: String, pair: Pair)] {
        uris.flatMap { uri in suites.map { (uri, $0, Pair(uri, $0, architecture: architecture)) } }
    }

    /// What a file says, by its name's end.
    static func all(in text: String, of path: String) -> [AptSourceEntry] {
        let lines = AptSourceFile.lines(text)
        return path.hasSuffix(".sources") ? paragraphs(lines) : lines.indices.compactMap { line(lines[$0], at: $0) }
    }
}

// MARK: One-line style

extension AptSourceEntry {
    /// `deb [arch=amd64 signed-by=/x.gpg] https://deb.example/ bookworm main`
    private static func line(_ text: Substring, at index: Int) -> AptSourceEntry? {
        var words = words(text.prefix { $0 != "#" })[...]
        guard let type = words.popFirst(), type == "deb" || type == "deb-src" else { return nil }
        var entry = AptSourceEntry(
            lines: index..<index + 1, types: [type], uris: [], suites: [], components: [], isParagraph: false)
        if let options = words.first, options.hasPrefix("[") {
            words.removeFirst()
            for option in options.dropFirst().dropLast().split(whereSeparator: \.isBlank) {
                let parts = option.split(separator: "=", maxSplits: 1).map(String.init)
                entry.take(
                    parts[0].lowercased(), parts.count == 2 ? parts[1].split(separator: ",").map(String.init) : [])
            }
        }
        guard let uri = words.popFirst(), let suite = words.popFirst() else { return nil }
        (entry.uris, entry.suites, entry.components) = ([uri], [suite], Array(words))
        return entry
    }

    /// Words as apt takes them: blanks within brackets and quotes belong to the word.
    private static func words(_ text: Substring) -> [String] {
        var words: [String] = []
        var word = ""
        var end: Character?
        for letter in text {
            if end == nil, letter.isBlank {
                if !word.isEmpty { words.append(word) }
                word = ""
            } else {
                if letter == end { end = nil } else if end == nil, let close = closing[letter] { end = close }
                if letter != "\"" { word.append(letter) }
            }
        }
        return word.isEmpty ? words : words + [word]
    }

    private static let closing: [Character: Character] = ["[": "]", "\"": "\""]

    /// An option of a line, or a field of a paragraph that is none of the repository's own.
    private mutating func take(_ name: String, _ values: [String]) {
        switch name {
        case "arch", "architectures": architectures = values
        case "signed-by": signedBy = values.joined(separator: " ")
        case "trusted", "check-valid-until", "valid-until-min", "valid-until-max", "check-date", "date-max-future",
            "snapshot", "allow-insecure", "allow-weak", "allow-downgrade-to-insecure":
            otherOptions.append("\(name)=\(values.joined(separator: ","))")
        default: break
        }
    }
}

// MARK: Paragraphs

extension AptSourceEntry {
    /// A field and the lines that it stands on.
    struct ParagraphField: Hashable {
        var name: String
        var text: String
        var lines: Range<Int>

        var words: [String] { text.split(whereSeparator: \.isBlank).map(String.init) }
    }

    private static func paragraphs(_ lines: [Substring]) -> [AptSourceEntry] {
        lines.split(whereSeparator: { $0.allSatisfy(\.isBlank) }).compactMap { part in
            paragraph(part.startIndex..<part.endIndex, of: lines)
        }
    }

    static func fields(_ range: Range<Int>, of lines: [Substring]) -> [ParagraphField] {
        var fields: [ParagraphField] = []
        for index in range where !lines[index].hasPrefix("#") {
            let line = lines[index]
            if line.first?.isBlank == true, let last = fields.indices.last {
                fields[last].text += "\n" + line
                fields[last].lines = fields[last].lines.lowerBound..<index + 1
            } else if let colon = line.firstIndex(of: ":") {
                fields.append(
                    ParagraphField(
                        name: line[..<colon].lowercased(), text: String(line[line.index(after: colon)...]),
                        lines: index..<index + 1))
            }
        }
        return fields
    }

    private static func paragraph(_ range: Range<Int>, of lines: [Substring]) -> AptSourceEntry? {
        var entry = AptSourceEntry(
            lines: range, types: [], uris: [], suites: [], components: [], isParagraph: true)
        for field in fields(range, of: lines) {
            switch field.name {
            case "types": entry.types = field.words
            case "uris": entry.uris = field.words
            case "suites": entry.suites = field.words
            case "components": entry.components = field.words
            case "enabled": if isOff(field.words.first) { return nil }
            case "signed-by" where field.text.contains("-----BEGIN"): entry.signedBy = field.text
            default: entry.take(field.name, field.words)
            }
        }
        return entry.uris.isEmpty || entry.suites.isEmpty ? nil : entry
    }

    static func isOff(_ word: String?) -> Bool {
        ["no", "false", "without", "off", "disable", "0"].contains(word?.lowercased() ?? "")
    }
}

extension Character {
    fileprivate var isBlank: Bool { self == " " || self == "\t" || self == "\r" || self == "\n" || self == "\r\n" }
}
