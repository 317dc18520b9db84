/// Finds the secrets in a text, byte by byte; `SecretText` says what is asked of it.
struct SecretScanner {
    private let bytes: [UInt8]
    private let names: SecretNames
    /// Whether only a value that stands there counts, and none that is looked up: `$TOKEN`, `{{ token }}`.
    private let isLiteral: Bool
    private var found: [Range<Int>] = []

    init(_ bytes: [UInt8], names: SecretNames, isLiteral: Bool) {
        self.bytes = bytes
        self.names = names
        self.isLiteral = isLiteral
    }

    /// In order, none within another.
    mutating func all(urls: Bool = true) -> [Range<Int>] {
        keysAndLooks()
        if urls { self.urls() }
        found.sort { $0.lowerBound < $1.lowerBound }
        var joined: [Range<Int>] = []
        for range in found {
            if let last = joined.last, range.lowerBound < last.upperBound {
                joined[joined.count - 1] = last.lowerBound..<max(last.upperBound, range.upperBound)
            } else {
                joined.append(range)
            }
        }
        return joined
    }

    private mutating func keysAndLooks() {
        var i = 0
        while i < bytes.count {
            guard Self.isWord(bytes[i]) else {
                if bytes[i] == UInt8(ascii: "$"), let end = hash(at: i) {
                    found.append(i..<end)
                    i = end
                } else {
                    i += 1
                }
                continue
            }
            let start = i
            while i < bytes.count, Self.isWord(bytes[i]) { i += 1 }
            if let range = privateKey(start..<i) ?? token(start..<i) ?? value(of: start..<i) {
                found.append(range)
                i = max(i, range.upperBound)
            }
        }
    }
}

// MARK: What a name gives

extension SecretScanner {
    /// The value that a word gives, where the word is the name of a secret.
    private func value(of word: Range<Int>) -> Range<Int>? {
        var key = word
        while let first = key.first, bytes[first] == UInt8(ascii: "-") { key = key.dropFirst() }
        guard !key.isEmpty else { return nil }
        var i = word.upperBound
        // `"token": "x"`, `'--token' 'x'`.
        if let quote = byte(i), Self.isQuote(quote) { i += 1 }
        let afterQuote = i
        while Self.isBlank(byte(i)) { i += 1 }
        if byte(i) == UInt8(ascii: "="), byte(i + 1) != UInt8(ascii: "="), byte(i + 1) != UInt8(ascii: "~") {
            return isSecret(key) ? assigned(from: i + 1, key: key, sign: UInt8(ascii: "=")) : nil
        }
        if byte(i) == UInt8(ascii: ":"), isEndOfKey(i + 1) {
            return isSecret(key) ? assigned(from: i + 1, key: key, sign: UInt8(ascii: ":")) : nil
        }
        let isFlag = key.lowerBound == word.lowerBound + 2
        return isFlag && isSecret(key) ? argument(from: afterQuote) : nil
    }

    private func isSecret(_ key: Range<Int>) -> Bool {
        // No name of anything is longer, and a text without blanks need not be looked at for long.
        guard key.count <= 100 else { return false }
        let name = String(decoding: bytes[key], as: UTF8.self)
        if names.isSecret(name) { return true }
        guard key.lowerBound > 0 else { return false }
        let before = bytes[key.lowerBound - 1]
        return (before == UInt8(ascii: "?") || before == UInt8(ascii: "&"))
            && Self.queryNames.contains { name.lowercased().hasSuffix($0) }
    }

    /// What gives a URL its force, beside what is secret by its name anywhere.
    private static let queryNames = ["sig", "signature", "key", "auth", "jwt", "code", "sas"]

    /// `a: b`, `"a":"b"`, and not `a:b` as in an image's name or a URL.
    private func isEndOfKey(_ i: Int) -> Bool {
        guard let next = byte(i) else { return true }
        return Self.isBlank(next) || next == UInt8(ascii: "\n") || next == UInt8(ascii: "\r") || Self.isQuote(next)
    }

