import Crypto
import Model

/// The SHA-256 of some bytes as `sha256sum` prints it.
func sha256(_ bytes: [UInt8]) -> String {
    var hash = SHA256()
    bytes.withUnsafeBytes { hash.update(bufferPointer: $0) }
    return hash.finalize().hexadecimal
}
