import Foundation
import TestSupport
import Testing

@Suite("kubani exec") struct ExecTests {
    /// This machine by two names, and between them one that is out of reach.
    private static let inventory = """
        all:
          children:
            control_plane: { hosts: { n2: { tailscale_ip: 100.64.0.2 } } }
            workers:
              hosts:
                down: { tailscale_ip: 100.64.0.3, ansible_connection: ssh, ansible_host: 127.0.0.1, ansible_port: 1 }
                n1: { tailscale_ip: 100.64.0.1 }
          vars: { ansible_connection: local, ansible_become: false }
        """

    private func kubani() throws -> Kubani { try Kubani(["inventory/hosts.yml": Self.inventory]) }

    @Test("hosts are told in the inventory's order, each whole, whoever ends first")
    func order() async throws {
        let kubani = try kubani()
        defer { kubani.remove() }
        // Whichever begins first waits for the other's end.
        let script = """
            if mkdir lock 2>/dev/null; then echo first; for i in $(seq 200); do [ ! -e ended ] || break; sleep 0.1; done
            else echo second; echo oh >&2; touch ended; fi
            """
        let run = try await kubani.run("exec", "--limit", "!down", "--", "cd \(kubani.folder); " + script)
        #expect(run.status == 0, "\(run.stderr)")
        let lines = run.stdout.split(separator: "\n").map(String.init)
        #expect(lines.filter { $0.hasSuffix("exit 0") } == ["n2: exit 0", "n1: exit 0"])
        let first = ["    first"]
        let second = ["    second", "  ! oh"]
        #expect([first + ["n1: exit 0"] + second, second + ["n1: exit 0"] + first].contains(Array(lines[1..<5])))
        #expect(lines.count == 6 && lines[5].contains(/^2 hosts in [\d.]+ s: 2 ok$/), "\(run.stdout)")
        #expect(run.stderr == "" && !run.stdout.utf8.contains(0x1B))
    }

    @Test("one word is a shell command as typed, several come through as they are, and nothing is read")
    func words() async throws {
        let kubani = try kubani()
        defer { kubani.remove() }
        func output(_ words: String...) async throws -> String {
            let run = try await kubani.run(["exec", "-l", "n1", "--"] + words, stdin: "typed here\n")
            #expect(run.status == 0, "\(run.stdout)\(run.stderr)")
            return run.stdout.split(separator: "\n").filter { $0.hasPrefix("    ") }.joined(separator: "\n")
        }
        #expect(try await output("echo $((6 * 7)) | tr 4 5") == "    52")
        #expect(try await output("echo", "$((6 * 7))", "it's", "a  b", "*") == "    $((6 * 7)) it's a  b *")
        #expect(try await output("cat; echo end") == "    end")
    }

