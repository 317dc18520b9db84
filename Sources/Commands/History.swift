import ArgumentParser
import Model
import Report

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

struct History: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Show what earlier runs from this folder did.",
        discussion: """
            EXAMPLES
              kubani history                     the last runs, newest first
              kubani history last                what the last one changed, and what failed
              kubani history 20261124T1015       the run of that ID, or the beginning of one
              kubani history last -v             every command it ran, and what was printed
              kubani history --json | jq -r '.[] | select(.recap == null).id'

            Runs are kept in .kubani/runs/ID: events.jsonl for programs, log.txt for people.
            """)

    @Argument(help: "A run's ID, the beginning of one, or last.", completion: .list(["last"]))
    var id: String?

    @Option(name: [.customShort("n"), .long], help: ArgumentHelp("How many runs to list.", valueName: "n"))
    var count = 20

    @OptionGroup var output: OutputOptions

    func run() throws {
        let console = Console()
        let text = RunRecordText(style: console.style)
        if let id {
            let run = try record(id)
            if output.json {
                console.print(JSONText.pretty(.list(run.events)))
            } else if output.verbose > 0 {
                console.print(try log(of: run))
            } else {
                console.print(text.whole(run))
            }
            return
        }
        let names = RunRecord.names().suffix(max(0, count)).reversed()
        let runs = names.compactMap { RunRecord(id: $0) }
        if output.json { return console.print(JSONText.pretty(.list(runs.map(\.json)))) }
        if runs.isEmpty { return console.complain("No run was made from this folder yet: there is no .kubani/runs.") }
        console.print(text.list(runs))
    }

    private func record(_ wanted: String) throws(InputErrors) -> RunRecord {
        let names = RunRecord.names()
        let found = wanted == "last" ? names.suffix(1) : names.filter { $0.hasPrefix(wanted) }[...]
        if found.count > 1 {
            throw InputErrors(
                InputError("\(found.count) runs begin with \(wanted)", hint: found.joined(separator: ", ")))
        }
        guard let name = found.first, let run = RunRecord(id: name) else {
            throw InputErrors(
                InputError(
                    wanted == "last" ? "no run was made from this folder yet" : "there is no run \(wanted)",
                    hint: "kubani history lists those that were made from this folder"))
        }
        return run
    }

    private func log(of run: RunRecord) throws(InputErrors) -> String {
        guard let bytes = FileManager.default.contents(atPath: "\(run.folder)/log.txt") else {
            throw InputErrors(InputError("\(run.folder)/log.txt cannot be read"))
        }
        // What is in it was made printable when it was written; somebody else's may hold anything.
        return String(decoding: bytes, as: UTF8.self).printable
    }
}
