import Model
import OrderedCollections
import TestSupport
import Testing

@testable import Inventory

@Suite("kubani_secrets") struct SecretVariablesTests {
    private static let yaml = """
        all:
          vars: { kubani_secrets: [my_pin, "home_*"], home_door: 1234, plain: x }
          hosts:
            n1: { my_pin: abcd, kubani_secrets: n1_word, n1_word: w, deep: { my_pin: y, other: z } }
            n2: { n1_word: v }
        """
    private static let ini = """
        [all]
        n1 my_pin=abcd n1_word=w kubani_secrets="n1_word"
        n2 n1_word=v
        [all:vars]
        kubani_secrets=['my_pin', 'home_*']
        home_door=1234
        plain=x
        """

    @Test(
        "names are secret in the whole inventory, wherever they are given",
        arguments: [("hosts.yml", yaml), ("hosts", ini)])
    func formats(name: String, text: String) throws {
        try withFiles([name: text]) { folder in
            let inventory = try Inventory(reading: "\(folder)/\(name)", secrets: ["given"])
            for host in ["n1", "n2"] {
                let variables = try #require(inventory.host(named: host)).variables
                #expect(variables["home_door"]?.isSensitive == true && variables["n1_word"]?.isSensitive == true)
                #expect(variables["plain"]?.isSensitive == false && variables["kubani_secrets"]?.isSensitive == false)
            }
            #expect(inventory.host(named: "n1")?.variables["my_pin"]?.isSensitive == true)
            #expect(inventory.secretNames.isSecret("given") && !inventory.secretNames.isSecret("plain"))
        }
    }

    @Test("keys within maps count, too")
    func keys() throws {
        try withFiles(["hosts.yml": Self.yaml]) { folder in
            let deep = try Inventory(reading: "\(folder)/hosts.yml").host(named: "n1")?.variables["deep"]
            #expect(deep?["my_pin"]?.isSensitive == true && deep?["other"]?.isSensitive == false)
        }
    }

    @Test(
        "what cannot be a list of names is refused, and a name that nothing has is a warning",
        arguments: [
            ("\"{{ x }}\"", "not a template"), ("['']", "not an empty text"), ("{a: b}", "text is needed, not"),
            ("[my_pim]", "warning: kubani_secrets: no variable is called 'my_pim'"), ("[my_pin, 'm*']", ""),
        ])
    func checked(value: String, message: String) throws {
        let text =
            "all:\n  vars:\n    my_pin: 1\n    kubani_secrets: \(value)\n  children:\n"
            + "    control_plane: { hosts: { n1: { tailscale_ip: 100.64.0.1 } } }\n"
        try withFiles(["hosts.yml": text]) { folder in
            let found = try Inventory(reading: "\(folder)/hosts.yml").check().map { "\($0)" }.joined(separator: "\n")
            #expect(message.isEmpty ? found.isEmpty : found.contains(message), "\(found)")
            #expect(message.isEmpty || found.contains("hosts.yml:4:"), "\(found)")
        }
    }
}
