import Foundation
import TestSupport
import Testing

/// Tests on lab nodes: machines of their own with systemd, sshd and sudo, see docs/TESTING.md. They share four nodes and
/// therefore take turns.
@Suite(.serialized, Needs.lab) struct LabTests {}

/// The nodes n1 (control plane), n2, n3 and n4 (workers), booted once for all tests; most use the first two.
struct Lab: Sendable {
    /// Boots what does not run yet and puts both back to the pristine image, so that a test knows what it meets.
    static var ready: Lab {
        get async throws { try await booted.value }
    }
    private static let booted = Task {
        let lab = try Lab()
        try await lab.nodes("up", "4")
        try await lab.reset("n1", "n2")
        return lab
    }

    /// Where Tests/Lab/nodes keeps the nodes, their key and their known_hosts.
    let state: String
    /// The network's first three numbers.
    let network: String
    /// Whatever a run leaves beside it, journals for one, goes here.
    let folder: String

    private init() throws {
        let environment = ProcessInfo.processInfo.environment
        state = environment["LAB"] ?? "/var/lib/kubani-\(environment["LAB_NAME"] ?? "lab")"
        network = environment["LAB_NET"] ?? "100.64.0"
        folder = Self.place
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    }

    func address(_ node: String) -> String { "\(network).\(10 + (Int(node.dropFirst()) ?? 0))" }
    var key: String { "\(state)/id_ed25519" }
    var sshArguments: String { "-o UserKnownHostsFile=\(state)/known_hosts -o StrictHostKeyChecking=yes" }

    // MARK: Nodes

    @discardableResult
    func nodes(_ arguments: String...) async throws -> String {
        let done = try await Program.run(Repository.path("Tests/Lab/nodes"), arguments)
        try #require(done.status == 0, "nodes \(arguments.joined(separator: " ")): \(done.stderr)")
        return done.stdout
    }

    /// Back to the pristine image, and booted.
    func reset(_ names: String...) async throws { try await reset(names) }

    func reset(_ names: [String]) async throws {
        let done = try await Program.run(Repository.path("Tests/Lab/nodes"), ["reset"] + names)
        try #require(done.status == 0, "nodes reset: \(done.stderr)")
    }

    /// A command as root on a node, over OpenSSH's own ssh.
    func ssh(_ node: String, _ command: String) async throws -> Program {
        let root = "sudo sh -c '\(command.replacing("'", with: "'\\''"))'"
        return try await Program.run(Repository.path("Tests/Lab/nodes"), ["ssh", node, root])
    }

    /// What a command prints as root on a node; it must succeed.
    @discardableResult
    func read(_ node: String, _ command: String, sourceLocation: SourceLocation = #_sourceLocation) async throws
        -> String
    {
        let done = try await ssh(node, command)
        try #require(
            done.status == 0, "\(node): \(command): \(done.stdout)\(done.stderr)", sourceLocation: sourceLocation)
        return done.stdout.trimmingCharacters(in: .newlines)
    }

    /// Tries a command on a node until it succeeds.
    func wait(for command: String, on node: String, sourceLocation: SourceLocation = #_sourceLocation) async throws {
        try await read(
            node, "for i in $(seq 1800); do if \(command); then exit 0; fi; sleep 0.1; done; exit 1",
            sourceLocation: sourceLocation)
    }

    // MARK: kubani

    /// The program under test lies beside the tests that were built with it.
    static let kubani = URL(filePath: "/proc/self/exe").resolvingSymlinksInPath().deletingLastPathComponent()
        .appending(path: "kubani").path(percentEncoded: false)

    /// The roles that the repository ships, no colours, and a kubeconfig and a cache of the tests' own.
    static let environment = [
        "KUBANI_ROLES": Repository.path("roles"), "NO_COLOR": "1", "KUBECONFIG": "\(place)/kubeconfig",
        "XDG_CACHE_HOME": "\(place)/cache",
    ]
    static let place = NSTemporaryDirectory() + "kubani-lab-tests-\(ProcessInfo.processInfo.processIdentifier)"

    /// Runs kubani to its end.
    func kubani(_ arguments: [String]) async throws -> Program {
        try await Program.run(Self.kubani, arguments, environment: Self.environment, directory: folder)
    }

    /// A file of the tests' own folder.
    func write(_ text: String, to name: String) throws -> String {
        let path = "\(folder)/\(name)"
        try FileManager.default.createDirectory(
            atPath: URL(filePath: path).deletingLastPathComponent().path(percentEncoded: false),
            withIntermediateDirectories: true)
        try text.write(toFile: path, atomically: true, encoding: .utf8)
        return path
    }

    /// An inventory of n1, the control plane, and of workers; what it says of a host beyond its address is YAML of flow
    /// style: `tailscale_ip: 1.2.3.4, level: 2`, which goes above what the lab says.
    func inventory(n1: String = "", workers: [String: String] = ["n2": ""]) throws -> String {
        func host(_ name: String, _ more: String) -> String {
            var entries = ["ansible_host": address(name), "tailscale_ip": address(name)]
            for entry in more.split(separator: ", ") {
                let parts = entry.split(separator: ": ", maxSplits: 1).map(String.init)
                entries[parts[0]] = parts[1]
            }
            return "\(name): {\(entries.sorted { $0.key < $1.key }.map { "\($0): \($1)" }.joined(separator: ", "))}"
        }
        let text = """
            all:
              vars:
                ansible_user: ops
                ansible_ssh_private_key_file: \(key)
                ansible_ssh_common_args: \(sshArguments)
                tailscale_network: \(network).0/24
              children:
                control_plane:
                  hosts:
                    \(host("n1", n1))
                workers:
                  hosts:
                    \(workers.sorted { $0.key < $1.key }.map(host).joined(separator: "\n        "))

            """
        return try write(text, to: "inventory-\(UUID().uuidString).yml")
    }

    /// A folder with some of the roles that the repository ships, and no others.
    func shippedRoles(_ names: String...) throws -> String {
        let parent = "\(folder)/shipped-\(names.joined(separator: "-"))"
        try FileManager.default.createDirectory(atPath: parent, withIntermediateDirectories: true)
        for name in names where !FileManager.default.fileExists(atPath: "\(parent)/\(name)") {
            try FileManager.default.createSymbolicLink(
                atPath: "\(parent)/\(name)", withDestinationPath: Repository.path("roles/\(name)"))
        }
        return parent
    }

    /// A folder with roles written for a test, by name.
    func roles(_ roles: [String: String]) throws -> String {
        let parent = "roles-\(UUID().uuidString)"
        for (name, text) in roles { _ = try write(text, to: "\(parent)/\(name)/role.yml") }
        return "\(folder)/\(parent)"
    }
}

extension RunningProgram {
    /// A run of kubani.
    convenience init(_ lab: Lab, _ arguments: [String]) throws {
        try self.init(Lab.kubani, arguments, environment: Lab.environment, directory: lab.folder)
    }
}
