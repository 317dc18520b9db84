import Foundation
import TestSupport
import Testing

/// A shell in a terminal of its own, under tmux.
struct Terminal {
    private let socket = "kubani-test-\(UUID().uuidString.prefix(8))"

    init(in folder: String, columns: Int = 100) async throws {
        let shell = "env -u NO_COLOR KUBANI_INVENTORY= KUBANI_ROLES= PS1='> ' bash --norc --noprofile"
        let run = try await Program.run(
            "tmux", ["-L", socket, "-f", "/dev/null", "new-session", "-d", "-x", "\(columns)", "-y", "50", shell],
            environment: ["TERM": "xterm-256color"], directory: folder)
        try #require(run.status == 0, "\(run.stderr)")
        _ = try await wait { $0.contains(">") }
    }

    func close() async { _ = try? await Program.run("tmux", ["-L", socket, "kill-server"]) }

    func type(_ keys: String...) async throws {
        _ = try await Program.run("tmux", ["-L", socket, "send-keys"] + keys)
    }

    /// Runs the program; its exit status is on the screen at the end as `status N`.
    func kubani(_ arguments: String) async throws {
        try await type("'\(Kubani.path)' \(arguments); echo status $?", "Enter")
    }

    func screen(withColors: Bool = false) async throws -> String {
        let colors = withColors ? ["-e"] : []
        return try await Program.run("tmux", ["-L", socket, "capture-pane", "-p", "-J"] + colors).stdout
    }

    /// The screen as soon as it satisfies, or as it is when that does not come.
    func wait(for condition: (String) -> Bool) async throws -> String {
        let deadline = ContinuousClock.now + .eventually
        var last = ""
        while ContinuousClock.now < deadline {
            last = try await screen()
            if condition(last) { return last }
            try await Task.sleep(for: .milliseconds(30))
        }
        Issue.record("not seen; the screen:\n\(last)")
        return last
    }

    func wait(for text: String) async throws -> String { try await wait { $0.contains(text) } }

    /// An empty screen: what the next command prints is not to be taken for an earlier one's.
    func clear() async throws {
        try await type("clear", "Enter")
        _ = try await wait { !$0.contains("\nstatus ") }
    }

    /// What follows the typed command line, to the prompt.
    func output() async throws -> String {
        let screen = try await wait { $0.contains("\nstatus ") }
        guard let start = screen.range(of: "echo status $?\n")?.upperBound else { return screen }
        return String(screen[start...])
    }
}

extension LocalTests {
    @Suite(Needs.program("tmux")) struct TerminalTests {
        private func withTerminal(
            _ files: [String: String] = Fixture.files, columns: Int = 300,
            _ body: (Kubani, Terminal) async throws -> Void
        ) async throws {
            let kubani = try Kubani(files)
            defer { kubani.remove() }
            let terminal = try await Terminal(in: kubani.folder, columns: columns)
            do { try await body(kubani, terminal) } catch {
                await terminal.close()
                throw error
            }
            await terminal.close()
        }

        /// What n1's row says its task has taken, in seconds; the row ends with the task.
        private static func time(in screen: String, of task: String) -> Double? {
            let row = screen.split(separator: "\n").first { $0.hasPrefix("  n1  ") && $0.hasSuffix(" s  \(task)") }
            return row.flatMap { Double($0.dropFirst(6).prefix { $0 != " " }) }
        }

        private var untilMorning: [String: String] {
            Fixture.files.merging(["roles/slow/role.yml": Fixture.slowUntilMorning]) { $1 }
        }

        private var slow: [String: String] {
            Fixture.files.merging(["roles/slow/role.yml": Fixture.slow(seconds: 3)]) { $1 }
        }

        @Test("apply asks; n changes nothing and says so")
        func no() async throws {
            try await withTerminal { kubani, terminal in
                try await terminal.kubani("apply")
                _ = try await terminal.wait(for: "\n\nMake these changes? [y/N]")
                try await terminal.type("n", "Enter")
                #expect(try await terminal.output().contains("[y/N] n\nNothing was changed.\nstatus 1\n"))
                #expect(!kubani.exists("out"))
            }
        }

        @Test("y goes on; while a task runs a row shows it with its time, and no row is left")
        func yes() async throws {
            try await withTerminal(slow) { kubani, terminal in
                try await terminal.kubani("apply")
                _ = try await terminal.wait(for: "[y/N]")
                try await terminal.type("y", "Enter")
                let early = try await terminal.wait { Self.time(in: $0, of: "slow › nap") != nil }
                let time = Self.time(in: early, of: "slow › nap") ?? 0
                _ = try await terminal.wait { Self.time(in: $0, of: "slow › nap").map { $0 > time } ?? false }
                let output = try await terminal.output()
                #expect(!output.contains(" s  slow › nap"))
                #expect(
                    output.contains("\n! n1 › slow › nap\n+ n1 › slow › after the nap\n\nRecap after "), "\(output)")
                #expect(output.contains("changed=5") && output.contains("\nstatus 0\n"))
                #expect(try await terminal.screen(withColors: true).contains("\u{1B}[33m+ n1 › greet › folder"))
                #expect(kubani.exists("out/later"))
            }
        }

