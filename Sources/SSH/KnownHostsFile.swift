import Synchronization

#if canImport(Darwin)
    import Darwin
#elseif canImport(Musl)
    import Musl
#else
    import Glibc
#endif

/// The user's and the system's known_hosts files on this machine.
struct KnownHostsFiles: Sendable {
    var user: [String]
    var system: [String]

    /// What all the files say; a file that is not there says nothing.
    func read() -> KnownHosts {
        var known = KnownHosts()
        for file in user + system {
            if case .success(let bytes) = readFile(file) { known.add(Self.lines(of: bytes, file: file)) }
        }
        return known
    }

    /// What was read last of each file: all hosts of a run ask the same ones, and most find them as they were.
    private static let earlier = Mutex<[String: (bytes: [UInt8], known: KnownHosts)]>([:])

    private static func lines(of bytes: [UInt8], file: String) -> KnownHosts {
        if let last = earlier.withLock({ $0[file] }), last.bytes == bytes { return last.known }
        let known = KnownHosts(String(decoding: bytes, as: UTF8.self), file: file)
        earlier.withLock { $0[file] = (bytes, known) }
        return known
    }

    /// Serves one at a time: a line must not land behind another's missing newline.
    private static let appending = Mutex(())

    /// Adds a line to the user's first file, which keeps its mode; a new one is the user's alone.
    ///
    /// One write in append mode: another program that adds a line at the same time loses none.
    /// - Returns: nil, or why it could not be written.
    func append(_ line: String) -> String? {
        guard let file = user.first, file != "/dev/null" else { return nil }
        return Self.appending.withLock { _ in
            if let slash = file.lastIndex(of: "/"), slash != file.startIndex { mkdir(String(file[..<slash]), 0o700) }
            let descriptor = open(file, O_RDWR | O_APPEND | O_CREAT | O_CLOEXEC, 0o600)
            guard descriptor >= 0 else { return systemMessage(errno) }
            defer { close(descriptor) }
            var last = UInt8(ascii: "\n")
            let end = lseek(descriptor, 0, SEEK_END)
            if end > 0 { pread(descriptor, &last, 1, end - 1) }
            let bytes = Array((last == UInt8(ascii: "\n") ? line : "\n" + line).utf8)
            let written = write(descriptor, bytes, bytes.count)
            return written == bytes.count ? nil : systemMessage(errno)
        }
    }
}

/// A small file, whole.
func readFile(_ path: String, limit: Int = 16 << 20) -> Result<[UInt8], KeyProblem> {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else {
        return .failure(errno == ENOENT || errno == ENOTDIR ? .missing : .unreadable(systemMessage(errno)))
    }
    defer { close(descriptor) }
    var bytes: [UInt8] = []
    var piece = [UInt8](repeating: 0, count: 65536)
    while bytes.count <= limit {
        let count = read(descriptor, &piece, piece.count)
        if count < 0 { return .failure(.unreadable(systemMessage(errno))) }
        if count == 0 { return .success(bytes) }
        bytes += piece.prefix(count)
    }
    return .failure(.unreadable("it is too large"))
}

func systemMessage(_ code: Int32) -> String { String(cString: strerror(code)) }
