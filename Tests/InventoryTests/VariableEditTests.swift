import Model
import OrderedCollections
import TestSupport
import Testing

@testable import Inventory

@Suite("Variables are set where they come from") struct VariableEditTests {
    struct Case: CustomTestStringConvertible {
        var name: String
        var files: [String: String]
        var path: String
        var owner: String
        var key: [String]
        /// nil unsets.
        var value: Value?
        /// The files that are different afterwards.
        var expected: [String: String]

        var testDescription: String { name }
    }

    static let yaml = """
        all:
          vars:
            ansible_user: ops   # whom
            flux: {namespace: flux-system}
          children:
            control_plane:
              hosts:
                n1: {tailscale_ip: 100.64.0.1}
            workers:
              hosts:
                n2:
                  tailscale_ip: 100.64.0.2   # desktop
                pi-[01:02]: {gpu: false}
                pi-01: {tailscale_ip: 100.64.0.31}
                pi-02:
              vars:
                gpu: false

        """

    static let ini = """
        [control_plane]
        n1 tailscale_ip=100.64.0.1 note='a b' # the NUC

        [workers]
        n2 tailscale_ip=100.64.0.2
        pi-[01:02]

        [all:vars]
        ansible_user = ops
        count = 5 # of them
        flux = {'namespace': 'flux-system'}

        """

    static func replacing(_ text: String, _ old: String, _ new: String) -> String {
        text.replacing(old, with: new)
    }

