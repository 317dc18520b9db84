import HTTP
import Model
import Planner
import Polling
import Report
import SSH
import Shell
import Tailscale

/// The hosts of a run and the one shell that each has, from the first look to the last change.
actor Fleet {
    private let connector: SSHConnector
    private let options: ConnectionOptions
    private let console: Console
    private let narrator: Narrator
    private(set) var shells: [String: any NodeShell] = [:]
    private(set) var unreachable: [String: Failure] = [:]

    init(options: ConnectionOptions, console: Console, narrator: Narrator) {
        self.options = options
        self.console = console
        self.narrator = narrator
        connector = SSHConnector(options: options.ssh(console, narrator))
    }

    /// All that this run can look at and change.
    var reach: Reach {
        Reach(
            shells: shells, laptop: laptop, cluster: { [clusters] in await clusters.client($0) }, artifacts: artifacts)
    }

    /// When nodes are at work.
    let clock = NodeClock()
    private let artifacts = ArtifactCache()
    private let clusters = Clusters()

    /// A shell here, as whoever runs kubani; opened when something needs it.
    private let laptop = ReconnectingShell(host: "this machine", isHere: true) { () async throws(Failure) in
        let channel = try LocalChannel("/bin/sh", ["-c", openShell(here, login: Owner.user).text])
        return .init(
            shell: DriverShell(channel: channel, host: "this machine", becomes: false), isAlive: { true }, close: {})
    }

    private static var here: ConnectionSettings {
        var settings = ConnectionSettings(host: "this machine")
        settings.method = .local
        settings.becomes = false
        return settings
    }

    /// Connects to all hosts, and surveys each as soon as it lets us in.
    func open(_ settings: [ConnectionSettings], exports: [String: [Export]], early: [String: EarlyLook])
        async -> [String: Survey]
    {
        let tell: @Sendable (Event) -> Void = { [narrator] in narrator.tell($0) }
        return await open(settings) { shell throws(Failure) in
            try await Survey.take(
                from: shell, exports: exports[shell.host] ?? [], early: early[shell.host], tell: tell)
        }
    }

    /// Connects to all hosts at once, as many handshakes at a time as `--forks` allows. Hosts that do not let us in are
    /// kept in `unreachable`.
    ///
    /// - Parameters:
    ///   - greet: the first thing asked of a host; one that does not answer it is unreachable.
    ///   - then: done with each host as soon as it has answered, whatever the others are at.
    func open<Answer: Sendable>(
        _ settings: [ConnectionSettings],
        greet: @escaping @Sendable (any NodeShell) async throws(Failure) -> Answer,
        then: @escaping @Sendable (any NodeShell) async -> Void = { _ in }
    ) async -> [String: Answer] {
        let settings = options.completed(settings, console, narrator)
        let (connector, narrator, clock, limit) = (connector, narrator, clock, Duration.seconds(options.connectTimeout))
        // SSH's logins are bounded where they are made; a process of this machine is work from its first look on.
        let slots = Slots(options.forks)
        let vouched = await Self.vouchedHostKeys(settings)
        return await withTaskGroup(of: (String, Result<(any NodeShell, Answer), Failure>).self) { group in
            for host in settings {
                group.addTask {
                    if host.method == .local { _ = await slots.take(until: .now + .seconds(86400)) }
                    narrator.tell(.connecting(host: host.host))
                    do throws(Failure) {
                        let shell = ReconnectingShell(host: host.host, isHere: host.method == .local, clock: clock) {
                            () async throws(Failure) in
                            try await Self.shell(host, connector, vouched[host.address] ?? [], limit)
                        }
                        defer { if host.method == .local { slots.pass() } }
                        let answer = try await greet(shell)
                        narrator.tell(.connected(host: host.host))
                        await then(shell)
                        return (host.host, .success((shell, answer)))
                    } catch {
                        narrator.tell(.unreachable(host: host.host, error))
                        return (host.host, .failure(error))
                    }
                }
            }
            var answers: [String: Answer] = [:]
            for await (host, result) in group {
                switch result {
                case .success((let shell, let answer)):
                    shells[host] = shell
                    answers[host] = answer
                case .failure(let failure): unreachable[host] = failure
                }
            }
            return answers
        }
    }

    /// - Parameter limit: how long the host may take to let us in, and then its shell to begin.
    private static func shell(
        _ settings: ConnectionSettings, _ connector: SSHConnector, _ vouched: [String], _ limit: Duration
    ) async throws(Failure) -> ReconnectingShell.Opened {
        func driver(_ channel: any ByteChannel) -> DriverShell {
            DriverShell(
                channel: PunctualChannel(channel, host: settings.host, within: limit), host: settings.host,
                password: settings.becomePassword, becomes: settings.becomes)
        }
        switch settings.method {
        case .local:
            let channel = try LocalChannel("/bin/sh", ["-c", openShell(settings, login: Owner.user).text])
            return .init(shell: driver(channel), isAlive: { true }, close: {})
        case .openssh:
            let channel = try await connector.startBySSH(openShell(settings), on: settings)
            return .init(shell: driver(channel), isAlive: { channel.isAlive }, close: { await channel.close() })
        case .ssh:
            let connection = try await connector.connect(settings, vouched: vouched)
            let channel = try await connection.exec(openShell(settings), deadline: .now + limit)
            return .init(
                shell: driver(channel), isAlive: { await connection.isAlive }, close: { await connection.close() })
        }
    }

    /// What this machine's Tailscale vouches for, asked only where a host is reached at a Tailscale address.
    static func vouchedHostKeys(_ settings: [ConnectionSettings]) async -> [String: [String]] {
        guard settings.contains(where: { $0.method == .ssh && Self.isTailscale($0.address) }) else { return [:] }
        return await TailscaleCLI.status()?.vouchedHostKeys ?? [:]
    }

    /// 100.64.0.0/10, and Tailscale's own part of the unique local IPv6 addresses.
    private static func isTailscale(_ address: String) -> Bool {
        if address.lowercased().hasPrefix("fd7a:115c:a1e0:") { return true }
        let parts = address.split(separator: ".").compactMap { Int($0) }
        return parts.count == 4 && parts[0] == 100 && (64..<128).contains(parts[1])
    }

    func roundTrips() async -> [String: Int] {
        var counts: [String: Int] = [:]
        for (host, shell) in shells { counts[host] = await shell.roundTrips }
        return counts
    }

    func roundTripsText() async -> String {
        await roundTrips().sorted { $0.key < $1.key }.map { "\($0.key): \(counted($0.value, "round trip"))" }
            .joined(separator: "\n")
    }

    func close() async {
        await withTaskGroup(of: Void.self) { group in
            for shell in shells.values + [laptop] { group.addTask { await shell.close() } }
        }
    }
}
