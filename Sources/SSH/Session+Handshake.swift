import CLibSSH2
import Model

extension Session {
    /// What this libssh2 knows of a kind.
    func supported(_ kind: AlgorithmKind) -> [String] {
        look { session, _ in
            var names: UnsafeMutablePointer<UnsafePointer<CChar>?>?
            let count = libssh2_session_supported_algs(session, kind.methods[0], &names)
            guard count > 0, let names else { return [] }
            defer { libssh2_free(session, names) }
            return (0..<Int(count)).compactMap { names[$0].map { String(cString: $0) } }
        }
    }

    /// Agrees on keys with the server.
    ///
    /// - Parameters:
    ///   - algorithms: which may be agreed on.
    ///   - check: which host keys to ask for first.
    /// - Returns: the server's key, and the host keys that were asked for.
    func handshake(
        _ algorithms: Algorithms, _ check: HostKeyCheck, until deadline: Instant
    ) async throws(Failure) -> (key: PublicKey, asked: [String]) {
        let deed = "connect to \(peer)"
        var known: [AlgorithmKind: [String]] = [:]
        var allowed: [AlgorithmKind: [String]] = [:]
        var ours: [AlgorithmKind: [String]] = [:]
        for kind in AlgorithmKind.allCases {
            let supported = supported(kind)
            let mayBe = algorithms.allowed(kind, known: supported)
            let both = mayBe.filter(supported.contains)
            (known[kind], allowed[kind]) = (supported, mayBe)
            ours[kind] = kind == .hostKey ? check.ordered(both) : both
            guard prefer(ours[kind] ?? [], for: kind) else {
                throw Failure(
                    .unreachable, host: host, deed: deed,
                    cause: "libssh2 \(SessionHandle.version) knows none of the \(kind.rawValue) that may be used: "
                        + (mayBe.isEmpty ? algorithms.rules[kind] ?? "" : mayBe.joined(separator: ", ")),
                    hint: OtherWay.hint)
            }
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
        let opening = look { _, calls in
            defer { calls.opening = nil }
            return calls.opening ?? []
        }
        guard outcome.code == 0 else {
            let disagreement = ServerOffer(opening).map {
                Disagreement(ours: ours, known: known, allowed: allowed, theirs: $0)
            }
            throw Failure(
                .unreachable, host: host, deed: deed,
                cause: "no agreement with the server: \(disagreement?.cause ?? outcome.message)",
                detail: disagreement?.detail,
                hint: disagreement?.cause == nil ? handshakeHint(outcome.code) : disagreement?.hint)
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
        return (key, ours[.hostKey] ?? [])
    }

    /// Asks for these and no others; false where libssh2 would ask for others all the same.
    private func prefer(_ names: [String], for kind: AlgorithmKind) -> Bool {
        guard !names.isEmpty else { return false }
        return look { session, _ in
            kind.methods.allSatisfy { libssh2_session_method_pref(session, $0, names.joined(separator: ",")) == 0 }
        }
    }

    /// Whether the server has said who it is.
    var hasBanner: Bool { look { session, _ in libssh2_session_banner_get(session) != nil } }

    private func handshakeHint(_ code: Int) -> String? {
        switch Int32(truncatingIfNeeded: code) {
        case LIBSSH2_ERROR_KEX_FAILURE, LIBSSH2_ERROR_KEY_EXCHANGE_FAILURE, LIBSSH2_ERROR_HOSTKEY_INIT: OtherWay.hint
        case LIBSSH2_ERROR_BANNER_RECV: "is this an SSH server?"
        default: nil
        }
    }
}
