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
        try await expectSameAsAnsible(Repository.path("Tests/InventoryTests/Inventories/\(name)"))
    }

    @Test("for the examples", Needs.python, arguments: ["minimal", "mixed", "ha", "gpu"])
    func examples(name: String) async throws {
        try await expectSameAsAnsible(Repository.path("inventory/\(name).yml"))
    }
}
