import ArgumentParser
import Model
import Report
import Subprocess
import SystemPackage
import YAML

struct Restore: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Put a backup in the place of what the cluster has now.",
        discussion: """
            All servers are stopped, the first of them gets the backup's state, and the
            others join it afresh. k3s must be installed on them: on new machines run
            kubani apply first. What was there is kept on each server as server-before-TIME
            beside k3s's folder. Agents find the cluster again by themselves.

            EXAMPLES
              kubani restore homelab-20261124T101500Z.tar.gz
              kubani apply                      afterwards: is all as the roles have it?

            EXIT STATUS
              0    done
              1    wrong input, or not agreed to: nothing was touched
              3    it failed on the way; run it again
              4    a server could not be reached: nothing was touched
            """)

    @OptionGroup var source: SourceOptions
    @OptionGroup var connection: ConnectionOptions
    @OptionGroup var locks: LockOptions
    @OptionGroup var output: OutputOptions

    @Argument(help: "A file that kubani backup made.", completion: .file())
    var file: String

    @Flag(name: [.short, .long], help: "Do it without asking for the cluster's name.")
    var yes = false

    @Flag(
        name: .customLong("skip-unreachable"),
        help: "Go on without servers that cannot be reached. They must not come back as they are.")
    var skipUnreachable = false

    func run() async throws {
        let console = Console()
        let manifest = try await BackupManifest.read(file)
        let narrator = Narrator(console: console, verbosity: output.verbose, json: output.json, journal: Journal())
        let interrupts = Interrupts(narrator)
        defer { withExtendedLifetime(interrupts) {} }
        let policy = try locks.policy(console, narrator, yes: yes)
        let contact = try await narrator.during {
            try await Contact.open("control_plane", of: source, by: connection, console, narrator)
        }
        let restoration = try Restoration(
            manifest: manifest, file: file, contact: contact, skipsUnreachable: skipUnreachable)
        console.complain(restoration.summary)
        guard try consents(to: restoration, console, narrator) else {
            await contact.fleet.close()
            console.complain("Nothing was changed.")
            return try ExitStatus.wrongInput.exit()
        }
        try await Procedure(name: "restore", contact: contact, narrator: narrator, locks: policy).concluding {
            try await restoration.run($0)
        }
        await contact.fleet.close()
        if !output.json {
            console.print("\(restoration.cluster) has the state of \(file). kubani apply tells what differs.")
        }
    }

    private func consents(to restoration: Restoration, _ console: Console, _ narrator: Narrator) throws -> Bool {
        if yes { return true }
        return try narrator.asking { try console.confirm(byName: restoration.cluster, "put back a backup") }
    }
}
