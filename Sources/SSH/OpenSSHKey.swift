import Crypto
import _CryptoExtras

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// OpenSSH's own private key format (PROTOCOL.key): one key, its public half always in the clear.
struct OpenSSHKey {
    private let cipher: String
    private let salt: [UInt8]
    private let rounds: Int
    private let publicKey: PublicKey
    private let secret: [UInt8]
    /// What an authenticated cipher adds behind the secret part.
    private let tag: [UInt8]

    init(_ bytes: [UInt8]) throws(KeyProblem) {
        var reader = WireReader(bytes)
        guard reader.take(15) == Array("openssh-key-v1\0".utf8), let cipher = reader.text(), let kdf = reader.text(),
            let options = reader.string(), reader.uint32() == 1, let blob = reader.string(),
            let publicKey = PublicKey(blob: blob), let secret = reader.string()
        else { throw .notAKey }
        var kdfOptions = WireReader(options)
        if kdf == "bcrypt" {
            guard let salt = kdfOptions.string(), let rounds = kdfOptions.uint32(), rounds > 0, rounds <= 100_000 else {
                throw .notAKey
            }
            self.salt = salt
            self.rounds = Int(rounds)
        } else if kdf == "none", cipher == "none" {
            salt = []
            rounds = 0
        } else {
            throw .unsupported("the key derivation \(kdf)")
        }
        self.cipher = cipher
        self.publicKey = publicKey
        self.secret = secret
        tag = reader.remaining
    }

    func keyFile() throws(KeyProblem) -> KeyFile {
        if cipher == "none" { return .open(try Self.key(in: secret)) }
        guard Self.sizes[cipher] != nil else { throw .unsupported("the cipher \(cipher) of an encrypted key") }
        let locked = self
        return .locked(
            LockedKey(publicKey: publicKey) { passphrase throws(KeyProblem) in
                try Self.key(in: locked.decrypted(with: passphrase))
            })
    }

    /// Lengths of key and initialisation vector.
    private static let sizes: [String: (key: Int, iv: Int)] = [
        "aes128-ctr": (16, 16), "aes192-ctr": (24, 16), "aes256-ctr": (32, 16), "aes128-cbc": (16, 16),
        "aes192-cbc": (24, 16), "aes256-cbc": (32, 16), "aes128-gcm@openssh.com": (16, 12),
        "aes256-gcm@openssh.com": (32, 12),
    ]

    private func decrypted(with passphrase: String) throws(KeyProblem) -> [UInt8] {
        guard let size = Self.sizes[cipher], !passphrase.isEmpty else { throw .wrongPassphrase }
        let derived = BcryptKDF.key(
            passphrase: Array(passphrase.utf8), salt: salt, rounds: rounds, length: size.key + size.iv)
        let key = SymmetricKey(data: derived.prefix(size.key))
        let iv = Array(derived.suffix(size.iv))
        do {
            if cipher.hasSuffix("-ctr") {
                return Array(try AES._CTR.decrypt(secret, using: key, nonce: AES._CTR.Nonce(nonceBytes: iv)))
            }
            if cipher.hasSuffix("-cbc") {
                return Array(try AES._CBC.decrypt(secret, using: key, iv: AES._CBC.IV(ivBytes: iv), noPadding: true))
            }
            let box = try AES.GCM.SealedBox(nonce: AES.GCM.Nonce(data: iv), ciphertext: secret, tag: tag)
            return Array(try AES.GCM.open(box, using: key))
        } catch {
            throw .wrongPassphrase
        }
    }

    /// The key in the secret part, in the clear. Two equal numbers in front tell a right passphrase from a wrong one.
    private static func key(in plain: [UInt8]) throws(KeyProblem) -> PrivateKey {
        var reader = WireReader(plain)
        guard let check = reader.uint32(), check == reader.uint32() else { throw .wrongPassphrase }
        guard let type = reader.text() else { throw .notAKey }
        do {
            switch type {
            case "ssh-ed25519":
                guard reader.string() != nil, let both = reader.string(), both.count == 64 else {
                    throw KeyProblem.notAKey
                }
                return .ed25519(try Curve25519.Signing.PrivateKey(rawRepresentation: both.prefix(32)))
            case "ecdsa-sha2-nistp256", "ecdsa-sha2-nistp384", "ecdsa-sha2-nistp521":
                guard reader.string() != nil, reader.string() != nil, let scalar = reader.integer() else {
                    throw KeyProblem.notAKey
                }
                func padded(_ count: Int) -> [UInt8] {
                    [UInt8](repeating: 0, count: max(0, count - scalar.count)) + scalar
                }
                if type.hasSuffix("256") { return .p256(try P256.Signing.PrivateKey(rawRepresentation: padded(32))) }
                if type.hasSuffix("384") { return .p384(try P384.Signing.PrivateKey(rawRepresentation: padded(48))) }
                return .p521(try P521.Signing.PrivateKey(rawRepresentation: padded(66)))
            case "ssh-rsa":
                guard let n = reader.integer(), let e = reader.integer(), let d = reader.integer(),
                    reader.integer() != nil, let p = reader.integer(), let q = reader.integer()
                else { throw KeyProblem.notAKey }
                return .rsa(try _RSA.Signing.PrivateKey(n: n, e: e, d: d, p: p, q: q))
            default: throw KeyProblem.unsupported("a key of type \(type)")
            }
        } catch let problem as KeyProblem {
            throw problem
        } catch {
            throw .notAKey
        }
    }
}
