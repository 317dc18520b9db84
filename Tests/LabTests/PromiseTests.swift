import TestSupport
import Testing

extension LabTests {
    @Suite("what a plan has promised is done, or told as not needed any more") struct PromiseTests {
        private func unit(_ name: String, _ more: String = "") -> String {
            """
              - name: \(name)
                service:
                  name: promise-\(name)
                  unit: "[Service]\\nExecStartPre=/bin/sh -c 'echo \(name) >>/run/promise.starts'\\nExecStart=/bin/sleep 100000\\n\(more)"
                  state: running
            """
        }

        /// What was started on n1 since the last time that was asked.
        private func starts(_ lab: Lab) async throws -> String {
            try await lab.read(
                "n1", "cat /run/promise.starts 2>/dev/null | tr '\\n' ' '; rm -f /run/promise.starts")
        }

        /// Nothing of these tests, and of no other run, is on n1.
        private func clear(_ lab: Lab) async throws {
            try await lab.read(
                "n1",
                """
                for unit in /etc/systemd/system/promise-*.service; do systemctl stop "${unit##*/}" 2>/dev/null; done
                rm -rf /etc/systemd/system/promise-* /run/promise.* /etc/promise /var/lib/kubani
                systemctl daemon-reload; systemctl reset-failed
                """)
        }

        private func arguments(_ lab: Lab, _ role: String) throws -> [String] {
            ["-i", try lab.inventory(workers: [:]), "--roles", try lab.roles(["promise": role])]
        }

        @Test(
            "two units whose files were touched are both restarted, though systemd is told of both with the first",
            arguments: ["", "systemctl daemon-reload"])
        func twoUnits(meanwhile: String) async throws {
            let lab = try await Lab.ready
            try await clear(lab)
            let arguments = try arguments(
                lab, "role: promise\nhosts: all\ntasks:\n\(unit("one"))\n\(unit("two"))\n")
            let first = try await lab.kubani(["apply", "--yes"] + arguments)
            try #require(first.status == 0, "\(first.stdout)\(first.stderr)")
            #expect(try await starts(lab) == "one two ")
            // A file's time and systemd's stamp of the start are compared by the second.
            try await lab.read(
                "n1",
                """
                now=$(date +%s); while [ "$(date +%s)" = "$now" ]; do sleep 0.1; done
                touch /etc/systemd/system/promise-one.service /etc/systemd/system/promise-two.service; \(meanwhile)
                """)
            let plan = try await lab.kubani(["plan"] + arguments)
            #expect(plan.stdout.contains("Plan: 2 to update, 0 unchanged"), "\(plan.stdout)")
            let second = try await lab.kubani(["apply", "--yes"] + arguments)
            #expect(second.status == 0 && second.stdout.contains("changed=2"), "\(second.stdout)\(second.stderr)")
            #expect(try await starts(lab) == "one two ")
            let last = try await lab.kubani(["plan", "--detailed-exitcode"] + arguments)
            #expect(last.status == 0, "\(last.stdout)")
        }

        @Test("a handler waits for the unit that a later task makes, and is not needed where that starts it")
        func handlerWaits() async throws {
            let lab = try await Lab.ready
            try await clear(lab)
            let arguments = try arguments(
                lab,
                """
                role: promise
                hosts: all
                defaults: { level: 1 }
                tasks:
                  - name: settings
                    file: { path: /etc/promise/conf, content: "{{ level }}" }
                    notify: restart one
                  - name: between
                    file: { path: /etc/promise/other, content: x }
                \(unit("one"))
                  - name: last
                    file: { path: /etc/promise/last, content: x }
                handlers:
                  - name: restart one
                    service: { name: promise-one, state: restarted }
                """)
            let first = try await lab.kubani(["apply", "--yes"] + arguments)
            try #require(first.status == 0, "\(first.stdout)\(first.stderr)")
            #expect(try await starts(lab) == "one ")
            // Once the unit is there, the handler runs where it always did.
            let second = try await lab.kubani(["apply", "--yes", "-e", "level=2"] + arguments)
            #expect(second.status == 0 && second.stdout.contains("changed=2"), "\(second.stdout)\(second.stderr)")
            #expect(try await starts(lab) == "one ")
            // A unit that is a file of its own, and is there but not yet for systemd.
            try await lab.read(
                "n1",
                "rm /etc/promise/conf /etc/systemd/system/promise-one.service; systemctl stop promise-one; systemctl daemon-reload"
            )
            let third = try await lab.kubani(["apply", "--yes"] + arguments)
            #expect(third.status == 0, "\(third.stdout)\(third.stderr)")
            #expect(try await starts(lab) == "one ")
            #expect(try await lab.read("n1", "ls /var/lib/kubani 2>/dev/null || echo gone") == "gone")
            let last = try await lab.kubani(["plan", "--detailed-exitcode"] + arguments)
            #expect(last.status == 0, "\(last.stdout)")
        }

