import Model

/// Deeds one after the other that no role declares, on hosts that are connected. Told, and written to the journal, as a
/// run's tasks are.
struct Procedure {
    /// In the place of a role's name.
    let name: String
    let contact: Contact
    let narrator: Narrator

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
            narrator.tell(.finished(id, .changed(Change(.run, steps: []))))
            return outcomes
        } catch {
            narrator.tell(.finished(id, .failed(error)))
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
        for host in hosts { try await contact.shell(host).lock(owner: Owner.description) }
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