    private func assigned(from start: Int, key: Range<Int>, sign: UInt8) -> Range<Int>? {
        var i = start
        while Self.isBlank(byte(i)) { i += 1 }
        guard let first = byte(i), first != UInt8(ascii: "\n"), first != UInt8(ascii: "\r") else {
            return sign == UInt8(ascii: ":") ? below(key, from: i, isBlock: false) : nil
        }
        if Self.isQuote(first) { return counted(quoted(i)) }
        if sign == UInt8(ascii: ":"), first == UInt8(ascii: "|") || first == UInt8(ascii: ">"),
            let block = below(key, from: lineEnd(i), isBlock: true)
        {
            return block
        }
        // What follows in a map of its own has names of its own.
        if first == UInt8(ascii: "{"), byte(i + 1) != UInt8(ascii: "{") { return nil }
        let wholeLine = sign == UInt8(ascii: ":") || isFirstOfLine(key) && !isInCommand(key)
        var end = i
        if wholeLine {
            end = lineEnd(i)
        } else {
            while let next = byte(end), !Self.isSpace(next), !Self.isQuote(next), next != UInt8(ascii: "&") {
                // A template's blanks are its own.
                if next == UInt8(ascii: "{"), byte(end + 1) == next, let close = templateEnd(end) { end = close }
                end += 1
            }
            end = min(end, bytes.count)
        }
        while end > i, Self.isSpace(bytes[end - 1]) { end -= 1 }
        return counted(i..<end)
    }

    /// The word after a flag, on the next line, too, where a backslash, a comma or a list leads there.
    private func argument(from start: Int) -> Range<Int>? {
        var i = start
        var leads = false
        while let next = byte(i) {
            if next == UInt8(ascii: "\\") || next == UInt8(ascii: ",") {
                leads = true
            } else if next == UInt8(ascii: "\n") {
                let item = bytes[(i + 1)...].first { !Self.isBlank($0) }
                guard leads || item == UInt8(ascii: "-") else { return nil }
            } else if next == UInt8(ascii: "-"), Self.isBlank(byte(i + 1)) {
                i += 1
            } else if !Self.isSpace(next) {
                break
            }
            i += 1
        }
        guard i > start, let first = byte(i) else { return nil }
        if first == UInt8(ascii: "-"), byte(i + 1) == first { return nil }
        if Self.isQuote(first) {
            let range = quoted(i)
            return bytes[range].starts(with: Array("--".utf8)) ? nil : counted(range)
        }
        var end = i
        while let next = byte(end), !Self.isSpace(next), !Self.isQuote(next) {
            if next == UInt8(ascii: "{"), byte(end + 1) == next, let close = templateEnd(end) { end = close }
            end += 1
        }
        return counted(i..<min(end, bytes.count))
    }

    /// A block of text, or a list of plain values, below its key.
    private func below(_ key: Range<Int>, from end: Int, isBlock: Bool) -> Range<Int>? {
        let depth = indentation(ofLineAt: key.lowerBound)
        var line = lineEnd(end) + 1
        var range: Range<Int>?
        while line < bytes.count {
            let stop = lineEnd(line)
            var first = line
            while first < stop, Self.isBlank(bytes[first]) { first += 1 }
            if first < stop, bytes[first] != UInt8(ascii: "\r") {
                let isItem = bytes[first] == UInt8(ascii: "-") && Self.isBlank(byte(first + 1))
                guard first - line > depth || isItem && !isBlock && first - line == depth else { break }
                if !isBlock, !isItem || hasKey(first + 2..<stop) { break }
                range = (range?.lowerBound ?? first)..<stop
            }
            line = stop + 1
        }
        return range
    }

    private func hasKey(_ line: Range<Int>) -> Bool {
        line.contains { bytes[$0] == UInt8(ascii: ":") && isEndOfKey($0 + 1) && $0 > line.lowerBound }
    }

