import ArgumentParser
import Model

struct Completions: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Print a completion script for a shell.",
        discussion: """
            EXAMPLES
              source <(kubani completions bash)
              kubani completions bash > ~/.local/share/bash-completion/completions/kubani
              kubani completions zsh > ~/.zfunc/_kubani
              kubani completions fish > ~/.config/fish/completions/kubani.fish
            """)

    @Argument(help: "bash, zsh or fish.", completion: .list(["bash", "zsh", "fish"])) var shell: String

    func run() throws {
        guard let shell = CompletionShell(rawValue: shell) else {
            throw InputErrors(InputError("no completions for '\(shell)'", hint: "bash, zsh and fish have them"))
        }
        Console().print(Kubani.completionScript(for: shell))
    }
}
