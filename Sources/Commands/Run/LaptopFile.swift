import Crypto
import Model

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// A file of the machine that kubani runs on.
enum LaptopFile {
    /// - Returns: its length in bytes and its SHA-256 in lower-case hexadecimal.
    static func measure(_ path: String) throws(InputErrors) -> (length: Int, sha256: String) {
        let data: Data
        do { data = try Data(contentsOf: URL(filePath: path), options: .mappedIfSafe) } catch {
            throw InputErrors(InputError("\(path) cannot be read"))
        }
        let digest = SHA256.hash(data: data).map { String($0 >> 4, radix: 16) + String($0 & 15, radix: 16) }
        return (data.count, digest.joined())
    }
}
