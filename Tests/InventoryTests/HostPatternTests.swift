import Model
import TestSupport
import Testing

@testable import Inventory

@Suite("Host patterns name what they do for Ansible") struct HostPatternTests {
    static let patterns = [
        "all", "*", "all:!site", "n1", "row_1", "site", "rack_a:rack_b", "rack_a,edge", "site:&edge", "site:!edge",
        "!edge", "&edge", "all:&site:!n3", "n[12]", "n?", "n[!1]", "row*", "~n[13]", "~row_\\d", "~^(n|l)", "site[0]",
        "site[1:2]", "site[-1]", "row_1[0:0]", "row_1[1:]", "all[0:1]", "n1,n2,n1", " n1 , n4 ", "n4:n1", "lone",
        "ungrouped",
        "al*", "ungr*", "edge[5:9]", "edge[0-1]", "~edge[0]", "row_1:&~n2", "!n1:all", "n1 n2", "n*[1]",
        "row_*[0]:lone", "empty_group", "all:!row_?", "[n]1", "*[ab]", "rack_[ab]:!row_2", "all,!edge,!n3", "*.example",
    ]

    @Test("in a YAML inventory with nested groups", Needs.python)
    func nested() async throws {
        let path = Repository.path("Tests/InventoryTests/Inventories/nested/hosts.yml")
        let inventory = try Inventory(reading: path)
        for (pattern, theirs) in zip(Self.patterns, try await Ansible.hosts(of: path, matching: Self.patterns)) {
            let mine = (try? inventory.hosts(matching: pattern))?.map(\.name)
            // Where nothing matches, Ansible warns and kubani refuses.
            #expect(mine == (theirs?.isEmpty == true ? mine?.isEmpty == true ? [] : nil : theirs), "\(pattern)")
        }
    }

    @Test("in an INI inventory with addresses and dots", Needs.python)
    func addresses() async throws {
        let patterns = [
            "node-01.example.org", "*.example.org", "node-*", "server-[12]", "server-[1:2]", "control_plane[1:2]",
            "cluster:!control_plane", "cluster:!*.org", "workers[-2]", "~.*example\\.org", "pi:node-a",
            "cluster[0:2]:&workers",
        ]
        let path = Repository.path("Tests/InventoryTests/Inventories/ini-plain/hosts.ini")
        let inventory = try Inventory(reading: path)
        for (pattern, theirs) in zip(patterns, try await Ansible.hosts(of: path, matching: patterns)) {
            let mine = (try? inventory.hosts(matching: pattern))?.map(\.name)
            #expect((mine ?? []) == (theirs ?? []), "\(pattern)")
        }
        let ipv6 = Repository.path("Tests/InventoryTests/Inventories/ini-groups/hosts.ini")
        #expect(try Inventory(reading: ipv6).hosts(matching: "2001:db8::1").map(\.name) == ["2001:db8::1"])
    }

    @Test("a cluster of servers alone has no workers, and that is no mistake")
    func standardGroups() throws {
        try withFiles(["hosts.yml": "control_plane: {hosts: {s1: {tailscale_ip: 100.64.0.5}}}\n"]) { folder in
            let inventory = try Inventory(reading: "\(folder)/hosts.yml")
            #expect(try inventory.hosts(matching: "workers:!control_plane").isEmpty)
            #expect(try inventory.hosts(matching: "all:!workers").map(\.name) == ["s1"])
            #expect(throws: InputErrors.self) { try inventory.hosts(matching: "worker") }
        }
    }

    @Test(
        "a name that is nothing is an error with the nearest one, after ! too",
        arguments: [
            ("rwo_1", "'rwo_1' is no host and no group", "did you mean 'row_1'?"),
            ("all:!egde", "'egde' is no host and no group", "did you mean 'edge'?"),
            ("all:!n[1:3]", "'n' is no host and no group", "did you mean 'n1'?"),
            ("zzz*", "'zzz*' matches no host", nil), ("edge[7]", "'edge[7]': there are only 2 hosts", nil),
            ("~(", "'~(' is no regular expression", nil), ("", "the host pattern is empty", nil),
        ] as [(String, String, String?)])
    func unknown(pattern: String, message: String, hint: String?) throws {
        let path = Repository.path("Tests/InventoryTests/Inventories/nested/hosts.yml")
        let inventory = try Inventory(reading: path)
        let error = #expect(throws: InputErrors.self) { try inventory.hosts(matching: pattern) }
        #expect(error?.errors.count == 1)
        #expect(error?.errors.first?.message.hasPrefix(message) == true)
        #expect(error?.errors.first?.hint == hint)
    }
}
