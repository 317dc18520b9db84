import Foundation
import TestSupport
import Testing

#if canImport(Glibc)
    import Glibc
#endif

extension LabTests {
    @Suite("runs that do not come to their end") struct InterruptionTests {
        @Test("a run killed between a change and its handler is finished by the next, which restarts the service")
        func killed() async throws {
            let lab = try await Lab.ready
            let (roles, inventory) = (try lab.roles(["slow": SlowRole.text]), try lab.inventory(workers: [:]))
            try await lab.prepareSlowRole(roles, inventory, on: ["n1"])
            let arguments = ["-i", inventory, "--roles", roles, "--extra-vars", "level=2"]

            let run = try RunningProgram(lab, ["apply", "--yes"] + arguments)
            try await lab.wait(for: SlowRole.isInTheMiddle, on: "n1")
            run.signal(SIGKILL)
            #expect(try await run.end().status == 128 + 9)
            #expect(try await lab.read("n1", "cat /etc/demo.conf; ls \(SlowRole.mark)") == "level: 2\n\(SlowRole.mark)")
            #expect(try await lab.read("n1", SlowRole.restarted) == "no")

            // What was running goes on and holds the node; nothing else may begin.
            let early = try await lab.kubani(["apply", "--yes"] + arguments)
            #expect(early.status == 3)
            #expect(early.stderr.contains("another run holds it"), "\(early.stderr)")
            try await lab.read("n1", "touch /run/go")
            try await lab.wait(for: "[ ! -e /run/kubani ]", on: "n1")
            #expect(
                try await lab.read("n1", "cat /etc/slow.done /etc/last.conf") == "2\n1", "what was queued is not run")

