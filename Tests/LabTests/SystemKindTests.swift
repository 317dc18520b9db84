import TestSupport
import Testing

extension LabTests {
    @Suite("the name, the time zone, cron's jobs, mounts, clones and scripts, on a machine of its own")
    struct SystemKindTests {
        /// A role of one task that must fail, and what the run says.
        private func refused(_ task: String, files: [String: String] = [:]) async throws -> String {
            let lab = try await Lab.ready
            let roles = try lab.roles(["demo": "role: demo\nhosts: all\ntasks:\n  - name: bad\n    \(task)\n"])
            for (name, text) in files {
                _ = try lab.write(text, to: "\(roles.dropFirst(lab.folder.count + 1))/demo/files/\(name)")
            }
            let run = try await lab.kubani(
                ["apply", "--yes", "-i", try lab.inventory(workers: [:]), "--roles", roles])
            #expect(run.status != 0, "\(run.stdout)")
            return run.stdout + run.stderr
        }

        @Test("name and time zone are set, now and for the next boot, and a zone that is not there is refused")
        func nameAndZone() async throws {
            let lab = try await Lab.ready
            try await lab.reset("n1")
            func role(_ name: String, _ zone: String) -> String {
                """
                role: demo
                hosts: all
                tasks:
                  - name: name
                    hostname: { name: \(name), hosts: true }
                  - name: zone
                    timezone: \(zone)

                """
            }
            try await lab.checkConverges(
                role("node-1.lab.example", "Europe/Berlin"), on: "n1",
                shows: ["n1 → node-1.lab.example", "→ Europe/Berlin", "+127.0.1.1\tnode-1.lab.example node-1"],
                changes: 2)
            let state =
                "cat /etc/hostname /proc/sys/kernel/hostname; date -d @0 +%Z; cat /etc/timezone; getent hosts node-1"
            #expect(
                try await lab.read("n1", state)
                    == "node-1.lab.example\nnode-1.lab.example\nCET\nEurope/Berlin\n127.0.1.1       node-1.lab.example node-1"
            )
            try await lab.checkConverges(
                role("n1", "Etc/UTC"), on: "n1", shows: ["node-1.lab.example → n1", "Europe/Berlin → Etc/UTC"],
                changes: 2)
            #expect(try await lab.read("n1", "cat /etc/hosts") == "127.0.0.1 localhost\n127.0.1.1\tn1")
            let said = try await refused("timezone: Moon/Base")
            #expect(said.contains("the node has no time zone Moon/Base"), "\(said)")
        }

        @Test("a job of cron's is written where cron reads it, and removed; without cron or its user it is refused")
        func cron() async throws {
            let lab = try await Lab.ready
            try await lab.reset("n1")
            let job = "cron: { name: mark, schedule: \"* * * * *\", job: \"date +%F >/run/mark\" }"
            let said = try await refused(job)
            #expect(said.contains("cron is not on the node"), "\(said)")
            let role = """
                role: demo
                hosts: all
                tasks:
                  - name: cron
                    package: cron
                  - name: job
                    \(job)

                """
            try await lab.checkConverges(role, on: "n1", shows: ["? job", "known after cron"], changes: 2)
            // It runs at the next full minute.
            try await lab.read("n1", "for i in $(seq 700); do [ ! -s /run/mark ] || exit 0; sleep 0.1; done; exit 1")
            #expect(try await lab.read("n1", "cat /run/mark") == (try await lab.read("n1", "date +%F")))
            let user = try await refused("cron: { name: mark, schedule: \"@daily\", job: \"true\", user: nosuch }")
            #expect(user.contains("the user nosuch does not exist on the node"), "\(user)")
            try await lab.checkConverges(
                "role: demo\nhosts: all\ntasks:\n  - name: no job\n    cron: { name: mark, state: absent }\n", on: "n1",
                shows: ["removes /etc/cron.d/mark"], changes: 1)
        }

