import Foundation
import TestSupport
import Testing

/// Machines without a cluster; a real one is taken apart in LabTests.
enum RemovalFixture {
    /// n1 and n2 are this machine, on which there is no k3s; port 9 of it answers nobody.
    static let inventory = """
        # Home.
        all:
          children:
            control_plane:
              hosts:
                n1: {tailscale_ip: 100.64.0.1, ansible_connection: local}   # the server
            workers:
              hosts:
                # the old one
                n2:
                  tailscale_ip: 100.64.0.2
                  ansible_connection: local

                n3: {tailscale_ip: 100.64.0.3}   # off
          vars:
            ansible_become: false
            ansible_host: "{{ tailscale_ip | replace('100.64.0', '127.0.0') }}"
            ansible_port: 9

        """

    static func kubani(_ inventory: String = inventory) throws -> Kubani {
        let kubani = try Kubani(["inventory/hosts.yml": inventory])
        try FileManager.default.createDirectory(atPath: "\(kubani.folder)/roles", withIntermediateDirectories: true)
        for role in ["k3s-remove", "k3s-uninstall", "k3s-server", "prerequisites"] {
            try FileManager.default.createSymbolicLink(
                atPath: "\(kubani.folder)/roles/\(role)", withDestinationPath: Repository.path("roles/\(role)"))
        }
        return kubani
    }
}

extension Kubani {
    func text(_ name: String = "inventory/hosts.yml") throws -> String {
        try String(contentsOfFile: "\(folder)/\(name)", encoding: .utf8)
    }
}

extension LocalTests {
    @Suite struct RemoveNodeTests {
        @Test(
            "what cannot be removed is refused before a machine is touched",
            arguments: [
                (["n22"], 1, "inventory/hosts.yml has no host 'n22'\nhint: did you mean 'n2'?"),
                (["n1"], 1, "n1 is the only server: without it there is no cluster\nhint: kubani reset"),
                (["n2"], 1, "there is no terminal to ask on: nothing was changed"),
                (["n3", "--yes"], 4, "n3: could not remove it: it cannot be reached: "),
            ])
        func refused(arguments: [String], status: Int, message: String) async throws {
            let kubani = try RemovalFixture.kubani()
            defer { kubani.remove() }
            let run = try await kubani.run(["remove-node"] + arguments)
            #expect(run.status == status, "\(run.stdout)\(run.stderr)")
            #expect(run.stderr.contains(message), "\(run.stdout)\(run.stderr)")
            #expect(try kubani.text() == RemovalFixture.inventory)
        }

        @Test(
            "without a server that could tell the cluster nothing is done, forced or not",
            arguments: ["--yes", "--force"])
        func noServer(flag: String) async throws {
            let text = RemovalFixture.inventory.replacingOccurrences(of: "0.1, ansible_connection: local", with: "0.1")
            let kubani = try RemovalFixture.kubani(text)
            defer { kubani.remove() }
            let run = try await kubani.run("remove-node", "n2", flag)
            #expect(run.status == 4)
            #expect(
                run.stderr.contains("could not remove n2: no server that stays can be reached: n1: "), "\(run.stderr)")
            #expect(try kubani.text() == text)
        }

        @Test("a machine that never joined only leaves the inventory; what is written of the others stays as it is")
        func neverJoined() async throws {
            let kubani = try RemovalFixture.kubani()
            defer { kubani.remove() }
            let run = try await kubani.run("remove-node", "n2", "--yes")
            #expect(run.status == 0, "\(run.stdout)\(run.stderr)")
            #expect(
                run.stdout.contains("\n-        n2:\n-          tailscale_ip: 100.64.0.2\n"), "\(run.stdout)")
            #expect(run.stdout.hasSuffix("\n\nn2 is out of the cluster and out of inventory/hosts.yml.\n"))
            let left = try kubani.text()
            #expect(!left.contains("n2") && left.contains("n3: {tailscale_ip: 100.64.0.3}   # off\n"))
            let lines = RemovalFixture.inventory.split(separator: "\n", omittingEmptySubsequences: false)
            #expect(Set(left.split(separator: "\n")).isSubset(of: Set(lines)), "\(left)")
        }

        @Test("one that is gone for good is removed with --force, and what lies on it is told")
        func forced() async throws {
            let kubani = try RemovalFixture.kubani()
            defer { kubani.remove() }
            let run = try await kubani.run("remove-node", "n3", "--force")
            #expect(run.status == 0, "\(run.stdout)\(run.stderr)")
            #expect(run.stderr.contains("note: k3s still lies on n3, which could not be reached"), "\(run.stderr)")
            #expect(
                try kubani.text()
                    == RemovalFixture.inventory.replacingOccurrences(
                        of: "        n3: {tailscale_ip: 100.64.0.3}   # off\n", with: ""))
        }

        @Test("JSON ends with the inventory's change")
        func json() async throws {
            let kubani = try RemovalFixture.kubani()
            defer { kubani.remove() }
            let run = try await kubani.run("remove-node", "n2", "--yes", "--json")
            let last = try #require(run.stdout.split(separator: "\n").last)
            let json = try #require(try JSONSerialization.jsonObject(with: Data(last.utf8)) as? [String: Any])
            #expect(json["event"] as? String == "inventory" && json["written"] as? Bool == true)
        }
    }

    @Suite(Needs.program("tmux")) struct RemoveNodeQuestionTests {
        @Test(
            "it asks; no and a file that was changed meanwhile leave the inventory alone",
            arguments: [
                ("n", false, "Nothing was changed.\nstatus 1\n"),
                (
                    "y", true,
                    "The machines are done, the inventory is not: inventory/hosts.yml was changed by somebody else"
                ), ("y", false, "\nstatus 0\n"),
            ])
        func asks(answer: String, isChanged: Bool, said: String) async throws {
            let kubani = try RemovalFixture.kubani()
            defer { kubani.remove() }
            let terminal = try await Terminal(in: kubani.folder, columns: 200)
            defer { Task { await terminal.close() } }
            try await terminal.kubani("remove-node n2")
            _ = try await terminal.wait(
                for: "\n\nTake n2 out of the cluster and out of inventory/hosts.yml? [y/N]")
            let other = RemovalFixture.inventory + "# more\n"
            if isChanged { try kubani.write(other, to: "inventory/hosts.yml") }
            try await terminal.type(answer, "Enter")
            let output = try await terminal.output()
            #expect(output.contains(said), "\(output)")
            let isGone = !(try kubani.text().contains("n2:"))
            #expect(isGone == (answer == "y" && !isChanged))
            if isChanged { #expect(try kubani.text() == other) }
        }
    }
}
