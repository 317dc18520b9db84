import ArgumentParser
import Model
import OrderedCollections
import Report
import Resources

struct KubeconfigCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "kubeconfig",
        abstract: "Fetch the cluster's kubeconfig from a server: print it, or merge it into yours.",
        discussion: """
            The context, its cluster and its user are called by the inventory's
            cluster_name, and the API is reached at api_server_url or at the server's
            Tailscale address. --merge leaves all other entries of the first file of
            $KUBECONFIG, or of ~/.kube/config, as they are. kubani apply merges by itself.

            EXAMPLES
              kubani kubeconfig --merge && kubectl --context homelab get nodes
              kubani kubeconfig --print > homelab.yaml

            EXIT STATUS
              0  done
              1  wrong input
              3  no server is part of a cluster
              4  no server could be reached
            """)

    @OptionGroup var source: SourceOptions
    @OptionGroup var connection: ConnectionOptions

    enum Deed: String, EnumerableFlag { case print, merge }

    @Flag(help: "Print it, with its credentials; or put it into your kubeconfig.")
    var deed: Deed

    func run() async throws {
        let console = Console()
        let narrator = Narrator(console: console, verbosity: 0, json: false, journal: nil)
        let interrupts = Interrupts(narrator)
        defer { withExtendedLifetime(interrupts) {} }
        let contact = try await narrator.during {
            try await Contact.open("control_plane", of: source, by: connection, console, narrator)
        }
        let server = try contact.member()
        let text = try await contact.shell(server).run("cat /etc/rancher/k3s/k3s.yaml", deadline: .seconds(30)).output
        let name = try contact.text("cluster_name", of: server) ?? "kubani"
        // Never where the node itself says: that would be 127.0.0.1, or anywhere.
        let address = try contact.text("tailscale_ip", of: server) ?? contact.text("ansible_host", of: server)
        let url = try contact.text("api_server_url", of: server) ?? "https://\(address ?? server):6443"
        switch deed {
        case .print:
            let merge = try KubeconfigMerge(Secret(text), name: name, server: url)
            console.print(try merge.merged(into: "", file: "").text)
        case .merge: try await self.merge(text, name, url, contact, console)
        }
        await contact.fleet.close()
    }

    private func merge(
        _ text: String, _ name: String, _ url: String, _ contact: Contact, _ console: Console
    ) async throws {
        let fields: [(String, Value)] = [
            ("content", .string(text)), ("context", .string(name)), ("server", .string(url)),
        ]
        let arguments = try Arguments(
            .map(.init(uniqueKeysWithValues: fields)), kind: Kubeconfig.name, fields: Kubeconfig.fields)
        let kind = try Kubeconfig(arguments)
        let laptop = await contact.fleet.reach.laptop
        let found = try Kubeconfig.read(try await laptop.run(Kubeconfig.probe([kind])).stdout, of: [kind])[0]
        switch kind.difference(from: found) {
        case .none(let how): console.print("context \(name): as it should be, \(how)")
        case .fails(let cause, let hint): throw Failure(deed: "merge the kubeconfig", cause: cause, hint: hint)
        case .warns(let warning): console.complain(warning)
        case .change(let change):
            let outcomes = try await laptop.perform(change.steps)
            guard let last = outcomes.last, last.succeeded else {
                throw Failure(
                    deed: "write the kubeconfig", cause: outcomes.last?.errorOutput ?? "no reason was given")
            }
            console.print("context \(name)")
            for line in DetailText(style: console.style).lines(change.details) { console.print("  " + line) }
        }
    }
}