    static let cases: [Case] = [
        Case(
            name: "of all, in the inventory", files: ["h.yml": yaml], path: "h.yml", owner: "all",
            key: ["ansible_user"],
            value: "root", expected: ["h.yml": replacing(yaml, "ops   # whom", "root   # whom")]),
        Case(
            name: "of all, new", files: ["h.yml": yaml], path: "h.yml", owner: "all", key: ["k3s_version"],
            value: "v1.35.6+k3s1",
            expected: [
                "h.yml": replacing(
                    yaml, "-system}\n", "-system}\n    k3s_version: v1.35.6+k3s1\n")
            ]),
        Case(
            name: "nested", files: ["h.yml": yaml], path: "h.yml", owner: "all", key: ["flux", "branch"], value: "main",
            expected: ["h.yml": replacing(yaml, "flux-system}", "flux-system, branch: main}")]),
        Case(
            name: "of a group", files: ["h.yml": yaml], path: "h.yml", owner: "workers", key: ["reserved_cpu"],
            value: "2",
            expected: [
                "h.yml": replacing(yaml, "        gpu: false\n", "        gpu: false\n        reserved_cpu: \"2\"\n")
            ]
        ),
        Case(
            name: "of a group without variables", files: ["h.yml": yaml], path: "h.yml", owner: "control_plane",
            key: ["gpu"], value: true,
            expected: [
                "h.yml": replacing(yaml, "100.64.0.1}\n", "100.64.0.1}\n      vars:\n        gpu: true\n")
            ]),
        Case(
            name: "of a host", files: ["h.yml": yaml], path: "h.yml", owner: "n2", key: ["gpu"], value: true,
            expected: [
                "h.yml": replacing(
                    yaml, "   # desktop\n", "   # desktop\n          gpu: true\n")
            ]),
        Case(
            name: "of a host without variables", files: ["h.yml": yaml], path: "h.yml", owner: "pi-02",
            key: ["tailscale_ip"], value: "100.64.0.32",
            expected: ["h.yml": replacing(yaml, "pi-02:\n", "pi-02:\n          tailscale_ip: 100.64.0.32\n")]),
        Case(
            name: "in group_vars, where it comes from",
            files: ["h.yml": yaml, "group_vars/all.yml": "# shared\nansible_user: anna # me\n"], path: "h.yml",
            owner: "all", key: ["ansible_user"], value: "root",
            expected: ["group_vars/all.yml": "# shared\nansible_user: root # me\n"]),
        Case(
            name: "in group_vars, new, since there is such a file",
            files: ["h.yml": yaml, "group_vars/workers.yml": "# theirs\n"], path: "h.yml", owner: "workers",
            key: ["reserved_cpu"], value: "2", expected: ["group_vars/workers.yml": "# theirs\nreserved_cpu: \"2\"\n"]),
        Case(
            name: "in a folder of group_vars",
            files: [
                "h.yml": yaml, "group_vars/all/a.yml": "a: 1\n", "group_vars/all/main.yml": "b: 1\n",
                "group_vars/all/z.yml": "a: 2\n",
            ], path: "h.yml", owner: "all", key: ["c"], value: 3,
            expected: ["group_vars/all/main.yml": "b: 1\nc: 3\n"]),
        Case(
            name: "in the file of a folder that counts",
            files: ["h.yml": yaml, "group_vars/all/a.yml": "a: 1\n", "group_vars/all/z.yml": "a: 2\n"], path: "h.yml",
            owner: "all", key: ["a"], value: 3, expected: ["group_vars/all/z.yml": "a: 3\n"]),
        Case(
            name: "in host_vars", files: ["h.yml": yaml, "host_vars/n2.json": "{\"gpu\": false}\n"], path: "h.yml",
            owner: "n2", key: ["gpu"], value: true, expected: ["host_vars/n2.json": "{\"gpu\": true}\n"]),
        Case(
            name: "unset of all", files: ["h.yml": yaml], path: "h.yml", owner: "all", key: ["ansible_user"],
            value: nil,
            expected: ["h.yml": replacing(yaml, "    ansible_user: ops   # whom\n", "")]),
        Case(
            name: "unset, nested", files: ["h.yml": yaml], path: "h.yml", owner: "all", key: ["flux", "namespace"],
            value: nil, expected: ["h.yml": replacing(yaml, "{namespace: flux-system}", "{}")]),
        Case(
            name: "unset, a host's last", files: ["h.yml": yaml], path: "h.yml", owner: "n2", key: ["tailscale_ip"],
            value: nil, expected: ["h.yml": replacing(yaml, "          tailscale_ip: 100.64.0.2   # desktop\n", "")]),
        Case(
            name: "INI: of all", files: ["h": ini], path: "h", owner: "all", key: ["ansible_user"], value: "5",
            expected: ["h": replacing(ini, "= ops", "= '5'")]),
        Case(
            name: "INI: behind a literal a comment stays", files: ["h": ini], path: "h", owner: "all", key: ["count"],
            value: "many", expected: ["h": replacing(ini, "= 5 # of", "= 'many' # of")]),
        Case(
            name: "INI: new of all, nested", files: ["h": ini], path: "h", owner: "all", key: ["flux", "branch"],
            value: "main", expected: ["h": replacing(ini, "-system'}", "-system', 'branch': 'main'}")]),
        Case(
            name: "INI: of a group without variables", files: ["h": ini], path: "h", owner: "workers", key: ["gpu"],
            value: true, expected: ["h": ini + "\n[workers:vars]\ngpu = True\n"]),
        Case(
            name: "INI: of a host, new", files: ["h": ini], path: "h", owner: "n1", key: ["node_labels"],
            value: ["rack": "1", "it's": "#"],
            expected: ["h": replacing(ini, "'a b' #", "'a b' node_labels=\"{'rack': '1', 'it\\\\'s': '#'}\" #")]),
        Case(
            name: "INI: of a host", files: ["h": ini], path: "h", owner: "n1", key: ["note"], value: "c",
            expected: ["h": replacing(ini, "note='a b'", "note=c")]),
        Case(
            name: "INI: one of a range", files: ["h": ini], path: "h", owner: "pi-02", key: ["gpu"], value: true,
            expected: ["h": replacing(ini, "pi-[01:02]\n", "pi-[01:02]\npi-02 gpu=True\n")]),
        Case(
            name: "INI: unset of a host", files: ["h": ini], path: "h", owner: "n1", key: ["note"], value: nil,
            expected: ["h": replacing(ini, " note='a b'", "")]),
        Case(
            name: "INI: unset of all", files: ["h": ini], path: "h", owner: "all", key: ["count"], value: nil,
            expected: ["h": replacing(ini, "count = 5 # of them\n", "")]),
    ]

