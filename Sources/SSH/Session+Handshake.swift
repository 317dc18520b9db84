import CLibSSH2
import Model

extension Session {
    /// The host-key algorithms that this libssh2 knows.
    var supportedHostKeys: [String] {
        look { session, _ in
            var names: UnsafeMutablePointer<UnsafePointer<CChar>?>?
            let count = libssh2_session_supported_algs(session, LIBSSH2_METHOD_HOSTKEY, &names)
            guard count > 0, let names else { return [] }
            defer { libssh2_free(session, names) }
            return (0..<Int(count)).compactMap { names[$0].map { String(cString: $0) } }
        }
    }

    /// Agrees on keys with the server, asking for its host keys in the given order.
    func handshake(hostKeys: [String], until deadline: Instant) async throws(Failure) -> PublicKey {
        let deed = "connect to \(peer)"
        look { session, _ in
            _ = libssh2_session_method_pref(session, LIBSSH2_METHOD_HOSTKEY, hostKeys.joined(separator: ","))
        }
        let outcome: Outcome
        do {
            outcome = try await settle(deed, until: deadline) { self.begin($0) }
        } catch {
            guard error.code == .unreachable else { throw error }
            var failure = error
            if received == 0 {
                failure.cause += failure.cause.hasSuffix("does not answer") ? "" : " before it said anything"
            } else if !hasBanner {
                failure.hint = "is this an SSH server?"
            }
            throw failure
        }
        guard outcome.code == 0 else {
            throw Failure(
                .unreachable, host: host, deed: deed, cause: "no agreement with the server: \(outcome.message)",
                hint: handshakeHint(outcome.code))
        }
        let key: PublicKey? = look { session, _ in
            var length = 0
            var type: Int32 = 0
            guard let bytes = libssh2_session_hostkey(session, &length, &type), length > 0 else { return nil }
            return PublicKey(blob: Array(UnsafeRawBufferPointer(start: bytes, count: length)))
        }
        guard let key else {
            throw Failure(.unreachable, host: host, deed: deed, cause: "the server showed no host key that can be read")
        }
        return key
    }

    /// Whether the server has said who it is.
    var hasBanner: Bool { look { session, _ in libssh2_session_banner_get(session) != nil } }

    private func handshakeHint(_ code: Int) -> String? {
        switch Int32(truncatingIfNeeded: code) {
        case LIBSSH2_ERROR_KEX_FAILURE, LIBSSH2_ERROR_KEY_EXCHANGE_FAILURE, LIBSSH2_ERROR_HOSTKEY_INIT:
            SessionHandle.upgradesRSA
                ? "the server offers no algorithm that libssh2 \(SessionHandle.version) knows"
                : "libssh2 \(SessionHandle.version) cannot use a server that has only an RSA host key: `ssh-keygen -A` "
                    + "there makes the others, or use libssh2 1.11 here"
        case LIBSSH2_ERROR_BANNER_RECV: "is this an SSH server?"
        default: nil
        }
    }
}
