import Foundation
import Model
import Testing

@testable import Inventory

@Suite("A mistake in an inventory is an error with its place") struct MistakeTests {
    private func errors(_ files: [String: String], reading name: String) throws -> [InputError] {
        try withFiles(files) { folder in
            do throws(InputErrors) {
                _ = try Inventory(reading: "\(folder)/\(name)")
                return []
            } catch {
                return error.errors
            }
        }
    }

    @Test(
        "in YAML",
        arguments: [
            ("", 1, 1, "the inventory is empty"),
            ("- a\n", 1, 1, "an inventory is a mapping of groups, this is a list"),
            ("all: {hosts: [a, b]}\n", 1, 14, "the hosts of 'all' are a mapping, this is a list"),
            ("all: {hosts: {a: text}}\n", 1, 18, "the variables of 'a' are a mapping, this is text"),
            ("all: {vars: [1]}\n", 1, 13, "the variables of 'all' are a mapping, this is a list"),
            ("all: {hosts: {1: }}\n", 1, 15, "the name of a host is text, this is a whole number"),
            ("all: {hosts: {\"\": }}\n", 1, 15, "the name of a host is empty"),
            ("all: {children: {\"\": }}\n", 1, 18, "the name of a group is empty"),
            ("all: {hosts: {a: , a: }}\n", 1, 20, "the key 'a' is there twice"),
            ("all: {hosts: {'n[3:1]': }}\n", 1, 15, "'n[3:1]': the range ends before it begins"),
            (
                "all: {hosts: {'n[01:100]': }}\n", 1, 15,
                "'n[01:100]': bounds with leading zeros must be of the same length"
            ),
            ("all: {hosts: {'n[1:9999999]': }}\n", 1, 15, "'n[1:9999999]' stands for more than 100000 hosts"),
            (
                "a: {children: {b: {children: {a: }}}}\n", 1, 16,
                "the group 'b' as a child of 'a' would be its own ancestor"
            ),
            ("a: {children: {a: }}\n", 1, 16, "the group 'a' cannot be its own child"),
            ("all: {vars: {p: !vault x}}\n", 1, 17, "a value encrypted with Ansible Vault (!vault) is not read yet"),
            ("plugin: aws_ec2\n", 1, 9, "inventory plugins are not read"),
            ("a: {vars: {ansible_group_priority: high}}\n", 1, 36, "ansible_group_priority is a whole number"),
            ("all:\n\thosts:\n", 2, 1, "a tab where YAML needs spaces"),
        ])
    func yaml(text: String, line: Int, column: Int, message: String) throws {
        let found = try errors(["hosts.yml": text], reading: "hosts.yml")
        #expect(found.map(\.message) == [message])
        #expect(found.first?.origin?.line == line)
        #expect(found.first?.origin?.column == column)
    }

    @Test("in INI, all at once")
    func ini() throws {
        let text = """
            [web]
            a b
              c x="1
            d:
            [bad section]
            [web:var]
            [web:vars]
            nothing
            [nowhere:vars]
            k=v
            [web:children]
            missing
            e f=1
            """
        let found = try errors(["hosts.ini": text], reading: "hosts.ini")
        #expect(
            found.map { "\($0.origin?.line ?? 0):\($0.origin?.column ?? 0) \($0.message)" } == [
                "2:3 a host's variables are name=value, not 'b'", "3:7 a quote that is never closed",
                "4:1 a host's name cannot end with ':'", "5:1 no section: [bad section]",
                "6:1 the section [web:var] is of no known kind", "8:1 a variable is name=value, not 'nothing'",
                "9:2 variables of 'nowhere', a group that is declared nowhere",
                "12:1 'missing', a child of 'web', is a group declared nowhere",
                "13:1 a group's name is needed here, not 'e f=1'",
            ])
    }

    @Test("in several files of variables, all at once")
    func files() throws {
        let found = try errors(
            [
                "hosts.yml": "all: {hosts: {a: }}\n", "group_vars/all.yml": "- 1\n",
                "group_vars/ungrouped.yml": "a: [\n",
                "host_vars/a.yml": "$ANSIBLE_VAULT;1.1;AES256\n3132\n",
            ], reading: "hosts.yml")
        #expect(
            found.map(\.message) == [
                "a file of variables is a mapping, this is a list",
                "did not find expected node content, while parsing a flow node",
                "a file encrypted with Ansible Vault is not read yet",
            ])
    }

    @Test(
        "variables that are there and cannot be read are no missing variables",
        arguments: ["group_vars/all.yml", "host_vars/a", "group_vars/all/more.yml"], ["self", "nowhere"])
    func unreadable(file: String, target: String) throws {
        try withFiles(["hosts.yml": "all: {hosts: {a: }}\n", "group_vars/x.yml": "a: 1\n"]) { folder in
            let path = "\(folder)/\(file)"
            try FileManager.default.createDirectory(
                atPath: (path as NSString).deletingLastPathComponent, withIntermediateDirectories: true)
            try FileManager.default.createSymbolicLink(
                atPath: path, withDestinationPath: target == "self" ? path : "\(folder)/nowhere")
            let found = #expect(throws: InputErrors.self) { try Inventory(reading: "\(folder)/hosts.yml") }
            #expect(found?.errors.map(\.message).contains { $0.hasPrefix("\(path) cannot be read") } == true)
        }
    }

    @Test("a line that shows a secret is not shown")
    func secret() throws {
        let text = "all: {vars: {ansible_password: !vault x}}\n"
        #expect(try errors(["hosts.yml": text], reading: "hosts.yml").first?.sourceLine == nil)
    }

    @Test("there is nothing at the path")
    func absent() throws {
        #expect(try errors([:], reading: "none.yml").first?.message.hasPrefix("there is no inventory at ") == true)
    }

    @Test("an unknown section is a warning, with what was meant")
    func section() throws {
        try withFiles(["hosts.yml": "all: {host: {a: }, hosts: {b: }}\n"]) { folder in
            let inventory = try Inventory(reading: "\(folder)/hosts.yml")
            #expect(inventory.hosts.map(\.name) == ["b"])
            #expect(inventory.warnings.map(\.hint) == ["did you mean 'hosts'?"])
        }
    }
}
