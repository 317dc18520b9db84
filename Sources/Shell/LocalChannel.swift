import Model
import Polling

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// A process of this machine and its three streams: a shell for `ansible_connection: local`, or the user's `ssh`.
///
/// The process has a process group of its own, so that an interrupt at the terminal does not reach it. No thread waits
/// for it: hundreds may be open.
public actor LocalChannel: ByteChannel {
    private var input: Int32
    private var output: Int32
    private var errors: Int32
    private let name: String
    public nonisolated let processID: Int32
    private nonisolated let end: ChildEnd
    private var isClosed = false
    private var waiters = 0

    /// Starts a program, looked for in PATH where its name has no slash.
    ///
    /// - Parameters:
    ///   - environment: all of the process's variables; nil hands on those of this one.
    ///   - isDetached: whether it gets a session of its own, and with that no terminal to ask anybody on.
    /// - Throws: `Failure` when the program cannot be started.
    public init(
        _ program: String, _ arguments: [String] = [], environment: [String: String]? = nil, isDetached: Bool = false
    ) throws(Failure) {
        name = program
        let process = try LocalProcess(program, arguments, environment, isDetached: isDetached)
        (input, output, errors, processID) = (process.input, process.output, process.errors, process.id)
        // Begun at once, for its end has to be taken whether anybody asks for it or not.
        end = ChildEnd(of: process.id)
    }

    public func write(_ bytes: [UInt8]) async throws(Failure) {
        var start = 0
        while start < bytes.count {
            guard !isClosed, input >= 0 else { throw lost("its input is closed") }
            let count = bytes.withUnsafeBytes {
                LocalProcess.send(input, $0.baseAddress?.advanced(by: start), $0.count - start)
            }
            if count > 0 {
                start += count
            } else if errno == EAGAIN {
                await wait(for: [input], .write, until: .now + .seconds(86400))
                if Task.isCancelled { throw Failure(.cancelled, deed: "talk to \(name)", cause: "interrupted") }
            } else if errno != EINTR {
                throw lost(String(cString: strerror(errno)))
            }
        }
    }

    public func read(
        deadline: ContinuousClock.Instant
    ) async throws(Failure) -> (stream: OutputStream, bytes: [UInt8])? {
        while true {
            guard !isClosed else { throw lost("it was closed") }
            if let bytes = take(&output) { return (.stdout, bytes) }
            if let bytes = take(&errors) { return (.stderr, bytes) }
            if output < 0, errors < 0 { return nil }
            if ContinuousClock.now >= deadline {
                throw Failure(.timedOut, deed: "read from \(name)", cause: "no answer within the deadline")
            }
            await wait(for: [output, errors].filter { $0 >= 0 }, .read, until: deadline)
            if Task.isCancelled { throw Failure(.cancelled, deed: "read from \(name)", cause: "interrupted") }
        }
    }

    public func finishInput() async throws(Failure) { shut(&input) }

    public func exitStatus() async -> Int32? { await end.status }

    /// Whether the process has not ended yet.
    public nonisolated var isRunning: Bool { end.isRunning }

    public func close() async {
        guard !isClosed else { return }
        isClosed = true
        // Whoever waits wakes up by it.
        for descriptor in [input, output, errors] where descriptor >= 0 { shutdown(descriptor, Int32(SHUT_RDWR)) }
        if waiters == 0 { shutAll() }
    }

    /// Closes, and ends the process with all that it began in its group: first by SIGTERM, then by force.
    public func terminate() async {
        await close()
        end.signal(SIGTERM)
        Task { [end] in
            _ = await EventLoop.shared.park(until: .now + .seconds(2)) { _ in }
            end.signal(SIGKILL)
        }
    }

    // MARK: Descriptors

    private func take(_ descriptor: inout Int32) -> [UInt8]? {
        guard descriptor >= 0 else { return nil }
        while true {
            var count = 0
            let bytes = [UInt8](unsafeUninitializedCapacity: 1 << 17) { buffer, filled in
                count = LocalProcess.receive(descriptor, buffer.baseAddress, buffer.count)
                filled = max(0, count)
            }
            if count > 0 { return bytes }
            if count < 0, errno == EINTR { continue }
            if count == 0 || errno != EAGAIN { shut(&descriptor) }
            return nil
        }
    }

    /// Until one of the descriptors is ready, the channel is closed, the deadline has come or the task is cancelled.
    private func wait(
        for descriptors: [Int32], _ interest: Interest, until deadline: ContinuousClock.Instant
    ) async {
        waiters += 1
        _ = await EventLoop.shared.wait(for: interest, onAnyOf: descriptors, until: deadline)
        waiters -= 1
        if isClosed, waiters == 0 { shutAll() }
    }

    private func shut(_ descriptor: inout Int32) {
        if descriptor >= 0 { LocalProcess.close(descriptor) }
        descriptor = -1
    }

    private func shutAll() {
        shut(&input)
        shut(&output)
        shut(&errors)
    }

    private func lost(_ cause: String) -> Failure {
        Failure(.unreachable, deed: "talk to \(name)", cause: cause)
    }

    deinit {
        for descriptor in [input, output, errors] where descriptor >= 0 { LocalProcess.close(descriptor) }
    }
}
