import CLibSSH2

/// What a connection's algorithms are agreed on for, each by itself.
enum AlgorithmKind: String, Sendable, CaseIterable {
    /// By ssh_config's names.
    case exchange = "KexAlgorithms"
    case hostKey = "HostKeyAlgorithms"
    case cipher = "Ciphers"
    case mac = "MACs"

    /// What ssh takes where nothing says otherwise, as of OpenSSH 9: without SHA-1 for host keys, short groups, CBC, MD5.
    var standard: [String] {
        switch self {
        case .exchange:
            [
                "sntrup761x25519-sha512", "sntrup761x25519-sha512@openssh.com", "mlkem768x25519-sha256",
                "curve25519-sha256", "curve25519-sha256@libssh.org", "ecdh-sha2-nistp256", "ecdh-sha2-nistp384",
                "ecdh-sha2-nistp521", "diffie-hellman-group-exchange-sha256", "diffie-hellman-group16-sha512",
                "diffie-hellman-group18-sha512", "diffie-hellman-group14-sha256",
            ]
        case .hostKey:
            [
                "ssh-ed25519", "ecdsa-sha2-nistp256", "ecdsa-sha2-nistp384", "ecdsa-sha2-nistp521",
                "sk-ssh-ed25519@openssh.com", "sk-ecdsa-sha2-nistp256@openssh.com", "rsa-sha2-512", "rsa-sha2-256",
            ]
        case .cipher:
            [
                "chacha20-poly1305@openssh.com", "aes128-ctr", "aes192-ctr", "aes256-ctr", "aes128-gcm@openssh.com",
                "aes256-gcm@openssh.com",
            ]
        case .mac:
            [
                "umac-64-etm@openssh.com", "umac-128-etm@openssh.com", "hmac-sha2-256-etm@openssh.com",
                "hmac-sha2-512-etm@openssh.com", "hmac-sha1-etm@openssh.com", "umac-64@openssh.com",
                "umac-128@openssh.com", "hmac-sha2-256", "hmac-sha2-512", "hmac-sha1",
            ]
        }
    }

    /// libssh2's methods, of both directions where there are two.
    var methods: [Int32] {
        switch self {
        case .exchange: [LIBSSH2_METHOD_KEX]
        case .hostKey: [LIBSSH2_METHOD_HOSTKEY]
        case .cipher: [LIBSSH2_METHOD_CRYPT_CS, LIBSSH2_METHOD_CRYPT_SC]
        case .mac: [LIBSSH2_METHOD_MAC_CS, LIBSSH2_METHOD_MAC_SC]
        }
    }
}

/// Which algorithms may be agreed on: OpenSSH's, widened or narrowed by nothing but ssh_config and the command line.
struct Algorithms: Sendable, Hashable {
    /// What ssh_config says, by kind: a list, or one that is added (`+`), taken away (`-`) or put first (`^`).
    var rules: [AlgorithmKind: String] = [:]

    /// - Parameter known: all that there are, for the patterns of a rule.
    func allowed(_ kind: AlgorithmKind, known: [String]) -> [String] {
        let standard = kind.standard
        guard let rule = rules[kind], let first = rule.first else { return standard }
        let named = ("+-^".contains(first) ? rule.dropFirst() : rule[...]).split(separator: ",").map(String.init)
        let all = standard + known
        let meant = Self.unique(named.flatMap { pattern in all.filter { Wildcard.matches(pattern, $0) } })
        switch first {
        case "+": return Self.unique(standard + meant)
        case "-": return standard.filter { !meant.contains($0) }
        case "^": return Self.unique(meant + standard)
        default: return meant
        }
    }

    private static func unique(_ names: [String]) -> [String] {
        var seen: Set<String> = []
        return names.filter { seen.insert($0).inserted }
    }
}
