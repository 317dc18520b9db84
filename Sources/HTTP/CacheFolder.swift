import Model
import SystemPackage

#if canImport(Darwin)
    import Darwin
#elseif canImport(Musl)
    import Musl
#else
    import Glibc
#endif

/// A folder of the user's own where files are put whole or not at all.
struct CacheFolder: Sendable {
    let path: String

    /// `$XDG_CACHE_HOME/kubani`, or `~/.cache/kubani`; nil where there is no home either.
    static func standard(_ environment: [String: String]) -> String? {
        if let base = environment["XDG_CACHE_HOME"], base.hasPrefix("/") { return "\(base)/kubani" }
        guard let home = environment["HOME"], home.hasPrefix("/") else { return nil }
        return "\(home)/.cache/kubani"
    }

    func file(_ name: String) -> String { "\(path)/\(name)" }

    /// Makes the folder where it is missing, with all above it, for its owner alone.
    ///
    /// - Throws: where it is somebody else's, for then its content could be, too.
    func make() throws(Failure) {
        let deed = "use the cache \(path)"
        var reached = ""
        for part in path.split(separator: "/") {
            reached += "/\(part)"
            guard mkdir(reached, 0o700) != 0, errno != EEXIST else { continue }
            throw Failure(deed: deed, cause: "\(reached): \(String(cString: strerror(errno)))")
        }
        var status = stat()
        guard stat(path, &status) == 0, status.st_mode & S_IFMT == S_IFDIR else {
            throw Failure(deed: deed, cause: "it is no folder")
        }
        guard status.st_uid == geteuid() else {
            throw Failure(
                deed: deed, cause: "it is not yours", hint: "name a folder of your own with XDG_CACHE_HOME")
        }
        if status.st_mode & 0o077 != 0 { chmod(path, 0o700) }
    }

    /// The file's bytes; nil where there is none, it cannot be read to its end, or has more than the limit.
    func read(_ name: String, limit: Int) -> [UInt8]? {
        guard let file = try? FileDescriptor.open(FilePath(self.file(name)), .readOnly, options: .closeOnExec) else {
            return nil
        }
        defer { try? file.close() }
        var bytes: [UInt8] = []
        while bytes.count <= limit {
            var filled: Int?
            bytes += [UInt8](unsafeUninitializedCapacity: 1 << 16) { buffer, count in
                filled = try? file.read(into: UnsafeMutableRawBufferPointer(buffer))
                count = filled ?? 0
            }
            guard let filled else { return nil }
            if filled == 0 { return bytes }
        }
        return nil
    }

    /// Puts a file there, whole.
    func write(_ bytes: [UInt8], to name: String) throws(Failure) {
        let temporary = file(".\(name).\(getpid())-\(UInt32.random(in: .min ... .max))")
        do {
            let file = try FileDescriptor.open(
                FilePath(temporary), .writeOnly, options: [.create, .exclusiveCreate, .closeOnExec],
                permissions: .ownerReadWrite)
            try file.closeAfter {
                _ = try file.writeAll(bytes)
                fsync(file.rawValue)
            }
        } catch {
            unlink(temporary)
            throw Failure(deed: "write \(file(name))", cause: "\(error)")
        }
        try rename(temporary, to: name)
    }

    func rename(_ from: String, to name: String) throws(Failure) {
        #if canImport(Darwin)
            let code = Darwin.rename(from, file(name))
        #elseif canImport(Musl)
            let code = Musl.rename(from, file(name))
        #else
            let code = Glibc.rename(from, file(name))
        #endif
        if code != 0 { throw Failure(deed: "write \(file(name))", cause: String(cString: strerror(errno))) }
    }

    func remove(_ name: String) { unlink(file(name)) }
}
