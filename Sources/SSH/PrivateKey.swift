import Crypto
import _CryptoExtras

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// A private key that can sign for SSH. libssh2 1.10 cannot sign with RSA as servers want it today, so all signing is
/// ours.
enum PrivateKey: Sendable {
    case ed25519(Curve25519.Signing.PrivateKey)
    case p256(P256.Signing.PrivateKey)
    case p384(P384.Signing.PrivateKey)
    case p521(P521.Signing.PrivateKey)
    case rsa(_RSA.Signing.PrivateKey)

    /// - Throws: what swift-crypto says where the key cannot be shown.
    func publicKey() throws -> PublicKey? {
        var writer = WireWriter()
        func curve(_ name: String, _ point: Data) {
            writer.string("ecdsa-sha2-\(name)")
            writer.string(name)
            writer.string(point)
        }
        switch self {
        case .ed25519(let key):
            writer.string("ssh-ed25519")
            writer.string(key.publicKey.rawRepresentation)
        case .p256(let key): curve("nistp256", key.publicKey.x963Representation)
        case .p384(let key): curve("nistp384", key.publicKey.x963Representation)
        case .p521(let key): curve("nistp521", key.publicKey.x963Representation)
        case .rsa(let key):
            let numbers = try key.publicKey.getKeyPrimitives()
            writer.string("ssh-rsa")
            writer.integer(numbers.publicExponent)
            writer.integer(numbers.modulus)
        }
        return PublicKey(blob: writer.bytes)
    }

    /// The signature's inner bytes, without the algorithm's name.
    func signature(of message: [UInt8], algorithm: String) throws -> [UInt8] {
        func pair(_ raw: Data) -> [UInt8] {
            var writer = WireWriter()
            writer.integer(raw.prefix(raw.count / 2))
            writer.integer(raw.suffix(raw.count / 2))
            return writer.bytes
        }
        switch self {
        case .ed25519(let key): return Array(try key.signature(for: message))
        case .p256(let key): return pair(try key.signature(for: message).rawRepresentation)
        case .p384(let key): return pair(try key.signature(for: message).rawRepresentation)
        case .p521(let key): return pair(try key.signature(for: message).rawRepresentation)
        case .rsa(let key):
            let padding = _RSA.Signing.Padding.insecurePKCS1v1_5
            switch algorithm {
            case "rsa-sha2-512":
                return Array(try key.signature(for: SHA512.hash(data: message), padding: padding).rawRepresentation)
            case "rsa-sha2-256":
                return Array(try key.signature(for: SHA256.hash(data: message), padding: padding).rawRepresentation)
            default:
                return Array(
                    try key.signature(for: Insecure.SHA1.hash(data: message), padding: padding).rawRepresentation)
            }
        }
    }
}
