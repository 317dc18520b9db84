import Foundation
import Model
import OrderedCollections
import TestSupport
import Testing

@testable import Inventory

/// Files in a folder that a test changes.
struct EditedFiles {
    let folder: TemporaryFolder
    let names: [String]

    init(_ files: [String: String]) throws {
        folder = try TemporaryFolder()
        names = files.keys.sorted()
        for (name, text) in files { try write(text, to: name) }
    }

    func path(_ name: String) -> String { "\(folder.path)/\(name)" }

    func write(_ text: String, to name: String) throws {
        let path = path(name)
        try FileManager.default.createDirectory(
            atPath: (path as NSString).deletingLastPathComponent, withIntermediateDirectories: true)
        try Data(text.utf8).write(to: URL(filePath: path))
    }

    func text(_ name: String) throws -> String {
        String(decoding: try Data(contentsOf: URL(filePath: path(name))), as: UTF8.self)
    }

    /// All files, by their names.
    func all() throws -> [String: String] { try names.reduce(into: [:]) { $0[$1] = try text($1) } }
}

extension InventoryEditor.Change {
    private static func lines(_ bytes: [UInt8]) -> [String] {
        bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
            .map { String(decoding: $0, as: UTF8.self) }
    }

    /// The lines that come, and those that give way.
    var lines: (added: [String], removed: [String]) {
        var (added, removed): ([String], [String]) = ([], [])
        for change in Self.lines(after).difference(from: Self.lines(before)) {
            switch change {
            case .insert(_, let line, _): added.append(line)
            case .remove(_, let line, _): removed.append(line)
            }
        }
        return (added, removed)
    }
}

@Suite("Hosts are added and removed within the inventory's text") struct HostEditTests {
    static let variables: OrderedDictionary<String, Value> = ["tailscale_ip": "100.64.0.9", "reserved_cpu": "2"]

    @Test(
        "only the new lines come, Ansible reads them alike, and removing gives the old bytes", Needs.python,
        arguments: OddInventory.all)
    func odd(inventory: OddInventory) async throws {
        let files = try EditedFiles(inventory.files)
        let path = files.path(inventory.path)
        var editor = try InventoryEditor(reading: path)
        try editor.addHost(OddInventory.host, to: inventory.group, variables: Self.variables)
        #expect(editor.changes.count == 1)
        let lines = try #require(editor.changes.first).lines
        #expect(lines.added == inventory.added)
        #expect(lines.removed == inventory.removed)
        try editor.save()
        try await expectSameAsAnsible(path)
        let read = try Inventory(reading: path)
        #expect(read.hosts(inGroup: inventory.group).map(\.name).contains(OddInventory.host))
        #expect(read.host(named: OddInventory.host)?.variables["reserved_cpu"] == "2")

        var again = try InventoryEditor(reading: path)
        try again.removeHost(OddInventory.host)
        try again.save()
        if inventory.isUndone { #expect(try files.all() == inventory.files) }
        #expect(try Inventory(reading: path).host(named: OddInventory.host) == nil)
    }

    @Test("a host is taken out of every group that lists it, in every file")
    func everywhere() throws {
        let files = try EditedFiles([
            "i/a.yml":
                "control_plane: {hosts: {n1: {tailscale_ip: 100.64.0.1}}}\nworkers:\n  hosts:\n    n2: # x\n      tailscale_ip: 100.64.0.2\n    n3: {tailscale_ip: 100.64.0.3}\ngpu:\n  hosts: {n2: , n3: }\n",
            "i/b.ini": "[edge]\nn2:2222 a=b\nn3\n", "i/host_vars/n2.yml": "x: 1\n",
        ])
        var editor = try InventoryEditor(reading: files.path("i"))
        try editor.removeHost("n2")
        #expect(
            editor.notes.map(\.message) == ["\(files.path("i"))/host_vars/n2.yml is left as it is: variables of n2"])
        try editor.save()
        #expect(try files.text("i/b.ini") == "[edge]\nn3\n")
        #expect(
            try files.text("i/a.yml")
                == "control_plane: {hosts: {n1: {tailscale_ip: 100.64.0.1}}}\nworkers:\n  hosts:\n    n3: {tailscale_ip: 100.64.0.3}\ngpu:\n  hosts: {n3: }\n"
        )
    }

    @Test(
        "what cannot be done to the host alone is refused with what to write",
        arguments: [
            ("hosts.yml", "workers: {hosts: {'n[01:10]': }}", "n05", "'n[01:04]' and 'n[06:10]'"),
            ("hosts.yml", "workers: {hosts: {'n[01:10]': }}", "n10", "'n[01:09]' in its place"),
            ("hosts.yml", "workers: {hosts: {'n[1:2]x': }}", "n1x", "'n2x' in its place"),
            ("hosts.yml", "workers: {hosts: {'n[0:8:4]': }}", "n0", "'n[4:8:4]' in its place"),
            ("hosts.yml", "workers: {hosts: {'r[a:b]-[1:2]': }}", "ra-1", "the others one by one"),
            ("hosts.ini", "[workers]\nn[01:03] a=b", "n02", "'n01' and 'n03' in its place"),
            ("hosts.yml", "a: {hosts: &h {n1: , n2: }}\nb: {hosts: *h}", "n1", "which *h stands for too"),
            ("hosts.yml", "a: {hosts: &h {n1: , n2: }}", "n9", "no host 'n9'\nhint: did you mean"),
        ])
    func refused(name: String, text: String, host: String, message: String) throws {
        let files = try EditedFiles([name: text])
        var editor = try InventoryEditor(reading: files.path(name))
        let error = #expect(throws: InputErrors.self) { try editor.removeHost(host) }
        #expect(error?.description.contains(message) == true, "\(error?.description ?? "")")
        #expect(editor.changes.isEmpty)
    }

    @Test("a host that is there, a group's name and no name are refused")
    func names() throws {
        let files = try EditedFiles(["hosts.yml": "workers:\n  hosts:\n    n1: {tailscale_ip: 100.64.0.1}\n"])
        var editor = try InventoryEditor(reading: files.path("hosts.yml"))
        for (name, message) in [
            ("n1", "hosts.yml:3:5: n1 is in the inventory already"), ("workers", "'workers' is a group"),
            ("n[1:2]", "'n[1:2]' is no name of a host"), ("n2:22", "is no name of a host"),
            ("a b", "is no name of a host"),
        ] {
            let error = #expect(throws: InputErrors.self) { try editor.addHost(name, to: "workers") }
            #expect(error?.description.contains(message) == true, "\(error?.description ?? "")")
        }
    }
}
