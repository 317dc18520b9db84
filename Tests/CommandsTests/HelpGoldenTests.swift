import TestSupport
import Testing

@Suite struct HelpGoldenTests {
    static let commands = [
        [], ["plan"], ["apply"], ["inventory"], ["inventory", "list"], ["inventory", "check"], ["roles"],
        ["roles", "list"], ["roles", "check"], ["roles", "schema"], ["completions"], ["version"], ["add-node"],
        ["config-get"], ["config-set"], ["remove-node"], ["upgrade"], ["status"], ["discover"], ["kubeconfig"],
        ["backup"], ["restore"], ["reset"], ["exec"], ["facts"], ["doctor"], ["graph"], ["roles", "new"],
    ]

    @Test("the help of each command", arguments: commands)
    func help(command: [String]) async throws {
        let kubani = try Kubani()
        defer { kubani.remove() }
        let help = try await kubani.run(command + ["--help"])
        #expect(help.status == 0)
        #expect(help.stderr == "")
        try Golden.check(help.stdout, (["help"] + command).joined(separator: "-") + ".txt")
        let same = try await kubani.run(["help"] + command)
        #expect(same.stdout == help.stdout)
    }

    @Test("every command that does something shows examples", arguments: commands)
    func examples(command: [String]) async throws {
        let kubani = try Kubani()
        defer { kubani.remove() }
        let help = try await kubani.run(command + ["--help"]).stdout
        if ["inventory", "roles"].contains(command.joined()) { return }
        #expect(help.contains("EXAMPLES\n  kubani ") || help.contains("EXAMPLES\n  source <(kubani"))
        let tooLong = help.split(separator: "\n").filter { $0.count > 80 && !$0.hasPrefix("USAGE") }
        #expect(tooLong.isEmpty)
    }

    @Test("plan and apply select alike")
    func selection() async throws {
        let kubani = try Kubani()
        defer { kubani.remove() }
        for command in ["plan", "apply"] {
            let help = try await kubani.run(command, "--help").stdout
            for flag in [
                "-i, --inventory", "-l, --limit", "-e, --extra-vars", "-t, --tags", "--skip-tags", "--roles",
                "-f, --forks", "-v, --verbose", "--json", "-k, --ask-pass", "-K, --ask-become-pass",
                "--accept-new-host-keys", "--connect-timeout",
            ] {
                #expect(help.contains("\n  \(flag)"), "\(command) \(flag)")
            }
        }
    }

    @Test("without arguments the program shows its help, and --version its version alone")
    func bare() async throws {
        let kubani = try Kubani()
        defer { kubani.remove() }
        #expect(try await kubani.run().stdout == kubani.run("--help").stdout)
        let version = try await kubani.run("--version").stdout
        #expect(version.hasPrefix("kubani ") && version.split(separator: "\n").count == 1)
        let all = try await kubani.run("version").stdout
        #expect(all.hasPrefix(version))
        for library in ["libssh2 ", "libyaml ", "libcurl/"] { #expect(all.contains("\n\(library)")) }
    }
}