    /// nil for what is no secret: nothing, a word such as `true`, a value that is looked up elsewhere.
    private func counted(_ range: Range<Int>) -> Range<Int>? {
        var text = String(decoding: bytes[range], as: UTF8.self)
        while let last = text.last, last == "," || last == ";" { text.removeLast() }
        if text.isEmpty || text.hasPrefix(SecretText.hidden) || text.allSatisfy({ $0 == "*" }) { return nil }
        if ["true", "false", "yes", "no", "on", "off", "null", "none", "~", "[]", "{}", "\"\"", "''"].contains(
            text.lowercased())
        {
            return nil
        }
        return isLiteral && Self.isReference(text) ? nil : range
    }

    private static func isReference(_ text: String) -> Bool {
        if text.hasPrefix("{{"), text.hasSuffix("}}") { return true }
        if text.hasPrefix("$(") || text.hasPrefix("`") { return true }
        guard text.hasPrefix("$") else { return false }
        var name = text.dropFirst()
        if name.first == "{" {
            guard name.last == "}" else { return false }
            name = name.dropFirst().prefix { $0 != ":" && $0 != "}" && $0 != "-" }
        }
        return !name.isEmpty && name.allSatisfy { $0.isASCII && ($0.isUppercase || $0.isNumber || $0 == "_") }
    }
}

// MARK: What looks like a secret

extension SecretScanner {
    private func privateKey(_ word: Range<Int>) -> Range<Int>? {
        let begin = Array("-----BEGIN".utf8)
        guard bytes[word].starts(with: begin) else { return nil }
        let head = bytes[word.lowerBound..<lineEnd(word.lowerBound)]
        guard head.firstRange(of: Array("PRIVATE KEY".utf8)) != nil else { return nil }
        guard let end = bytes[word.upperBound...].firstRange(of: Array("-----END".utf8)) else {
            return word.lowerBound..<bytes.count
        }
        // A key within JSON stands on one line.
        let rest = bytes[end.upperBound...].firstRange(of: Array("-----".utf8))
        return word.lowerBound..<(rest?.upperBound ?? bytes.count)
    }

    private static let tokens: [[UInt8]] = [
        "K10", "tskey-", "ghp_", "gho_", "ghs_", "ghu_", "github_pat_", "glpat-", "xoxb-", "xoxp-",
    ].map { Array($0.utf8) }

    /// A token that says what it is by its beginning. K3s's is a hash with `::` and the word behind it.
    private func token(_ word: Range<Int>) -> Range<Int>? {
        guard let prefix = Self.tokens.first(where: { bytes[word].starts(with: $0) }) else { return nil }
        if prefix.count == 3 {
            guard byte(word.upperBound) == UInt8(ascii: ":"), byte(word.upperBound + 1) == UInt8(ascii: ":") else {
                return nil
            }
            var end = word.upperBound
            while let next = byte(end), !Self.isSpace(next), !Self.isQuote(next) { end += 1 }
            return word.lowerBound..<end
        }
        return word.count >= prefix.count + 12 ? word : nil
    }

    /// `$6$salt$…`, as crypt has it. Returns its end.
    private func hash(at start: Int) -> Int? {
        var end = start
        var parts = 0
        while let next = byte(end), Self.isHash(next) {
            if next == UInt8(ascii: "$") { parts += 1 }
            end += 1
        }
        guard parts >= 3, end - start >= 20, let second = bytes[(start + 1)..<end].firstIndex(of: UInt8(ascii: "$"))
        else { return nil }
        let method = String(decoding: bytes[(start + 1)..<second], as: UTF8.self)
        return ["1", "2a", "2b", "2y", "5", "6", "7", "y", "gy", "argon2i", "argon2id", "pbkdf2-sha512", "apr1"]
            .contains(method) ? end : nil
    }

