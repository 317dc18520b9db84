import Foundation
import Model
import Resources
import Shell
import TestSupport

/// This machine in a node's place: real shells, files of a folder of the test's own.
actor LocalNode: NodeShell {
    enum Flavour: String, CaseIterable, Sendable {
        /// The shell alone; the programs are this machine's.
        case dash, bash
        /// The shell and every program.
        case busybox
    }

    nonisolated let host = "here"
    nonisolated let folder: String
    private let command: [String]
    private var search = ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin:/bin"
    private(set) var roundTrips = 0

    /// - Parameter lacking: programs that the node does not have.
    init(_ flavour: Flavour, lacking: [String] = []) async throws {
        // Where root alone makes links, as in most places that a role writes to; others are told by NodeWayTests.
        let place = geteuid() == 0 ? URL(filePath: "/run") : FileManager.default.temporaryDirectory
        folder = place.appending(path: "kubani-\(UUID().uuidString)")
            .resolvingSymlinksInPath().path(percentEncoded: false)
        try FileManager.default.createDirectory(atPath: folder + "/.node", withIntermediateDirectories: true)
        let shell = "/bin/\(flavour.rawValue)"
        command = flavour == .busybox ? [shell, "sh"] : [shell]
        if flavour == .busybox {
            search = folder + "/.node/bin"
            try FileManager.default.createDirectory(atPath: search, withIntermediateDirectories: true)
            _ = try await Program.run(shell, ["--install", "-s", search])
        } else if !lacking.isEmpty {
            let programs = folder + "/.node/bin"
            let links = #"mkdir "$1"; IFS=:; for d in $PATH; do ln -s "$d"/* "$1" 2>/dev/null; done; :"#
            _ = try await Program.run("/bin/sh", ["-c", links, "sh", programs])
            search = programs
        }
        for program in lacking { try? FileManager.default.removeItem(atPath: "\(search)/\(program)") }
    }

    nonisolated func path(_ name: String) -> String { folder + "/" + name }
    nonisolated func remove() { try? FileManager.default.removeItem(atPath: folder) }
    func lock(owner: String) {}
    func breakLock(of holder: String) {}
    func close() {}

    /// A script's answer, byte by byte.
    func perform(_ steps: [Step], onOutput: OutputHandler?) async throws(Failure) -> [Outcome] {
        roundTrips += 1
        var outcomes: [Outcome] = []
        for step in steps {
            do {
                switch step {
                case .run(let script, _), .lookAhead(let script, _): outcomes.append(try await run(script))
                case .write(let file): outcomes.append(try await write(file))
                case .cluster: throw Failure(deed: "perform a step", cause: "a node does not ask the API")
                case .reboot: throw Failure(deed: "perform a step", cause: "this machine is not rebooted")
                }
            } catch {
                throw Failure(host: host, deed: "perform a step", cause: "\(error)")
            }
            if outcomes.last?.succeeded != true { break }
        }
        return outcomes
    }

    private func run(_ script: Script) async throws -> Outcome {
        let own = folder + "/.node/" + UUID().uuidString
        try Data(script.text.utf8).write(to: URL(filePath: own + ".sh"))
        // `eval` of the whole, as a node's driver does it.
        let program = try await Program.run(
            "/bin/sh",
            [
                "-c", #"own=$1 PATH=$2; export PATH; shift 2; exec "$@" >"$own.out" 2>"$own.err" </dev/null"#, "sh",
                own, search,
            ] + command + ["-c", #"eval "$1""#, "sh", script.text])
        return Outcome(
            status: Int32(program.status), stdout: try bytes(own + ".out"), stderr: try bytes(own + ".err"))
    }

    /// By the driver itself, as on any node.
    private func write(_ file: FileWrite) async throws -> Outcome {
        let opening = openShell(ConnectionSettings(host: host), login: "root").text
        let driver = DriverShell(
            channel: try LocalChannel(
                command[0], command.dropFirst() + ["-c", opening], environment: ["PATH": search]), host: host)
        do {
            let outcomes = try await driver.perform([.write(file)])
            await driver.close()
            return outcomes[0]
        } catch {
            await driver.close()
            throw error
        }
    }

    private func bytes(_ path: String) throws -> [UInt8] { Array(try Data(contentsOf: URL(filePath: path))) }
}

extension LocalNode {
    /// One look at all of them.
    func look<Kind: ShellKind>(_ all: [Kind]) async throws -> [Kind.Found] {
        let outcome = try await run(Kind.probe(all), deadline: .seconds(60))
        if !outcome.succeeded {
            throw Failure(deed: "look", cause: "exit \(outcome.status)", detail: outcome.errorOutput)
        }
        return try Kind.read(outcome.stdout, of: all)
    }

    func differences<Kind: ShellKind>(_ all: [Kind]) async throws -> [Difference] {
        zip(all, try await look(all)).map { $0.difference(from: $1) }
    }

    /// Looks, changes what differs one by one (each after a look of its own), and tells what the first look gave.
    @discardableResult func settle<Kind: ShellKind>(_ all: [Kind]) async throws -> [Difference] {
        let before = try await differences(all)
        for one in all {
            guard case .change(let change) = try await differences([one])[0] else { continue }
            let outcomes = try await perform(change.steps, onOutput: nil)
            guard outcomes.count == change.steps.count, outcomes.allSatisfy(\.succeeded) else {
                throw Failure(
                    deed: "change \(one.subject)", cause: "exit \(outcomes.last?.status ?? -1)",
                    detail: outcomes.last?.errorOutput)
            }
        }
        return before
    }
}

func make<Kind: ShellKind>(_ kind: Kind.Type, _ value: Value) throws -> Kind {
    try Kind(Arguments(value, kind: Kind.name, fields: Kind.fields, shorthand: Kind.shorthand))
}

extension Difference {
    var isNone: Bool { if case .none = self { true } else { false } }
    var change: Change? { if case .change(let change) = self { change } else { nil } }
    var cause: String? { if case .fails(let cause, _) = self { cause } else { nil } }
}

/// Those that a file which is written may have.
let oddFileNames = oddNames.filter { !$0.contains("\n") }

/// Names that trip a script which is careless with them.
let oddNames = [
    "plain", "with space", "-rf", "--help", "it's", "\"double\"", "a\nb", "tab\there", "$HOME", "`id`", "$(id)", "*",
    "?",
    "[a]", "back\\slash", "\\n", "new\n\nlines\n", "é", "e\u{301}", "日本", ";", "|", "&", "#", "~", "{}", "%s", "%n",
    "cr\rcr", ".hidden", "!", "a  b", " lead", "trail ",
]
