import ArgumentParser
import Model

/// The program's exit statuses, as documented in the README.
enum ExitStatus: Int32 {
    case done = 0
    /// Wrong input; nothing was touched.
    case wrongInput = 1
    /// `plan --detailed-exitcode` found changes.
    case changes = 2
    /// A task failed.
    case failed = 3
    /// A host was unreachable, and nothing else failed.
    case unreachable = 4
    case interrupted = 130

    /// Ends the command with this status.
    func exit() throws {
        if self != .done { throw ExitCode(rawValue) }
    }
}

extension Plan {
    /// The worst that the plan knows of.
    var exitStatus: ExitStatus {
        let failing = tasks.contains { task in
            if case .failed = task.verdict { !task.ignoresErrors } else { false }
        }
        if failing { return .failed }
        return hosts.contains { $0.unreachable != nil } ? .unreachable : .done
    }
}

extension Plan {
    var unreachable: Set<String> { Set(hosts.filter { $0.unreachable != nil }.map(\.name)) }
}

extension Recap {
    /// - Parameter dispensable: hosts that may be out of reach.
    func exitStatus(without dispensable: Set<String> = []) -> ExitStatus {
        if wasInterrupted { return .interrupted }
        if hasFailures { return .failed }
        return hosts.contains { $0.value.isUnreachable && !dispensable.contains($0.key) } ? .unreachable : .done
    }
}
