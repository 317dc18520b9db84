#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// A private key file: a key that is ready, or one that a passphrase opens.
enum KeyFile: Sendable {
    case open(PrivateKey)
    case locked(LockedKey)

    /// - Parameter text: a file in OpenSSH's own format or in PEM (PKCS#1, SEC 1, PKCS#8).
    init(_ text: String) throws(KeyProblem) {
        guard let armor = Armor(text) else { throw .notAKey }
        if armor.label == "OPENSSH PRIVATE KEY" {
            self = try OpenSSHKey(armor.bytes).keyFile()
        } else {
            self = try PEMKey(armor).keyFile()
        }
    }
}

/// A key that a passphrase opens.
struct LockedKey: Sendable {
    /// The public half, where the file tells it without the passphrase.
    var publicKey: PublicKey?
    /// Opens the key; a wrong passphrase throws `wrongPassphrase`.
    var unlock: @Sendable (_ passphrase: String) throws(KeyProblem) -> PrivateKey
}

/// Why a key file is of no use.
enum KeyProblem: Error, Hashable {
    case missing
    case unreadable(String)
    case notAKey
    case unsupported(String)
    case wrongPassphrase
    /// It has a passphrase and nobody to give it.
    case locked

    var isMissing: Bool { self == .missing }

    var description: String {
        switch self {
        case .missing: "no such file"
        case .unreadable(let why): "cannot be read: \(why)"
        case .notAKey: "is not a private key"
        case .unsupported(let what): "\(what) is not supported"
        case .wrongPassphrase: "the passphrase is wrong"
        case .locked: "has a passphrase, which was not given"
        }
    }
}

/// The text armour around a key: its label, headers and bytes.
struct Armor: Sendable {
    var label: String
    var headers: [String: String] = [:]
    var bytes: [UInt8]

    init?(_ text: String) {
        var label: String?
        var base64 = ""
        var headers: [String: String] = [:]
        for line in text.split(whereSeparator: \.isNewline) {
            if line.hasPrefix("-----BEGIN "), line.hasSuffix("-----") {
                label = String(line.dropFirst(11).dropLast(5))
            } else if line.hasPrefix("-----END ") {
                break
            } else if label != nil, let colon = line.firstIndex(of: ":") {
                headers[String(line[..<colon])] = String(line[line.index(after: colon)...].drop { $0 == " " })
            } else if label != nil {
                base64 += line.filter { !$0.isWhitespace }
            }
        }
        guard let label, let data = Data(base64Encoded: base64) else { return nil }
        self.label = label
        self.headers = headers
        bytes = Array(data)
    }
}
