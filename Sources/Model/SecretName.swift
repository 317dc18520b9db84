import OrderedCollections

/// What a name says of the value that it is given: a variable's, a key's, a flag's.
public struct SecretNames: Sendable, Hashable {
    /// What names say by themselves, whoever's they are.
    public static let usual = SecretNames()

    /// Further names, as a person gave them: whole names without regard to case, `*` for any run of characters and `?`
    /// for one.
    public let patterns: [String]

    public init(_ patterns: [String] = []) { self.patterns = patterns.map { $0.lowercased() } }

    public func isSecret(_ name: String) -> Bool { SecretName.isSecret(name) || matches(name) }

    /// Whether one of the further patterns is about this name.
    public func matches(_ name: String) -> Bool {
        if patterns.isEmpty { return false }
        let name = Array(name.lowercased().unicodeScalars)
        return patterns.contains { Self.matches(Array($0.unicodeScalars)[...], name[...]) }
    }

    /// Linear but for what one star may have to give back.
    private static func matches(_ pattern: ArraySlice<UnicodeScalar>, _ name: ArraySlice<UnicodeScalar>) -> Bool {
        var (p, n) = (pattern.startIndex, name.startIndex)
        var star: (pattern: Int, name: Int)?
        while n < name.endIndex {
            if p < pattern.endIndex, pattern[p] == "*" {
                star = (p + 1, n)
                p += 1
            } else if p < pattern.endIndex, pattern[p] == "?" || pattern[p] == name[n] {
                (p, n) = (p + 1, n + 1)
            } else if let back = star {
                star = (back.pattern, back.name + 1)
                (p, n) = (back.pattern, back.name + 1)
            } else {
                return false
            }
        }
        return pattern[p...].allSatisfy { $0 == "*" }
    }
}

/// What a name says of its value.
public enum SecretName {
    /// At the end of a name, whatever stands before them: `dbpassword`.
    private static let endings = [
        "password", "passwords", "passwd", "passphrase", "passphrases", "apikey", "authkey", "privatekey", "secretkey",
    ]
    /// As the last word of a name.
    private static let words: Set<String> = [
        "pass", "pw", "pwd", "passcode", "psk", "secret", "secrets", "token", "tokens", "credential", "credentials",
        "authorization",
    ]
    /// As the last words of a name.
    private static let phrases: Set<String> = [
        "api key", "api keys", "auth key", "private key", "private keys", "secret key", "secret keys", "access key",
        "access keys", "encryption key", "signing key", "master key", "account key", "shared key", "session key",
        "join key", "license key", "vpn auth", "basic auth", "key data", "connection string",
    ]
    /// A whole name by itself.
    private static let names: Set<String> = ["auth"]

    /// Whether a variable of this name holds a secret, whoever's it is: passwords, tokens, keys. `REGISTRY_PASSWORD`,
    /// `registry-password` and `registryPassword` are as good as `registry_password`. One that is misspelt holds a
    /// secret all the same.
    public static func isSecret(_ name: String) -> Bool {
        if isExcepted(name) { return false }
        let words = Self.split(name)
        guard let last = words.last else { return false }
        if endings.contains(where: last.hasSuffix) || self.words.contains(last) { return true }
        if words.count == 1, names.contains(last) { return true }
        if words.count > 1, phrases.contains(words.suffix(2).joined(separator: " ")) { return true }
        // aws_secret_access_key_base64, secret_value, token_b64: said of what follows, too.
        if words.count > 1, ["value", "values", "base64", "b64", "hash", "text", "plain", "string"].contains(last),
            self.words.contains(words[words.count - 2]) || endings.contains(where: words[words.count - 2].hasSuffix)
        {
            return true
        }
        return isMisspelt(last, distance: 2, among: ["password", "passwords", "passphrase", "credentials"])
    }

