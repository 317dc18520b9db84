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

        /// Waits until n1 answers at another boot than that.
        private func up(_ lab: Lab, after boot: String, sourceLocation: SourceLocation = #_sourceLocation) async throws
        {
            let deadline = ContinuousClock.now + .eventually
            while true {
                let now = try await lab.ssh("n1", RebootTests.bootID)
                if now.status == 0, now.stdout.trimmingCharacters(in: .newlines) != boot { return }
                try #require(ContinuousClock.now < deadline, "n1 does not come back", sourceLocation: sourceLocation)
                try await Task.sleep(for: .milliseconds(200))
            }
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
            // Passes on what comes and goes, the first time until so many bytes have come back. Writes down how many did.
            let cutter = try lab.write(
                """
                import os, select, socket, sys
                host, port, limit = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
                try: os.mkdir(__file__ + ".first")
                except FileExistsError: limit = 1 << 60
                node = socket.create_connection((host, port))
                node.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                count = os.open(__file__ + ".count", os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
                came = 0
                while came < limit:
                    for end in select.select([0, node], [], [])[0]:
                        data = os.read(0, 65536) if end == 0 else node.recv(min(65536, limit - came))
                        if not data: sys.exit()
                        if end == 0: node.sendall(data); continue
                        came += len(data)
                        os.pwrite(count, b"%d" % came, 0)
                        while data: data = data[os.write(1, data):]

                """, to: "cut.py")
            func run(_ level: Int, cutAfter bytes: Int) async throws -> Program {
                try? FileManager.default.removeItem(atPath: "\(cutter).first")
                let proxy = "-o ProxyCommand='python3 \(cutter) %h %p \(bytes)' \(lab.sshArguments)"
                return try await lab.kubani(
                    arguments + ["-e", "level=\(level)", "-e", "ansible_ssh_common_args=\"\(proxy)\""])
            }
            let whole = try await run(2, cutAfter: 1_000_000_000)
            #expect(whole.status == 0, "\(whole.stdout)\(whole.stderr)")
            let total = try #require(Int(try String(contentsOfFile: "\(cutter).count", encoding: .utf8)))
            try #require(total > 20_000)
            // Logging in, looking, which brings most of the bytes, and changing.
            let stages = [0...6000, 6000...(total - 10_000), (total - 10_000)...total]
            var failures = 0
            for attempt in 3..<53 {
                let bytes = Int.random(in: stages[attempt % 3])
                let run = try await run(attempt, cutAfter: bytes)
                switch run.status {
                case 0: break
                case 3, 4:
                    failures += 1
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
            #expect(failures > 0, "no cut met a run")
        }

        @Test(
            "a node that is rebooted in the middle: the run recovers or says what happened, and the next one converges")
        func rebooted() async throws {
            let lab = try await Lab.ready
            let (arguments, took) = try await begun(lab)
            for attempt in 2..<6 {
                let boot = try await lab.read("n1", RebootTests.bootID)
                let run = try RunningProgram(lab, arguments + ["-e", "level=\(attempt)"])
                let moment = took * Double.random(in: 0.1...0.9)
                try await Task.sleep(for: moment)
                _ = try await lab.ssh("n1", "systemctl reboot --force")
                let ended = try await run.end(within: .seconds(180))
                #expect([0, 3, 4].contains(ended.status), "\(moment): \(ended.stdout)\(ended.stderr)")
                if ended.status != 0 {
                    #expect((ended.stdout + ended.stderr).contains("n1: could not "), "\(ended.stdout)\(ended.stderr)")
                }
                try await up(lab, after: boot)
                let halves = try await lab.read("n1", FaultRole.halves(before: attempt - 1, after: attempt))
                #expect(halves == "", "rebooted after \(moment)")
                try await level(attempt, lab, arguments, after: "a reboot after \(moment)")
            }
        }

        /// The machines of a lab share one clock: it is this machine's that is moved, by faketime.
        @Test(
            "a node whose clock is 30 minutes off converges all the same, and doctor tells it",
            Needs.program("faketime"), arguments: ["-30m": "ahead of", "+30m": "behind"])
        func clock(_ moved: (by: String, side: String)) async throws {
            let lab = try await Lab.ready
            let (arguments, _) = try await begun(lab)
            func kubani(_ arguments: [String]) async throws -> Program {
                try await Program.run(
                    "faketime", ["-f", moved.by, Lab.kubani] + arguments,
                    environment: Lab.environment.merging(["DONT_FAKE_MONOTONIC": "1"]) { $1 }, directory: lab.folder)
            }
            let changing = try await kubani(arguments + ["-e", "level=2"])
            #expect(changing.status == 0, "\(changing.stdout)\(changing.stderr)")
            #expect(try await lab.read("n1", FaultRole.faults(level: 2)) == "")
            let again = try await kubani(arguments + ["-e", "level=2"])
            #expect(again.status == 0 && again.stdout.contains("changed=0"), "\(again.stdout)\(again.stderr)")
            let inventory = try #require(arguments.firstIndex(of: "-i").map { arguments[$0 + 1] })
            let doctor = try await kubani(["doctor", "-i", inventory])
            #expect(doctor.status == 3 && doctor.stdout.contains("30 min \(moved.side) this machine's"), "\(doctor)")
        }

        @Test("a node whose /tmp is noexec is as good as any other")
        func noexec() async throws {
            let lab = try await Lab.ready
            let (arguments, _) = try await begun(lab)
            try await lab.read(
                "n1", "mount -t tmpfs -o noexec,nosuid,nodev tmpfs /tmp && mount -t tmpfs -o noexec tmpfs /var/tmp")
            try await level(2, lab, arguments)
            try await lab.read("n1", "umount /tmp /var/tmp")
        }

        @Test("a package waits for another program that holds apt's lock, and says so")
        func aptIsHeld() async throws {
            let lab = try await Lab.ready
            let role = """
                role: held
                hosts: all
                defaults: { state: present }
                tasks: [{ name: cron, package: { name: cron, state: "{{ state }}" } }]
                """
            let (roles, inventory) = (try lab.roles(["held": role]), try lab.inventory(workers: [:]))
            let arguments = ["apply", "--yes", "-i", inventory, "--roles", roles]
            let installing = try await lab.kubani(arguments)
            #expect(installing.status == 0, "\(installing.stdout)\(installing.stderr)")
            try await lab.read(
                "n1",
                """
                systemd-run -q --unit=holder \
                    apt-get -o DPkg::Pre-Invoke::="touch /run/held; sleep 600" remove -y cron
                """)
            try await lab.wait(for: "[ -e /run/held ]", on: "n1")
            let run = try RunningProgram(lab, arguments + ["-e", "state=absent"])
            try await run.hear("n1: apt's lock is held by process ")
            #expect(try await lab.read("n1", "dpkg-query -W -f '${db:Status-Status}' cron") == "installed")
            try await lab.read("n1", "systemctl stop holder; rm /run/held")
            let ended = try await run.end(within: .seconds(120))
            #expect(ended.status == 0, "\(ended.stdout)\(ended.stderr)")
            #expect(ended.stdout.contains("changed=1"), "\(ended.stdout)")
            #expect(try await lab.read("n1", "[ ! -e /usr/sbin/cron ] && echo gone") == "gone")
        }
    }
}
