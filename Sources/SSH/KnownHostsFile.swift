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

    /// A file that could not be read, and why.
    struct Unreadable: Error, Sendable {
        var file: String
        var problem: KeyProblem
    }

    private static let limit = 64 << 20

    /// What all the files say; a file that is not there says nothing.
    ///
    /// - Throws: where one is there and cannot be read: it may name the very key that is to be refused.
    func read() throws(Unreadable) -> KnownHosts {
        var known = KnownHosts()
        for file in user + system {
            switch readFile(file, limit: Self.limit) {
            case .success(let bytes): known.add(Self.lines(of: bytes, file: file))
            case .failure(.missing): continue
            case .failure(let problem): throw Unreadable(file: file, problem: problem)
            }
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
            if written == bytes.count { return nil }
            guard written > 0 else { return systemMessage(errno) }
            // Half a line would stand there as one that cannot be read.
            if end >= 0, lseek(descriptor, 0, SEEK_END) == end + off_t(written) { ftruncate(descriptor, end) }
            return "only \(written) of \(bytes.count) bytes could be written"
        }
    }
}

/// A small file, whole. Only what is not there is `missing`.
func readFile(_ path: String, limit: Int = 16 << 20) -> Result<[UInt8], KeyProblem> {
    // A FIFO would keep us waiting for whoever writes to it.
    let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
    guard descriptor >= 0 else { return .failure(errno == ENOENT ? .missing : .unreadable(systemMessage(errno))) }
    defer { close(descriptor) }
    var info = stat()
    guard fstat(descriptor, &info) == 0 else { return .failure(.unreadable(systemMessage(errno))) }
    // A device is /dev/null, mostly.
    guard [S_IFREG, S_IFCHR].contains(info.st_mode & S_IFMT) else {
        return .failure(.unreadable("it is no regular file"))
    }
    var bytes: [UInt8] = []
    var piece = [UInt8](repeating: 0, count: 65536)
    while bytes.count <= limit {
        let count = read(descriptor, &piece, piece.count)
        if count < 0, errno == EINTR { continue }
        if count < 0 { return .failure(.unreadable(systemMessage(errno))) }
        if count == 0 { return .success(bytes) }
        bytes += piece.prefix(count)
    }
    return .failure(.unreadable("it is larger than \(limit >> 20) MiB"))
}

func systemMessage(_ code: Int32) -> String { String(cString: strerror(code)) }
