import Foundation
import Synchronization

#if canImport(Glibc)
    import Glibc
#endif

/// A process that runs until the test stops it by its process id.
public struct Daemon: Sendable {
    public let pid: Int32
    private let said: Said
    /// What it has printed, the last of it where that is much.
    public var text: String { said.text.withLock { $0 } }

    private final class Said: Sendable {
        let text = Mutex("")

        func add(_ bytes: ArraySlice<UInt8>) {
            text.withLock { text in
                text += String(decoding: bytes, as: UTF8.self)
                if text.utf8.count > 1 << 17 { text = String(text.suffix(1 << 16)) }
            }
        }
    }

    public struct Problem: Error { public var message: String }

    /// - Parameter sign: what the program prints once it is ready; nil where nothing does.
    public static func start(_ path: String, _ arguments: [String], until sign: String?) throws -> Daemon {
        var ends: [Int32] = [-1, -1]
        let type = Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue)
        guard socketpair(AF_UNIX, type, 0, &ends) == 0 else { throw Problem(message: "no socket is left") }
        let (reading, writing) = (ends[0], ends[1])
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
        posix_spawn_file_actions_adddup2(&actions, writing, 1)
        posix_spawn_file_actions_adddup2(&actions, writing, 2)
        // A thread of the tests' pool blocks signals, and a program started there would never hear SIGTERM.
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        var none = sigset_t()
        sigemptyset(&none)
        posix_spawnattr_setsigmask(&attributes, &none)
        posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGMASK))
        var pid: pid_t = 0
        var argv: [UnsafeMutablePointer<CChar>?] = ([path] + arguments).map { strdup($0) }
        argv.append(nil)
        let code = posix_spawn(&pid, path, &actions, &attributes, &argv, environ)
        for pointer in argv { free(pointer) }
        close(writing)
        guard code == 0 else {
            close(reading)
            throw Problem(message: "\(path): \(String(cString: strerror(code)))")
        }
        let daemon = Daemon(pid: pid, said: Said())
        var buffer = [UInt8](repeating: 0, count: 4096)
        while let sign, !daemon.text.contains(sign) {
            let count = read(reading, &buffer, buffer.count)
            guard count > 0 else {
                close(reading)
                waitpid(pid, nil, 0)
                throw Problem(message: "\(path) did not start: \(daemon.text)")
            }
            daemon.said.add(buffer.prefix(count))
        }
        Thread.detachNewThread { [said = daemon.said] in
            var buffer = [UInt8](repeating: 0, count: 4096)
            while true {
                let count = read(reading, &buffer, buffer.count)
                guard count > 0 else { break }
                said.add(buffer.prefix(count))
            }
            close(reading)
        }
        return daemon
    }

    public func stop() {
        kill(pid, SIGTERM)
        waitpid(pid, nil, 0)
    }
}
