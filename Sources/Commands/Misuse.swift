import ArgumentParser
import Model

/// A command line that cannot be parsed: what is wrong with it, and what was likely meant.
enum Misuse {
    /// - Parameter error: what the parser says.
    static func explained(_ error: any Error, in arguments: [String]) -> InputError {
        var command: any ParsableCommand.Type = Kubani.self
        var path = ["kubani"]
        let words = arguments.first == "help" ? arguments.dropFirst() : arguments[...]
        for word in words.prefix(while: { !$0.hasPrefix("-") }) {
            let below = command.configuration.subcommands
            if below.isEmpty { break }
            guard let next = below.first(where: { names($0).contains(word) }) else {
                return unknown(word, after: path, among: below)
            }
            command = next
            path.append(names(next)[0])
        }
        return InputError(
            Kubani.message(for: error), hint: "'\(path.joined(separator: " ")) --help' shows what there is")
    }

    private static func unknown(
        _ word: String, after path: [String], among commands: [any ParsableCommand.Type]
    ) -> InputError {
        let command = path.joined(separator: " ")
        let all = commands.flatMap(names)
        let near = nearestName(to: word, among: all).map { "did you mean '\(command) \($0)'?" }
        return InputError(
            "there is no command '\(command) \(word)'", hint: near ?? "there are: \(all.joined(separator: ", "))")
    }

    /// What a command is called by, its own name first.
    private static func names(_ command: any ParsableCommand.Type) -> [String] {
        [command._commandName] + command.configuration.aliases
    }
}
