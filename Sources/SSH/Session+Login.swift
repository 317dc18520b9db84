import CLibSSH2
import Model

#if canImport(Darwin)
    import Darwin
#elseif canImport(Musl)
    import Musl
#else
    import Glibc
#endif

/// What the server said to one attempt to log in.
enum LoginAnswer: Sendable, Hashable {
    case accepted
    case refused
    /// We had nothing to answer with: no signature, no passphrase.
    case withheld
    /// The server wants the password changed first.
    case expired
}

extension Session {
    /// Asks to log in with nothing (`none`): nil where that is enough, as with Tailscale SSH, else the methods offered.
    func methods(user: String, until deadline: Instant) async throws(Failure) -> [String]? {
        var list: String?
        let outcome = try await settle("log in as \(user)", until: deadline) { session in
            list = nil
            if let text = libssh2_userauth_list(session, user, UInt32(user.utf8.count)) {
                list = String(cString: text)
                return 0
            }
            return libssh2_userauth_authenticated(session) == 1 ? 0 : Int(libssh2_session_last_errno(session))
        }
        guard outcome.code == 0 else {
            throw Failure(
                .unreachable, host: host, deed: "log in as \(user)", cause: "the server refuses: \(outcome.message)")
        }
        return list.map { $0.split(separator: ",").map(String.init) }
    }

    /// Logs in with a key; the signature is asked for only when the server would take it.
    ///
    /// - Parameter sign: is given the message and the signature's algorithm; nil withholds it.
    func logIn(
        user: String, key: PublicKey, until deadline: Instant,
        sign: @escaping @Sendable (_ message: [UInt8], _ algorithm: String) async -> [UInt8]?
    ) async throws(Failure) -> LoginAnswer {
        let blob = Self.presented(key)
        let outcome = try await settle(
            "log in as \(user)", until: deadline,
            sign: { message in await sign(message, Self.algorithm(in: message) ?? key.type) },
            { session in
                blob.withUnsafeBufferPointer { blob in
                    Int(
                        libssh2_userauth_publickey(
                            session, user, blob.baseAddress, blob.count, provideSignature,
                            libssh2_session_abstract(session)))
                }
            })
        return Self.answer(outcome.code)
    }

    func logIn(user: String, password: Secret, until deadline: Instant) async throws(Failure) -> LoginAnswer {
        let text = password.reveal()
        let outcome = try await settle("log in as \(user)", until: deadline) { session in
            Int(
                libssh2_userauth_password_ex(
                    session, user, UInt32(user.utf8.count), text, UInt32(text.utf8.count), nil))
        }
        return Self.answer(outcome.code)
    }

    /// Answers each question of the server with the password.
    func logInInteractively(
        user: String, password: Secret, until deadline: Instant
    ) async throws(Failure) -> LoginAnswer {
        look { _, calls in calls.answer = { prompts in prompts.map { _ in password.reveal() } } }
        let outcome = try await settle("log in as \(user)", until: deadline) { session in
            Int(
                libssh2_userauth_keyboard_interactive_ex(session, user, UInt32(user.utf8.count), provideAnswers))
        }
        look { _, calls in calls.answer = nil }
        return Self.answer(outcome.code)
    }

    private static func answer(_ code: Int) -> LoginAnswer {
        switch Int32(truncatingIfNeeded: code) {
        case 0: .accepted
        case LIBSSH2_ERROR_PASSWORD_EXPIRED: .expired
        case LIBSSH2_ERROR_PUBLICKEY_UNVERIFIED: .withheld
        default: .refused
        }
    }

    /// libssh2 1.10 takes the signature's algorithm from the blob's type and knows no SHA-2 for `ssh-rsa`; OpenSSH takes
    /// a blob that says `rsa-sha2-256` instead.
    private static func presented(_ key: PublicKey) -> [UInt8] {
        guard key.type == "ssh-rsa", !SessionHandle.upgradesRSA else { return key.blob }
        var reader = WireReader(key.blob)
        _ = reader.string()
        var writer = WireWriter()
        writer.string("rsa-sha2-256")
        return writer.bytes + reader.remaining
    }

    /// The signature algorithm that a publickey request names (RFC 4252, section 7).
    private static func algorithm(in message: [UInt8]) -> String? {
        var reader = WireReader(message)
        guard reader.string() != nil, reader.byte() != nil, reader.string() != nil, reader.string() != nil,
            reader.string() != nil, reader.byte() != nil
        else { return nil }
        return reader.text()
    }
}