    /// Whether it might be such a name, written with a mistake: enough to keep a line out of a message.
    public static func mayBeSecret(_ name: String) -> Bool {
        isSecret(name)
            || split(name).contains { word in
                words.contains(word) || endings.contains { word.hasSuffix($0) }
                    || isMisspelt(word, distance: 2, among: ["password", "passphrase", "credentials"])
                    || isMisspelt(word, distance: 1, among: ["passwd", "secret", "token"])
            }
    }

    /// Names of names, and kubani's own list of them.
    private static func isExcepted(_ name: String) -> Bool {
        let lower = name.lowercased()
        return lower == "kubani_secrets" || lower == "imagepullsecrets" || lower.hasPrefix("ask-")
            || lower.hasPrefix("ask_")
    }

    /// `awsSecretKey`, `aws-secret-key` and `AWS_SECRET_KEY` are three words, all alike.
    private static func split(_ name: String) -> [String] {
        var words: [String] = []
        var word = ""
        var wasLower = false
        for scalar in name.unicodeScalars {
            guard scalar.properties.isAlphabetic || ("0"..."9").contains(scalar) else {
                if !word.isEmpty { words.append(word.lowercased()) }
                (word, wasLower) = ("", false)
                continue
            }
            if scalar.properties.isUppercase, wasLower {
                words.append(word.lowercased())
                word = ""
            }
            wasLower = !scalar.properties.isUppercase
            word.unicodeScalars.append(scalar)
        }
        if !word.isEmpty { words.append(word.lowercased()) }
        // `password2` is one as good as `password`.
        return words.map { word in
            let bare = String(word.reversed().drop { $0.isNumber }.reversed())
            return bare.isEmpty ? word : bare
        }
    }

    private static func isMisspelt(_ word: String, distance: Int, among all: [String]) -> Bool {
        all.contains { right in
            abs(right.count - word.count) <= distance && editDistance(word, right, atMost: distance) <= distance
        }
    }

    /// Insertions, deletions, replacements and swaps of neighbours.
    private static func editDistance(_ a: String, _ b: String, atMost limit: Int) -> Int {
        let (a, b) = (Array(a.unicodeScalars), Array(b.unicodeScalars))
        if a.isEmpty || b.isEmpty { return max(a.count, b.count) }
        var before: [Int] = []
        var last = Array(0...b.count)
        for i in 1...a.count {
            var row = [i] + Array(repeating: 0, count: b.count)
            for j in 1...b.count {
                row[j] = min(last[j] + 1, row[j - 1] + 1, last[j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1))
                if i > 1, j > 1, a[i - 1] == b[j - 2], a[i - 2] == b[j - 1] { row[j] = min(row[j], before[j - 2] + 1) }
            }
            if row.min() ?? 0 > limit { return limit + 1 }
            (before, last) = (last, row)
        }
        return last[b.count]
    }
}

extension Value {
    /// The value of a variable, marked secret where the variable's name says so, or, for the parts of a map at any depth,
    /// their keys: `registry: {user: u, password: x}` has a secret part. A text or a list of words that gives something a
    /// secret, such as `--token x`, is one itself.
    public func named(_ name: String, by names: SecretNames = .usual) -> Value {
        var value = self
        switch content {
        case .map(let entries):
            var marked = entries
            for (key, entry) in entries { marked[key] = entry.named(key, by: names) }
            value.content = .map(marked)
        // An item has no name of its own; the list's has marked the list already.
        case .list(let items):
            var isNext = false
            value.content = .list(
                items.map { item in
                    let isSecret = isNext
                    isNext = item.string.map { SecretText.isFlag($0, by: names) } ?? false
                    let isFlag = item.string?.hasPrefix("--") ?? false
                    return item.named("", by: names).sensitive(isSecret && !isFlag)
                })
        case .string(let text):
            return sensitive(names.isSecret(name) || SecretText.gives(text, by: names))
        // Whether there is a password is no secret.
        case .bool, .null: return self
        default: break
        }
        return value.sensitive(names.isSecret(name))
    }
}
