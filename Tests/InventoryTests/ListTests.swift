import Model
import OrderedCollections
import TestSupport
import Testing
import YAML

@testable import Inventory

@Suite("inventory list --json is what ansible-inventory --list prints") struct ListTests {
    static let inventories = [
        "plain/hosts.yml", "nested/hosts.yml", "precedence/hosts.yml", "files/hosts.yml", "types/hosts.yml",
        "ini-plain/hosts.ini", "ini-types/hosts", "ini-groups/hosts.ini", "ini-precedence/hosts",
        "extensionless/inventory",
        "json/hosts.json", "ports/hosts.yml", "unicode/hosts.yml", "folder", "merge/hosts.yml", "oddities/hosts.yml",
    ]

    @Test("for inventories of every oddness", Needs.python, arguments: inventories)
    func odd(name: String) async throws {
        try await compare(Repository.path("Tests/InventoryTests/Inventories/\(name)"))
    }

    @Test("for the examples", Needs.python, arguments: ["minimal", "mixed", "ha", "gpu"])
    func examples(name: String) async throws {
        try await compare(Repository.path("inventory/\(name).yml"))
    }

    private func compare(_ path: String) async throws {
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
}
