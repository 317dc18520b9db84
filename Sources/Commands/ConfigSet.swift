import ArgumentParser
import Inventory
import Model
import OrderedCollections
import Report
import YAML

struct ConfigSet: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "config-set",
        abstract: "Set a variable of the inventory, and show what changed.",
        discussion: """
            KEY is a variable or a part of one; maps that are missing on the way are made.
            Without VALUE it is read from standard input, unseen on a terminal: so a secret
            stays out of the shell's history.

            The value is changed where it comes from now, in the inventory or in group_vars
            or host_vars; comments and all other lines stay. Nothing is written that would
            bring a mistake.

            EXAMPLES
              kubani config-set k3s_version v1.35.6+k3s1
              kubani config-set monitoring_enabled true --type bool
              kubani config-set flux.namespace flux-system --scope all
              kubani config-set node_labels '{"env":"prod"}' --type json
              kubani config-set reserved_cpu 2 --scope desktop --dry-run
              kubani config-set --unset reserved_cpu --scope desktop
              kubani config-set ansible_become_password <password.txt

            EXIT STATUS
              0  set, or as it was
              1  wrong input, or the file was changed meanwhile: nothing is written
            """)

    @Argument(help: "The variable.", completion: ConfigCompletion.keys) var key: String
    @Argument(help: "Its value. (default: from standard input)") var value: String?

    @OptionGroup var inventory: SourceOptions

    @Option(
        name: .long, help: ArgumentHelp("A group, such as all or workers, or a host.", valueName: "name"),
        completion: ConfigCompletion.scopes)
    var scope = "all"

    @Option(
        name: .long,
        help: ArgumentHelp(
            "string, int, float, bool or json. (default: what the variable wants, or else string)", valueName: "type"))
    var type: ConfigType?

    @Flag(name: .long, help: "Remove it.") var unset = false

    @OptionGroup var edit: EditOptions

    mutating func validate() throws {
        if unset, value != nil || type != nil { throw ValidationError("--unset takes neither a value nor a type") }
    }

    func run() throws {
        let console = Console()
        var editor = try InventoryEditor(reading: inventory.path)
        let owner = try editor.inventory.owner(named: scope)
        var key = try ConfigKey(key)
        let before = editor.inventory.ownVariables(of: owner)[key.name]
        key.join(within: before)
        if unset {
            try editor.unset(key.path, for: owner)
        } else {
            let new = try newValue(for: key, editor.inventory.secretNames, console)
            try refuseMistakes(
                in: new.sensitive(key.isSecret(by: editor.inventory.secretNames)), of: key, before)
            try editor.set(new, at: key.path, for: owner)
        }
        let change = try InventoryChange(editor, extraVars: inventory.extraVars)
        let notes = try change.make(unless: edit.check)
        if edit.json { return console.print(JSONText.pretty(.map(change.json(notes, written: !edit.check)))) }
        console.print(
            editor.changes.isEmpty ? "Nothing to change: '\(key)' is so already." : change.text(console.style))
        for note in notes { console.complain(note.description) }
        if edit.check, !editor.changes.isEmpty { console.complain("Nothing was written.") }
    }

    private func newValue(
        for key: ConfigKey, _ names: SecretNames, _ console: Console
    ) throws(InputErrors) -> Value {
        let text: String
        if let value {
            text = value
            if key.isSecret(by: names) {
                console.complain(
                    "warning: the shell's history holds this secret now; without VALUE it is asked for")
            }
        } else if console.canAsk {
            guard let secret = console.askSecret("\(key): ") else { throw Self.noValue }
            text = secret.reveal()
        } else {
            guard let input = Console.standardInput() else { throw Self.noValue }
            text = input.hasSuffix("\n") ? String(input.dropLast()) : input
        }
        return try (type ?? ConfigType.standard(for: key, text)).value(of: text, for: key, by: names)
    }

    private static let noValue = InputErrors(
        InputError("there is no value", hint: "give it behind the key, or on standard input"))

    /// What is wrong with a variable that kubani knows is said of the value, for its place in a file is still to come.
    private func refuseMistakes(
        in new: Value, of key: ConfigKey, _ before: Value?
    ) throws(InputErrors) {
        guard let whole = (before ?? .null).setting(key.path.dropFirst(), to: new) else { return }
        let known = before.map { KnownVariables.mistakes(of: key.name, $0) } ?? []
        let errors = KnownVariables.mistakes(of: key.name, whole)
            .filter { $0.severity == .error && !known.contains($0) }
        if !errors.isEmpty { throw InputErrors(errors) }
    }
}
