import ArgumentParser
import Model
import Report
import Synchronization

struct Backup: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Bring the cluster's state to this machine: an etcd snapshot or the sqlite database, with the token.",
        discussion: """
            The file (0600) holds all that the cluster's API keeps, its Secrets among it,
            and the token that they are encrypted with: keep it where nobody else reads it.
            Volumes of applications are not in it. A single server with sqlite is stopped
            while its database is copied; what runs on the nodes goes on.

            EXAMPLES
              kubani backup
              kubani backup --out /mnt/safe/homelab.tar.gz

            EXIT STATUS
              0  done
              1  wrong input
              3  it failed; no file is left
              4  no server could be reached
            """)

    @OptionGroup var source: SourceOptions
    @OptionGroup var connection: ConnectionOptions
    @OptionGroup var locks: LockOptions
    @OptionGroup var output: OutputOptions

    @Option(
        name: [.short, .long],
        help: ArgumentHelp("The file to make. (default: CLUSTER-TIME.tar.gz here)", valueName: "file"),
        completion: .file())
    var out: String?

    func run() async throws {
        let console = Console()
        let narrator = Narrator(console: console, verbosity: output.verbose, json: output.json, journal: Journal())
        let interrupts = Interrupts(narrator)
        defer { withExtendedLifetime(interrupts) {} }
        let policy = try locks.policy(console, narrator, yes: false)
        let contact = try await narrator.during {
            try await Contact.open("control_plane", of: source, by: connection, console, narrator)
        }
        let server = try contact.member()
        // Not to be taken for a copy of the cluster: the server has none.
        guard contact.fact(server, "k3s.datastore")?.string != "external" else {
            throw Failure(
                host: server, deed: "back the cluster up", cause: "its datastore is an external one",
                hint: "back that database up by its own means, and keep server/token of the data folder with it")
        }
        let cluster = try contact.text("cluster_name", of: server) ?? "kubani"
        let path = out ?? "\(cluster)-\(Journal.timestamp()).tar.gz"
        let procedure = Procedure(name: "backup", contact: contact, narrator: narrator, locks: policy)
        let archive = ClusterArchive(
            cluster: cluster, server: server, version: contact.fact(server, "k3s.version")?.string ?? "",
            datastore: contact.fact(server, "k3s.datastore")?.string ?? "sqlite",
            folder: contact.fact(server, "k3s.data_dir")?.string ?? "/var/lib/rancher/k3s")

        let file = try PrivateFile(path)
        try await procedure.concluding { procedure in
            try await procedure.lock([server])
            let deed = "copy the \(archive.datastore) datastore"
            _ = try await procedure.run(deed, on: server, [.run(archive.pack, deadline: .seconds(1800))]) {
                file.append($0)
            }
        }
        await contact.fleet.close()
        let length = try file.commit()
        if output.json {
            console.print(JSONText.line(["event": "saved", "file": .string(path), "bytes": .int(length)]))
        } else {
            console.print("\(path): \(length) bytes, cluster \(cluster), \(archive.datastore), \(archive.version)")
        }
    }
}
