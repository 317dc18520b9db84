/// The manual page, kubani(1), in the macros of man(7).
extension CommandReference {
    public static var manual: String {
        let root = root
        var lines = [
            ".\\\" Made by `make docs` from the program's own help.",
            ".TH KUBANI 1 \"\" \"kubani \(Version.number)\" \"User Commands\"",
            ".SH NAME", "kubani \\- \(escaped(withoutStop(root.abstract)))",
            ".SH SYNOPSIS", ".B kubani", ".I command", "[options]",
            ".SH DESCRIPTION",
        ]
        lines += blocks(root.discussion)
        lines.append(".SH COMMANDS")
        for command in root.all { lines += section(command) }
        lines += [".SH ENVIRONMENT"] + environment.flatMap(entry)
        lines += [".SH FILES"] + files.flatMap(entry)
        lines += [".SH EXIT STATUS"] + statuses.flatMap(entry)
        return lines.map { $0 + "\n" }.joined()
    }

    private static let environment = [
        ("KUBANI_INVENTORY", "The inventory, where -i names none."),
        ("KUBANI_ROLES", "Folders of roles, with colons between them."),
        ("KUBANI_TAILSCALE_SOCKET", "Another socket of Tailscale's."),
        ("KUBECONFIG", "Your kubeconfig, as for kubectl."),
        ("NO_COLOR", "No colours, where it is set to anything."),
    ]

    private static let files = [
        ("inventory/hosts.yml", "The inventory, where nothing names another."),
        ("roles/", "Your own roles, before those that kubani brings."),
        (".kubani/runs/TIME-ID/events.jsonl", "The journal of a run, a line of JSON for each event."),
        (".kubani/runs/TIME-ID/log.txt", "All that -vvv would have shown of it."),
        ("~/.config/kubani/plan.key", "The key of this machine's saved plans; $XDG_CONFIG_HOME is honoured."),
    ]

    private static let statuses = [
        ("0", "Done."), ("1", "Wrong input, or a plan was not agreed to; nothing was touched."),
        ("2", "With plan --detailed-exitcode: there are changes."), ("3", "Something failed."),
        ("4", "A host was unreachable, and nothing else failed."), ("130", "Interrupted."),
    ]

    private static func entry(_ name: String, _ text: String) -> [String] {
        [".TP", ".B \(escaped(name))", escaped(text)]
    }

    private static func section(_ command: CommandHelp) -> [String] {
        var lines = [".SS \(escaped(command.name))", escaped(command.abstract)]
        if !command.aliases.isEmpty {
            lines += [".PP", "Also: \(escaped(command.aliases.map { "kubani \($0)" }.joined(separator: ", ")))"]
        }
        lines += [".PP", ".nf", escaped(command.usage), ".fi"] + blocks(command.discussion)
        return lines + (command.positional + command.options).flatMap(option)
    }

    private static func option(_ argument: CommandHelp.Argument) -> [String] {
        let names = argument.names.map { "\\fB\(escaped($0))\\fR" }.joined(separator: ", ")
        let value = argument.value.map { "\\fI\(escaped($0))\\fR" } ?? ""
        return [".TP", [names, value].filter { !$0.isEmpty }.joined(separator: " "), escaped(argument.text)]
    }

    private static func blocks(_ text: HelpText) -> [String] {
        text.blocks.flatMap { block in
            switch block {
            case .paragraph(let text): [".PP", escaped(text)]
            case .section(let title, let lines):
                [".PP", "\(escaped(title)):", ".PP", ".nf", ".RS 4"] + lines.map(escaped) + [".RE", ".fi"]
            }
        }
    }

    private static func withoutStop(_ text: String) -> String { text.hasSuffix(".") ? String(text.dropLast()) : text }

    /// A text line: no character of it is roff's.
    private static func escaped(_ text: String) -> String {
        var out = text.hasPrefix(".") || text.hasPrefix("'") ? "\\&" : ""
        for character in text.unicodeScalars {
            switch character {
            case "\\": out += "\\e"
            case "-": out += "\\-"
            case "'": out += "\\(aq"
            case "`": out += "\\(ga"
            case "^": out += "\\(ha"
            case "~": out += "\\(ti"
            case _ where !character.isASCII: out += "\\[u\(Self.hexadecimal(character))]"
            default: out.unicodeScalars.append(character)
            }
        }
        return out
    }

    /// As roff names a character: four digits at least.
    private static func hexadecimal(_ scalar: Unicode.Scalar) -> String {
        let digits = String(scalar.value, radix: 16, uppercase: true)
        return String(repeating: "0", count: max(0, 4 - digits.count)) + digits
    }
}
