import Synchronization

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// A file of this run's own that is only appended to, in whole lines: what cannot be written whole is taken back, and
/// nothing is written after it.
final class FileHandleBox: Sendable {
    private struct State: Sendable {
        var length: off_t = 0
        var error: String?
    }

    private let descriptor: Int32
    private let state = Mutex(State())

    /// - Throws: where there is something of the name already, or no file can be made.
    init(creating path: String) throws(PrivateFolder.Refusal) {
        descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_APPEND | O_CLOEXEC | O_NOFOLLOW, 0o600)
        if descriptor < 0 { throw PrivateFolder.Refusal("\(path): \(String(cString: strerror(errno)))") }
    }

    deinit { close(descriptor) }

    /// - Returns: the error where this, or anything before it, could not be written; nil where all is.
    func write(_ text: String) -> String? {
        state.withLock { state in
            if state.error != nil { return state.error }
            let bytes = Array(text.utf8)
            state.error = writeAll(bytes, to: descriptor).map { String(cString: strerror($0)) }
            if state.error == nil { state.length += off_t(bytes.count) } else { ftruncate(descriptor, state.length) }
            return state.error
        }
    }
}

/// Writes all of the bytes, waiting where the other side is slow.
///
/// - Returns: the error where that cannot be done.
func writeAll(_ bytes: some Sequence<UInt8>, to descriptor: Int32) -> Int32? {
    var rest = ArraySlice(Array(bytes))
    while !rest.isEmpty {
        let count = rest.withUnsafeBytes { write(descriptor, $0.baseAddress, $0.count) }
        if count > 0 {
            rest = rest.dropFirst(count)
        } else if count < 0, errno == EAGAIN {
            var waiting = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
            _ = poll(&waiting, 1, -1)
        } else if count == 0 || errno != EINTR {
            return count == 0 ? EIO : errno
        }
    }
    return nil
}
