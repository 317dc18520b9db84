import Foundation
import TestSupport
import Testing

/// Where the release is written, and when; nodes are upgraded in LabTests.
extension LocalTests {
    @Suite struct UpgradeTests {
        private static let hosts = """
            all:
              children:
                control_plane:
                  hosts:
                    n1: {tailscale_ip: 100.64.0.1, ansible_connection: local}   # the desk
              vars:
                ansible_become: false

            """
        /// In the place of the shipped roles: it shows the release that a run has, or cannot succeed.
        private static let role = """
            role: k3s-server
            summary: Shows the release.
            hosts: all
            tags: [k3s]
            tasks:
              - name: release
                assert: { that: "k3s_version != 'v1.99.0+k3s1'", message: it cannot be }
              - name: told
                file: { path: "FOLDER/{{ inventory_hostname }}.release", content: "{{ k3s_version }}\\n" }
              - name: the inventory has it
                command: { script: "cp FOLDER/inventory/group_vars/all.yml FOLDER/seen", creates: FOLDER/seen }
            """

        private func kubani(_ all: String?, hosts: String = hosts) throws -> Kubani {
            var files = ["inventory/hosts.yml": hosts, "roles/k3s-server/role.yml": Self.role]
            files["inventory/group_vars/all.yml"] = all
            return try Kubani(files)
        }

        private static let all = "# The release.\nk3s_version: v1.35.5+k3s1   # raise it with care\ncluster_name: x\n"

        @Test("the release is written where it comes from, before the first node is touched")
        func written() async throws {
            let kubani = try kubani(Self.all)
            defer { kubani.remove() }
            let run = try await kubani.run(
                "upgrade", "--to", "v1.35.6+k3s1", "--yes", "-e", "k3s_version=v1.35.4+k3s1")
            #expect(run.status == 0, "\(run.stdout)\(run.stderr)")
            let after = Self.all.replacingOccurrences(of: "35.5", with: "35.6")
            #expect(try kubani.text("inventory/group_vars/all.yml") == after)
            #expect(try kubani.text("seen") == after)
            #expect(try kubani.text("n1.release") == "v1.35.6+k3s1\n")
            #expect(run.stdout.contains("-k3s_version: v1.35.5+k3s1   # raise it with care\n"), "\(run.stdout)")
            let plan = try await kubani.run("plan", "--detailed-exitcode")
            #expect(plan.status == 0, "\(plan.stdout)\(plan.stderr)")
        }

        @Test("set for groups and hosts it is written there; set nowhere, for all")
        func places() async throws {
            let hosts = Self.hosts.replacingOccurrences(of: "local}   #", with: "local, k3s_version: v1.35.5+k3s1}   #")
            let kubani = try kubani(Self.all, hosts: hosts)
            defer { kubani.remove() }
            let run = try await kubani.run("upgrade", "--to", "v1.35.6+k3s1", "--yes")
            #expect(run.status == 0 && !run.stderr.contains("stronger"), "\(run.stdout)\(run.stderr)")
            #expect(try kubani.text() == hosts.replacingOccurrences(of: "35.5", with: "35.6"))
            #expect(try kubani.text("inventory/group_vars/all.yml").contains("k3s_version: v1.35.6+k3s1   # raise"))

            let bare = try self.kubani("cluster_name: x\n")
            defer { bare.remove() }
            #expect(try await bare.run("upgrade", "--to", "v1.35.6+k3s1", "--yes").status == 0)
            #expect(
                try bare.text("inventory/group_vars/all.yml") == "cluster_name: x\nk3s_version: v1.35.6+k3s1\n")
        }

        @Test(
            "nothing is written where it cannot succeed, nobody agrees, or it is no release",
            arguments: [
                (["--to", "v1.99.0+k3s1", "--yes"], 3, "Nothing was changed."),
                (["--to", "v1.35.6+k3s1"], 1, "there is no terminal to ask on: nothing was changed"),
                (["--to", "1.35", "--yes"], 1, "k3s_version: a k3s release is needed, not '1.35'"),
            ])
        func refused(arguments: [String], status: Int, message: String) async throws {
            let kubani = try kubani(Self.all)
            defer { kubani.remove() }
            let run = try await kubani.run(["upgrade"] + arguments)
            #expect(run.status == status, "\(run.stdout)\(run.stderr)")
            #expect(run.stderr.contains(message), "\(run.stderr)")
            #expect(try kubani.text("inventory/group_vars/all.yml") == Self.all)
            #expect(!kubani.exists("n1.release"))
        }
    }
}