        @Test(
            "a handler that an interrupted run left for a unit that is not there stops no later run, and is not forgotten"
        )
        func leftHandler() async throws {
            let lab = try await Lab.ready
            try await clear(lab)
            let arguments = try arguments(
                lab,
                """
                role: promise
                hosts: all
                tasks:
                  - name: settings
                    file: { path: /etc/promise/conf, content: x }
                    notify: restart one
                  - name: last
                    file: { path: /etc/promise/last, content: x }
                handlers:
                  - name: restart one
                    service: { name: promise-one, state: restarted }
                """)
            let refused = try await lab.kubani(["apply", "--yes"] + arguments)
            #expect(refused.status == 3, "a unit that nobody makes is a mistake: \(refused.stdout)\(refused.stderr)")
            let next = try await lab.kubani(["apply", "--yes"] + arguments)
            #expect(next.status == 0, "\(next.stdout)\(next.stderr)")
            #expect(next.stdout.contains("promise-one.service is not there yet"), "\(next.stdout)")
            #expect(try await lab.read("n1", "cat /etc/promise/last") == "x")
            try await lab.read(
                "n1",
                """
                printf '[Service]\\nExecStart=/bin/sleep 100000\\n' >/etc/systemd/system/promise-one.service
                systemctl daemon-reload
                """)
            let last = try await lab.kubani(["apply", "--yes"] + arguments)
            #expect(last.status == 0 && last.stderr.contains("! n1 › promise › restart one"), "\(last.stderr)")
            #expect(
                try await lab.read("n1", "systemctl is-active promise-one; ls /var/lib/kubani 2>&1 | tail -1")
                    .hasPrefix("active"))
            #expect(try await lab.kubani(["plan", "--detailed-exitcode"] + arguments).status == 0)
        }

        @Test("what cannot be held running is told as what it is, every time the same")
        func neverRunning() async throws {
            let lab = try await Lab.ready
            try await clear(lab)
            func role(_ text: String) throws -> [String] {
                try arguments(
                    lab,
                    "role: promise\nhosts: all\ntasks:\n  - name: it\n    service: { name: promise-it, state: running, unit: \"\(text)\" }\n"
                )
            }
            let once = try role("[Service]\\nType=oneshot\\nExecStart=/bin/true\\n")
            for _ in 0..<2 {
                let plan = try await lab.kubani(["plan"] + once)
                #expect(plan.status == 3 && plan.stdout.contains("promise-it.service is a oneshot"), "\(plan.stdout)")
            }
            let ends = try role("[Service]\\nExecStart=/bin/true\\n")
            for _ in 0..<2 {
                let apply = try await lab.kubani(["apply", "--yes"] + ends)
                #expect(apply.status == 3, "\(apply.stdout)")
                #expect(apply.stderr.contains("ended as soon as it had started, with success"), "\(apply.stderr)")
            }
            let stays = try role("[Service]\\nType=oneshot\\nRemainAfterExit=yes\\nExecStart=/bin/true\\n")
            #expect(try await lab.kubani(["apply", "--yes"] + stays).status == 0)
            #expect(try await lab.kubani(["plan", "--detailed-exitcode"] + stays).status == 0)
            try await clear(lab)
            let unmet = try role(
                "[Unit]\\nConditionPathExists=/run/promise.go\\n[Service]\\nExecStart=/bin/sleep 100000\\n")
            let made = try await lab.kubani(["apply", "--yes"] + unmet)
            #expect(made.status == 0, "\(made.stdout)\(made.stderr)")
            #expect(made.stderr.contains("was not started, for conditions of it do not hold"), "\(made.stderr)")
            let told = try await lab.kubani(["plan", "--detailed-exitcode"] + unmet)
            #expect(told.status == 0, "\(told.stdout)")
            #expect(told.stdout.contains("ConditionPathExists=/run/promise.go does not hold"), "\(told.stdout)")
            try await lab.read("n1", "touch /run/promise.go")
            #expect(try await lab.kubani(["apply", "--yes"] + unmet).status == 0)
            #expect(try await lab.read("n1", "systemctl is-active promise-it") == "active")
            try await clear(lab)
        }
    }
}
