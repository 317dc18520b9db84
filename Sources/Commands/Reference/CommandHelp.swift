import Model
import OrderedCollections

/// A command as its help tells of it, from what the argument parser dumps.
struct CommandHelp {
    struct Argument {
        /// `-i`, `--inventory`; empty for a positional one.
        var names: [String]
        /// What stands for its value; nil for a flag.
        var value: String?
        var text: String
        var isOptional: Bool
        var isRepeating: Bool
        /// Whether it is what stands after `--`.
        var endsOptions: Bool
    }

    /// With those above it: `kubani roles list`.
    var name: String
    var aliases: [String]
    var abstract: String
    var discussion: HelpText
    var arguments: [Argument]
    var subcommands: [CommandHelp]

    var options: [Argument] { arguments.filter { !$0.names.isEmpty } }
    var positional: [Argument] { arguments.filter(\.names.isEmpty) }

    /// This one and those below it, in the order of the help; what only holds others is left out.
    var all: [CommandHelp] { subcommands.isEmpty ? [self] : subcommands.flatMap(\.all) }

    /// `kubani roles new [options] <name>`.
    var usage: String {
        let words = positional.map { argument in
            let word = "<\(argument.value ?? "")>" + (argument.isRepeating ? " ..." : "")
            if argument.endsOptions { return "-- \(word)" }
            return argument.isOptional ? "[\(word)]" : word
        }
        return ([name] + (options.isEmpty ? [] : ["[options]"]) + words).joined(separator: " ")
    }

    /// - Parameter json: a command of the dump.
    init(_ json: Value) {
        func text(_ key: String) -> String { json[key]?.string ?? "" }
        let above = (json["superCommands"]?.list ?? []).compactMap(\.string)
        name = (above + [text("commandName")]).joined(separator: " ")
        aliases = (json["aliases"]?.list ?? []).compactMap(\.string)
        abstract = text("abstract")
        discussion = HelpText(text("discussion"))
        arguments = (json["arguments"]?.list ?? []).compactMap(Argument.init)
        subcommands = (json["subcommands"]?.list ?? [])
            .filter { $0["commandName"]?.string != "help" && $0["shouldDisplay"]?.bool != false }
            .map(CommandHelp.init)
    }
}

extension CommandHelp.Argument {
    /// - Returns: nil for one that is not shown, and for --help and --version, which every command has.
    fileprivate init?(_ json: Value) {
        guard json["shouldDisplay"]?.bool != false else { return nil }
        let names = (json["names"]?.list ?? []).compactMap { name in
            name["name"]?.string.map { (name["kind"]?.string == "long" ? "--" : "-") + $0 }
        }
        if names.contains("--help") || names.contains("--version") { return nil }
        // Short ones first, as the help has them.
        self.names = names.filter { !$0.hasPrefix("--") } + names.filter { $0.hasPrefix("--") }
        value = json["kind"]?.string == "flag" ? nil : json["valueName"]?.string
        text = json["abstract"]?.string ?? ""
        if let given = json["defaultValue"]?.string, !given.isEmpty, value != nil { text += " (default: \(given))" }
        isOptional = json["isOptional"]?.bool ?? false
        isRepeating = json["isRepeating"]?.bool ?? false
        endsOptions = json["parsingStrategy"]?.string == "postTerminator"
    }
}

/// A help's discussion: paragraphs, and sections under a title in capitals whose lines are indented.
struct HelpText {
    enum Block: Equatable {
        case paragraph(String)
        /// The title, as `Exit status`, and its lines as they stand.
        case section(String, [String])
    }

    private(set) var blocks: [Block] = []

    init(_ text: String) {
        var paragraph: [String] = []
        var section: (title: String, lines: [String])?
        func closed(_ lines: [String]) -> [String] {
            Array(lines.reversed().drop { $0.isEmpty }.reversed())
        }
        for line in text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init) + [""] {
            if let open = section {
                if line.isEmpty || line.hasPrefix("  ") {
                    section?.lines.append(String(line.dropFirst(2)))
                    continue
                }
                blocks.append(.section(open.title, closed(open.lines)))
                section = nil
            }
            if line.isEmpty || Self.isTitle(line) {
                if !paragraph.isEmpty { blocks.append(.paragraph(paragraph.joined(separator: " "))) }
                paragraph = []
                if !line.isEmpty { section = (line.prefix(1) + line.dropFirst().lowercased(), []) }
            } else {
                paragraph.append(line)
            }
        }
        if let section { blocks.append(.section(section.title, closed(section.lines))) }
    }

    private static func isTitle(_ line: String) -> Bool {
        line.count > 3 && line.allSatisfy { $0.isUppercase || $0 == " " }
    }
}
