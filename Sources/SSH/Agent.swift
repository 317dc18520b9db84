#if canImport(Darwin)
    import Darwin
#elseif canImport(Musl)
    import Musl
#else
    import Glibc
#endif

/// The user's ssh-agent, by its own protocol over its unix socket: libssh2 1.10 cannot ask it for RSA with SHA-2.
struct Agent: Sendable {
    var socketPath: String

    struct Identity: Sendable, Hashable {
        var key: PublicKey
        var comment: String
    }

    private enum Message {
        static let requestIdentities: UInt8 = 11
        static let identities: UInt8 = 12
        static let signRequest: UInt8 = 13
        static let signature: UInt8 = 14
    }

    /// The agent's keys; nil where no agent answers.
    func identities(until deadline: ContinuousClock.Instant) async -> [Identity]? {
        guard let answer = await ask([Message.requestIdentities], until: deadline) else { return nil }
        var reader = WireReader(answer)
        guard reader.byte() == Message.identities, let count = reader.uint32() else { return nil }
        var found: [Identity] = []
        for _ in 0..<min(count, 4096) {
            guard let blob = reader.string(), let comment = reader.text() else { return nil }
            if let key = PublicKey(blob: blob) { found.append(Identity(key: key, comment: comment)) }
        }
        return found
    }

    /// The signature's inner bytes; nil where the agent refuses (or its user does, when it asks).
    func signature(
        of message: [UInt8], by key: PublicKey, algorithm: String, until deadline: ContinuousClock.Instant
    ) async -> [UInt8]? {
        var request = WireWriter()
        request.byte(Message.signRequest)
        request.string(key.blob)
        request.string(message)
        // SSH_AGENT_RSA_SHA2_256 and _512; without a flag an agent signs RSA with SHA-1.
        request.uint32(algorithm == "rsa-sha2-256" ? 2 : algorithm == "rsa-sha2-512" ? 4 : 0)
        guard let answer = await ask(request.bytes, until: deadline) else { return nil }
        var reader = WireReader(answer)
        guard reader.byte() == Message.signature, let whole = reader.string() else { return nil }
        var signature = WireReader(whole)
        guard signature.text() == algorithm else { return nil }
        return signature.string()
    }

    private func ask(_ request: [UInt8], until deadline: ContinuousClock.Instant) async -> [UInt8]? {
        guard let address = SocketAddress(unixPath: socketPath) else { return nil }
        let raw = Descriptor.socket(AF_UNIX)
        guard raw >= 0 else { return nil }
        let socket = Descriptor(adopting: raw)
        guard address.connect(socket.raw) == 0 else { return nil }
        var framed = WireWriter()
        framed.string(request)
        guard await SocketStream.send(framed.bytes, to: socket.raw, until: deadline) else { return nil }
        var answer: [UInt8] = []
        while true {
            var reader = WireReader(answer)
            if let length = reader.uint32() {
                if length > 1 << 20 { return nil }
                if let whole = reader.take(Int(length)) { return whole }
            }
            guard let more = await SocketStream.receive(from: socket.raw, limit: 65536, until: deadline), !more.isEmpty
            else { return nil }
            answer += more
        }
    }
}
