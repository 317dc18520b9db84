import ArgumentParser
import Model
import Report
import Roles

struct Exec: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Run a command on the hosts, side by side.",
        discussion: """
            What follows -- is run as root, by the hosts' sh, with nothing to read. One
            word is a shell command as it is typed; of several, each comes through as it
            is. Hosts are told in the inventory's order, each whole: its exit status, what
            it printed, and after ! what it said on standard error. Nodes are not locked.

            EXAMPLES
              kubani exec -- uptime
              kubani exec --limit workers -- 'df -h / | tail -n 1'
              kubani exec --limit n1 --timeout 5m -- apt-get update
              kubani exec --no-become -- id -un
              kubani exec --json -- uname -r | jq -r '[.host, .stdout] | @tsv'

            EXIT STATUS
              0    it ended with 0 everywhere
              1    wrong input: it was run nowhere
              3    it ended otherwise on a host, or took too long
              4    a host was unreachable, and nothing else failed
              130  interrupted; where it was begun, it goes on

            .kubani/runs/TIME-ID/events.jsonl keeps what was run where and how it ended,
            and not what was printed.
            """)

    @OptionGroup var inventory: InventoryOptions
    @OptionGroup var connection: ConnectionOptions

    @Option(help: ArgumentHelp("How long it may take: 90s, 5m, 1h.", valueName: "time"))
    var timeout = TimeLimit(seconds: 60)
    @Flag(name: .customLong("no-become"), help: "Run it as who logs in, without sudo.") var noBecome = false
    @Flag(name: .long, help: "JSON instead of text: a line a host.") var json = false

    @Argument(help: .hidden) var stray: String?
    @Argument(parsing: .postTerminator, help: "The command, after --.") var command: [String] = []

    mutating func validate() throws {
        if let word = stray {
            throw ValidationError("'\(word)' stands before --; the command comes after it: kubani exec -- \(word)")
        }
        if command.isEmpty || command == [""] {
            throw ValidationError("there is nothing to run; a command comes after --: kubani exec -- uptime")
        }
    }

    func run() async throws {
        let console = Console()
        let chosen = try ChosenHosts.read("all", limit: inventory.limit, of: inventory.source)
        try connection.refuseToAskNobody(console)
        let settings = chosen.settings.map { host in
            var host = host
            if noBecome { host.becomes = false }
            return host
        }
        let narrator = Narrator(console: console, verbosity: -1, json: false, journal: Journal())
        narrator.keep(chosen.site.secrecy(), by: chosen.site.secretNames)
        let report = ExecReport(chosen.names, timeout: timeout.duration, json: json, console, narrator)
        let interrupts = Interrupts(narrator) { report.lastWords() }
        defer { withExtendedLifetime(interrupts) {} }
        let fleet = Fleet(options: connection, console: console, narrator: narrator)
        let (script, name, limit) = (script, command.joined(separator: " "), timeout.duration)
        await narrator.during {
            _ = await fleet.open(settings) { shell throws(Failure) in
                do throws(Failure) { _ = try await shell.run(":") } catch {
                    report.ended(on: shell.host, .failed(error))
                    throw error
                }
            } then: { shell in
                let id = TaskID(host: shell.host, role: "exec", position: 0, name: name)
                narrator.tell(.started(id))
                report.began(on: shell.host)
                let result = await Self.result(of: script, within: limit, on: shell)
                narrator.tell(.finished(id, result.asTask(on: shell.host)))
                report.ended(on: shell.host, result)
            }
            await fleet.close()
        }
        let results = report.results
        narrator.tell(.ended(Recap(results, after: narrator.elapsed)))
        report.printRecap(after: narrator.elapsed)
        try ExitStatus(results.map(\.result)).exit()
    }

    /// One word is a shell's text; several are words.
    private var script: Script { command.count == 1 ? Script(written: command[0]) : "\(command)" }

    private static func result(of script: Script, within limit: Duration, on shell: any NodeShell) async
        -> CommandResult
    {
        do throws(Failure) {
            // With a handler only head and tail are kept of what never ends.
            let outcomes = try await shell.perform([.run(script, deadline: limit)], onOutput: { _, _, _ in })
            guard let outcome = outcomes.first else { throw Failure(deed: "run the command", cause: "no answer") }
            return .ended(outcome)
        } catch {
            return .failed(error)
        }
    }
}

extension CommandResult {
    /// As the journal has it: without what was printed, which may be a secret.
    fileprivate func asTask(on host: String) -> TaskResult {
        switch self {
        case .ended(let outcome) where outcome.succeeded: return .changed(Change(.run, steps: []))
        case .ended(let outcome):
            return .failed(
                Failure(
                    outcome.timedOut ? .timedOut : .failed, host: host, deed: "run the command",
                    cause: outcome.timedOut ? "it took too long" : "it ended with status \(outcome.status)"))
        case .failed(let failure): return .failed(failure)
        }
    }
}

extension Recap {
    fileprivate init(_ results: [(host: String, result: CommandResult)], after elapsed: Duration) {
        var hosts: [String: Counts] = [:]
        for (host, result) in results {
            var counts = Counts()
            counts.isUnreachable = result.isUnreachable
            if !result.isUnreachable { counts.add(result.asTask(on: host)) }
            hosts[host] = counts
        }
        self.init(hosts: hosts, elapsed: elapsed)
    }
}

extension ExitStatus {
    /// The worst of one command's results.
    fileprivate init(_ results: [CommandResult]) {
        let bad = results.filter { !$0.succeeded }
        self = bad.isEmpty ? .done : bad.allSatisfy(\.isUnreachable) ? .unreachable : .failed
    }
}
