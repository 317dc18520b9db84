import Model

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// This run of the program, for whoever reads of it later.
enum Invocation {
    static func start(_ names: SecretNames) -> RunStart {
        RunStart(
            command: described(Array(CommandLine.arguments.dropFirst()), by: names), by: Owner.account,
            time: Date().formatted(.iso8601), program: Version.number)
    }

    /// What was typed, as it could be typed again; what may be a secret is left out.
    static func described(_ arguments: [String], by names: SecretNames = .usual) -> String {
        var words = ["kubani"]
        var isValue = false
        for argument in arguments {
            if isValue {
                words.append(ExtraVariables.holdSecret(argument, by: names) ? "(sensitive)" : typed(argument))
                isValue = false
            } else if argument.hasPrefix("--extra-vars=") {
                let value = String(argument.dropFirst("--extra-vars=".count))
                words.append(
                    "--extra-vars=" + (ExtraVariables.holdSecret(value, by: names) ? "(sensitive)" : typed(value)))
            } else {
                isValue = argument == "-e" || argument == "--extra-vars"
                words.append(typed(argument))
            }
        }
        return words.joined(separator: " ")
    }

    /// A word as it is typed in a shell.
    static func typed(_ word: String) -> String {
        word.wholeMatch(of: /[A-Za-z0-9_@%+=:,.\/-]+/) == nil ? ("\(word)" as Script).text : word
    }
}
