import Foundation
import TestSupport
import Testing

#if canImport(Glibc)
    import Glibc
#endif

extension LabTests {
    /// What may happen to a run at any moment. The moments are random; a failure names the one it was.
    @Suite("faults at random moments", .timeLimit(.minutes(15))) struct FaultTests {
        private func begun(_ lab: Lab) async throws -> (arguments: [String], took: Duration) {
            let (roles, inventory) = (try lab.roles(["fault": FaultRole.text]), try lab.inventory(workers: [:]))
            let arguments = ["apply", "--yes", "-i", inventory, "--roles", roles]
            try await level(0, lab, arguments)
            let start = ContinuousClock.now
            try await level(1, lab, arguments)
            return (arguments, ContinuousClock.now - start)
        }

        /// Applied, and all is as it should be at that level.
        private func level(
            _ level: Int, _ lab: Lab, _ arguments: [String], after: String = "the beginning",
            sourceLocation: SourceLocation = #_sourceLocation
        ) async throws {
            let run = try await lab.kubani(arguments + ["-e", "level=\(level)"])
            #expect(run.status == 0, "after \(after): \(run.stdout)\(run.stderr)", sourceLocation: sourceLocation)
            let faults = try await lab.read("n1", FaultRole.faults(level: level))
            #expect(faults == "", "after \(after)", sourceLocation: sourceLocation)
        }

        @Test("killed at any of 50 moments, no file is half written, and the next apply brings all to its state")
        func killed() async throws {
            let lab = try await Lab.ready
            let (arguments, took) = try await begun(lab)
            for attempt in 2..<52 {
                let run = try RunningProgram(lab, arguments + ["-e", "level=\(attempt)"])
                let moment = took * Double.random(in: 0...1.1)
                try await Task.sleep(for: moment)
                run.signal(SIGKILL)
                _ = try await run.end()
                // What was running on the node comes to its end, and nothing else is begun.
                try await lab.wait(for: "[ ! -e /run/kubani ]", on: "n1")
                let halves = try await lab.read("n1", FaultRole.halves(before: attempt - 1, after: attempt))
                #expect(halves == "", "killed after \(moment)")
                try await level(attempt, lab, arguments, after: "a kill after \(moment)")
            }
        }

        @Test("cut after any of 50 numbers of bytes, a run recovers or says what happened, and the next one converges")
        func cut() async throws {
            let lab = try await Lab.ready
            let (arguments, _) = try await begun(lab)
            let cutter = try lab.write(
                """
                #!/bin/bash
                # Passes on what comes and goes, until so many bytes have come back.
                exec 3<>"/dev/tcp/$1/$2"
                cat >&3 & head -c "$3" <&3
                kill $!

                """, to: "cut")
            for attempt in 2..<52 {
                // A whole run brings back some 20 kB, half of them while it logs in and looks.
                let bytes = Int.random(in: 0...24_000)
                let proxy = "-o ProxyCommand='bash \(cutter) %h %p \(bytes)' \(lab.sshArguments)"
                let run = try await lab.kubani(
                    arguments + ["-e", "level=\(attempt)", "-e", "ansible_ssh_common_args=\"\(proxy)\""])
                switch run.status {
                case 0: break
                case 3, 4:
                    #expect(
                        run.stderr.contains("n1: could not ") || run.stdout.contains("n1: could not "),
                        "cut after \(bytes): \(run.stdout)\(run.stderr)")
                default: Issue.record("cut after \(bytes): status \(run.status): \(run.stdout)\(run.stderr)")
                }
                try await lab.wait(for: "[ ! -e /run/kubani ]", on: "n1")
                let halves = try await lab.read("n1", FaultRole.halves(before: attempt - 1, after: attempt))
                #expect(halves == "", "cut after \(bytes)")
                try await level(attempt, lab, arguments, after: "a cut after \(bytes) bytes")
            }
        }

        @Test("a node whose /tmp is noexec is as good as any other")
        func noexec() async throws {
            let lab = try await Lab.ready
            let (arguments, _) = try await begun(lab)
            try await lab.read("n1", "mount -t tmpfs -o noexec,nosuid,nodev tmpfs /tmp && mount -t tmpfs -o noexec tmpfs /var/tmp")
            try await level(2, lab, arguments)
            try await lab.read("n1", "umount /tmp /var/tmp")
        }

        @Test("a package waits for another program that holds apt's lock, and says so")
        func aptIsHeld() async throws {
            let lab = try await Lab.ready
            let role = """
                role: held
                hosts: all
                tasks: [{ name: tree, package: { name: tree } }]
                """
            let (roles, inventory) = (try lab.roles(["held": role]), try lab.inventory(workers: [:]))
            try await lab.read("n1", "apt-get -qq remove -y tree >/dev/null 2>&1 || :; rm -f /run/held")
            // As dpkg itself holds it: with a record lock.
            try await lab.read(
                "n1",
                """
                command -v perl >/dev/null && systemd-run -q --unit=holder perl -e '
                    use Fcntl; open(F, ">>", "/var/lib/dpkg/lock-frontend");
                    fcntl(F, F_SETLK, pack("sslli", F_WRLCK, 0, 0, 0, 0)) or die; system("touch /run/held"); sleep 600'
                """)
            try await lab.wait(for: "[ -e /run/held ]", on: "n1")
            let run = try RunningProgram(lab, ["apply", "--yes", "-i", inventory, "--roles", roles])
            try await run.hear("n1: apt's lock is held by process ")
            try await lab.read("n1", "systemctl stop holder")
            let ended = try await run.end(within: .seconds(120))
            #expect(ended.status == 0, "\(ended.stdout)\(ended.stderr)")
            #expect(try await lab.read("n1", "dpkg-query -W -f '${db:Status-Status}' tree") == "installed")
        }
    }
}
