import ArgumentParser
import Model

/// A command line that cannot be parsed: what is wrong with it, and what was likely meant.
enum Misuse {
    /// - Parameter error: what the parser says.
    static func explained(_ error: any Error, in arguments: [String]) -> InputError {
        let (path, unknown) = command(in: arguments)
        let known = "'\(path.joined(separator: " ")) --help' shows what there is"
        return unknown ?? InputError(Kubani.message(for: error), hint: known)
    }

    /// A command asked about with `help` that there is not; the parser would answer with the help of all.
    static func unknownTopic(in arguments: [String]) -> InputError? {
        arguments.first == "help" ? command(in: arguments).unknown : nil
    }

    /// The command that the words name, as far as they name one, and the word that does not.
    private static func command(in arguments: [String]) -> (path: [String], unknown: InputError?) {
        var command: any ParsableCommand.Type = Kubani.self
        var path = ["kubani"]
        let words = arguments.first == "help" ? arguments.dropFirst() : arguments[...]
        for word in words.prefix(while: { !$0.hasPrefix("-") }) {
            let below = command.configuration.subcommands
            if below.isEmpty { break }
            guard let next = below.first(where: { names($0).contains(word) }) else {
                return (path, unknown(word, after: path, among: below))
            }
            command = next
            path.append(names(next)[0])
        }
        return (path, nil)
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
