import ArgumentParser
import Model

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// The program: its commands, and how it ends.
public struct Kubani: AsyncParsableCommand {
    public static let configuration = CommandConfiguration(
        commandName: "kubani",
        abstract: "Turns machines that share a Tailscale network into a k3s cluster, and keeps them so.",
        discussion: """
            EXAMPLES
              kubani inventory check       is the inventory right?
              kubani plan                  what would change, node by node
              kubani apply                 make it so
              kubani help plan             all options of a command, with examples
            """,
        version: "kubani \(Version.number)",
        subcommands: [
            PlanCommand.self, Apply.self, Show.self, History.self, Status.self, Discover.self, Upgrade.self,
            AddNode.self, RemoveNode.self,
            ConfigGet.self, ConfigSet.self, KubeconfigCommand.self, Backup.self, Restore.self, Reset.self,
            InventoryCommand.self, RolesCommand.self,
            Exec.self, FactsCommand.self, Doctor.self, Graph.self,
            Completions.self, Version.self,
        ])

    public init() {}

    /// Runs what the arguments say and gives the exit status; says what went wrong on standard error. A command whose
    /// output is lost has failed, whatever it did.
    public static func status(of arguments: [String]) async -> Int32 {
        let status = await outcome(of: arguments)
        let isLost = Console.tellLoss()
        return isLost && status == ExitStatus.done.rawValue ? ExitStatus.failed.rawValue : status
    }

    private static func outcome(of arguments: [String]) async -> Int32 {
        // A reader that has seen enough, as `head` has, ends no run in the middle of its changes.
        signal(SIGPIPE, SIG_IGN)
        do {
            if let unknown = Misuse.unknownTopic(in: arguments) { throw InputErrors(unknown) }
            var command: any ParsableCommand
            do { command = try parseAsRoot(arguments) } catch  where !exitCode(for: error).isSuccess {
                throw InputErrors(Misuse.explained(error, in: arguments))
            }
            if var command = command as? any AsyncParsableCommand {
                try await command.run()
            } else {
                try command.run()
            }
            return ExitStatus.done.rawValue
        } catch let exit as ExitCode {
            return exit.rawValue
        } catch let errors as InputErrors {
            Console().complain(errors.description)
            return ExitStatus.wrongInput.rawValue
        } catch let failure as Failure {
            Console().complain(failure.description)
            return (failure.code == .unreachable ? ExitStatus.unreachable : .failed).rawValue
        } catch {
            let text = fullMessage(for: error)
            // Help that was asked for is no error.
            if exitCode(for: error).isSuccess {
                Console().print(text)
                return ExitStatus.done.rawValue
            }
            Console().complain(text)
            return ExitStatus.wrongInput.rawValue
        }
    }
}
