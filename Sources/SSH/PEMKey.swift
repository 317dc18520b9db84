import Crypto
import _CryptoExtras

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// Keys in PEM: PKCS#1 for RSA, SEC 1 for elliptic curves, PKCS#8 for any; the first two perhaps under a passphrase.
struct PEMKey {
    private let armor: Armor

    init(_ armor: Armor) { self.armor = armor }

    func keyFile() throws(KeyProblem) -> KeyFile {
        switch armor.label {
        case "RSA PRIVATE KEY", "EC PRIVATE KEY", "PRIVATE KEY": break
        case "ENCRYPTED PRIVATE KEY":
            throw .unsupported("an encrypted PKCS#8 key (ssh-keygen -p -f FILE writes OpenSSH's format)")
        case let label where label.hasSuffix("PRIVATE KEY"): throw .unsupported("\(label) in PEM")
        default: throw .notAKey
        }
        guard let info = armor.headers["DEK-Info"] else { return .open(try key(armor.bytes)) }
        let parts = info.split(separator: ",")
        let sizes = ["AES-128-CBC": 16, "AES-192-CBC": 24, "AES-256-CBC": 32]
        guard parts.count == 2, let size = sizes[String(parts[0])], let iv = hexadecimal(parts[1]), iv.count == 16
        else {
            throw .unsupported("the encryption \(info)")
        }
        let locked = self
        return .locked(
            LockedKey(publicKey: nil) { passphrase throws(KeyProblem) in
                // OpenSSL's old derivation: MD5 over what came before, the passphrase and half of the vector.
                var derived: [UInt8] = []
                var last: [UInt8] = []
                while derived.count < size {
                    last = Array(Insecure.MD5.hash(data: last + Array(passphrase.utf8) + iv.prefix(8)))
                    derived += last
                }
                let key = SymmetricKey(data: derived.prefix(size))
                guard let vector = try? AES._CBC.IV(ivBytes: iv),
                    let plain = try? AES._CBC.decrypt(locked.armor.bytes, using: key, iv: vector),
                    let opened = try? locked.key(Array(plain))
                else { throw .wrongPassphrase }
                return opened
            })
    }

    /// The label tells the family but not the curve, and PKCS#8 not even that: the parsers are asked in turn.
    private func key(_ der: [UInt8]) throws(KeyProblem) -> PrivateKey {
        if armor.label != "EC PRIVATE KEY", let key = try? _RSA.Signing.PrivateKey(derRepresentation: der) {
            return .rsa(key)
        }
        if let key = try? P256.Signing.PrivateKey(derRepresentation: der) { return .p256(key) }
        if let key = try? P384.Signing.PrivateKey(derRepresentation: der) { return .p384(key) }
        if let key = try? P521.Signing.PrivateKey(derRepresentation: der) { return .p521(key) }
        if let key = try? Curve25519.Signing.PrivateKey(derRepresentation: der) { return .ed25519(key) }
        throw .unsupported("what this \(armor.label) holds")
    }
}

private func hexadecimal(_ text: Substring) -> [UInt8]? {
    let digits = text.compactMap(\.hexDigitValue)
    guard digits.count == text.count, digits.count % 2 == 0 else { return nil }
    return stride(from: 0, to: digits.count, by: 2).map { UInt8(digits[$0] << 4 | digits[$0 + 1]) }
}
