import ArgumentParser
import Inventory
import Model
import OrderedCollections
import Report
import Roles
import Template
import YAML

struct ConfigGet: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "config-get",
        abstract: "Show the value of a variable of the inventory.",
        discussion: """
            KEY is a variable or a part of one: keys and list indices follow with points.

            EXAMPLES
              kubani config-get k3s_version
              kubani config-get flux.namespace --scope all
              kubani config-get node_taints.0.effect --scope desktop
              kubani config-get ansible_host --scope server-1 -v   also where it is set
              kubani config-get ansible_host --raw                 as it is written
              kubani config-get node_labels --scope desktop --json

            The value is what holds for a host, or what a group gives its hosts. Secrets
            are shown with --reveal only.

            EXIT STATUS
              0  there is such a value
              1  there is none
            """)

    @Argument(help: "The variable.", completion: ConfigCompletion.keys) var key: String

    @OptionGroup var inventory: SourceOptions

    @Option(
        name: .long, help: ArgumentHelp("A group, such as all or workers, or a host.", valueName: "name"),
        completion: ConfigCompletion.scopes)
    var scope = "all"

    @Flag(name: .long, help: "As it is written, templates not rendered.") var raw = false
    @Flag(name: .long, help: "Show secrets.") var reveal = false
    @Flag(name: .long, help: "JSON instead of text.") var json = false
    @Flag(name: .shortAndLong, help: "Also say where the value is set.") var verbose = false

    func run() throws {
        let console = Console()
        let inventory = try self.inventory.load()
        let owner = try inventory.owner(named: scope)
        let extra = try ExtraVariables.read(self.inventory.extraVars, by: inventory.secretNames)
        let lookup = ConfigLookup(inventory: inventory, owner: owner, extraVariables: extra)
        let found = try lookup.find(try ConfigKey(key), renders: !raw)
        if verbose, let origin = found.origin { console.complain("from \(origin.file):\(origin.line)") }
        if found.isUnrendered {
            console.complain("This is a template that each host fills in: --scope HOST shows its value.")
        }
        let value = reveal ? found.value.revealed : found.value
        if json {
            console.print(JSONText.pretty(value))
        } else {
            console.print(Self.text(value))
        }
        if value.containsSensitive { console.complain("--reveal shows what is (sensitive).") }
    }

    /// Text as it is, and maps and lists as YAML, secrets hidden.
    private static func text(_ value: Value) -> String {
        if value.isSensitive { return value.description }
        switch value.content {
        case .list, .map: return YAML.emit(hidden(value))
        default: return value.description
        }
    }

    private static func hidden(_ value: Value) -> Value {
        if value.isSensitive { return .string(value.description) }
        switch value.content {
        case .list(let items): return .list(items.map(hidden))
        case .map(let map): return .map(map.mapValues(hidden))
        default: return value
        }
    }
}
