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
    var cluster: any Cluster = NothingAsked()
    /// Those of the hosts that are said to be the machine that kubani runs on.
    var local: Set<String> = []

    init(_ tasks: [HostTask], roles: [RoleOrder] = [], folder: String) {
        self.tasks = tasks
        self.roles = roles.isEmpty ? Set(tasks.map(\.id.role)).sorted().map { RoleOrder(name: $0) } : roles
        self.folder = folder
    }

    struct Open {
        var planning: Planning
        var shells: [String: any NodeShell]
        var reach: Reach
        var surveys: [String: Survey]
    }

    func open() async throws -> Open {
        var shells: [String: any NodeShell] = [:]
        var surveys: [String: Survey] = [:]
        for host in Set(tasks.map(\.id.host)) {
            let shell = try await self.shell(host)
            shells[host] = shell
            surveys[host] = try await Survey.take(from: shell, exports: [])
        }
        let laptop = try await shell("laptop")
        shells["laptop"] = laptop
        let reach = Reach(
            shells: shells, laptop: laptop, cluster: { [cluster] _ in cluster }, artifacts: NothingFetched())
        let planning = try await Planner(reach: reach).plan(
            Planner.Input(tasks: tasks, roles: roles, surveys: surveys, local: local))
        return Open(planning: planning, shells: shells, reach: reach, surveys: surveys)
    }

    func shell(_ host: String) async throws -> DriverShell {
        var settings = ConnectionSettings(host: host)
        settings.becomes = false
        let channel = try LocalChannel("/bin/sh", ["-c", openShell(settings).text])
        return DriverShell(channel: channel, host: host, becomes: false, lockFolder: "\(folder)/lock-\(host)")
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
            reach: open.reach, pendingHandlers: open.surveys.mapValues(\.pendingHandlers), owner: "a test",
            stop: stop, emit: onEvent
        ).apply(open.planning)
        await close(open)
        return results
    }

    func text(_ name: String) throws -> String { try String(contentsOfFile: "\(folder)/\(name)", encoding: .utf8) }
}

/// For runs that have nothing to do with a cluster.
struct NothingAsked: Cluster {
    func answer(_ questions: [ClusterQuestion]) async -> [Result<ClusterAnswer, Failure>] {
        questions.map { _ in .failure(Failure(deed: "ask a cluster", cause: "this test has none")) }
    }
    func perform(_ deed: ClusterDeed, tell: @escaping @Sendable (String) -> Void) async throws(Failure) {
        throw Failure(deed: "ask a cluster", cause: "this test has none")
    }
}

/// For runs that fetch nothing.
struct NothingFetched: Artifacts {
    func file(url: String, sha256: String) async throws(Failure) -> (path: String, length: Int) {
        throw Failure(deed: "fetch \(url)", cause: "this test fetches nothing")
    }
    func text(url: String) async throws(Failure) -> String {
        throw Failure(deed: "fetch \(url)", cause: "this test fetches nothing")
    }
    func forgetText(url: String) {}
}
