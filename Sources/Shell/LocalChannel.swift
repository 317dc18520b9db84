import Dispatch
import Model

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// A process of this machine and its three streams, for `ansible_connection: local`.
///
/// The process has a process group of its own, so that an interrupt at the terminal does not reach it.
public actor LocalChannel: ByteChannel {
    private var input: Int32
    private var output: Int32
    private var errors: Int32
    private let wake: (read: Int32, write: Int32)
    private let name: String
    public nonisolated let processID: Int32
    private var isClosed = false
    private var waiters = 0
    private let ending: Task<Int32?, Never>

    /// Starts a program, looked for in PATH where its name has no slash.
    ///
    /// - Parameter environment: all of the process's variables; nil hands on those of this one.
    /// - Throws: `Failure` when the program cannot be started.
    public init(_ program: String, _ arguments: [String] = [], environment: [String: String]? = nil) throws(Failure) {
        name = program
        let process = try LocalProcess(program, arguments, environment)
        (input, output, errors, processID) = (process.input, process.output, process.errors, process.id)
        wake = process.wake
        // A thread waits for the process's end, for nothing else does: exitStatus may never be asked for.
        let id = process.id
        ending = Task {
            await withCheckedContinuation { continuation in
                DispatchQueue(label: "kubani.local").async {
                    var status: Int32 = 0
                    while waitpid(id, &status, 0) < 0 {
                        if errno != EINTR { return continuation.resume(returning: nil) }
                    }
                    let signal = status & 0x7F
                    continuation.resume(returning: signal == 0 ? (status >> 8) & 0xFF : 128 + signal)
                }
            }
        }
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
                await wait(for: [input], POLLOUT, until: nil)
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
            await wait(for: [output, errors].filter { $0 >= 0 }, POLLIN, until: deadline)
        }
    }

    public func finishInput() async throws(Failure) { shut(&input) }

    public func exitStatus() async -> Int32? { await ending.value }

    public func close() async {
        guard !isClosed else { return }
        isClosed = true
        _ = LocalProcess.send(wake.write, [1], 1)
        if waiters == 0 { shutAll() }
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

    /// Until one of the descriptors is ready, the channel is closed, or the deadline has come.
    private func wait(for descriptors: [Int32], _ events: Int32, until deadline: ContinuousClock.Instant?) async {
        let left = deadline.map { ContinuousClock.now.duration(to: $0) }
        let milliseconds = left.map {
            $0.components.seconds > 86400 ? 86_400_000 : Int32(max(0, $0 / .milliseconds(1)) + 1)
        }
        let all =
            descriptors.map { pollfd(fd: $0, events: Int16(events), revents: 0) }
            + [pollfd(fd: wake.read, events: Int16(POLLIN), revents: 0)]
        waiters += 1
        await withCheckedContinuation { continuation in
            DispatchQueue(label: "kubani.local").async {
                var all = all
                _ = poll(&all, nfds_t(all.count), milliseconds ?? -1)
                continuation.resume()
            }
        }
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
        for descriptor in [input, output, errors, wake.read, wake.write] where descriptor >= 0 {
            LocalProcess.close(descriptor)
        }
    }
}
