/// Secrets within a text that nobody has marked: what a machine has in its files, what a program prints, what was typed.
/// They are told by the names that stand before them (`K3S_TOKEN=x`, `--agent-token x`, `password: x`), by their looks
/// (private keys, hashes of passwords, tokens that say what they are), and by their place in a URL.
public enum SecretText {
    public static let hidden = "(sensitive)"

    /// The text with each of its secrets hidden.
    ///
    /// - Parameter mask: what stands for one.
    public static func masked(_ text: String, with mask: (String) -> String = { _ in hidden }) -> String {
        guard mayHold(text) else { return text }
        let bytes = Array(text.utf8)
        var scanner = SecretScanner(bytes, names: .usual, isLiteral: true)
        let found = scanner.all()
        if found.isEmpty { return text }
        var out: [UInt8] = []
        var next = 0
        for range in found {
            out += bytes[next..<range.lowerBound] + Array(mask(String(decoding: bytes[range], as: UTF8.self)).utf8)
            next = range.upperBound
        }
        return String(decoding: out + bytes[next...], as: UTF8.self)
    }

    /// Whether there is a secret in it, beside a URL's.
    public static func holds(_ text: String) -> Bool {
        guard mayHold(text) else { return false }
        var scanner = SecretScanner(Array(text.utf8), names: .usual, isLiteral: true)
        return !scanner.all(urls: false).isEmpty
    }

    /// Whether what somebody wrote gives a secret to something, be it by a template: `--token {{ mine }}`.
    static func gives(_ text: String, by names: SecretNames) -> Bool {
        guard mayHold(text) else { return false }
        var scanner = SecretScanner(Array(text.utf8), names: names, isLiteral: false)
        return !scanner.all(urls: false).isEmpty
    }

    /// Whether a word asks for a secret in the next: `--token`.
    static func isFlag(_ word: String, by names: SecretNames) -> Bool {
        word.hasPrefix("--") && !word.contains { $0 == "=" || $0.isWhitespace }
            && names.isSecret(String(word.drop { $0 == "-" }))
    }

    /// The passwords of the URLs in it.
    public static func urlPasswords(_ text: String) -> [String] {
        guard text.utf8.contains(UInt8(ascii: "@")) else { return [] }
        let bytes = Array(text.utf8)
        var scanner = SecretScanner(bytes, names: .usual, isLiteral: false)
        return scanner.urls().map { String(decoding: bytes[$0], as: UTF8.self) }
    }

    /// Cheap, and never wrong about a no.
    private static func mayHold(_ text: String) -> Bool {
        var before: UInt8 = 0
        for byte in text.utf8 {
            if byte == UInt8(ascii: "=") || byte == UInt8(ascii: ":") || byte == UInt8(ascii: "$") { return true }
            if byte == UInt8(ascii: "-"), before == byte { return true }
            if byte == UInt8(ascii: "_") || byte == UInt8(ascii: "-"), tokenBegins(before) { return true }
            before = byte
        }
        return false
    }

    /// The last letter before the first `_` or `-` of a token that says what it is: ghp_, glpat-, tskey-.
    private static func tokenBegins(_ letter: UInt8) -> Bool {
        "psourtby".utf8.contains(letter)
    }
}
