import Foundation
import TestSupport
import Testing

extension LabTests {
    @Suite("reboots that kubani makes") struct RebootTests {
        static let bootID = "cat /proc/sys/kernel/random/boot_id"

        @Test("a notified reboot is waited for; what comes after it and what runs beside it goes on at the new boot")
        func notified() async throws {
            let lab = try await Lab.ready
            let roles = try lab.roles([
                "anew": """
                role: anew
                hosts: n1
                tasks:
                  - name: setting
                    file: { path: /etc/anew.conf, content: "new\\n" }
                    notify: reboot
                  - name: after it
                    command:
                      script: cat /proc/sys/kernel/random/boot_id /run/kubani/lock >/etc/anew.boot
                      creates: /etc/anew.boot
                handlers:
                  - name: reboot
                    reboot: { timeout: 2m }
                """,
                // Under way when the reboot's turn comes, and more to do after it.
                "beside": """
                role: beside
                hosts: n1
                tasks:
                  - name: slow
                    command: { script: "sleep 2; echo 1 >/etc/beside.1", creates: /etc/beside.1 }
                  - name: next
                    command: { script: "echo 2 >/etc/beside.2", creates: /etc/beside.2 }
                """,
            ])
            let arguments = ["-i", try lab.inventory(), "--limit", "n1", "--roles", roles]
            let before = try await lab.read("n1", Self.bootID)
            let plan = try await lab.kubani(["plan"] + arguments)
            #expect(plan.stdout.contains("! reboot  reboot the node"), "\(plan.stdout)\(plan.stderr)")
            #expect(plan.stdout.contains("boot id changes"), "\(plan.stdout)")
            #expect(try await lab.read("n1", Self.bootID) == before)

            let apply = try await lab.kubani(["apply", "--yes"] + arguments)
            try #require(apply.status == 0, "\(apply.stdout)\(apply.stderr)")
            let after = try await lab.read("n1", Self.bootID)
            #expect(after != before)
            // The run's lock is held at the new boot: it tells its own.
            let seen = try await lab.read("n1", "cat /etc/anew.boot").split(separator: "\n").map(String.init)
            #expect(seen.first == after)
            #expect(seen.dropFirst().first?.hasSuffix(after) == true, "\(seen)")
            #expect(try await lab.read("n1", "cat /etc/beside.1 /etc/beside.2") == "1\n2")
            #expect(try await lab.read("n1", "ls /var/lib/kubani/pending 2>/dev/null || true").isEmpty)

            let again = try await lab.kubani(["apply", "--yes"] + arguments)
            #expect(again.status == 0 && again.stdout.contains("changed=0"), "\(again.stdout)\(again.stderr)")
            #expect(try await lab.read("n1", Self.bootID) == after)
        }

        @Test("a reboot that the node asks for is made once; a connection that is lost after it is still made again")
        func asked() async throws {
            let lab = try await Lab.ready
            let roles = try lab.roles([
                "asked": """
                role: asked
                hosts: n1
                tasks:
                  - name: reboot
                    reboot: { when_exists: /run/reboot-required }
                  - name: first
                    file: { path: /run/asked.first, content: "" }
                  - name: last
                    file: { path: /run/asked.last, content: "{{ hostvars.n2.exports.word }}" }
                """,
                "other": """
                role: other
                hosts: n2
                tasks:
                  - name: the word
                    command:
                      script: while [ ! -e /run/asked.go ]; do sleep 0.05; done; echo hello >/run/asked.word
                      creates: /run/asked.word
                    export: { word: { read: cat /run/asked.word } }
                """,
            ])
            let arguments = ["-i", try lab.inventory(), "--roles", roles]
            try await lab.read("n1", "touch /run/reboot-required")
            let before = try await lab.read("n1", Self.bootID)
            let plan = try await lab.kubani(["plan"] + arguments)
            #expect(plan.stdout.contains("/run/reboot-required is there"), "\(plan.stdout)\(plan.stderr)")

            let apply = try RunningProgram(lab, ["apply", "--yes"] + arguments)
            try await apply.hear("n1 › asked › first")
            let after = try await lab.read("n1", Self.bootID)
            #expect(after != before)
            // Nothing of n1's is under way while n2 keeps its word.
            _ = try await lab.ssh("n1", "pkill -KILL -f 'sshd: ops@notty'")
            try await lab.read("n2", "touch /run/asked.go")
            let end = try await apply.end()
            #expect(end.status == 0, "\(end.stdout)\(end.stderr)")
            #expect(try await lab.read("n1", "cat /run/asked.last") == "hello")
            #expect(try await lab.read("n1", Self.bootID) == after)

            let again = try await lab.kubani(["apply", "--yes"] + arguments)
            #expect(again.status == 0 && !again.stdout.contains("changed=1"), "\(again.stdout)\(again.stderr)")
            #expect(try await lab.read("n1", Self.bootID) == after)
            try await lab.read("n2", "rm /run/asked.*")
        }

