import ArgumentParser
import Model

/// A playbook of the Ansible days: what it did, kubani does by a command of its own.
enum Playbook: String, CaseIterable, ExpressibleByArgument {
    case site = "site.yml"
    case provisionCluster = "provision_cluster.yml"
    case addNode = "add_node.yml"
    case preflightChecks = "preflight_checks.yml"

    /// - Parameter argument: its name, with or without folders before it.
    init?(argument: String) {
        self.init(rawValue: argument.split(separator: "/").last.map(String.init) ?? argument)
    }

    /// The command that does the same.
    var command: String {
        switch self {
        case .site, .provisionCluster: "kubani apply"
        case .addNode: "kubani apply --limit NODE"
        case .preflightChecks: "kubani doctor"
        }
    }
}
