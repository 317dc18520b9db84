import Model
import Polling
import Shell

extension SSHConnector {
    /// What the far end says first, so that its login is told from what comes after it.
    private static let mark = "kubani-login"

    /// Starts a command on a machine by the user's own `ssh`, and waits until that has logged in.
    ///
    /// - Throws: `Failure` with code `unreachable`, with what ssh said.
    public func startBySSH(
        _ command: Script, on settings: ConnectionSettings
    ) async throws(Failure) -> OpenSSHChannel {
        let deadline = ContinuousClock.now + options.connectTimeout
        let (target, common) = try await resolver.resolved(settings, until: deadline)
        let deed = "connect to \(target.peer) by ssh"
        func failure(_ cause: String, detail: String? = nil, hint: String? = nil) -> Failure {
            Failure(.unreachable, host: settings.host, deed: deed, cause: cause, detail: detail, hint: hint)
        }
        if settings.password != nil {
            throw failure(
                "ssh is not given passwords", hint: "use a key, or leave this host to libssh2: --transport libssh2")
        }
        // ssh takes a known_hosts that it cannot read for an empty one.
        _ = try HostTrust(target: target, vouched: [])
        let line = try await self.command(for: target, settings, common, until: deadline)
        guard await turns.take(until: deadline) else {
            throw failure(Task.isCancelled ? "interrupted" : "other logins took all the time")
        }
        defer { turns.pass() }
        let channel: LocalChannel
        do throws(Failure) {
            channel = try LocalChannel(
                line.words[0], Array(line.words.dropFirst()) + ["echo \(Self.mark); \(command.text)"], isDetached: true)
        } catch {
            throw failure("ssh cannot be started: \(error.cause)", hint: "it comes with OpenSSH's client")
        }
        var early: [(stream: OutputStream, bytes: [UInt8])] = []
        while !early.contains(where: { $0.stream == .stdout }) {
            do throws(Failure) {
                if let piece = try await channel.read(deadline: deadline) {
                    early.append(piece)
                    continue
                }
            } catch {
                await channel.terminate()
                let words = Self.words(early)
                throw failure(
                    error.code == .cancelled
                        ? "interrupted" : "ssh has not logged in within \(options.connectTimeout.components.seconds) s",
                    detail: words)
            }
            await channel.terminate()
            let words = Self.words(early)
            let lines = words?.split(separator: "\n") ?? []
            let telling = lines.last { !$0.hasPrefix("Host key verification failed") } ?? lines.last
            throw failure(
                telling.map { "ssh says: \($0)" } ?? "ssh ended without a word",
                detail: lines.count > 1 ? words : nil, hint: Self.hint(words ?? ""))
        }
        // Not the command's.
        if let index = early.firstIndex(where: { $0.bytes.starts(with: "\(Self.mark)\n".utf8) }) {
            early[index].bytes.removeFirst(Self.mark.utf8.count + 1)
            if early[index].bytes.isEmpty { early.remove(at: index) }
        }
        return OpenSSHChannel(channel, early: early, target: target, host: settings.host)
    }

    private static func words(_ early: [(stream: OutputStream, bytes: [UInt8])]) -> String? {
        let text = String(decoding: early.flatMap(\.bytes).suffix(8192), as: UTF8.self)
        // Its lines end as a terminal wants them.
        let lines = text.split(whereSeparator: \.isNewline)
        return lines.isEmpty ? nil : lines.joined(separator: "\n")
    }

    private static func hint(_ words: String) -> String? {
        if words.contains("HAS CHANGED") {
            return "somebody may be in between; ssh says which line of known_hosts it is"
        }
        if words.contains("host key") || words.contains("Host key") {
            return "connect once with ssh and compare its key, or use --accept-new-host-keys"
        }
        if words.contains("Permission denied") {
            return "nobody is asked here for a passphrase or a password: load the key into the agent (ssh-add)"
        }
        return nil
    }

    /// The command for a machine, with those of the machines that it lies behind, so that each is held to its host key.
    private func command(
        for target: Target, _ settings: ConnectionSettings, _ common: CommonArguments,
        until deadline: ContinuousClock.Instant
    ) async throws(Failure) -> OpenSSHCommand {
        OpenSSHCommand(
            target, alias: settings.address, user: settings.user, port: settings.port,
            keyFile: settings.privateKeyFile, common: common,
            configFile: common.configFile == nil ? options.configFile : nil,
            proxy: try await proxy(of: target, depth: 0, until: deadline), timeout: options.connectTimeout)
    }

    private func proxy(
        of target: Target, depth: Int, until deadline: ContinuousClock.Instant
    ) async throws(Failure) -> OpenSSHCommand? {
        guard case .jump(let hops) = target.route, let last = hops.last else { return nil }
        guard depth < Self.depthLimit else { throw tooDeep(target) }
        var hop = try await resolver.target(
            for: last, lentKey: nil, configFile: target.configFile, until: deadline)
        _ = try HostTrust(target: hop, vouched: [])
        if hops.count > 1 { hop.route = .jump(Array(hops.dropLast())) }
        return OpenSSHCommand(
            hop, alias: last.host, user: last.user, port: last.port, keyFile: nil, common: CommonArguments(),
            configFile: target.configFile ?? options.configFile,
            proxy: try await proxy(of: hop, depth: depth + 1, until: deadline), timeout: options.connectTimeout)
    }
}

/// A command on a node, over the standard input and output of the user's own `ssh`.
public actor OpenSSHChannel: ByteChannel {
    private nonisolated let channel: LocalChannel
    private var early: [(stream: OutputStream, bytes: [UInt8])]
    private let host: String
    private let peer: String

    init(_ channel: LocalChannel, early: [(stream: OutputStream, bytes: [UInt8])], target: Target, host: String) {
        self.channel = channel
        self.early = early
        self.host = host
        peer = target.peer
    }

    /// Whether ssh still runs.
    public nonisolated var isAlive: Bool { channel.isRunning }

    public func write(_ bytes: [UInt8]) async throws(Failure) {
        do throws(Failure) { try await channel.write(bytes) } catch { throw lost(error) }
    }

    public func read(
        deadline: ContinuousClock.Instant
    ) async throws(Failure) -> (stream: OutputStream, bytes: [UInt8])? {
        if !early.isEmpty { return early.removeFirst() }
        do throws(Failure) { return try await channel.read(deadline: deadline) } catch {
            throw error.code == .timedOut ? error : lost(error)
        }
    }

    public func finishInput() async throws(Failure) { try await channel.finishInput() }
    public func exitStatus() async -> Int32? { await channel.exitStatus() }

    /// Ends ssh: what runs on the node sees its input end.
    public func close() async { await channel.terminate() }

    private func lost(_ failure: Failure) -> Failure {
        Failure(
            failure.code, host: host, deed: "talk to \(peer)", cause: failure.cause,
            hint: failure.code == .unreachable
                ? "a command that was running there may go on; what was not yet sent is not run" : nil)
    }
}
