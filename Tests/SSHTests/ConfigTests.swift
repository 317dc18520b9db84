import Foundation
import Model
import TestSupport
import Testing

@testable import SSH

@Suite("what ssh_config and the command line say")
struct ConfigTests {
    @Test(
        "a configuration is asked only where it could matter",
        arguments: [
            ("", false), ("# User x\n", false), ("SendEnv LANG\nHost *\n HashKnownHosts yes\n", false),
            ("User ops\n", true), ("Host node\n  User ops\n", true), ("Host other\n  User ops\n", false),
            ("Host no*\n  Port=2222\n", true), ("Host * !node\n  User ops\n", false),
            ("Host other\n  User ops\nHost *\n  IdentityFile ~/.ssh/k\n", true),
            ("Match host node\n  Compression yes\n", false), ("Match host x\n  User ops\n", true),
            ("Include good\n", true), ("Include dull\n", false), ("Host other\n Include good\n", false),
            ("Include unreadable\n", true), ("Include loop\n", true), ("CanonicalizeHostname yes\n", true),
            ("  proxyjump bastion\n", true),
        ])
    func scan(text: String, matters: Bool) {
        let scan = ConfigScan { pattern in
            switch pattern {
            case "good": ["User ops"]
            case "dull": ["# nothing", "Compression yes"]
            case "loop": ["Include loop"]
            default: nil
            }
        }
        #expect(scan.matters(text, for: "node") == matters)
    }

    @Test("the options of ansible_ssh_common_args are taken as ssh takes them")
    func commonArguments() throws {
        let text =
            #"-4C -o ProxyJump=a@b:1 -oUser=ops -p 2222 -l other -i ~/k1 -i "my key" -F /cfg -o "ProxyCommand=nc '%h' %p" -o 'StrictHostKeyChecking no' -o UserKnownHostsFile="/a /b" -o ControlMaster=auto"#
        let arguments = try CommonArguments(text)
        let settings = arguments.settings
        #expect(settings.proxyJump == "a@b:1")
        #expect(settings.proxyCommand == nil)
        #expect(settings.user == "ops")
        #expect(settings.port == 2222)
        #expect(settings.identityFiles == ["~/k1", "my key"])
        #expect(settings.strictHostKeyChecking == .acceptNew)
        #expect(settings.userKnownHostsFiles == ["/a", "/b"])
        #expect(arguments.configFile == "/cfg")
        #expect(try CommonArguments(#"-o ProxyCommand="sh -c 'nc %h %p'""#).settings.proxyCommand == "sh -c 'nc %h %p'")
    }

    @Test(
        "arguments that ssh would not take are refused",
        arguments: ["-o", "-p x", "-p 0", "node", "-o 'User", "--port 3", "-o User="])
    func badArguments(text: String) {
        #expect(throws: CommonArguments.Problem.self) { try CommonArguments(text) }
    }

    @Test(
        "hops are read as ProxyJump has them",
        arguments: [
            ("host", Hop("host")), ("u@host:22", Hop("u@host:22")), ("[fd7a::1]:2", Hop("[fd7a::1]:2")),
            ("ssh://u@h:3/", Hop("u@h:3")),
        ] as [(String, Hop?)])
    func hops(text: String, hop: Hop?) {
        #expect(hop != nil)
        #expect(Hop(text) == hop)
    }

