import Model

/// A script of the role's `files/`, run on the node.
public struct ScriptFile: ShellKind {
    public typealias Found = Command.Found

    public static let name = "script"
    public static let summary = """
        Runs a script of the role's `files/` on the node, in whatever language its first line names, when something \
        read-only says that it is needed: exactly one of `creates`, `unless` and `check`, as a `command` has them, \
        except in a handler. The script lies in /run while it runs and is gone afterwards.
        """
    public static let example = """
        - name: the disk is laid out
          script:
            source: partition.sh
            arguments: [/dev/sda]
            creates: /dev/disk/by-label/media
        """
    public static let fields =
        [
            Field("source", .sourceFile, required: true, "A file of the role's `files/`, a text of at most 256 KiB."),
            Field("arguments", .list(.string), "What it is given, each a word; every user of the node can read them."),
        ] + Command.fields.filter { $0.name != "script" }

    /// Which runs the file `$KUBANI_FILE`.
    let command: Command
    let source: String
    let text: String

    public init(_ arguments: Arguments) throws(InputErrors) {
        var errors: [InputError] = []
        let value = arguments.value("source")
        source = value?["path"]?.string?.split(separator: "/").last.map(String.init) ?? ""
        text = value?["text"]?.string ?? ""
        if arguments.has("source"), value?["text"]?.string == nil || text.utf8.contains(0) {
            errors.append(
                arguments.error(
                    "script.source: a script is needed, a text of at most 256 KiB", at: "source",
                    hint: "a program can be put in place by a file task and run by a command"))
        }
        if arguments.isSensitive("arguments") {
            errors.append(
                arguments.error(
                    "script.arguments: every user of the node could read a secret there", at: "arguments",
                    hint: "hand it over in 'environment'"))
        }
        let interpreter = Self.interpreter(of: text)
        if interpreter.contains(where: { $0.contains("\r") }) {
            errors.append(
                arguments.error(
                    "script.source: its lines end as on Windows", at: "source", hint: "dos2unix makes them right"))
        }
        do throws(InputErrors) {
            command = try Command(
                arguments, kind: Self.name,
                script: "\(interpreter) \"$KUBANI_FILE\" \(arguments.strings("arguments") ?? [])")
        } catch {
            throw InputErrors(errors + error.errors)
        }
        if !errors.isEmpty { throw InputErrors(errors) }
    }

    /// As the kernel reads a first line: a program and at most one argument. The program is run by its name, for nothing
    /// in /run can be run where that is mounted so.
    static func interpreter(of text: String) -> [String] {
        guard text.hasPrefix("#!") else { return ["sh"] }
        let line = text.utf8.dropFirst(2).prefix { $0 != UInt8(ascii: "\n") }
        let words = String(decoding: Array(line), as: UTF8.self).split(maxSplits: 1) { $0 == " " || $0 == "\t" }
        let all = words.map { word in
            var word = word.drop { $0 == " " || $0 == "\t" }
            while let last = word.last, last == " " || last == "\t" { word.removeLast() }
            return String(word)
        }
        return all.isEmpty ? ["sh"] : all
    }

    public var subject: String { source }
    public var canTellBeforehand: Bool { command.canTellBeforehand }

    public static func probe(_ all: [ScriptFile]) -> Script { Command.probe(all.map(\.command)) }
    public static func read(_ output: [UInt8], of all: [ScriptFile]) throws(Failure) -> [Found] {
        try Command.read(output, of: all.map(\.command))
    }

    public func difference(from found: Found) -> Difference {
        guard case .change(let change) = command.difference(from: found) else { return command.difference(from: found) }
        return .change(carrying(change))
    }

    public var touches: [Effect] { command.touches }
    public func dependsOn(_ found: Found) -> [Effect] { command.dependsOn(found) }
    public var whenNotified: Change? { command.whenNotified.map(carrying) }

    /// The change with the file beside it for as long as it runs, whatever ends it.
    private func carrying(_ change: Change) -> Change {
        var change = change
        change.steps = change.steps.map { step in
            guard case .run(let script, let deadline) = step else { return step }
            let owner: Script = command.surroundings.user.map { "chown -- \($0) \"$KUBANI_FILE\" || exit" } ?? ":"
            return .run(
                """
                KUBANI_FILE=$(mktemp /run/kubani-script.XXXXXX) || exit
                trap 'rm -f "$KUBANI_FILE"' EXIT
                trap 'exit 129' HUP
                trap 'exit 130' INT
                trap 'exit 143' TERM
                printf '%s' \(text) >"$KUBANI_FILE" || exit
                \(owner)
                export KUBANI_FILE
                (
                \(script)
                )
                exit $?
                """, deadline: deadline)
        }
        return change
    }
}
