import Foundation
import TestSupport
import Testing

#if canImport(Glibc)
    import Glibc
#endif

extension LocalTests {
    /// What earlier runs left, and how a second run meets a first one.
    @Suite struct HistoryTests {
        @Test("history lists the runs, tells what one changed and what failed, and has all that was said", Needs.python)
        func history() async throws {
            var files = Fixture.files
            files["roles/broken/role.yml"] = """
                role: broken
                summary: Fails.
                hosts: all
                after: [greet]
                tasks:
                  - name: fails
                    command: { script: "echo the reason >&2; exit 7", creates: FOLDER/never }
                """
            let kubani = try Kubani(files)
            defer { kubani.remove() }
            let none = try await kubani.run("history")
            #expect(none.status == 0 && none.stderr.contains("No run was made from this folder yet"))
            _ = try await kubani.run("apply", "--yes", "-e", "api_token=s3cr3t", "-e", "greeting='Hi there'")
            _ = try await kubani.run("apply", "--yes", "-t", "greet", "-e", "greeting='Hi there'")
            let list = try await kubani.run("history")
            let lines = list.stdout.split(separator: "\n")
            try #require(lines.count == 3, "\(list.stdout)")
            #expect(
                lines[1].contains("nothing to change on 1 host")
                    && lines[1].contains("  kubani apply --yes -t greet -e "))
            #expect(lines[2].contains("1 failed, 3 changed on 1 host"), "\(lines[2])")
            #expect(lines[2].hasSuffix("-e (sensitive) -e 'greeting='\\''Hi there'\\'''"), "\(lines[2])")

            let id = try #require(lines[2].split(separator: " ").first.map(String.init))
            let one = try await kubani.run("history", id)
            for text in [
                "+ n1 › greet › folder\n",
                "✗ n1 › broken › fails\n    n1: could not make 'fails' so: the reason (exit 7)",
                "failed=1", ".kubani/runs/\(id)/log.txt",
            ] { #expect(one.stdout.contains(text), "\(text): \(one.stdout)") }
            let log = try await kubani.run("history", id, "-v")
            for text in ["n1 $ ", "n1 ! the reason", "n1 | telling", "+ folder  directory", "Recap after"] {
                #expect(log.stdout.contains(text), "\(text): \(log.stdout)")
            }
            for said in [list, one, log] { #expect(!said.stdout.contains("s3cr3t")) }
            let last = try await kubani.run("history", "last", "--json")
            let events = try await Program.run(
                Repository.python, ["-c", "import json, sys; print(*[e['event'] for e in json.load(sys.stdin)])"],
                stdin: last.stdout)
            #expect(events.stdout.hasPrefix("began connecting ") && events.stdout.hasSuffix(" ended\n"))
            let unknown = try await kubani.run("history", "1999")
            #expect(unknown.status == 1 && unknown.stderr.contains("there is no run 1999"))
        }

        @Test("a run that was killed is told as cut short")
        func cutShort() async throws {
            let kubani = try Kubani(
                Fixture.files.merging(["roles/slow/role.yml": Fixture.slowUntilMorning]) { $1 })
            defer { kubani.remove() }
            let first = try kubani.start("apply", "--yes")
            try await kubani.wait(for: "out/told", first)
            first.signal(SIGKILL)
            // What it left behind on the node is a child of its own here.
            try kubani.write("", to: "out/morning")
            #expect(try await first.end().status == 128 + 9)
            let list = try await kubani.run("history")
            #expect(list.stdout.contains("  cut short  "), "\(list.stdout)")
            #expect(try await kubani.run("history", "last").stdout.contains("It was cut short"))
        }
    }

    /// A node that another run holds.
    @Suite struct HeldNodeTests {
        private let files = Fixture.files.merging(["roles/slow/role.yml": Fixture.slowUntilMorning]) { $1 }

        @Test("a second run names the holder and refuses; with --lock-timeout it waits for its end")
        func waits() async throws {
            let kubani = try Kubani(files)
            defer { kubani.remove() }
            let first = try kubani.start("apply", "--yes")
            try await kubani.wait(for: "out/told", first)
            try kubani.write("moved", to: "out/motd")
            let refused = try await kubani.run("apply", "--yes", "-t", "text")
            #expect(refused.status == 3)
            #expect(refused.stderr.contains("another run holds it: "), "\(refused.stderr)")
            #expect(refused.stderr.contains("process \(first.processID), since 2"), "\(refused.stderr)")
            #expect(refused.stderr.contains("hint: --lock-timeout 10m waits for its end"))
            let tried = try await kubani.run("apply", "--yes", "-t", "text", "--lock-timeout", "1s")
            #expect(tried.status == 3 && tried.stderr.contains("n1: waiting for another run that holds it"))

            let second = try kubani.start("apply", "--yes", "-t", "text", "--lock-timeout", "1m")
            try await second.hear("n1: waiting for another run")
            try kubani.write("", to: "out/morning")
            #expect(try await first.end().status == 0)
            #expect(try await second.end().status == 0, "\(second.said)")
            #expect(try String(contentsOfFile: "\(kubani.folder)/out/motd", encoding: .utf8) == "Welcome to n1\n")
        }

        @Test("--break-lock takes the node away: the first run begins nothing more there, and says who has it")
        func breaks() async throws {
            let kubani = try Kubani(files)
            defer { kubani.remove() }
            let first = try kubani.start("apply", "--yes")
            try await kubani.wait(for: "out/told", first)
            try kubani.write("moved", to: "out/motd")
            let asks = try await kubani.run("apply", "-t", "text", "--break-lock")
            #expect(asks.status == 1 && asks.stderr.contains("there is no terminal to ask on"), "\(asks.stderr)")
            let second = try await kubani.run("apply", "--yes", "-t", "text", "--break-lock")
            #expect(second.status == 0, "\(second.stderr)")
            #expect(try String(contentsOfFile: "\(kubani.folder)/out/motd", encoding: .utf8) == "Welcome to n1\n")
            try kubani.write("", to: "out/morning")
            #expect(try await first.end().status == 3)
            #expect(first.said.contains("somebody broke this run's lock"), "\(first.said)")
            #expect(kubani.exists("out/slept") && !kubani.exists("out/later"))
            // Nothing of either is left.
            let third = try await kubani.run("apply", "--yes")
            #expect(third.status == 0 && kubani.exists("out/later"), "\(third.stderr)")
        }
    }
}
