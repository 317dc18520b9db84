import Model

/// `ansible_ssh_common_args`: OpenSSH's own command line, of which we take what `SSHSettings` has.
struct CommonArguments: Sendable, Hashable {
    var words: [String] = []
    /// The same for a command on a machine whose way is told otherwise: a flag a word, without -J, and without those by
    /// which ssh would do something else.
    private(set) var forCommand: [String] = []
    var settings = SSHSettings()
    /// `-F`: a configuration file instead of the user's.
    var configFile: String?

    struct Problem: Error, Hashable { var message: String }

    init() {}

    init(_ text: String) throws(Problem) {
        guard let words = ShellWords.split(text) else { throw Problem(message: "a quote in '\(text)' is not closed") }
        self.words = words
        var rest = words[...]
        while let word = rest.popFirst() {
            guard word.hasPrefix("-"), word.count > 1 else {
                throw Problem(message: "'\(word)' is no option of ssh")
            }
            try take(word.dropFirst(), &rest)
        }
    }

    private static let takesValue: Set<Character> = Set("BbcDEeFIiJLlmOopQRSWw")

    private static let otherwise: Set<Character> = Set("JfGMNnOQsVW")

    /// One word of flags: those without a value may stand together, as in -4Cq.
    private mutating func take(_ flags: Substring, _ rest: inout ArraySlice<String>) throws(Problem) {
        var flags = flags
        while let flag = flags.popFirst() {
            guard flag.isASCII, flag.isLetter || flag.isNumber else {
                throw Problem(message: "'-\(flag)' is no option of ssh")
            }
            guard Self.takesValue.contains(flag) else {
                if !Self.otherwise.contains(flag) { forCommand.append("-\(flag)") }
                continue
            }
            let value: String
            if !flags.isEmpty {
                value = String(flags)
            } else if let next = rest.popFirst() {
                value = next
            } else {
                throw Problem(message: "'-\(flag)' needs a value")
            }
            try set(flag, value)
            if !Self.otherwise.contains(flag) { forCommand += ["-\(flag)", value] }
            return
        }
    }

    private mutating func set(_ flag: Character, _ value: String) throws(Problem) {
        switch flag {
        case "o": try option(value)
        case "J": settings.set("proxyjump", to: value)
        case "i": settings.set("identityfile", to: value)
        case "l": settings.set("user", to: value)
        case "F": configFile = value
        case "c": settings.set("ciphers", to: value)
        case "m": settings.set("macs", to: value)
        case "p":
            guard let port = Int(value), (1...65535).contains(port) else {
                throw Problem(message: "'\(value)' is no port")
            }
            settings.set("port", to: value)
        default: break
        }
    }

    /// `Keyword=value` or `Keyword value`.
    private mutating func option(_ text: String) throws(Problem) {
        let name = text.prefix { $0 != "=" && !$0.isWhitespace }
        var value = text.dropFirst(name.count).drop(while: \.isWhitespace)
        if value.first == "=" { value = value.dropFirst().drop(while: \.isWhitespace) }
        guard !name.isEmpty, !value.isEmpty else { throw Problem(message: "'-o \(text)' gives no value") }
        // Whole values may be quoted; a command keeps its own quotes.
        var plain = String(value)
        if plain.count >= 2, plain.hasPrefix("\""), plain.hasSuffix("\""), !plain.dropFirst().dropLast().contains("\"")
        {
            plain = String(plain.dropFirst().dropLast())
        }
        settings.set(String(name), to: plain)
    }
}
