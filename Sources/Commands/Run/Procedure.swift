import Applier
import Model
import Synchronization

/// Deeds one after the other that no role declares, on hosts that are connected. Told, and written to the journal, as a
/// run's tasks are.
struct Procedure {
    /// In the place of a role's name.
    let name: String
    let contact: Contact
    let narrator: Narrator
    var locks = LockPolicy()
    private let tally = Tally()

    /// What was done so far, by host.
    private final class Tally: Sendable {
        let hosts = Mutex<[String: Recap.Counts]>([:])
    }

    init(name: String, contact: Contact, narrator: Narrator, locks: LockPolicy = LockPolicy()) {
        self.name = name
        self.contact = contact
        self.narrator = narrator
        self.locks = locks
    }

    /// Does the work and, whatever becomes of it, tells how it ended.
    func concluding(_ work: (Procedure) async throws -> Void) async throws {
        defer {
            narrator.tell(.ended(Recap(hosts: tally.hosts.withLock { $0 }, elapsed: narrator.elapsed)))
        }
        try await narrator.during { try await work(self) }
    }

    private func end(_ id: TaskID, _ result: TaskResult) {
        narrator.tell(.finished(id, result))
        tally.hosts.withLock { $0[id.host, default: Recap.Counts()].add(result) }
    }

    /// - Parameter onOutput: given the standard output as it arrives; what is given there is not kept.
    /// - Throws: `Failure` that says what could not be done; the steps after a failed one are not run.
    @discardableResult
    func run(
        _ deed: String, on host: String, _ steps: [Step], onOutput: (@Sendable (ArraySlice<UInt8>) -> Void)? = nil
    ) async throws(Failure) -> [Outcome] {
        let id = TaskID(host: host, role: name, position: 0, name: deed)
        narrator.tell(.started(id))
        do throws(Failure) {
            let shell = try await contact.shell(host)
            var given: OutputHandler?
            if let onOutput { given = { _, stream, bytes in if stream == .stdout { onOutput(bytes) } } }
            let outcomes = try await shell.perform(steps, onOutput: given)
            if let last = outcomes.last, !last.succeeded { throw Self.failure(deed, host, last) }
            end(id, .changed(Change(.run, steps: [])))
            return outcomes
        } catch {
            end(id, .failed(error))
            throw error
        }
    }

    @discardableResult
    func run(_ deed: String, on host: String, _ script: Script, deadline: Duration = .seconds(120))
        async throws(Failure)
        -> Outcome
    {
        try await run(deed, on: host, [.run(script, deadline: deadline)]).last ?? Outcome(status: 0)
    }

    /// Holds the nodes, so that no other run changes them meanwhile.
    func lock(_ hosts: [String]) async throws(Failure) {
        for host in hosts {
            try await locks.take(
                try await contact.shell(host), owner: Owner.description, stop: StopSignal(),
                emit: { [narrator] in narrator.tell($0) })
        }
    }

    private static func failure(_ deed: String, _ host: String, _ outcome: Outcome) -> Failure {
        var said = outcome.errorOutput.split(separator: "\n").map(String.init)
        var hint: String?
        if let last = said.last, last.hasPrefix("hint: ") {
            hint = String(last.dropFirst(6))
            said.removeLast()
        }
        return Failure(
            outcome.timedOut ? .timedOut : .failed, host: host, deed: deed,
            cause: (outcome.timedOut ? "its deadline passed" : said.last ?? "no reason was given")
                + " (exit \(outcome.status))",
            detail: said.count > 1 ? said.joined(separator: "\n") : nil, hint: hint)
    }
}
