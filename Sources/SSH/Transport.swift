import Model
import Polling
import Subprocess
import Synchronization
import SystemPackage

#if canImport(Darwin)
    import Darwin
#elseif canImport(Musl)
    import Musl
#else
    import Glibc
#endif

/// What carries a connection that is no plain TCP, for as long as the connection lives.
final class Transport: Sendable {
    private let work: Task<String?, Never>
    /// The connection that a tunnel goes through must not be freed before it.
    private let through: SSHConnection?

    private init(through: SSHConnection?, _ work: Task<String?, Never>) {
        self.through = through
        self.work = work
    }

    deinit { work.cancel() }

    func end() { work.cancel() }

    /// What ProxyCommand wrote on its standard error, once it has ended.
    func complaint() async -> String? {
        guard through == nil else { return nil }
        return await withinDeadline(.now + .seconds(1)) { await self.work.value }
    }

    /// A tunnel through a channel of another connection: a socket pair, whose other end is pumped.
    static func tunnel(
        through jump: SSHConnection, to host: String, port: Int, until deadline: ContinuousClock.Instant
    ) async throws(Failure) -> (socket: Int32, transport: Transport) {
        let channel = try await jump.tunnel(to: host, port: port, until: deadline)
        guard let (ours, theirs) = Descriptor.pair() else {
            throw Failure(.unreachable, deed: "connect to \(host)", cause: systemMessage(errno))
        }
        let pumping = Task { () -> String? in
            let socket = Descriptor(adopting: theirs)
            await pump(channel, socket.raw)
            shutdown(socket.raw, Int32(SHUT_RDWR))
            await channel.close()
            return nil
        }
        return (ours, Transport(through: jump, pumping))
    }

    private static func pump(_ channel: SSHChannel, _ socket: Int32) async {
        await withTaskGroup(of: Void.self) { group in
            group.addTask { await pumpOut(channel, socket) }
            group.addTask { await pumpIn(channel, socket) }
            // When either way has ended the connection inside is over.
            await group.next()
            group.cancelAll()
        }
    }

    /// A tunnel that is quiet for so long is looked at, and goes on.
    private static let spell: Duration = .seconds(3600)

    private static func pumpOut(_ channel: SSHChannel, _ socket: Int32) async {
        while !Task.isCancelled {
            let deadline = ContinuousClock.now + spell
            guard let bytes = await SocketStream.receive(from: socket, limit: 65536, until: deadline) else {
                if ContinuousClock.now >= deadline { continue }
                return
            }
            if bytes.isEmpty { return }
            do { try await channel.write(bytes) } catch { return }
        }
    }

    private static func pumpIn(_ channel: SSHChannel, _ socket: Int32) async {
        while !Task.isCancelled {
            do throws(Failure) {
                guard let (_, bytes) = try await channel.read(deadline: .now + spell) else { return }
                guard await SocketStream.send(bytes, to: socket, until: .now + spell) else { return }
            } catch {
                if error.code != .timedOut { return }
            }
        }
    }

    /// A process whose standard input and output are the connection; nil where the system has no socket left.
    static func command(_ script: Script) -> (socket: Int32, transport: Transport)? {
        guard let (ours, theirs) = Descriptor.pair() else { return nil }
        // One descriptor for each stream: both are closed here once the process has them, so that its end is seen.
        guard let input = duplicate(theirs) else {
            close(ours)
            close(theirs)
            return nil
        }
        let output = FileDescriptor(rawValue: theirs)
        let running = Task { () -> String? in
            let result = try? await Subprocess.run(
                .path("/bin/sh"), arguments: ["-c", "exec \(script.text)"],
                input: .fileDescriptor(input, closeAfterSpawningProcess: true),
                output: .fileDescriptor(output, closeAfterSpawningProcess: true), error: .string(limit: 1 << 16))
            return result?.standardError
        }
        return (ours, Transport(through: nil, running))
    }

    private static func duplicate(_ descriptor: Int32) -> FileDescriptor? {
        let copy = fcntl(descriptor, F_DUPFD_CLOEXEC, 0)
        return copy < 0 ? nil : FileDescriptor(rawValue: copy)
    }

    /// ProxyCommand's text with its tokens filled in, each one word of the shell.
    static func script(_ command: String, for target: Target, alias: String) -> Script {
        var script: Script = ""
        var rest = Substring(command)
        while !rest.isEmpty {
            let text = rest.prefix { $0 != "%" }
            script = script + Script(written: String(text))
            rest = rest.dropFirst(text.count)
            guard rest.popFirst() != nil else { break }
            switch rest.popFirst() {
            case "h"?: script = script + "\(target.address)"
            case "n"?: script = script + "\(alias)"
            case "p"?: script = script + "\(target.port)"
            case "r"?: script = script + "\(target.user)"
            case "%"?, nil: script = script + "%"
            case let other?: script = script + Script(written: "%\(other)")
            }
        }
        return script
    }
}