        @Test(
            "a node that refuses to reboot is told with its own words; one that never goes down is still at hand after it"
        )
        func stays() async throws {
            let lab = try await Lab.ready
            let roles = try lab.roles([
                "stays": """
                role: stays
                hosts: n1
                tasks:
                  - name: reboot
                    reboot: { when_exists: /run/reboot-required, timeout: 5s }
                    ignore_errors: true
                  - name: after it
                    file: { path: /run/stays, content: "" }
                """
            ])
            let arguments = ["apply", "--yes", "-i", try lab.inventory(), "--limit", "n1", "--roles", roles]
            let before = try await lab.read("n1", Self.bootID)
            try await lab.read("n1", "systemctl mask -q --runtime reboot.target && touch /run/reboot-required")
            let refused = try await lab.kubani(arguments)
            #expect(refused.status == 0 && refused.stdout.contains("ignored=1"), "\(refused.stdout)\(refused.stderr)")
            #expect(refused.stderr.contains("could not make 'reboot' so: "), "\(refused.stderr)")
            #expect(!refused.stderr.contains("no reason was given"), "\(refused.stderr)")

            // A reboot that is asked for, and does not come.
            try await lab.read(
                "n1",
                """
                systemctl unmask -q --runtime reboot.target && rm /run/stays
                printf '#!/bin/sh\n' >/usr/local/sbin/systemctl && chmod 755 /usr/local/sbin/systemctl
                """)
            let still = try await lab.kubani(arguments)
            try await lab.read("n1", "rm /usr/local/sbin/systemctl /run/reboot-required; cat /run/stays; rm /run/stays")
            #expect(still.status == 0 && still.stdout.contains("ignored=1"), "\(still.stdout)\(still.stderr)")
            #expect(still.stderr.contains("n1: could not reboot it: 5 s later it has not gone down"), "\(still.stderr)")
            #expect(try await lab.read("n1", Self.bootID) == before)
        }

        @Test("a node that does not come back is told with its deed, cause and hint; the other node's tasks go on")
        func lost() async throws {
            let lab = try await Lab.ready
            let roles = try lab.roles([
                "lost": """
                role: lost
                hosts: all
                tasks:
                  - name: reboot
                    reboot: { when_exists: /run/reboot-required, timeout: 15s }
                  - name: after it
                    file: { path: /etc/lost.conf, content: "{{ inventory_hostname }}\\n" }
                """
            ])
            try await lab.read("n1", "systemctl mask -q ssh && touch /run/reboot-required")
            let began = ContinuousClock.now
            let apply = try await lab.kubani(["apply", "--yes", "-i", try lab.inventory(), "--roles", roles])
            let took = ContinuousClock.now - began
            try await lab.reset("n1")
            #expect(apply.status == 4, "\(apply.stdout)\(apply.stderr)")
            let said = apply.stdout + apply.stderr
            #expect(said.contains("n1: could not reboot it: it did not come back within 15 s: "), "\(said)")
            #expect(said.contains("hint: look at its console"), "\(said)")
            #expect(took > .seconds(10) && took < .seconds(60), "\(took)")
            #expect(try await lab.read("n2", "cat /etc/lost.conf; rm /etc/lost.conf") == "n2")
        }
    }
}
