import ArgumentParser
import Model
import YAML

/// The reference of the command line, made of the program's own help: docs/CLI_REFERENCE.md and the manual page.
public enum CommandReference {
    static var root: CommandHelp { CommandHelp(JSON.read(Kubani._dumpHelp())?["command"] ?? .null) }

    public static var markdown: String {
        let commands = root.all
        var lines = [
            "# Command reference", "",
            "Made by `make docs` from the program's own help: `kubani help COMMAND` says the same.",
            "",
        ]
        lines += commands.map { "- [\($0.name)](#\(anchor($0.name))): \($0.abstract)" }
        return (lines + commands.flatMap(section)).map { $0 + "\n" }.joined()
    }

    private static func anchor(_ name: String) -> String { name.map { $0 == " " ? "-" : String($0) }.joined() }

    private static func section(_ command: CommandHelp) -> [String] {
        var lines = ["", "## \(command.name)", "", command.abstract]
        if !command.aliases.isEmpty {
            lines += ["", "Also: \(command.aliases.map { "`kubani \($0)`" }.joined(separator: ", "))"]
        }
        lines += ["", "```", command.usage, "```"]
        for block in command.discussion.blocks {
            switch block {
            case .paragraph(let text): lines += ["", text]
            case .section(let title, let text): lines += ["", "\(title):", "```"] + text + ["```"]
            }
        }
        if command.arguments.isEmpty { return lines }
        lines += ["", "| argument | |", "| --- | --- |"]
        return lines + (command.positional + command.options).map(row)
    }

    private static func row(_ argument: CommandHelp.Argument) -> String {
        let names = argument.names.joined(separator: ", ")
        let value = argument.value.map { "<\($0)>" } ?? ""
        let name = [names, value].filter { !$0.isEmpty }.joined(separator: " ")
        return
            "| `\(name)` | \(argument.text.split(separator: "|", omittingEmptySubsequences: false).joined(separator: "\\|")) |"
    }
}
