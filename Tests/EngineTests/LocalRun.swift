import Applier
import Foundation
import Model
import Planner
import Shell
import Synchronization
import TaskGraph

/// Plans and applies tasks on this machine, each "host" a node shell of its own, as over SSH but for the transport.
struct LocalRun {
    /// A folder for the test's files.
    let folder: String
    var tasks: [HostTask]
    var roles: [RoleOrder]

    init(_ tasks: [HostTask], roles: [RoleOrder] = [], folder: String) {
        self.tasks = tasks
        self.roles = roles.isEmpty ? Set(tasks.map(\.id.role)).sorted().map { RoleOrder(name: $0) } : roles
        self.folder = folder
    }

    struct Open {
        var planning: Planning
        var shells: [String: any NodeShell]
        var surveys: [String: Survey]
    }

    func open() async throws -> Open {
        var shells: [String: any NodeShell] = [:]
        var surveys: [String: Survey] = [:]
        for host in Set(tasks.map(\.id.host)) {
            var settings = ConnectionSettings(host: host)
            settings.becomes = false
            let channel = try LocalChannel("/bin/sh", ["-c", openShell(settings).text])
            let lock = "\(folder)/lock-\(host)"
            let shell = DriverShell(channel: channel, host: host, becomes: false, lockFolder: lock)
            shells[host] = shell
            surveys[host] = try await Survey.take(from: shell, exports: [])
        }
        let planning = try await Planner(shells: shells).plan(
            Planner.Input(tasks: tasks, roles: roles, surveys: surveys))
        return Open(planning: planning, shells: shells, surveys: surveys)
    }

    func close(_ open: Open) async { for shell in open.shells.values { await shell.close() } }

    func plan() async throws -> Planning {
        let open = try await open()
        await close(open)
        return open.planning
    }

    /// - Parameter meanwhile: what somebody else does between the plan and its application.
    func apply(
        stop: StopSignal = StopSignal(), meanwhile: () throws -> Void = {},
        onEvent: @escaping @Sendable (Event) -> Void = { _ in }
    ) async throws -> [TaskResult] {
        let open = try await open()
        try meanwhile()
        let results = await Applier(
            shells: open.shells, pendingHandlers: open.surveys.mapValues(\.pendingHandlers), owner: "a test",
            stop: stop, emit: onEvent
        ).apply(open.planning)
        await close(open)
        return results
    }

    func text(_ name: String) throws -> String { try String(contentsOfFile: "\(folder)/\(name)", encoding: .utf8) }
}
