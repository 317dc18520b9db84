import Polling

#if canImport(Darwin)
    import Darwin
#elseif canImport(Musl)
    import Musl
#else
    import Glibc
#endif

/// An open, non-blocking socket; closed when it goes.
struct Descriptor: ~Copyable, Sendable {
    let raw: Int32

    init(adopting raw: Int32) {
        self.raw = raw
        _ = fcntl(raw, F_SETFL, fcntl(raw, F_GETFL) | O_NONBLOCK)
        _ = fcntl(raw, F_SETFD, FD_CLOEXEC)
        #if canImport(Darwin)
            var on: Int32 = 1
            setsockopt(raw, SOL_SOCKET, SO_NOSIGPIPE, &on, socklen_t(MemoryLayout<Int32>.size))
        #endif
    }

    deinit { close(raw) }

    /// A socket that neither blocks nor reaches child processes.
    static func socket(_ family: Int32) -> Int32 {
        #if canImport(Darwin)
            return Darwin.socket(family, SOCK_STREAM, 0)
        #elseif canImport(Musl)
            return Musl.socket(family, Int32(SOCK_STREAM) | Int32(SOCK_CLOEXEC), 0)
        #else
            return Glibc.socket(family, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        #endif
    }

    /// Two sockets that are each other's other end; nil where the system has none left.
    static func pair() -> (Int32, Int32)? {
        var ends: [Int32] = [-1, -1]
        #if canImport(Darwin)
            let type = SOCK_STREAM
        #elseif canImport(Musl)
            let type = Int32(SOCK_STREAM) | Int32(SOCK_CLOEXEC)
        #else
            let type = Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue)
        #endif
        guard socketpair(AF_UNIX, type, 0, &ends) == 0 else { return nil }
        return (ends[0], ends[1])
    }

    func set(_ level: Int32, _ option: Int32, _ value: Int32) {
        var value = value
        setsockopt(raw, level, option, &value, socklen_t(MemoryLayout<Int32>.size))
    }
}

/// Bytes over a non-blocking socket, with a deadline on every wait.
enum SocketStream {
    #if canImport(Darwin)
        private static let flags: Int32 = 0
    #else
        private static let flags = Int32(MSG_NOSIGNAL)
    #endif

    /// - Returns: false when the other side is gone, the deadline passed or the task was cancelled.
    static func send(_ bytes: [UInt8], to descriptor: Int32, until deadline: ContinuousClock.Instant) async -> Bool {
        var sent = 0
        while sent < bytes.count {
            let count = bytes.withUnsafeBytes { buffer in
                sendBytes(descriptor, buffer.baseAddress.map { $0 + sent }, bytes.count - sent)
            }
            if count >= 0 {
                sent += count
            } else if errno == EAGAIN {
                guard await EventLoop.shared.wait(for: .write, on: descriptor, until: deadline) == .ready else {
                    return false
                }
            } else if errno != EINTR {
                return false
            }
        }
        return true
    }

    /// - Returns: the next bytes, at most `limit`; empty at the end; nil on an error, past the deadline or when cancelled.
    static func receive(
        from descriptor: Int32, limit: Int, until deadline: ContinuousClock.Instant
    ) async -> [UInt8]? {
        while true {
            var count = 0
            let bytes = [UInt8](unsafeUninitializedCapacity: limit) { buffer, filled in
                count = recv(descriptor, buffer.baseAddress, limit, 0)
                filled = max(0, count)
            }
            if count >= 0 { return bytes }
            if errno == EAGAIN {
                guard await EventLoop.shared.wait(for: .read, on: descriptor, until: deadline) == .ready else {
                    return nil
                }
            } else if errno != EINTR {
                return nil
            }
        }
    }

    private static func sendBytes(_ descriptor: Int32, _ start: UnsafeRawPointer?, _ count: Int) -> Int {
        #if canImport(Darwin)
            return Darwin.send(descriptor, start, count, flags)
        #elseif canImport(Musl)
            return Musl.send(descriptor, start, count, flags)
        #else
            return Glibc.send(descriptor, start, count, flags)
        #endif
    }
}
