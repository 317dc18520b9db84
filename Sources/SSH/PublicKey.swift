import Crypto

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// A public key as SSH sends it: a blob that begins with its type.
struct PublicKey: Sendable, Hashable {
    var type: String
    var blob: [UInt8]

    /// nil where the bytes do not begin with a type.
    init?(blob: [UInt8]) {
        var reader = WireReader(blob)
        guard let type = reader.text(), !type.isEmpty else { return nil }
        self.type = type
        self.blob = blob
    }

    /// A line such as `ssh-ed25519 AAAA… comment`.
    init?(line: String) {
        let words = line.split(whereSeparator: \.isWhitespace)
        guard words.count >= 2, let data = Data(base64Encoded: String(words[1])),
            let key = PublicKey(blob: Array(data)),
            key.type == words[0]
        else { return nil }
        self = key
    }

    /// As `ssh-keygen -l` shows it: SHA256 and the digest in base64 without padding.
    var fingerprint: String {
        let digest = Data(SHA256.hash(data: blob)).base64EncodedString()
        return "SHA256:" + String(digest.prefix { $0 != "=" })
    }

    /// For people: ED25519, ECDSA, RSA.
    var name: String { KeyType.name(type) }
}

/// What the names of key types mean.
enum KeyType {
    static func name(_ type: String) -> String {
        if type.hasPrefix("sk-") { return "security key" }
        if type.contains("ed25519") { return "ED25519" }
        if type.hasPrefix("ecdsa") { return "ECDSA" }
        if type.contains("rsa") { return "RSA" }
        return type
    }

    /// The host-key algorithms that prove possession of a key of the type: an RSA key signs under three names.
    static func algorithms(_ type: String) -> [String] {
        type == "ssh-rsa" ? ["rsa-sha2-512", "rsa-sha2-256", "ssh-rsa"] : [type]
    }

    static func isCertificate(_ type: String) -> Bool { type.hasSuffix("-cert-v01@openssh.com") }
}
