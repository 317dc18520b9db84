import Foundation
import TestSupport
import Testing

/// What was typed wrong ends with status 1 and a word on what to do, and nothing is touched.
@Suite struct MisuseTests {
    @Test(
        "is told and hinted at",
        arguments: [
            (["pln"], "there is no command 'kubani pln'\nhint: did you mean 'kubani plan'?"),
            (["help", "aply"], "there is no command 'kubani aply'\nhint: did you mean 'kubani apply'?"),
            (["provison"], "there is no command 'kubani provison'\nhint: did you mean 'kubani provision'?"),
            (
                ["inventory", "chek"],
                "there is no command 'kubani inventory chek'\nhint: did you mean 'kubani inventory check'?"
            ),
            (["zzz"], "there is no command 'kubani zzz'\nhint: there are: plan, apply, provision, "),
            (["--bogus"], "Unknown option '--bogus'\nhint: 'kubani --help' shows what there is"),
            (["plan", "--lmit", "x"], "Unknown option '--lmit'. Did you mean '--limit'?\nhint: 'kubani plan --help'"),
            (["plan", "--limit"], "Missing value for '--limit <pattern>'\nhint: 'kubani plan --help'"),
            (["plan", "extra"], "Unexpected argument 'extra'\nhint: 'kubani plan --help'"),
            (["apply", "--forks", "0"], "--forks needs a number from 1\nhint: 'kubani apply --help'"),
            (["apply", "--forks", "x"], "The value 'x' is invalid for '--forks <n>'"),
            (["plan", "--connect-timeout", "0"], "--connect-timeout needs a number of seconds from 1"),
            (["plan", "-i", "nowhere.yml"], "there is no inventory at nowhere.yml\nhint: name one with -i"),
            (["plan", "--roles", "nowhere"], "--roles: there is no folder nowhere"),
            (
                ["plan", "--roles", "inventory"],
                "there is no role in inventory\nhint: a role is a file FOLDER/NAME/role.yml"
            ),
            (["plan", "-l", "n9"], "'n9' is no host and no group"),
            (["plan", "-l", "contrl_plane"], "hint: did you mean 'control_plane'?"),
            (["plan", "-l", "all:!n1"], "--limit 'all:!n1' leaves no host\nhint: "),
            (["plan", "-t", "txt"], "--tags: no task has the tag 'txt'\nhint: did you mean 'text'?"),
            (
                ["plan", "--skip-tags", "zzzzzz"],
                "--skip-tags: no task has the tag 'zzzzzz'\nhint: there are: greet, text"
            ),
            (["plan", "-e", "greeting"], "--extra-vars: 'greeting' is no k=v\nhint: such as"),
            (["plan", "-e", "{\"a\":"], "--extra-vars is no JSON: "),
            (["plan", "-e", "@nope.yml"], "--extra-vars: there is no file nope.yml\nhint: @"),
            (["plan", "-e", "@roles"], "--extra-vars: roles cannot be read\nhint: @"),
            (["plan", "-K"], "there is no terminal to ask for a password on\nhint: "),
            (["completions", "tcsh"], "no completions for 'tcsh'\nhint: bash, zsh and fish have them"),
            (["apply"], "there is no terminal to ask on: nothing was changed\nhint: --yes makes the changes"),
            (["apply", "--json"], "there is no terminal to ask on: nothing was changed\nhint: --yes"),
        ])
    func hinted(arguments: [String], message: String) async throws {
        let kubani = try Kubani(Fixture.files)
        defer { kubani.remove() }
        let run = try await kubani.run(arguments)
        #expect(run.status == 1)
        #expect(run.stderr.contains(message), "\(run.stderr)")
        #expect(!kubani.exists("out"))
    }

    @Test("a folder named in KUBANI_ROLES has to be there, an empty variable names nothing")
    func environment() async throws {
        let kubani = try Kubani(Fixture.files)
        defer { kubani.remove() }
        let run = try await kubani.run("roles", "list", environment: ["KUBANI_ROLES": "nowhere"])
        #expect(run.status == 1)
        #expect(run.stderr == "KUBANI_ROLES: there is no folder nowhere\n")
        let lost = try await kubani.run("plan", environment: ["KUBANI_INVENTORY": "lost.yml"])
        #expect(lost.status == 1)
        #expect(lost.stderr.hasPrefix("there is no inventory at lost.yml\n"))
    }

    @Test("a mistyped command leaves no journal, and an unreadable file is no empty folder")
    func journal() async throws {
        let kubani = try Kubani(["inventory/hosts.yml": "all: {hosts: {n1: ", "roles/r/role.yml": Fixture.role])
        defer { kubani.remove() }
        let run = try await kubani.run("apply", "--yes")
        #expect(run.status == 1)
        #expect(run.stderr.hasPrefix("inventory/hosts.yml:"))
        #expect(!kubani.exists(".kubani"))
    }

    @Test("a file that may not be read is told as that", Needs.root, Needs.program("setpriv"))
    func unreadable() async throws {
        let kubani = try Kubani(Fixture.files)
        defer { kubani.remove() }
        try FileManager.default.setAttributes(
            [.posixPermissions: 0], ofItemAtPath: "\(kubani.folder)/inventory/hosts.yml")
        let run = try await Program.run(
            "setpriv", ["--reuid", "65534", "--clear-groups", Kubani.path, "plan"], directory: kubani.folder)
        // Where nobody may not even enter the build's folder, setpriv says so.
        if run.status == 127 || run.stderr.contains("setpriv:") { return }
        #expect(run.status == 1)
        #expect(run.stderr == "inventory/hosts.yml cannot be read: permission denied\n")
    }
}
