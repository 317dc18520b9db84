import Foundation
import Model
import Planner
import Shell
import TestSupport
import Testing

/// Looks that share a deadline, on a real shell of this machine.
@Suite(Needs.root) struct LookingTests {
    private let place: TemporaryFolder
    private var folder: String { place.path }

    init() throws { place = try TemporaryFolder("kubani-looking") }

    private func take(_ checks: [String], patience: Duration) async throws -> (answer: Looking.Answer, roundTrips: Int)
    {
        let run = LocalRun([], folder: folder)
        let shell = try await run.shell("n1")
        var looking = Looking(patience: patience)
        for (vertex, check) in checks.enumerated() {
            let fields: Value = ["script": ":", "check": .string(check)]
            guard case .resource(let resource, _) = task("n1", "r", vertex, nil, fields).resolve(Exports()) else {
                throw Failure(deed: "make a command", cause: "its fields are wrong")
            }
            looking.add(vertex, resource, host: "n1")
        }
        let reach = Reach(
            shells: ["n1": shell], laptop: shell, cluster: { _ in NothingAsked() }, artifacts: NothingFetched())
        let answer = await looking.take(through: reach)
        let roundTrips = await shell.roundTrips
        await shell.close()
        return (answer, roundTrips)
    }

    private func isContent(_ look: Result<Look, Failure>?) -> Bool? {
        guard case .success(let look) = look else { return nil }
        if case .none = look.difference { return true } else { return false }
    }

    @Test("checks that exit, are wrong or leave something behind are told apart from those beside them")
    func together() async throws {
        let checks = [
            "x=1; exit 0", "[ -z \"$x\" ]", "if; then", "cd /usr; umask 0; false", "[ \"$PWD\" != /usr ]", "read x",
        ]
        let (answer, roundTrips) = try await take(checks, patience: .seconds(60))
        #expect((0..<6).map { isContent(answer.looks[$0]) } == [true, true, false, false, true, false])
        #expect(roundTrips == 1)
    }

    @Test("where one takes all the time, each is asked by itself and none goes without an answer")
    func apart() async throws {
        let hangsOnce = "[ -e \(folder)/hung ] || { touch \(folder)/hung; sleep 100; }"
        let (answer, roundTrips) = try await take(["true", hangsOnce, "false"], patience: .seconds(1))
        #expect((0..<3).map { isContent(answer.looks[$0]) } == [true, true, false])
        #expect(roundTrips == 2)
    }
}