    @Test("a status other than 0 gives 3, a host out of reach 4, and both 3; each is told")
    func statuses() async throws {
        let kubani = try kubani()
        defer { kubani.remove() }
        let failing = try await kubani.run("exec", "-l", "n1", "--", "echo no >&2; exit 7")
        #expect(failing.status == 3)
        #expect(failing.stdout.hasPrefix("n1: exit 7\n  ! no\n\n1 host in "))
        #expect(failing.stdout.hasSuffix(": 0 ok; failed on n1\n"))
        let down = try await kubani.run("exec", "--", "true")
        #expect(down.status == 4)
        #expect(
            down.stdout.contains(
                """
                n2: exit 0
                down: unreachable
                    down: could not connect to \(NSUserName())@127.0.0.1:1: Connection refused
                    hint: nothing listens on port 1 there: is sshd running?
                n1: exit 0

                3 hosts in 
                """), "\(down.stdout)")
        #expect(down.stdout.hasSuffix(": 2 ok; unreachable down\n"))
        #expect(try await kubani.run("exec", "--", "false").status == 3)
    }

    @Test("a command that takes too long is ended, and told as that")
    func timeout() async throws {
        let kubani = try kubani()
        defer { kubani.remove() }
        let run = try await kubani.run("exec", "-l", "n1", "--timeout", "1s", "--", "echo begun; sleep 30")
        #expect(run.status == 3)
        #expect(run.stdout.hasPrefix("n1: timed out after 1.0 s\n    begun\n"), "\(run.stdout)")
        let wrong = try await kubani.run("exec", "--timeout", "soon", "--", "true")
        #expect(wrong.status == 1 && wrong.stderr.contains("'soon'"), "\(wrong.stderr)")
    }

    @Test("--json is a line a host, with the status and what was printed, or why not")
    func json() async throws {
        let kubani = try kubani()
        defer { kubani.remove() }
        let run = try await kubani.run("exec", "--json", "--", "printf 'a\\nb'; echo c >&2; exit 2")
        #expect(run.status == 3 && run.stderr == "")
        let lines = try run.stdout.split(separator: "\n").map {
            try #require(try JSONSerialization.jsonObject(with: Data($0.utf8)) as? [String: Any])
        }
        #expect(lines.map { $0["host"] as? String } == ["n2", "down", "n1"])
        for line in [lines[0], lines[2]] {
            #expect(line["status"] as? Int == 2 && line["timed_out"] as? Bool == false)
            #expect(line["stdout"] as? String == "a\nb" && line["stderr"] as? String == "c\n")
        }
        #expect((lines[1]["failure"] as? [String: Any])?["code"] as? String == "unreachable")
        #expect(lines[1]["status"] == nil)
    }

    @Test("the journal says what was run where and how it ended, and not what was printed")
    func journal() async throws {
        let kubani = try kubani()
        defer { kubani.remove() }
        _ = try await kubani.run("exec", "--", "echo a secret; exit 5")
        let runs = try FileManager.default.contentsOfDirectory(atPath: "\(kubani.folder)/.kubani/runs")
        #expect(runs.count == 1)
        let journal = try String(
            contentsOfFile: "\(kubani.folder)/.kubani/runs/\(runs[0])/events.jsonl", encoding: .utf8)
        let events = journal.split(separator: "\n")
        #expect(
            events.filter { $0.contains("\"event\":\"finished\"") && $0.contains("it ended with status 5") }.count == 2)
        #expect(events.filter { $0.contains("\"task\":\"echo a secret; exit 5\"") }.count == 4)
        #expect(events.contains { $0.contains("\"event\":\"unreachable\",\"failure\"") && $0.contains("\"down\"") })
        #expect(events.last?.contains("\"event\":\"ended\"") == true)
        #expect(!journal.contains("a secret\\n"))
    }

    @Test("without --, without a command, and for no host nothing is run, and it is said how")
    func misuse() async throws {
        let kubani = try kubani()
        defer { kubani.remove() }
        for (arguments, word) in [
            (["uptime"], "'uptime' stands before --; the command comes after it: kubani exec -- uptime"),
            ([], "there is nothing to run; a command comes after --: kubani exec -- uptime"),
            (["--"], "there is nothing to run"), (["-l", "nowhere", "--", "true"], "nowhere"),
            (["-l", "n1:!n1", "--", "true"], "--limit 'n1:!n1' leaves no host"),
            (["--ask-pass", "--", "true"], "there is no terminal to ask for a password on"),
        ] {
            let run = try await kubani.run(["exec"] + arguments)
            #expect(run.status == 1 && run.stderr.contains(word) && run.stdout == "", "\(run.stderr)")
        }
        #expect(!kubani.exists(".kubani"))
    }

    @Test("Ctrl-C leaves at once, with what has ended, and says where the command goes on")
    func interruption() async throws {
        let kubani = try kubani()
        defer { kubani.remove() }
        // The second to begin goes on until the file is gone.
        let script = """
            cd \(kubani.folder); if mkdir lock 2>/dev/null; then :; else
            touch begun; for i in $(seq 300); do [ ! -e begun ] || sleep 0.1; done; fi
            """
        let bash = """
            '\(Kubani.path)' exec -l '!down' -- "$1" & pid=$!
            for i in $(seq 200); do
                [ -e begun ] && grep -q '"event":"finished"' .kubani/runs/*/events.jsonl 2>/dev/null && break; sleep 0.1
            done
            kill -INT $pid; wait $pid; echo status $?; rm -f begun
            """
        // A background process of a shell without job control ignores SIGINT, until the program says otherwise.
        let run = try await Program.run(
            "bash", ["-c", bash, "bash", script],
            environment: ["KUBANI_INVENTORY": "", "KUBANI_ROLES": ""], directory: kubani.folder)
        #expect(run.stdout.hasSuffix("status 130\n"), "\(run.stdout)\(run.stderr)")
        #expect(
            run.stderr.contains(
                /Interrupted. The command goes on, unwatched, until its end or its timeout: on n[12]\n/))
    }
}
