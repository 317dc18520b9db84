import Foundation
import Model
import OrderedCollections
import TestSupport
import Testing

@testable import Inventory

@Suite("An edited inventory is checked and written in one step") struct SaveTests {
    static let text = """
        all:
          children:
            control_plane: {hosts: {n1: {tailscale_ip: 100.64.0.1}}}
            workers:
              hosts:
                n2: {tailscale_ip: 100.64.0.2}

        """

    private func files() throws -> (EditedFiles, InventoryEditor) {
        let files = try EditedFiles(["hosts.yml": Self.text, "group_vars/all.yml": "ansible_user: ops\n"])
        return (files, try InventoryEditor(reading: files.path("hosts.yml")))
    }

    @Test(
        "what would bring mistakes is refused, and nothing written",
        arguments: [
            (["tailscale_ip": "100.64.0.2"], "n3 has the same tailscale_ip as n2"),
            (["tailscale_ip": "10.0.0.1"], "is not in tailscale_network"),
            ([:], "n3 has no tailscale_ip"),
            (["tailscale_ip": "100.64.0.3", "node_labels": ["a b": "c"]], "'a b' is no label"),
            (["tailscale_ip": "100.64.0.3", "reserved_memory": "4GB"], "did you mean '4Gi'?"),
            (["tailscale_ip": "100.64.0.3", "node_taints": ["a=b:NoSchedul"]], "did you mean 'NoSchedule'?"),
        ] as [(Value, String)])
    func refused(variables: Value, message: String) throws {
        var (files, editor) = try files()
        try editor.addHost("n3", to: "workers", variables: variables.map ?? [:])
        let error = #expect(throws: InputErrors.self) { try editor.save() }
        #expect(error?.description.contains(message) == true, "\(error?.description ?? "")")
        #expect(error?.description.contains("hosts.yml:7") == false)
        #expect(try files.text("hosts.yml") == Self.text)
    }

    @Test("mistakes that were there before do not count, and new warnings are told")
    func before() throws {
        let files = try EditedFiles(["hosts.yml": Self.text.replacing("100.64.0.2", with: "10.0.0.2")])
        var editor = try InventoryEditor(reading: files.path("hosts.yml"))
        try editor.addHost("n3", to: "control_plane", variables: ["tailscale_ip": "100.64.0.3"])
        #expect(try editor.save().map(\.message) == ["2 servers withstand no more failures than 1"])
        #expect(try Inventory(reading: files.path("hosts.yml")).hosts.count == 3)
    }

    @Test("the last server stays")
    func lastServer() throws {
        var (files, editor) = try files()
        try editor.removeHost("n1")
        let error = #expect(throws: InputErrors.self) { try editor.save() }
        #expect(error?.description.contains("the group control_plane has no host") == true)
        #expect(try files.text("hosts.yml") == Self.text)
    }

    @Test("a file that somebody else changed meanwhile is left alone, and so are the others")
    func changedMeanwhile() throws {
        var (files, editor) = try files()
        try editor.addHost("n3", to: "workers", variables: ["tailscale_ip": "100.64.0.3"])
        try editor.set("root", at: ["ansible_user"], for: .group("all"))
        #expect(editor.changes.count == 2)
        try files.write(Self.text + "# theirs\n", to: "hosts.yml")
        let error = #expect(throws: InputErrors.self) { try editor.save() }
        #expect(error?.description.contains("hosts.yml was changed by somebody else in the meantime") == true)
        #expect(try files.text("hosts.yml") == Self.text + "# theirs\n")
        #expect(try files.text("group_vars/all.yml") == "ansible_user: ops\n")
        #expect(try leftovers(files).isEmpty)
    }

    @Test("two at once: one of them writes, and no change is lost")
    func atOnce() async throws {
        for _ in 0..<20 {
            let files = try EditedFiles(["hosts.yml": Self.text])
            let path = files.path("hosts.yml")
            let written = await withTaskGroup(of: Int.self) { group in
                for number in 3...6 {
                    group.addTask {
                        guard var editor = try? InventoryEditor(reading: path) else { return 0 }
                        let ip: Value = .string("100.64.0.\(number)")
                        try? editor.addHost("n\(number)", to: "workers", variables: ["tailscale_ip": ip])
                        return (try? editor.save()) == nil ? 0 : 1
                    }
                }
                return await group.reduce(0, +)
            }
            #expect(written >= 1)
            #expect(try Inventory(reading: path).hosts.count == 2 + written)
            #expect(try leftovers(files).isEmpty)
        }
    }

    @Test("mode, owner and symbolic links stay", Needs.root)
    func attributes() throws {
        let (files, _) = try files()
        let manager = FileManager.default
        let (real, link) = (files.path("real/site.yml"), files.path("link.yml"))
        try files.write(Self.text, to: "real/site.yml")
        try manager.createSymbolicLink(atPath: link, withDestinationPath: "real/site.yml")
        try manager.setAttributes(
            [.posixPermissions: 0o640, .ownerAccountID: 65534, .groupOwnerAccountID: 65533], ofItemAtPath: real)
        var editor = try InventoryEditor(reading: link)
        try editor.addHost("n3", to: "workers", variables: ["tailscale_ip": "100.64.0.3"])
        try editor.save()
        let attributes = try manager.attributesOfItem(atPath: real)
        #expect(attributes[.posixPermissions] as? Int == 0o640)
        #expect(attributes[.ownerAccountID] as? Int == 65534)
        #expect(attributes[.groupOwnerAccountID] as? Int == 65533)
        #expect(try manager.destinationOfSymbolicLink(atPath: link) == "real/site.yml")
        #expect(try files.text("real/site.yml").contains("n3"))
        #expect(try leftovers(files).isEmpty)
    }

    private func leftovers(_ files: EditedFiles) throws -> [String] {
        try #require(FileManager.default.subpaths(atPath: files.folder.path)).filter {
            ($0.split(separator: "/").last ?? "").hasPrefix(".")
        }
    }
}
