import Foundation
import TestSupport
import Testing

extension LabTests {
    /// What inventory/ holds for people to begin with, on machines as they come.
    @Suite("example inventories", Needs.cluster) struct ExampleInventoryTests {
        struct Example: CustomTestStringConvertible, Sendable {
            var file: String
            /// The roles whose tasks each host has, those on demand and those for others left out.
            var roles: [String: [String]]
            /// Hosts that the lab has no machine for.
            var without: [String] = []
            var testDescription: String { file }
        }

        private static let server = ["prerequisites", "k3s-server"]
        private static let agent = ["prerequisites", "k3s-agent"]
        static let examples = [
            Example(file: "minimal.yml", roles: ["server-1": server]),
            Example(
                file: "mixed.yml",
                roles: ["server-1": server, "desktop": agent, "pi-01": agent, "pi-02": agent]),
            Example(
                file: "ha.yml",
                roles: ["server-1": server, "server-2": server, "server-3": server, "worker-1": agent],
                without: ["worker-2"]),
            Example(file: "gpu.yml", roles: ["server-1": server, "gpu-server": agent + ["gpu"]]),
        ]

        @Test("every example is among them")
        func complete() throws {
            let files = try FileManager.default.contentsOfDirectory(atPath: Repository.path("inventory"))
            #expect(files.filter { $0.hasSuffix(".yml") }.sorted() == Self.examples.map(\.file).sorted())
        }

        @Test("plans on pristine machines, with nothing to mend and nothing to be warned of", arguments: examples)
        func plans(example: Example) async throws {
            let lab = try await Lab.ready
            let mirror = try await lab.nodes("mirror").trimmingCharacters(in: .whitespacesAndNewlines)
            let text = try String(contentsOfFile: Repository.path("inventory/\(example.file)"), encoding: .utf8)
            let (inventory, nodes) = onLabNodes(Self.without(example.without, text), in: lab)
            #expect(nodes.count == example.roles.count)
            try await lab.reset(nodes)

            let folder = "example-\(UUID().uuidString)"
            let path = try lab.write(inventory, to: "\(folder)/\(example.file)")
            try FileManager.default.copyItem(
                atPath: Repository.path("inventory/group_vars"), toPath: "\(lab.folder)/\(folder)/group_vars")
            // Only what is the lab's: who may log in and how, and where releases and packages are.
            let variables = try lab.write(
                """
                ansible_user: ops
                ansible_ssh_private_key_file: \(lab.key)
                ansible_ssh_common_args: \(lab.sshArguments)
                k3s_mirror: \(mirror)
                k3s_version: \(LabCluster.versions[0])
                nvidia_toolkit_repository: \(mirror)/apt
                nvidia_toolkit_key: \(mirror)/apt/gpgkey

                """, to: "\(folder)/lab.vars")

            let check = try await lab.kubani(["inventory", "check", "-i", path])
            #expect(check.status == 0 && check.stderr.isEmpty, "\(check.stdout)\(check.stderr)")
            let plan = try await lab.kubani(["plan", "--json", "-i", path, "-e", "@\(variables)"])
            // On a busy machine a look may take so long that it is told.
            let warnings = plan.stderr.split(separator: "\n").filter { !$0.contains(": still looking at ") }
            #expect(plan.status == 0 && warnings.isEmpty, "\(plan.stdout)\(plan.stderr)")
            let hosts = try JSONDecoder().decode(Planned.self, from: Data(plan.stdout.utf8)).hosts
            #expect(Set(hosts.map(\.host)) == Set(example.roles.keys))
            for host in hosts {
                // A role of which every task is skipped is for others.
                let planned = host.tasks.filter { $0.verdict != "skipped" }
                #expect(Set(planned.map(\.role)) == Set(example.roles[host.host] ?? []), "\(host.host)")
                for task in planned {
                    #expect(["unchanged", "change", "pending"].contains(task.verdict), "\(host.host): \(task)")
                    #expect(task.warning == nil, "\(host.host): \(task)")
                }
                // What makes a role more than its checks.
                for role in example.roles[host.host] ?? [] {
                    #expect(
                        planned.contains { $0.role == role && ["change", "pending"].contains($0.verdict) },
                        "\(host.host): \(role)")
                }
            }
        }

        private struct Planned: Decodable {
            struct Host: Decodable {
                var host: String
                var tasks: [Task]
            }
            struct Task: Decodable {
                var role: String
                var task: String
                var verdict: String
                var warning: String?
            }
            var hosts: [Host]
        }

        /// Every Tailscale address replaced, in turn, by that of a lab node.
        private func onLabNodes(_ text: String, in lab: Lab) -> (text: String, nodes: [String]) {
            var nodes: [String] = []
            let replaced = text.replacing(#/tailscale_ip: 100\.64\.0\.\d+/#) { _ in
                nodes.append("n\(nodes.count + 1)")
                return "tailscale_ip: \(lab.address("n\(nodes.count)"))"
            }
            return (replaced, nodes)
        }

        /// The text without some hosts and all that is said of them: the lines below that are indented further.
        private static func without(_ hosts: [String], _ text: String) -> String {
            var kept: [Substring] = []
            var depth: Int?
            for line in text.split(separator: "\n", omittingEmptySubsequences: false) {
                let indent = line.prefix { $0 == " " }.count
                if let limit = depth, indent > limit { continue }
                depth = hosts.contains { line.dropFirst(indent).hasPrefix("\($0):") } ? indent : nil
                if depth == nil { kept.append(line) }
            }
            return kept.joined(separator: "\n")
        }
    }
}
