import Model

/// A line of an authorized_keys file that lets a key in: `OPTIONS TYPE KEY COMMENT`.
struct PublicKey: Sendable, Hashable {
    /// As they are written, without the blank after them; empty for none.
    var options: String
    var type: String
    /// Base64; with the type it is what makes the key.
    var key: String
    var comment: String

    var line: String {
        [options, type, key, comment].filter { !$0.isEmpty }.joined(separator: " ")
    }

    func isSame(as other: PublicKey) -> Bool { type == other.type && key == other.key }

    /// nil for an empty line, a comment, and what is no key.
    init?(_ text: String) {
        var rest = Substring(text.trimmingBlanks)
        if rest.isEmpty || rest.hasPrefix("#") { return nil }
        options = ""
        if !Self.types.contains(String(rest.prefix { !$0.isBlank })) {
            options = String(Self.options(of: rest))
            rest = rest.dropFirst(options.count).drop { $0.isBlank }
        }
        type = String(rest.prefix { !$0.isBlank })
        rest = rest.dropFirst(type.count).drop { $0.isBlank }
        key = String(rest.prefix { !$0.isBlank })
        comment = String(rest.dropFirst(key.count).drop { $0.isBlank })
        guard Self.types.contains(type), Self.isKey(key, of: type) else { return nil }
    }

    static let types: Set<String> = Set(
        ["ssh-ed25519", "ssh-rsa", "sk-ssh-ed25519@openssh.com", "sk-ecdsa-sha2-nistp256@openssh.com"]
            + ["256", "384", "521"].map { "ecdsa-sha2-nistp\($0)" })

    /// The options at the start of a line, up to a blank that is not between quotes.
    private static func options(of text: Substring) -> Substring {
        var isQuoted = false
        var wasBackslash = false
        return text.prefix { letter in
            if letter == "\"", !wasBackslash { isQuoted.toggle() }
            wasBackslash = letter == "\\"
            return isQuoted || !letter.isBlank
        }
    }

    /// Whether these are one or more options, and nothing else, as they may stand before a key.
    static func areOptions(_ text: String) -> Bool {
        let quotes = text.replacing("\\\"", with: "").count { $0 == "\"" }
        return !text.isEmpty && options(of: text[...]).count == text.count && quotes % 2 == 0
            && text.unicodeScalars.allSatisfy { $0.value >= 0x20 && $0.value != 0x7f } && !text.hasPrefix("#")
            && !types.contains(text)
    }

    /// A key begins with its type, whose length comes first.
    private static func isKey(_ text: String, of type: String) -> Bool {
        guard let bytes = Base64.decode(Array(text.utf8)[...]) else { return false }
        let head = [0, 0, 0, UInt8(type.utf8.count)] + Array(type.utf8)
        return bytes.starts(with: head) && bytes.count > head.count + 16
    }
}

/// What an `authorized_key` task makes of the file's content.
struct KeysEdit: Sendable, Hashable {
    var keys: [PublicKey]
    /// nil keeps those of a key that is there.
    var options: String?
    var isPresent: Bool
    var isExclusive: Bool

    func applied(to content: [UInt8]) -> [UInt8] {
        var lines = TextLine.split(content)
        func key(_ line: TextLine) -> PublicKey? { PublicKey(String(decoding: line.body, as: UTF8.self)) }
        if !isPresent || isExclusive {
            lines.removeAll { line in
                guard let there = key(line) else { return false }
                return keys.contains { $0.isSame(as: there) } != isPresent
            }
        }
        guard isPresent else { return lines.flatMap { $0.body + $0.end } }
        for wanted in keys {
            if let index = lines.firstIndex(where: { key($0)?.isSame(as: wanted) == true }) {
                guard var there = key(lines[index]) else { continue }
                there.options = options ?? (wanted.options.isEmpty && !isExclusive ? there.options : wanted.options)
                if there != key(lines[index]) { lines[index].body = Array(there.line.utf8) }
            } else {
                var new = wanted
                new.options = options ?? wanted.options
                TextLine.insert([Array(new.line.utf8)], at: lines.count, of: &lines)
            }
        }
        return lines.flatMap { $0.body + $0.end }
    }
}

extension Character {
    fileprivate var isBlank: Bool { self == " " || self == "\t" }
}

extension String {
    fileprivate var trimmingBlanks: Substring {
        var text = drop { $0.isBlank || $0.isNewline }
        while text.last.map({ $0.isBlank || $0.isNewline }) == true { text.removeLast() }
        return text
    }
}
