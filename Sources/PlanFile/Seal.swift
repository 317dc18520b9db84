import Crypto
import Model

/// Makes and checks the seals of a saved plan: an HMAC-SHA256 with a key that never leaves the laptop. A seal tells that
/// something is the same as before, and nothing of what it is: in the file it stands for every secret, and for every
/// script and content that a change consists of.
public struct Seal: Sendable {
    private let key: SymmetricKey

    /// - Parameter key: 32 random bytes.
    public init(key: [UInt8]) { self.key = SymmetricKey(data: key) }

    /// Tells one key from another, and nothing of the key.
    public var name: String { String(of(text: "the name of the key").prefix(16)) }

    public func of(text: String) -> String {
        var bytes = CanonicalBytes()
        bytes.add(text)
        return of(bytes)
    }

    /// Of all that the plan says apply would do for the task: nil where that is nothing.
    func of(_ task: PlannedTask) -> String? {
        var bytes = CanonicalBytes()
        bytes.add(task.id.host, task.id.role, task.id.name, task.kind, task.subject)
        switch task.verdict {
        case .change(let change):
            bytes.add("change")
            bytes.add(change)
        case .pending(let because, let expected):
            bytes.add("pending", because)
            if let expected { bytes.add(expected) }
        case .unchanged, .skipped, .failed, .blocked: return nil
        }
        return of(bytes)
    }

    private func of(_ bytes: CanonicalBytes) -> String {
        HMAC<SHA256>.authenticationCode(for: bytes.bytes, using: key).hexadecimal
    }
}