        @Test("exec shows where the command still runs, its blocks whole above that, and Ctrl-C leaves at once")
        func exec() async throws {
            try await withTerminal { kubani, terminal in
                let waits = "for i in $(seq 600); do [ ! -e go ] || break; sleep 0.1; done; echo done"
                try await terminal.kubani("exec -- 'cd \(kubani.folder); \(waits)'")
                let name = "exec › cd \(kubani.folder); \(waits)"
                _ = try await terminal.wait { Self.time(in: $0, of: name) != nil }
                try kubani.write("", to: "go")
                let output = try await terminal.output()
                #expect(output.hasPrefix("n1: exit 0\n    done\n\n1 host in ") && output.contains("\nstatus 0\n"))
                #expect(!output.contains(" s  exec"))
                try FileManager.default.removeItem(atPath: "\(kubani.folder)/go")
                try await terminal.clear()
                try await terminal.kubani("exec -- 'cd \(kubani.folder); \(waits)'")
                _ = try await terminal.wait { Self.time(in: $0, of: name) != nil }
                try await terminal.type("C-c")
                let left = try await terminal.output()
                #expect(left.contains("Interrupted. The command goes on, unwatched, "), "\(left)")
                #expect(left.contains("\nstatus 130\n") && !left.contains(" s  exec"))
                try kubani.write("", to: "go")
            }
        }

        @Test("NO_COLOR takes the colours")
        func noColor() async throws {
            try await withTerminal { _, terminal in
                try await terminal.type("export NO_COLOR=1", "Enter")
                try await terminal.kubani("plan")
                _ = try await terminal.output()
                #expect(!(try await terminal.screen(withColors: true)).utf8.contains(0x1B))
            }
        }

        @Test("Ctrl-C at the question leaves, and nothing was changed")
        func interruptedQuestion() async throws {
            try await withTerminal { kubani, terminal in
                try await terminal.kubani("apply")
                _ = try await terminal.wait(for: "[y/N]")
                try await terminal.type("C-c")
                #expect(try await terminal.output().contains("\nInterrupted. Nothing was changed.\nstatus 130\n"))
                #expect(!kubani.exists("out"))
            }
        }

        @Test("Ctrl-C lets what runs end, begins nothing new, and says where it stands")
        func interrupted() async throws {
            try await withTerminal(untilMorning) { kubani, terminal in
                try await terminal.kubani("apply --yes")
                _ = try await terminal.wait(for: "s  slow › nap")
                try await terminal.type("C-c")
                _ = try await terminal.wait(for: "\nStopping: what runs is brought to its end.")
                try kubani.write("", to: "out/morning")
                let output = try await terminal.output()
                #expect(output.contains("\n! n1 › slow › nap\n\nRecap after "), "\(output)")
                #expect(output.contains("not begun=1\nInterrupted. "))
                #expect(output.contains("\nstatus 130\n"))
                #expect(kubani.exists("out/slept") && !kubani.exists("out/later"))
                try await terminal.clear()
                try await terminal.kubani("apply --yes")
                let again = try await terminal.output()
                #expect(again.contains("changed=1") && again.contains("\nstatus 0\n"), "\(again)")
            }
        }

        @Test("a second Ctrl-C leaves at once, with no row left")
        func left() async throws {
            try await withTerminal(untilMorning) { kubani, terminal in
                try await terminal.kubani("apply --yes")
                _ = try await terminal.wait(for: "s  slow › nap")
                try await terminal.type("C-c")
                _ = try await terminal.wait(for: "\nStopping: ")
                try await terminal.type("C-c")
                let output = try await terminal.output()
                #expect(output.contains("\nLeft at once: "), "\(output)")
                #expect(output.contains("\nstatus 130\n"))
                #expect(!output.contains("s  slow › nap"))
                #expect(!kubani.exists("out/later"))
                // The node's lock is held until the nap has ended; then the next run goes on.
                let deadline = ContinuousClock.now + .eventually
                var next = try await kubani.run("apply", "--yes")
                #expect(next.stderr.contains("another run holds it"), "\(next.stderr)")
                try kubani.write("", to: "out/morning")
                while next.status == 3, ContinuousClock.now < deadline { next = try await kubani.run("apply", "--yes") }
                #expect(next.status == 0)
                #expect(kubani.exists("out/slept") && kubani.exists("out/later"))
            }
        }

        @Test("a password that is asked for is not seen, and Ctrl-C at it gives the terminal back")
        func password() async throws {
            try await withTerminal { _, terminal in
                try await terminal.kubani("plan --ask-become-pass")
                _ = try await terminal.wait(for: "sudo password:")
                try await terminal.type("hunter2", "Enter")
                let output = try await terminal.output()
                #expect(output.hasPrefix("sudo password:") && output.contains("\nstatus 0\n"))
                #expect(!output.contains("hunter2"))
                try await terminal.clear()
                try await terminal.kubani("plan -K")
                _ = try await terminal.wait(for: "sudo password:")
                try await terminal.type("C-c")
                #expect(try await terminal.output().contains("\nInterrupted. Nothing was changed.\nstatus 130\n"))
                try await terminal.type("echo seen", "Enter")
                _ = try await terminal.wait(for: "> echo seen\nseen\n")
            }
        }

        @Test("a window narrower than the rows is drawn in one line a host")
        func narrow() async throws {
            try await withTerminal(slow, columns: 22) { _, terminal in
                try await terminal.kubani("apply --yes --tags slow,greet")
                _ = try await terminal.wait { Self.time(in: $0, of: "slow › n") != nil }
                let screen = try await terminal.wait(for: "status 0")
                #expect(!screen.contains("s  slow"), "\(screen)")
            }
        }
    }
}
