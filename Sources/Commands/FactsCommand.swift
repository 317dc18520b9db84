import ArgumentParser
import Model
import OrderedCollections
import Report
import Roles

struct FactsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "facts",
        abstract: "Show what the hosts tell of themselves: the facts that roles use.",
        discussion: """
            They have the names that templates and conditions use after 'facts.';
            docs/ROLES.md says what each of them is. Nothing is changed.

            EXAMPLES
              kubani facts
              kubani facts n1
              kubani facts 'workers:!n3' --json | jq -r '.[].kernel'
              kubani facts --json | jq 'map_values(.memory_mb)'

            EXIT STATUS
              0  all hosts told
              1  wrong input
              4  a host was unreachable; in the JSON it is null
            """)

    @OptionGroup var inventory: InventoryOptions
    @OptionGroup var connection: ConnectionOptions

    @Flag(name: .long, help: "JSON instead of text: each host with its facts.") var json = false

    @Argument(help: ArgumentHelp("Whose: an Ansible host pattern. (default: all)", valueName: "pattern"))
    var pattern: String?

    func run() async throws {
        let console = Console()
        let chosen = try ChosenHosts.read(pattern ?? "all", limit: inventory.limit, of: inventory.source)
        let narrator = Narrator(console: console, verbosity: -1, json: false, journal: nil)
        let interrupts = Interrupts(narrator)
        defer { withExtendedLifetime(interrupts) {} }
        let contact = try await narrator.during { try await Contact.open(chosen, by: connection, console, narrator) }
        await contact.fleet.close()
        if json {
            let facts = chosen.names.map { ($0, contact.site.facts[$0]?.named("") ?? .null) }
            console.print(JSONText.pretty(.map(OrderedDictionary(facts, uniquingKeysWith: { $1 }))))
        } else {
            let text = FactsText(style: console.style)
            let blocks = contact.reached.compactMap { host in
                contact.site.facts[host].map { text.block(host, $0.named("")) }
            }
            if !blocks.isEmpty { console.print(blocks.joined(separator: "\n")) }
        }
        for host in chosen.names {
            if let failure = contact.unreachable[host] { console.complain(failure.description) }
        }
        try (contact.unreachable.isEmpty ? ExitStatus.done : .unreachable).exit()
    }
}
