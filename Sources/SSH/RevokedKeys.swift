import Crypto

/// A RevokedHostKeys file: public keys, a line each, or a key revocation list as `ssh-keygen -k` makes it.
struct RevokedKeys: Sendable {
    private var blobs: Set<[UInt8]> = []
    private var sha1: Set<[UInt8]> = []
    private var sha256: Set<[UInt8]> = []

    /// What such a file says that we do not understand: then nobody can be told from who is on it.
    struct Problem: Error, Hashable { var message: String }

    init(_ bytes: [UInt8]) throws(Problem) {
        if bytes.starts(with: Self.magic) { try readList(bytes) } else { try readLines(bytes) }
    }

    func contains(_ key: PublicKey) -> Bool {
        blobs.contains(key.blob) || sha1.contains(Array(Insecure.SHA1.hash(data: key.blob)))
            || sha256.contains(Array(SHA256.hash(data: key.blob)))
    }

    private mutating func readLines(_ bytes: [UInt8]) throws(Problem) {
        let text = String(decoding: bytes, as: UTF8.self)
        for (index, line) in text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline).enumerated() {
            let words = line.split(whereSeparator: \.isWhitespace)
            guard let first = words.first, !first.hasPrefix("#") else { continue }
            // Options may stand before the key, as in authorized_keys.
            guard let key = words.indices.lazy.compactMap({ PublicKey(words[$0...]) }).first else {
                throw Problem(message: "line \(index + 1) is no public key")
            }
            blobs.insert(key.blob)
        }
    }

    // MARK: - Key revocation lists (OpenSSH's PROTOCOL.krl)

    private static let magic: [UInt8] = Array("SSHKRL\n\0".utf8)

    private enum Section {
        static let certificates: UInt8 = 1
        static let keys: UInt8 = 2
        static let sha1: UInt8 = 3
        static let signature: UInt8 = 4
        static let sha256: UInt8 = 5
    }

    private mutating func readList(_ bytes: [UInt8]) throws(Problem) {
        let damaged = Problem(message: "this key revocation list is damaged")
        var reader = WireReader(Array(bytes.dropFirst(Self.magic.count)))
        // Its format, then version, date and flags in eight bytes each, two texts.
        guard let format = reader.uint32(), reader.take(24) != nil, reader.string() != nil, reader.string() != nil
        else { throw damaged }
        guard format == 1 else { throw Problem(message: "key revocation lists of format \(format) are not known here") }
        while !reader.remaining.isEmpty {
            guard let section = reader.byte(), let content = reader.string() else { throw damaged }
            switch section {
            // No certificate is ever taken for a host key here.
            case Section.certificates: continue
            case Section.keys: try Self.read(content, into: &blobs)
            case Section.sha1: try Self.read(content, into: &sha1)
            case Section.sha256: try Self.read(content, into: &sha256)
            // The key that signs; what it signed follows.
            case Section.signature: guard reader.string() != nil else { throw damaged }
            default: throw Problem(message: "this key revocation list has a part (\(section)) that is not known here")
            }
        }
    }

    private static func read(_ content: [UInt8], into set: inout Set<[UInt8]>) throws(Problem) {
        var reader = WireReader(content)
        while !reader.remaining.isEmpty {
            guard let one = reader.string() else { throw Problem(message: "this key revocation list is damaged") }
            set.insert(one)
        }
    }
}

extension PublicKey {
    fileprivate init?(_ words: ArraySlice<Substring>) {
        guard words.count >= 2 else { return nil }
        self.init(line: words.prefix(2).joined(separator: " "))
    }
}
