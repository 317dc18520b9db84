import Model

/// A byte channel whose far end must begin to answer in time: one that lets us in and then says nothing, for its login
/// shell waits or its sudo does, is left at the moment that is given, whatever the request's own deadline is.
public actor PunctualChannel: ByteChannel {
    private let channel: any ByteChannel
    private let host: String
    private let limit: Duration
    private let moment: ContinuousClock.Instant
    private var hasBegun = false
    /// The end of what was said before the driver was: a login shell may say something of its own.
    private var said: [UInt8] = []

    /// - Parameter limit: how long from now on.
    public init(_ channel: any ByteChannel, host: String, within limit: Duration) {
        self.channel = channel
        self.host = host
        self.limit = limit
        moment = .now + limit
    }

    public func read(
        deadline: ContinuousClock.Instant
    ) async throws(Failure) -> (stream: OutputStream, bytes: [UInt8])? {
        if hasBegun { return try await channel.read(deadline: deadline) }
        do throws(Failure) {
            let piece = try await channel.read(deadline: min(deadline, moment))
            if let piece { note(piece.bytes) }
            return piece
        } catch {
            guard error.code == .timedOut, moment <= deadline else { throw error }
            let words = String(decoding: said, as: UTF8.self)
            throw Failure(
                .unreachable, host: host, deed: "start a shell",
                cause: "it lets us in, and then no shell begins within \(limit.components.seconds) s",
                detail: words.isEmpty ? nil : words,
                hint: "does the user's login shell or sudo wait for something? --connect-timeout sets the time")
        }
    }

    private func note(_ bytes: [UInt8]) {
        said += bytes
        if said.count > 8192 { said.removeFirst(said.count - 8192) }
        hasBegun = String(decoding: said, as: UTF8.self).contains(Driver.greeting)
    }

    public func write(_ bytes: [UInt8]) async throws(Failure) { try await channel.write(bytes) }
    public func finishInput() async throws(Failure) { try await channel.finishInput() }
    public func exitStatus() async -> Int32? { await channel.exitStatus() }
    public func close() async { await channel.close() }
}