            let plan = try await lab.kubani(["plan", "--detailed-exitcode"] + arguments)
            #expect(plan.status == 2 && plan.stdout.contains("restart demo"), "\(plan.stdout)")
            let next = try await lab.kubani(["apply", "--yes"] + arguments)
            #expect(next.status == 0, "\(next.stdout)\(next.stderr)")
            #expect(try await lab.read("n1", SlowRole.restarted) == "yes")
            #expect(
                try await lab.read("n1", "cat /etc/last.conf; ls -d /var/lib/kubani 2>/dev/null || echo gone")
                    == "2\ngone")
            let last = try await lab.kubani(["plan", "--detailed-exitcode"] + arguments)
            #expect(last.status == 0, "\(last.stdout)")
        }

        @Test(
            "Ctrl-C brings to its end what runs, says where it stands, and the next run goes on",
            arguments: [SIGINT, SIGTERM])
        func interrupted(signal: Int32) async throws {
            let lab = try await Lab.ready
            let (roles, inventory) = (try lab.roles(["slow": SlowRole.text]), try lab.inventory(workers: [:]))
            try await lab.prepareSlowRole(roles, inventory, on: ["n1"])
            let arguments = ["apply", "--yes", "-i", inventory, "--roles", roles, "--extra-vars", "level=3"]

            let run = try RunningProgram(lab, arguments)
            try await lab.wait(for: SlowRole.isInTheMiddle, on: "n1")
            run.signal(signal)
            try await run.hear("Stopping: what runs is brought to its end")
            try await lab.read("n1", "touch /run/go")
            let ended = try await run.end()
            #expect(ended.status == 130)
            #expect(ended.stdout.contains("Recap after"))
            #expect(ended.stdout.contains("not begun=2"), "\(ended.stdout)")
            #expect(ended.stdout.contains("run the same command again to go on from here"))
            #expect(try await lab.read("n1", "cat /etc/slow.done /etc/last.conf") == "3\n1")
            #expect(try await lab.read("n1", SlowRole.restarted) == "no")

            let next = try await lab.kubani(arguments)
            #expect(next.status == 0, "\(next.stdout)\(next.stderr)")
            #expect(try await lab.read("n1", SlowRole.restarted) == "yes")
            #expect(try await lab.read("n1", "cat /etc/last.conf") == "3")
        }

        @Test("a second Ctrl-C leaves at once")
        func interruptedTwice() async throws {
            let lab = try await Lab.ready
            let (roles, inventory) = (try lab.roles(["slow": SlowRole.text]), try lab.inventory(workers: [:]))
            try await lab.prepareSlowRole(roles, inventory, on: ["n1"])
            let run = try RunningProgram(
                lab, ["apply", "--yes", "-i", inventory, "--roles", roles, "--extra-vars", "level=4"])
            try await lab.wait(for: SlowRole.isInTheMiddle, on: "n1")
            run.signal(SIGINT)
            try await run.hear("Ctrl-C again to leave at once")
            run.signal(SIGINT)
            #expect(try await run.end().status == 130)
            try await lab.read("n1", "touch /run/go")
            try await lab.wait(for: "[ ! -e /run/kubani ]", on: "n1")
        }

        @Test("of two runs at once the second is told who holds the node, and a plan is not kept waiting")
        func twoAtOnce() async throws {
            let lab = try await Lab.ready
            let (roles, inventory) = (try lab.roles(["slow": SlowRole.text]), try lab.inventory())
            try await lab.prepareSlowRole(roles, inventory, on: ["n1", "n2"])
            let arguments = ["-i", inventory, "--roles", roles, "--extra-vars", "level=5"]
            let first = try RunningProgram(lab, ["apply", "--yes"] + arguments)
            for node in ["n1", "n2"] { try await lab.wait(for: SlowRole.isInTheMiddle, on: node) }

            let second = try await lab.kubani(["apply", "--yes"] + arguments)
            #expect(second.status == 3)
            for node in ["n1", "n2"] {
                let who = second.stderr.split(separator: "\n").first {
                    $0.contains("\(node): could not take the node's lock: another run holds it: ")
                }
                #expect(who?.contains("process \(first.processID), since 20") == true, "\(second.stderr)")
            }
            #expect(try await lab.kubani(["plan"] + arguments).status == 0)

            for node in ["n1", "n2"] { try await lab.read(node, "touch /run/go") }
            let ended = try await first.end()
            #expect(ended.status == 0, "\(ended.stderr)")
            for node in ["n1", "n2"] { #expect(try await lab.read(node, "cat /etc/last.conf") == "5") }
        }

        @Test("a node that is lost in the middle of a run does not stop the others")
        func lost() async throws {
            let lab = try await Lab.ready
            try await lab.users(on: "n2", [("cut", "/bin/bash", "cut ALL=(ALL) NOPASSWD: ALL")])
            let roles = try lab.roles(["slow": SlowRole.text])
            let inventory = try lab.inventory(workers: ["n2": "ansible_user: cut"])
            try await lab.prepareSlowRole(roles, inventory, on: ["n1", "n2"])
            let arguments = ["apply", "--yes", "-i", inventory, "--roles", roles, "--extra-vars", "level=6"]
            let run = try RunningProgram(lab, arguments)
            for node in ["n1", "n2"] { try await lab.wait(for: SlowRole.isInTheMiddle, on: node) }
            try await lab.read("n2", "pkill -KILL -u cut sshd")
            try await run.hear("n2: unreachable")
            for node in ["n1", "n2"] { try await lab.read(node, "touch /run/go") }
            let ended = try await run.end()
            #expect(ended.status == 4, "\(ended.stdout)\(ended.stderr)")
            #expect(ended.stderr.contains("closed the connection"), "\(ended.stderr)")
            #expect(try await lab.read("n1", "cat /etc/last.conf") == "6")

            try await lab.wait(for: "[ ! -e /run/kubani ]", on: "n2")
            #expect(try await lab.read("n2", "cat /etc/slow.done /etc/last.conf") == "6\n1")
            let next = try await lab.kubani(arguments)
            #expect(next.status == 0, "\(next.stdout)\(next.stderr)")
            #expect(try await lab.read("n2", SlowRole.restarted + "; cat /etc/last.conf") == "yes\n6")
        }
    }
}
