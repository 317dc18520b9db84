import Model
import Synchronization

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// A file that only its owner reads, whole or not there: written beside its place and moved there at the end.
final class PrivateFile: Sendable {
    private let path: String
    private let temporary: String
    private struct State: Sendable {
        var descriptor: Int32
        var length = 0
        var error: Int32?
    }
    private let state: Mutex<State>

    /// - Throws: where no file can be made there.
    init(_ path: String) throws(InputErrors) {
        self.path = path
        temporary = "\(path).part"
        let descriptor = open(temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0o600)
        guard descriptor >= 0 else {
            throw InputErrors(InputError("\(path) cannot be made: \(String(cString: strerror(errno)))"))
        }
        fchmod(descriptor, 0o600)
        state = Mutex(State(descriptor: descriptor))
    }

    /// What was not committed goes.
    deinit {
        state.withLock { state in
            guard state.descriptor >= 0 else { return }
            close(state.descriptor)
            unlink(temporary)
        }
    }

    func append(_ bytes: ArraySlice<UInt8>) {
        state.withLock { state in
            bytes.withUnsafeBytes { buffer in
                var rest = buffer[...]
                while !rest.isEmpty, state.error == nil {
                    let count = write(state.descriptor, UnsafeRawBufferPointer(rebasing: rest).baseAddress, rest.count)
                    if count < 0, errno == EINTR { continue }
                    if count <= 0 {
                        state.error = errno
                    } else {
                        rest = rest.dropFirst(count)
                        state.length += count
                    }
                }
            }
        }
    }

    /// - Returns: its length in bytes.
    /// - Throws: where any of it could not be written.
    func commit() throws(Failure) -> Int {
        let (length, error) = state.withLock { state in
            if state.error == nil, fsync(state.descriptor) != 0 { state.error = errno }
            close(state.descriptor)
            state.descriptor = -1
            if state.error == nil, rename(temporary, path) != 0 { state.error = errno }
            if state.error != nil { unlink(temporary) }
            return (state.length, state.error)
        }
        if let error { throw Failure(deed: "write \(path)", cause: String(cString: strerror(error))) }
        return length
    }
}
