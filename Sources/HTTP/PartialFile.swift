import Model
import SystemPackage

#if canImport(Darwin)
    import Darwin
#elseif canImport(Musl)
    import Musl
#else
    import Glibc
#endif

/// A file on its way into a cache, held by one run alone until it is let go of, whole or not.
struct PartialFile: ~Copyable {
    let descriptor: FileDescriptor

    /// Takes hold of the file, made where it is missing.
    ///
    /// - Parameter deed: for failures.
    /// - Returns: nil where another run holds it now.
    init?(_ path: String, deed: String) throws(Failure) {
        while true {
            let file: FileDescriptor
            do {
                file = try FileDescriptor.open(
                    FilePath(path), .readWrite, options: [.create, .closeOnExec], permissions: .ownerReadWrite)
            } catch {
                throw Failure(deed: deed, cause: "\(path): \(error)")
            }
            guard flock(file.rawValue, LOCK_EX | LOCK_NB) == 0 else {
                let code = errno
                try? file.close()
                if code == EINTR { continue }
                if code == EWOULDBLOCK { return nil }
                throw Failure(deed: deed, cause: "\(path): \(String(cString: strerror(code)))")
            }
            // A run that was done in between has given the file its name, and what is held is not the partial one.
            var held = stat()
            var there = stat()
            if fstat(file.rawValue, &held) == 0, stat(path, &there) == 0, held.st_ino == there.st_ino,
                held.st_dev == there.st_dev
            {
                descriptor = file
                return
            }
            try? file.close()
        }
    }

    var isEmpty: Bool { (try? descriptor.seek(offset: 0, from: .end)) == 0 }

    /// The lock goes with the descriptor.
    deinit { try? descriptor.close() }
}