        @Test("a file system is mounted, remounted and gone again; one that cannot be mounted leaves fstab as it was")
        func mounts() async throws {
            let lab = try await Lab.ready
            try await lab.reset("n1")
            let before = "# kept\n/dev/nosuch /never ext4 noauto 0 0"
            try await lab.read("n1", "printf '%s\\n' '\(before)' >/etc/fstab")
            func role(_ fields: String) -> String {
                "role: demo\nhosts: all\ntasks:\n  - name: scratch\n    mount: { path: /srv/scratch disk, \(fields) }\n"
            }
            try await lab.checkConverges(
                role("source: tmpfs, fstype: tmpfs, options: \"size=1m,nosuid\""), on: "n1",
                shows: ["+tmpfs /srv/scratch\\040disk tmpfs size=1m,nosuid 0 0", "mounted: tmpfs"], changes: 1)
            let options = "findmnt -no OPTIONS '/srv/scratch disk'"
            #expect(try await lab.read("n1", options).contains("rw,nosuid,relatime,size=1024k"))
            try await lab.checkConverges(
                role("source: tmpfs, fstype: tmpfs, options: \"size=2m,ro\""), on: "n1", shows: ["mounted with: ro"],
                changes: 1)
            #expect(try await lab.read("n1", options).contains("size=2048k"))
            #expect(try await lab.read("n1", options).hasPrefix("ro,"))
            #expect(
                try await lab.read("n1", "systemctl show -p What --value 'srv-scratch\\x20disk.mount'") == "tmpfs")
            try await lab.checkConverges(role("state: unmounted"), on: "n1", shows: ["mounted: tmpfs"], changes: 1)
            try await lab.checkConverges(role("state: absent"), on: "n1", shows: ["-tmpfs /srv/scratch"], changes: 1)
            #expect(try await lab.read("n1", "cat /etc/fstab") == before)
            let said = try await refused("mount: { path: /srv/disk, source: /dev/nosuch-disk, fstype: ext4 }")
            #expect(said.contains("nosuch-disk"), "\(said)")
            #expect(try await lab.read("n1", "cat /etc/fstab; ls -A /etc | grep -c kubani || true") == before + "\n0")
        }

        @Test("a clone follows its repository, also as another user; a repository that is not there is refused")
        func clones() async throws {
            let lab = try await Lab.ready
            try await lab.reset("n1")
            let early = try await refused("git: { repo: /srv/nosuch.git, dest: /opt/config }")
            #expect(early.contains("git is not on the node"), "\(early)")
            func role(_ version: String) -> String {
                """
                role: demo
                hosts: all
                tasks:
                  - name: git
                    package: git
                  - name: config
                    git: { repo: "file:///srv/config.git", dest: /opt/config, version: \(version), depth: 1 }
                  - name: config of ops
                    git: { repo: "file:///srv/config.git", dest: /home/ops/config, version: \(version), user: ops }

                """
            }
            try await lab.read("n1", "DEBIAN_FRONTEND=noninteractive apt-get install -qq -y git >/dev/null 2>&1")
            let commit = """
                cd /srv/work && git add . && git -c user.name=a -c user.email=a@b commit -qm x && git push -q ../config.git main --tags
                """
            try await lab.read(
                "n1",
                """
                git init -q -b main /srv/work && git init -q --bare -b main /srv/config.git
                git config --system --add safe.directory /srv/config.git
                echo 1 >/srv/work/a; \(commit); git tag v1; git push -q ../config.git v1
                """)
            try await lab.checkConverges(role("v1"), on: "n1", shows: ["+ config", "(v1)"], changes: 2)
            try await lab.read("n1", "echo 2 >/srv/work/a; \(commit)")
            try await lab.checkConverges(role("main"), on: "n1", shows: ["~ config", "branch: main"], changes: 2)
            #expect(
                try await lab.read("n1", "cat /opt/config/a /home/ops/config/a; stat -c %U /home/ops/config/.git/HEAD")
                    == "2\n2\nops")
            let missing = try await refused("git: { repo: /srv/nosuch.git, dest: /opt/config }")
            #expect(missing.contains("/srv/nosuch.git does not answer"), "\(missing)")
            let other = try await refused("git: { repo: /srv/config.git, dest: /home/ops/config }")
            #expect(other.contains("is there, and no clone: fatal: detected dubious ownership"), "\(other)")
        }

        @Test("a script of the role's runs as whom it should, and does not stay")
        func scripts() async throws {
            let lab = try await Lab.ready
            try await lab.reset("n1")
            let role = """
                role: demo
                hosts: all
                tasks:
                  - name: as root
                    script: { source: mark.sh, arguments: [/etc/mark, "it's"], creates: /etc/mark }
                  - name: as ops
                    script: { source: mark.sh, arguments: [/home/ops/mark, x], unless: test -s /home/ops/mark, user: ops }

                """
            let text = "#!/bin/bash\nset -eu\n[[ -n $1 ]]\necho \"$(id -un) $2\" >\"$1\"\n"
            try await lab.checkConverges(
                role, files: ["mark.sh": text], on: "n1", shows: ["/etc/mark is not there"], changes: 2)
            #expect(
                try await lab.read("n1", "cat /etc/mark /home/ops/mark; ls -d /run/kubani-script* 2>/dev/null || true")
                    == "root it's\nops x")
            let said = try await refused(
                "script: { source: bad.sh, creates: /no/such }", files: ["bad.sh": "echo it hurts >&2; exit 3\n"])
            #expect(said.contains("it hurts") && said.contains("exit 3"), "\(said)")
        }

        @Test("a plan with all of them changes nothing on the node")
        func planOnly() async throws {
            let lab = try await Lab.ready
            try await lab.reset("n1")
            try await lab.read(
                "n1",
                """
                DEBIAN_FRONTEND=noninteractive apt-get install -qq -y git cron >/dev/null 2>&1
                git init -q --bare -b main /srv/config.git; git clone -q /srv/config.git /srv/work 2>/dev/null
                cd /srv/work; git -c user.name=a -c user.email=a@b commit -q --allow-empty -m x; git push -q origin main
                git clone -q /srv/config.git /opt/config; git config --system --add safe.directory /srv/config.git
                """)
            let roles = try lab.roles([
                "demo": """
                role: demo
                hosts: all
                tasks:
                  - name: group
                    group: { name: media, gid: 2000 }
                  - name: user
                    user: { name: alice, comment: Alice, password: "\(AccountKindTests.hash)" }
                  - name: key
                    authorized_key: { user: ops, key: "\(AccountKindTests.key)" }
                  - name: name
                    hostname: { name: other, hosts: true }
                  - name: zone
                    timezone: Europe/Berlin
                  - name: job
                    cron: { name: job, schedule: "@daily", job: "true" }
                  - name: disk
                    mount: { path: /srv/scratch, source: tmpfs, fstype: tmpfs }
                  - name: clone
                    git: { repo: /srv/config.git, dest: /opt/config, version: main }
                  - name: clone of ops
                    git: { repo: /srv/config.git, dest: /home/ops/config, user: ops }
                  - name: script
                    script: { source: x.sh, check: "test -e /no/such", user: ops }

                """
            ])
            _ = try lab.write("exit 0\n", to: "\(roles.dropFirst(lab.folder.count + 1))/demo/files/x.sh")
            let arguments = ["plan", "-i", try lab.inventory(workers: [:]), "--roles", roles]
            let before = try await Fingerprint(of: "n1", in: lab)
            let first = try await lab.kubani(arguments)
            #expect(first.status == 0 && first.stdout.contains("Plan: "), "\(first.stdout)\(first.stderr)")
            let second = try await lab.kubani(arguments)
            #expect(second.stdout == first.stdout)
            #expect(before.changes(to: try await Fingerprint(of: "n1", in: lab)) == [])
        }
    }
}
