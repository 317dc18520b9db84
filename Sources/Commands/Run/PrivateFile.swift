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
        func refused(_ cause: String, hint: String? = nil) -> InputErrors {
            InputErrors(InputError("\(path) cannot be made: \(cause)", hint: hint))
        }
        var there = stat()
        // In the place of a device, or of a folder, no file is put.
        if stat(path, &there) == 0, there.st_mode & S_IFMT != S_IFREG { throw refused("it is there, and no file") }
        if lstat(temporary, &there) == 0 {
            // What a run that was killed has left. Whatever else is there was put there by somebody.
            guard there.st_mode & S_IFMT == S_IFREG, there.st_uid == geteuid(), there.st_nlink == 1 else {
                throw refused("\(temporary) is there, and is not yours", hint: "who put it there? Move it away")
            }
            unlink(temporary)
        }
        let descriptor = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0o600)
        guard descriptor >= 0 else { throw refused(String(cString: strerror(errno))) }
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