    /// The passwords in URLs, and user names that are none but tokens.
    @discardableResult mutating func urls() -> [Range<Int>] {
        var passwords: [Range<Int>] = []
        var from = 0
        while let sign = bytes[from...].firstRange(of: Array("://".utf8)) {
            from = sign.upperBound
            var end = from
            while let next = byte(end), !Self.isSpace(next), !Self.isQuote(next), next != UInt8(ascii: "<"),
                next != UInt8(ascii: ">")
            {
                end += 1
            }
            let word = bytes[from..<end]
            let authority = word.prefix { !"/?#".utf8.contains($0) }
            var at = authority.lastIndex(of: UInt8(ascii: "@"))
            if at == nil, let colon = authority.firstIndex(of: UInt8(ascii: ":")),
                !authority[(colon + 1)...].allSatisfy({ (48...57).contains($0) }),
                !authority.contains(UInt8(ascii: "["))
            {
                at = word.lastIndex(of: UInt8(ascii: "@"))
            }
            guard let at else { continue }
            let colon = bytes[from..<at].firstIndex(of: UInt8(ascii: ":"))
            if let colon, colon + 1 < at { passwords.append(colon + 1..<at) }
            let user = from..<(colon ?? at)
            if user.count >= 20 { passwords.append(user) }
        }
        let shown = passwords.filter { counted($0) != nil }
        found += shown
        return shown
    }
}

// MARK: Bytes

extension SecretScanner {
    private func byte(_ i: Int) -> UInt8? { i < bytes.count ? bytes[i] : nil }

    private func lineEnd(_ i: Int) -> Int {
        bytes[min(i, bytes.count)...].firstIndex(of: UInt8(ascii: "\n")) ?? bytes.count
    }

    private func lineStart(_ i: Int) -> Int {
        bytes[..<i].lastIndex(of: UInt8(ascii: "\n")).map { $0 + 1 } ?? 0
    }

    private func indentation(ofLineAt i: Int) -> Int {
        bytes[lineStart(i)...].prefix { Self.isBlank($0) }.count
    }

    /// Whether nothing but signs that begin a line or a comment, and `export`, stand before it.
    private func isFirstOfLine(_ key: Range<Int>) -> Bool {
        let before = bytes[lineStart(key.lowerBound)..<key.lowerBound]
        let words = String(decoding: before, as: UTF8.self).split { $0 == " " || $0 == "\t" || $0 == "\"" || $0 == "'" }
        return words.allSatisfy { ["#", "//", ";", "+", "-", "export", "Environment="].contains($0) }
    }

    /// Whether it is a flag, or an assignment before a command on the same line: `TOKEN=x k3s server`, or one of several.
    private func isInCommand(_ key: Range<Int>) -> Bool {
        key.lowerBound > 0 && bytes[key.lowerBound - 1] == UInt8(ascii: "-")
    }

    /// What stands between the quote at `i` and the next that closes it.
    private func quoted(_ i: Int) -> Range<Int> {
        let quote = bytes[i]
        var end = i + 1
        while let next = byte(end) {
            if next == quote {
                // `'it''s'` in YAML, `'it'\''s'` in a shell.
                let more = [[quote], [UInt8(ascii: "\\"), quote, quote]].first { bytes[(end + 1)...].starts(with: $0) }
                guard quote == UInt8(ascii: "'"), let more else { break }
                end += more.count
            } else if next == UInt8(ascii: "\\"), quote == UInt8(ascii: "\"") {
                end += 1
            }
            end += 1
        }
        return (i + 1)..<min(end, bytes.count)
    }

    private func templateEnd(_ i: Int) -> Int? {
        bytes[i...].firstRange(of: Array("}}".utf8)).map { $0.lowerBound + 1 }
    }

    private static func isWord(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), UInt8(ascii: "-"), UInt8(ascii: "."):
            true
        default: byte >= 0x80
        }
    }

    private static func isHash(_ byte: UInt8) -> Bool {
        isWord(byte) && byte < 0x80 || "$/=,+".utf8.contains(byte)
    }

    private static func isBlank(_ byte: UInt8?) -> Bool { byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\t") }
    private static func isSpace(_ byte: UInt8) -> Bool { isBlank(byte) || byte == 10 || byte == 13 }
    private static func isQuote(_ byte: UInt8) -> Bool {
        byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "'") || byte == UInt8(ascii: "`")
    }
}
