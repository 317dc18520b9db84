#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// Folders and files of whoever runs kubani. What is a link, or somebody else's, could lead elsewhere or be changed
/// under us: it is not used.
enum PrivateFolder {
    /// Makes the folder where it is missing, for its owner alone, and those above it down from `base`.
    ///
    /// - Parameter path: relative, or absolute with what is above `base` there already.
    /// - Returns: why it cannot be used; nil where it can.
    static func make(_ path: String, below base: String = "") -> String? {
        var reached = base
        for part in path.dropFirst(base.count).split(separator: "/") {
            reached += reached.isEmpty ? String(part) : "/\(part)"
            if mkdir(reached, 0o700) != 0, errno != EEXIST { return "\(reached): \(String(cString: strerror(errno)))" }
            if let objection = objection(toFolder: reached) { return objection }
        }
        return nil
    }

    /// Why a folder is not this user's own; nil where it is.
    static func objection(toFolder path: String) -> String? {
        var status = stat()
        guard lstat(path, &status) == 0 else { return "\(path): \(String(cString: strerror(errno)))" }
        switch status.st_mode & S_IFMT {
        case S_IFDIR: break
        case S_IFLNK: return "\(path) is a link, which is not followed"
        default: return "\(path) is no folder"
        }
        if status.st_uid != geteuid() { return "\(path) is somebody else's" }
        return status.st_mode & 0o022 == 0 ? nil : "\(path) can be written by others"
    }

    /// The bytes of a file that this user alone can have written and read.
    ///
    /// - Returns: why it is not used, instead; nil where there is none.
    static func read(_ path: String, limit: Int) -> Result<[UInt8], Refusal>? {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK)
        guard descriptor >= 0 else {
            if errno == ENOENT { return nil }
            return .failure(Refusal(errno == ELOOP ? "it is a link" : String(cString: strerror(errno))))
        }
        defer { close(descriptor) }
        var status = stat()
        guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
            return .failure(Refusal("it is no file"))
        }
        if status.st_uid != geteuid() { return .failure(Refusal("it is somebody else's")) }
        if status.st_mode & 0o077 != 0 { return .failure(Refusal("others may read or write it")) }
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 4096)
        while bytes.count <= limit {
            let count = fill(&buffer, from: descriptor)
            if count < 0, errno == EINTR { continue }
            if count < 0 { return .failure(Refusal(String(cString: strerror(errno)))) }
            if count == 0 { return .success(bytes) }
            bytes += buffer[..<count]
        }
        return .failure(Refusal("it is too long"))
    }

    private static func fill(_ buffer: inout [UInt8], from descriptor: Int32) -> Int {
        buffer.withUnsafeMutableBytes { bytes in
            #if canImport(Glibc)
                Glibc.read(descriptor, bytes.baseAddress, bytes.count)
            #elseif canImport(Musl)
                Musl.read(descriptor, bytes.baseAddress, bytes.count)
            #else
                Darwin.read(descriptor, bytes.baseAddress, bytes.count)
            #endif
        }
    }

    struct Refusal: Error {
        var cause: String
        init(_ cause: String) { self.cause = cause }
    }
}
