import Crypto

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// The lines of known_hosts files (sshd(8), SSH_KNOWN_HOSTS FILE FORMAT). Lines that cannot be read let nobody in, and
/// are kept for what they name: a host with such a line is no host that nobody has met.
struct KnownHosts: Sendable {
    enum Marker: Sendable { case none, revoked, certificateAuthority }

    struct Line: Sendable, Hashable {
        var marker: Marker
        /// The first field: patterns with commas between them, or one hashed name.
        var names: String
        var key: PublicKey
        var file: String
        var number: Int

        var place: String { "\(file):\(number)" }
    }

    /// A line that names hosts, and cannot be read further: it may have been cut.
    struct Damaged: Sendable, Hashable {
        var names: String
        var file: String
        var number: Int

        var place: String { "\(file):\(number)" }
    }

    private(set) var lines: [Line] = []
    private(set) var damaged: [Damaged] = []
    /// Where the lines are that name a host in so many words.
    private var named: [String: [Int]] = [:]
    /// Where the lines are that have to be compared with a host: patterns and hashed names.
    private var others: [Int] = []

    init() {}

    init(_ text: String, file: String) { add(text, file: file) }

    mutating func add(_ others: KnownHosts) {
        for line in others.lines { add(line) }
        damaged += others.damaged
    }

    private mutating func add(_ line: Line) {
        if line.names.utf8.contains(where: { "|*?!".utf8.contains($0) }) {
            others.append(lines.count)
        } else {
            for name in Set(line.names.lowercased().split(separator: ",")) {
                named[String(name), default: []].append(lines.count)
            }
        }
        lines.append(line)
    }

    private mutating func add(_ text: String, file: String) {
        for (index, raw) in text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline).enumerated() {
            var words = raw.split(whereSeparator: \.isWhitespace)
            guard let first = words.first, !first.hasPrefix("#") else { continue }
            var marker: Marker? = Marker.none
            if first.hasPrefix("@") {
                switch first {
                case "@revoked": marker = .revoked
                case "@cert-authority": marker = .certificateAuthority
                default: marker = nil
                }
                words.removeFirst()
            }
            guard let names = words.first.map(String.init) else { continue }
            // SSH 1 had the bits, the exponent and the modulus of a key there.
            if words.count >= 4, words[1...3].allSatisfy({ $0.allSatisfy(\.isNumber) }) { continue }
            guard let marker, words.count >= 3, let key = PublicKey(line: "\(words[1]) \(words[2])") else {
                damaged.append(Damaged(names: names, file: file, number: index + 1))
                continue
            }
            add(Line(marker: marker, names: names, key: key, file: file, number: index + 1))
        }
    }

    /// The lines for a host. A port other than 22 is known as `[name]:port`.
    func lines(for name: String, port: Int) -> [Line] {
        let wanted = Self.name(name, port: port)
        let found = (named[wanted] ?? []) + others.filter { Self.matches(lines[$0].names, wanted) }
        return found.sorted().map { lines[$0] }
    }

    /// The first line for a host that cannot be read.
    func damage(for name: String, port: Int) -> Damaged? {
        let wanted = Self.name(name, port: port)
        return damaged.first { Self.matches($0.names, wanted) }
    }

    /// How a host stands in the file: lower case, with its port unless that is 22.
    static func name(_ name: String, port: Int) -> String {
        port == 22 ? name.lowercased() : "[\(name.lowercased())]:\(port)"
    }

    /// A line for a newly accepted key; the name hashed where the user has that so.
    static func newLine(_ name: String, port: Int, key: PublicKey, isHashed: Bool) -> String {
        var shown = Self.name(name, port: port)
        if isHashed {
            let salt = (0..<20).map { _ in UInt8.random(in: .min ... .max) }
            shown = "|1|\(Data(salt).base64EncodedString())|\(Data(digest(shown, salt)).base64EncodedString())"
        }
        return "\(shown) \(key.type) \(Data(key.blob).base64EncodedString())\n"
    }

    static func matches(_ names: String, _ wanted: String) -> Bool {
        if names.hasPrefix("|1|") {
            let parts = names.split(separator: "|", omittingEmptySubsequences: false)
            guard parts.count == 4, let salt = Data(base64Encoded: String(parts[2])),
                let hash = Data(base64Encoded: String(parts[3]))
            else { return false }
            return Array(hash) == digest(wanted, Array(salt))
        }
        var isMatched = false
        for pattern in names.lowercased().split(separator: ",") {
            if pattern.hasPrefix("!") {
                if Wildcard.matches(pattern.dropFirst(), wanted) { return false }
            } else if Wildcard.matches(pattern, wanted) {
                isMatched = true
            }
        }
        return isMatched
    }

    private static func digest(_ name: String, _ salt: [UInt8]) -> [UInt8] {
        Array(HMAC<Insecure.SHA1>.authenticationCode(for: Array(name.utf8), using: SymmetricKey(data: salt)))
    }
}

/// OpenSSH's patterns: `*` any characters, `?` one.
enum Wildcard {
    static func matches(_ pattern: some StringProtocol, _ text: some StringProtocol) -> Bool {
        let pattern = Array(pattern.utf8)
        let text = Array(text.utf8)
        var p = 0
        var t = 0
        // Where to go on when what follows the last star did not fit: one character later.
        var star: (pattern: Int, text: Int)?
        while t < text.count {
            if p < pattern.count, pattern[p] == UInt8(ascii: "*") {
                star = (p, t)
                p += 1
            } else if p < pattern.count, pattern[p] == UInt8(ascii: "?") || pattern[p] == text[t] {
                p += 1
                t += 1
            } else if let last = star {
                star = (last.pattern, last.text + 1)
                p = last.pattern + 1
                t = last.text + 1
            } else {
                return false
            }
        }
        return pattern[p...].allSatisfy { $0 == UInt8(ascii: "*") }
    }
}
