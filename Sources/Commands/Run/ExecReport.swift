import Model
import Report
import Synchronization

/// Prints each host's result when it is its turn, in the inventory's order, and whole: whatever ends early waits.
final class ExecReport: Sendable {
    private struct State: Sendable {
        var results: [String: CommandResult] = [:]
        var begun: Set<String> = []
        /// How many hosts have been printed.
        var printed = 0
    }

    private let hosts: [String]
    private let state = Mutex(State())
    private let text: CommandText
    private let json: Bool
    private let console: Console
    private let narrator: Narrator

    /// - Parameter hosts: in the order in which they are told.
    init(_ hosts: [String], timeout: Duration, json: Bool, _ console: Console, _ narrator: Narrator) {
        self.hosts = hosts
        self.json = json
        self.console = console
        self.narrator = narrator
        text = CommandText(style: console.style, timeout: timeout)
    }

    func began(on host: String) { _ = state.withLock { $0.begun.insert(host) } }

    func ended(on host: String, _ result: CommandResult) {
        state.withLock { state in
            state.results[host] = result
            while state.printed < hosts.count, let result = state.results[hosts[state.printed]] {
                show(hosts[state.printed], result)
                state.printed += 1
            }
        }
    }

    /// A block whole, with no row of the live display in it.
    private func show(_ host: String, _ result: CommandResult) {
        narrator.asking { console.print(json ? CommandText.json(host, result) : text.block(host, result)) }
    }

    /// All of them, in the hosts' order.
    var results: [(host: String, result: CommandResult)] {
        state.withLock { state in hosts.compactMap { host in state.results[host].map { (host, $0) } } }
    }

    func printRecap(after elapsed: Duration) {
        if !json { console.print("\n" + text.recap(results, after: elapsed)) }
    }

    /// Prints what has ended, whosever turn it is, and tells where the command goes on.
    func lastWords() -> String {
        // Whoever holds the lock may be waiting for the terminal; leaving does not wait for them.
        let running = state.withLockIfAvailable { state in
            for host in hosts.dropFirst(state.printed) {
                if let result = state.results[host] { show(host, result) }
            }
            return hosts.filter { state.begun.contains($0) && state.results[$0] == nil }
        }
        guard let running, !running.isEmpty else { return "Interrupted." }
        return "Interrupted. The command goes on, unwatched, until its end or its timeout: on "
            + running.joined(separator: ", ")
    }
}
