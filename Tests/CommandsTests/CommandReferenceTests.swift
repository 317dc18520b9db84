import Commands
import Foundation
import TestSupport
import Testing

@Suite struct CommandReferenceTests {
    @Test("docs/CLI_REFERENCE.md is what the program's help says")
    func markdown() throws { try Golden.check(CommandReference.markdown, file: "docs/CLI_REFERENCE.md") }

    @Test("so is the manual page")
    func manual() throws { try Golden.check(CommandReference.manual, file: "docs/kubani.1") }

    @Test("both have every command, its options and its examples", arguments: HelpGoldenTests.commands)
    func complete(command: [String]) async throws {
        if command.isEmpty || ["inventory", "roles"].contains(command.joined()) { return }
        let kubani = try Kubani()
        defer { kubani.remove() }
        let help = try await kubani.run(command + ["--help"]).stdout
        let markdown = CommandReference.markdown
        let start = try #require(markdown.range(of: "\n## kubani \(command.joined(separator: " "))\n"))
        let own = String(markdown[start.upperBound...]).components(separatedBy: "\n## ")[0]
        for example in help.split(separator: "\n").filter({ $0.hasPrefix("  kubani ") }) {
            #expect(own.contains(example.trimmingPrefix("  ")), "\(example)")
        }
        for option in help.matches(of: /\n  (?:-\w, )?(--[a-z-]+)/).map(\.1)
        where !["--help", "--version"].contains(option) {
            #expect(own.contains("`\(option)") || own.contains(", \(option)"), "\(option)")
        }
    }

    @Test("the manual page is one that man shows without a complaint, where groff is at hand")
    func groff() async throws {
        // preconv, which -K needs, is not in every groff.
        guard
            let run = try? await Program.run("groff", ["-man", "-Tutf8", "-ww"], stdin: CommandReference.manual)
        else { return }
        #expect(run.status == 0 && run.stderr == "", "\(run.stderr)")
        #expect(run.stdout.contains("kubani apply --check                  the same as kubani plan"), "\(run.stdout)")
    }
}