    @Test("and only there", Needs.python, arguments: cases)
    func sets(test: Case) async throws {
        let files = try EditedFiles(test.files)
        var editor = try InventoryEditor(reading: files.path(test.path))
        let owner = try editor.inventory.owner(named: test.owner)
        if let value = test.value {
            try editor.set(value, at: test.key, for: owner)
        } else {
            try editor.unset(test.key, for: owner)
        }
        try editor.save { _ in [] }
        #expect(try files.all() == test.files.merging(test.expected) { $1 })
        // What is not INI is told by PyYAML's tests.
        if test.path == "h" { try await expectSameAsAnsible(files.path(test.path)) }
    }

    @Test("one of a range gets an entry of its own")
    func range() throws {
        let files = try EditedFiles(["h.yml": "workers:\n  hosts:\n    n[1:3]: {a: 1}\n    m:\n"])
        var editor = try InventoryEditor(reading: files.path("h.yml"))
        try editor.set(2, at: ["a"], for: .host("n2"))
        try editor.save { _ in [] }
        #expect(try files.text("h.yml") == "workers:\n  hosts:\n    n[1:3]: {a: 1}\n    m:\n    n2: {a: 2}\n")
        let error = #expect(throws: InputErrors.self) { try editor.unset(["a"], for: .host("n1")) }
        #expect(error?.description.contains("set for all hosts of a range") == true, "\(error?.description ?? "")")
    }

    @Test("what is stronger is noted, and what could have no effect refused")
    func stronger() throws {
        let files = try EditedFiles([
            "h.yml": Self.yaml, "group_vars/all.yml": "ntp: a\nmode: x\n", "host_vars/n2.yml": "ntp: b\n",
        ])
        var editor = try InventoryEditor(reading: files.path("h.yml"))
        try editor.set("c", at: ["ntp"], for: .group("all"))
        #expect(editor.notes.map(\.message) == ["n2 has its own ntp, which is stronger"])
        #expect(editor.notes.first?.origin?.description.hasSuffix("host_vars/n2.yml:1:6") == true)
        let error = #expect(throws: InputErrors.self) { try editor.set("y", at: ["mode"], for: .group("workers")) }
        #expect(error?.description.contains("'mode' of the group workers would have no effect") == true)
        #expect(error?.description.contains("group_vars/workers.yml") == true)
        try editor.unset(["ntp"], for: .host("n2"))
        #expect(editor.inventory.host(named: "n2")?.variables["ntp"] == "c")
    }

    @Test("a value that was hidden is told of when it holds again")
    func hidden() throws {
        let files = try EditedFiles(["h.yml": Self.yaml, "group_vars/all.yml": "ansible_user: anna\n"])
        var editor = try InventoryEditor(reading: files.path("h.yml"))
        try editor.unset(["ansible_user"], for: .group("all"))
        #expect(editor.notes.map(\.message) == ["'ansible_user' is set for all hosts here too: this value holds now"])
    }

    @Test(
        "mistakes are told",
        arguments: [
            ("n9", ["a"], 1, "'n9' is no host and no group"), ("wrkers", ["a"], 1, "did you mean 'workers'?"),
            ("all", ["ansible_user", "x"], 1, "is text, and so has no 'x'"),
            ("all", ["nothing"], nil, "'nothing' is not set for all hosts"),
            ("all", ["ansible_usr"], nil, "did you mean 'ansible_user'?"),
        ] as [(String, [String], Value?, String)])
    func mistakes(owner: String, key: [String], value: Value?, message: String) throws {
        let files = try EditedFiles(["h.yml": Self.yaml])
        var editor = try InventoryEditor(reading: files.path("h.yml"))
        let error = #expect(throws: InputErrors.self) {
            let owner = try editor.inventory.owner(named: owner)
            if let value { try editor.set(value, at: key, for: owner) } else { try editor.unset(key, for: owner) }
        }
        #expect(error?.description.contains(message) == true, "\(error?.description ?? "")")
        #expect(editor.changes.isEmpty)
    }
}
