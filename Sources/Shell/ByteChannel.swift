import Model

/// A command's three streams on some machine: an SSH channel, or a local process.
public protocol ByteChannel: Sendable {
    /// Sends all the bytes; waits where the other side does not read.
    func write(_ bytes: [UInt8]) async throws(Failure)
    /// The next piece of output, from whichever stream has one; nil when both have ended. One caller at a time.
    func read(deadline: ContinuousClock.Instant) async throws(Failure) -> (stream: OutputStream, bytes: [UInt8])?
    /// Closes standard input.
    func finishInput() async throws(Failure)
    /// The exit status, once both streams have ended; nil where the other side gave none.
    func exitStatus() async -> Int32?
    func close() async
}