    @Test("hops that cannot be read", arguments: ["", "u@", "host:0", "host:x", "@host", "-oX", "[::1]x"])
    func badHops(text: String) { #expect(Hop(text) == nil) }

    @Test("the parts of a hop")
    func hopParts() throws {
        let hop = try #require(Hop("ops@[fd7a::1]:2222"))
        #expect(hop.user == "ops" && hop.host == "fd7a::1" && hop.port == 2222)
        #expect(Hop("fd7a::1")?.host == "fd7a::1")
        #expect(Hop.list("a, b@c:4")?.map(\.host) == ["a", "c"])
    }

    @Test(
        "a configuration that cannot be read, or was named and is not there, is an error: without it another machine could be meant",
        arguments: ["named", "loop", "folder"])
    func unreadableConfig(which: String) async throws {
        let folder = try TemporaryFolder("kubani-config")
        let path = "\(folder.path)/.ssh/config"
        try FileManager.default.createDirectory(atPath: "\(folder.path)/.ssh", withIntermediateDirectories: false)
        if which == "loop" { try FileManager.default.createSymbolicLink(atPath: path, withDestinationPath: path) }
        if which == "folder" {
            try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: false)
        }
        var options = SSHOptions()
        options.home = folder.path
        var settings = ConnectionSettings(host: "n", address: "node")
        if which == "named" { settings.commonArguments = "-F \(path)" }
        let failure = await refusal { [options, settings] in try await SSHConnector(options: options).connect(settings)
        }
        #expect(failure?.cause.hasPrefix(path) == true, "\(failure as Any)")
    }

    @Test("explicit values win over the common arguments, and those over ssh_config", Needs.program("ssh"))
    func precedence() async throws {
        let file = NSTemporaryDirectory() + "kubani-config-\(UUID().uuidString)"
        defer { try? FileManager.default.removeItem(atPath: file) }
        try Data(
            "Host node\n HostName 10.0.0.1\n User from-config\n Port 1001\n IdentityFile /config/key\n ProxyJump b\n"
                .utf8
        ).write(to: URL(filePath: file))
        var options = SSHOptions()
        options.configFile = file
        var settings = ConnectionSettings(host: "n", address: "node")
        settings.user = "explicit"
        settings.privateKeyFile = "/explicit/key"
        settings.commonArguments = "-o Port=2002 -o User=from-common -o IdentityFile=/common/key"
        let target = try await TargetResolver(options: options).target(for: settings, until: .now + .seconds(60))
        #expect(target.address == "10.0.0.1")
        #expect(target.user == "explicit")
        #expect(target.port == 2002)
        #expect(target.keyFiles == ["/explicit/key", "/common/key", "/config/key"])
        #expect(target.route == .jump([try #require(Hop("b"))]))
        // The same without a configuration that matters: ssh is not asked.
        options.configFile = "none"
        let plain = try await TargetResolver(options: options).target(for: settings, until: .now + .seconds(60))
        #expect(plain.address == "node")
        #expect(plain.user == "explicit")
        #expect(plain.port == 2002)
        #expect(plain.keyFiles == ["/explicit/key", "/common/key"])
        #expect(plain.route == .direct)
    }

    @Test("ProxyCommand's tokens become words of the shell")
    func proxyCommand() {
        var options = SSHOptions()
        options.home = "/home/me"
        var settings = SSHSettings()
        settings.hostname = "10.0.0.1"
        settings.user = "it's"
        settings.port = 2222
        let target = Target(name: "n", alias: "node", settings, options)
        let script = Transport.script("nc -X %r %h:%p 100%% %n %x %", for: target, alias: "node")
        #expect(script.text == "nc -X 'it'\\''s' 10.0.0.1:2222 100% node %x %")
    }

    @Test("paths are expanded as ssh_config has it")
    func expansion() {
        var options = SSHOptions()
        options.home = "/home/me"
        options.localUser = "me"
        #expect(options.expand("~/.ssh/%h-%r-%u-%%", host: "node", user: "ops") == "/home/me/.ssh/node-ops-me-%")
        #expect(options.expand("%d/k", host: "", user: "") == "/home/me/k")
        #expect(options.expand("/a/~b", host: "", user: "") == "/a/~b")
    }

    @Test(
        "words are split as a shell splits them",
        arguments: [
            ("", []), ("a b", ["a", "b"]), ("'a b' c", ["a b", "c"]), (#""a\"b" ''"#, ["a\"b", ""]),
            (#"a\ b"#, ["a b"]), ("x'y'\"z\"", ["xyz"]),
        ] as [(String, [String])])
    func words(text: String, words: [String]) { #expect(ShellWords.split(text) == words) }
}
