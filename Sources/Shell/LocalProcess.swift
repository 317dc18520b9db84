import Model

#if canImport(Glibc)
    @preconcurrency import Glibc
#elseif canImport(Musl)
    @preconcurrency import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// A started process and this side's ends of its streams, non-blocking.
struct LocalProcess {
    let id: Int32
    let input: Int32
    let output: Int32
    let errors: Int32

    init(
        _ program: String, _ arguments: [String], _ environment: [String: String]?, isDetached: Bool
    ) throws(Failure) {
        func failure(_ code: Int32) -> Failure {
            Failure(.unreachable, deed: "start \(program)", cause: String(cString: strerror(code)))
        }
        var pairs: [[Int32]] = []
        for _ in 0..<3 {
            var pair: [Int32] = [-1, -1]
            guard Self.pair(&pair) == 0 else {
                let code = errno
                for descriptor in pairs.joined() { Self.close(descriptor) }
                throw failure(code)
            }
            for descriptor in pair { _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC) }
            _ = fcntl(pair[0], F_SETFL, O_NONBLOCK)
            pairs.append(pair)
        }
        #if canImport(Darwin)
            var actions: posix_spawn_file_actions_t?
            var attributes: posix_spawnattr_t?
        #else
            var actions = posix_spawn_file_actions_t()
            var attributes = posix_spawnattr_t()
        #endif
        posix_spawn_file_actions_init(&actions)
        posix_spawnattr_init(&attributes)
        defer {
            posix_spawn_file_actions_destroy(&actions)
            posix_spawnattr_destroy(&attributes)
        }
        for stream in 0..<3 { posix_spawn_file_actions_adddup2(&actions, pairs[stream][1], Int32(stream)) }
        // A group of its own, and signals as a fresh process has them: a shell cannot undo one that is ignored.
        var defaults = sigset_t()
        sigfillset(&defaults)
        var mask = sigset_t()
        sigemptyset(&mask)
        posix_spawnattr_setsigdefault(&attributes, &defaults)
        posix_spawnattr_setsigmask(&attributes, &mask)
        posix_spawnattr_setflags(
            &attributes,
            Int16(
                (isDetached ? Self.ownSession : POSIX_SPAWN_SETPGROUP) | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK)
        )

        var words: [UnsafeMutablePointer<CChar>?] = ([program] + arguments).map { strdup($0) }
        words.append(nil)
        var variables: [UnsafeMutablePointer<CChar>?] = (environment ?? [:]).map { strdup("\($0)=\($1)") } + [nil]
        defer {
            for word in words { free(word) }
            for variable in variables { free(variable) }
        }
        var id: pid_t = 0
        let code =
            environment == nil
            ? posix_spawnp(&id, program, &actions, &attributes, &words, environ)
            : posix_spawnp(&id, program, &actions, &attributes, &words, &variables)
        for pair in pairs { Self.close(pair[1]) }
        guard code == 0 else {
            for pair in pairs { Self.close(pair[0]) }
            throw failure(code)
        }
        self.id = id
        (input, output, errors) = (pairs[0][0], pairs[1][0], pairs[2][0])
    }

    /// POSIX_SPAWN_SETSID: a session's first process leads a group of its own, too.
    private static var ownSession: Int32 {
        #if canImport(Darwin)
            0x400
        #else
            0x80
        #endif
    }

    static func pair(_ pair: inout [Int32]) -> Int32 {
        #if canImport(Darwin)
            return socketpair(AF_UNIX, SOCK_STREAM, 0, &pair)
        #else
            // At once: a process that another thread starts meanwhile must not hold an end, for then none is ever seen.
            let type = Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue)
            return socketpair(AF_UNIX, type, 0, &pair)
        #endif
    }

    static func close(_ descriptor: Int32) {
        #if canImport(Glibc)
            _ = Glibc.close(descriptor)
        #elseif canImport(Musl)
            _ = Musl.close(descriptor)
        #else
            _ = Darwin.close(descriptor)
        #endif
    }

    /// Sockets, so that writing to a process that is gone gives an error and no signal.
    static func send(_ descriptor: Int32, _ bytes: UnsafeRawPointer?, _ count: Int) -> Int {
        #if canImport(Glibc)
            Glibc.send(descriptor, bytes, count, Int32(MSG_NOSIGNAL))
        #elseif canImport(Musl)
            Musl.send(descriptor, bytes, count, Int32(MSG_NOSIGNAL))
        #else
            Darwin.send(descriptor, bytes, count, 0)
        #endif
    }

    static func receive(_ descriptor: Int32, _ buffer: UnsafeMutableRawPointer?, _ count: Int) -> Int {
        #if canImport(Glibc)
            Glibc.recv(descriptor, buffer, count, 0)
        #elseif canImport(Musl)
            Musl.recv(descriptor, buffer, count, 0)
        #else
            Darwin.recv(descriptor, buffer, count, 0)
        #endif
    }
}
