import OrderedCollections

/// What a task or a run knows that must not be shown, and how it is kept from whatever is shown: a subject, a detail, a
/// failure, what a program printed. Beside what it knows, it hides what anybody can tell to be a secret (`SecretText`).
public struct Secrecy: Sendable {
    /// Whether any of what a task makes is secret: its scripts and what they print are not shown then.
    public let isSensitive: Bool
    /// The longest first, so that no part of one is left when a shorter one is hidden.
    private(set) var texts: [String]

    /// Of one who knows no secret.
    public static let none = Secrecy(isSensitive: false)

    /// - Parameters:
    ///   - value: what is secret in it is hidden, as it is and as it is likely to be written down.
    ///   - leastLength: of what is hidden wherever it stands; what is shorter is hidden only as a whole text or word.
    public init(of value: Value = .null, isSensitive: Bool, leastLength: Int = 4) {
        self.isSensitive = isSensitive
        texts = []
        var found: Set<String> = []
        Self.collect(value, isSecret: false, into: &found)
        add(found, leastLength)
    }

    /// Of a run: what is secret among many values, whichever task uses it.
    public static func ofRun(_ values: some Sequence<Value>) -> Secrecy {
        var secrecy = Secrecy(isSensitive: false)
        secrecy.add(values)
        return secrecy
    }

    /// As `ofRun` has it. What is short would be found in every other word of what a whole run says.
    public mutating func add(_ values: some Sequence<Value>) {
        var found: Set<String> = []
        for value in values { Self.collect(value, isSecret: false, into: &found) }
        add(found, 6)
    }

    /// Hides what another hides, too.
    public mutating func add(_ other: Secrecy) { add(Set(other.texts), 1) }

    private mutating func add(_ found: Set<String>, _ leastLength: Int) {
        let all = found.filter { $0.count >= leastLength && !Self.common.contains($0.lowercased()) }
        texts = Set(texts).union(all).sorted { ($1.utf8.count, $0) < ($0.utf8.count, $1) }
    }

    /// What a secret may be by mistake, and what would be hidden everywhere.
    private static let common: Set<String> = [
        "true", "false", "null", "none", "changed", "unchanged", "failed", "skipped", "password", "secret", "token",
        "default", "kubani",
    ]

    private static func collect(_ value: Value, isSecret: Bool, into found: inout Set<String>) {
        let isSecret = isSecret || value.isSensitive
        switch value.content {
        case .string(let text):
            for password in SecretText.urlPasswords(text) { found.insert(password) }
            // A template is no secret; what it comes to is known to the task that uses it.
            if isSecret, !(text.contains("{{") && text.contains("}}")) { collect(text, into: &found) }
        case .int(let number) where isSecret: found.insert(String(number))
        case .list(let items): for item in items { collect(item, isSecret: isSecret, into: &found) }
        case .map(let entries):
            for (key, entry) in entries {
                if isSecret, value.isSensitive { collect(key, into: &found) }
                collect(entry, isSecret: isSecret, into: &found)
            }
        default: break
        }
    }

    /// The text as kinds write it: trimmed, as a clean path, in small letters; of many lines each for itself.
    private static func collect(_ text: String, into found: inout Set<String>) {
        let lines = text.split(whereSeparator: \.isNewline)
        if lines.count > 1 {
            // A line of a file says little by itself, unless it is long or gives something its value.
            for line in lines where line.utf8.count >= 16 { found.insert(trimmed(line)) }
            return
        }
        let plain = trimmed(text[...])
        if plain.isEmpty { return }
        found.formUnion([plain, plain.lowercased()])
        if plain.contains("/") {
            let parts = plain.split(separator: "/").filter { $0 != "." }
            found.insert((plain.hasPrefix("/") ? "/" : "") + parts.joined(separator: "/"))
            if parts.count > 1 { found.insert(parts.joined(separator: ".")) }
        }
        if plain.contains("'") { found.insert(plain.replacing("'", with: "'\\''")) }
    }

    private static func trimmed(_ text: Substring) -> String {
        let start = text.drop { $0.isWhitespace }
        return String(start.reversed().drop { $0.isWhitespace }.reversed())
    }
}
