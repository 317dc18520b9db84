import Foundation
import Model
import OrderedCollections
import TestSupport
import Testing
import YAML

@testable import Inventory

/// The real ansible-core, run from an empty folder: it also reads group_vars of the folder that it runs in.
enum Ansible {
    static func list(_ inventory: String) async throws -> Value {
        let result = try await withEmptyFolder { folder in
            try await Program.run(
                Repository.venv("ansible-inventory"), ["-i", inventory, "--list"], environment: environment,
                directory: folder)
        }
        return try YAML.value(Array(result.stdout.utf8), file: "ansible-inventory")
    }

    /// What each pattern names, in its order; nil where Ansible refuses it.
    static func hosts(of inventory: String, matching patterns: [String]) async throws -> [[String]?] {
        let request = try JSONEncoder().encode(patterns)
        let program = """
            import json, sys
            from ansible.inventory.manager import InventoryManager
            from ansible.parsing.dataloader import DataLoader

            def hosts(pattern):
                try:
                    return [host.name for host in inventory.get_hosts(pattern)]
                except Exception:
                    return None

            inventory = InventoryManager(DataLoader(), [sys.argv[1]])
            print(json.dumps([hosts(pattern) for pattern in json.load(sys.stdin)]))
            """
        let result = try await withEmptyFolder { folder in
            try await Program.run(
                Repository.python, ["-c", program, inventory], stdin: String(decoding: request, as: UTF8.self),
                environment: environment, directory: folder)
        }
        return try JSONDecoder().decode([[String]?].self, from: Data(result.stdout.utf8))
    }

    private static let environment = ["ANSIBLE_DEPRECATION_WARNINGS": "False", "LC_ALL": "C.UTF-8"]

    private static func withEmptyFolder<T>(_ body: (String) async throws -> T) async throws -> T {
        let folder = FileManager.default.temporaryDirectory.appending(path: "kubani-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        return try await body(folder.path(percentEncoded: false))
    }
}

/// Files in a folder of their own, gone at the end.
func withFiles<T>(_ files: [String: String], _ body: (String) throws -> T) throws -> T {
    let folder = FileManager.default.temporaryDirectory.appending(path: "kubani-\(UUID().uuidString)")
    defer { try? FileManager.default.removeItem(at: folder) }
    for (name, text) in files {
        let file = folder.appending(path: name)
        try FileManager.default.createDirectory(at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
        try Data(text.utf8).write(to: file)
    }
    return try body(folder.path(percentEncoded: false))
}

extension Value {
    /// With the keys of all maps in one order, to compare content alone.
    var sorted: Value {
        switch content {
        case .list(let items): return .list(items.map(\.sorted))
        case .map(let map):
            var sorted = map.mapValues(\.sorted)
            sorted.sort { $0.key < $1.key }
            return .map(sorted)
        default: return self
        }
    }
}

/// What the inventory at a path says has to be what ansible-inventory says of it.
func expectSameAsAnsible(_ path: String) async throws {
    let theirs = try await Ansible.list(path).sorted
    let mine = try Inventory(reading: path).listJSON().sorted
    #expect(theirs.map?.isEmpty == false)
    let names = Set(theirs.map?.keys.elements ?? []).union(mine.map?.keys.elements ?? [])
    for name in names where name != "_meta" { #expect(mine[name] == theirs[name], "\(name)") }
    #expect(mine["_meta"]?["profile"] == theirs["_meta"]?["profile"])
    let (ours, other) = (mine["_meta"]?["hostvars"]?.map ?? [:], theirs["_meta"]?["hostvars"]?.map ?? [:])
    #expect(ours.keys.elements == other.keys.elements)
    for (host, variables) in other {
        for (variable, value) in variables.map ?? [:] {
            #expect(ours[host]?[variable] == value, "\(host): \(variable)")
            #expect(ours[host]?[variable]?.typeName == value.typeName, "\(host): \(variable)")
        }
        #expect(ours[host]?.map?.keys.elements == variables.map?.keys.elements, "\(host)")
    }
}
