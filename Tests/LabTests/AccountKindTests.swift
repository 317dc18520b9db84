import TestSupport
import Testing

extension LabTests {
    @Suite("groups, users and their keys, on a machine of its own")
    struct AccountKindTests {
        static let hash = "$6$labsalt$T3WbyPE5B5s0WE9Zmq0DR2BiXV7g0DkbTYpgxmmvpb2sYQ9QxH0t1"
        static let key = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAABAgMEBQYHCAkKCwwNDg8QERITFBUWFxgZGhscHR4f"
        static let other = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAABAgMEBQYHCAkKCwwNDg8QERITFBUWFxgZGhscHR4g"

        @Test("they are made, changed and removed; what is there decides, and a second apply finds nothing to do")
        func converge() async throws {
            let lab = try await Lab.ready
            try await lab.reset("n1")
            let made = """
                role: demo
                hosts: all
                tasks:
                  - name: media
                    group: { name: media, gid: 2000 }
                  - name: alice
                    user:
                      name: alice
                      uid: 1500
                      groups: [users]
                      shell: /bin/bash
                      comment: Alice, of the lab
                      password: "\(Self.hash)"
                  - name: service account
                    user: { name: svc, system: true, group: media, home: /srv/it's here, create_home: true, shell: /usr/sbin/nologin }
                  - name: keys of alice
                    authorized_key: { user: alice, key: "\(Self.key) alice@laptop" }

                """
            try await lab.checkConverges(
                made, on: "n1",
                shows: ["+ media", "gid: 2000", "+ alice", "uid: 1500", "password: (sensitive)", "known after media"],
                changes: 4)
            #expect(
                try await lab.read(
                    "n1",
                    "id -nG alice; getent passwd alice svc; stat -c '%a %U:%G' /home/alice/.ssh /home/alice/.ssh/authorized_keys '/srv/it'\\''s here'"
                )
                    == """
                    alice users
                    alice:x:1500:1500:Alice, of the lab:/home/alice:/bin/bash
                    svc:x:\(try await lab.read("n1", "id -u svc")):2000::/srv/it's here:/usr/sbin/nologin
                    700 alice:alice
                    600 alice:alice
                    \(try await lab.read("n1", "stat -c %a '/srv/it'\\''s here'")) svc:media
                    """)
            #expect(try await lab.read("n1", "getent shadow alice | cut -d: -f2") == Self.hash)
            #expect(try await lab.read("n1", "cat /home/alice/.ssh/authorized_keys") == "\(Self.key) alice@laptop")
            #expect(try await lab.read("n1", "ls -A /home/alice/.ssh") == "authorized_keys")

            let changed = """
                role: demo
                hosts: all
                tasks:
                  - name: alice
                    user: { name: alice, groups: [media], append: false, shell: /bin/sh, locked: true, home: /srv/alice }
                  - name: media
                    group: { name: media, gid: 2001 }
                  - name: keys of alice
                    authorized_key: { user: alice, key: "\(Self.other)", options: "no-pty", exclusive: true }

                """
            try await lab.read("n1", "mkdir -p /root/kept; chown root: /home/alice/.ssh")
            try await lab.checkConverges(
                changed, on: "n1",
                shows: [
                    "gid: 2000 → 2001", "shell: /bin/bash → /bin/sh",
                    "groups: users → media",
                    "locked: false → true", "home: /home/alice → /srv/alice",
                ], changes: 3)
            #expect(try await lab.read("n1", "getent shadow alice | cut -d: -f2") == "!" + Self.hash)
            #expect(
                try await lab.read(
                    "n1", "cat /srv/alice/.ssh/authorized_keys; stat -c '%a %U' /srv/alice /srv/alice/.bashrc")
                    == "no-pty \(Self.other)\n700 alice\n644 alice")

            let gone = """
                role: demo
                hosts: all
                tasks:
                  - name: no key
                    authorized_key: { user: alice, key: "\(Self.other)", state: absent }
                  - name: no alice
                    user: { name: alice, state: absent, remove_home: true }
                  - name: no service account
                    user: { name: svc, state: absent }
                  - name: no media
                    group: { name: media, state: absent }

                """
            try await lab.checkConverges(
                gone, on: "n1", shows: ["- no alice", "removes /srv/alice", "/srv/it's here is left"], changes: 4)
            #expect(
                try await lab.read("n1", "getent passwd alice svc; getent group media alice; ls /srv") == "it's here")
        }

        @Test("users and groups that are not there, and links in a home, are refused before anything is done")
        func refused() async throws {
            let lab = try await Lab.ready
            try await lab.reset("n1")
            try await lab.read(
                "n1",
                """
                useradd -m mallory; mkdir /home/mallory/.ssh; ln -s /etc/shadow /home/mallory/.ssh/authorized_keys
                useradd -m trudy; ln -s /root /home/trudy/.ssh
                """)
            let before = try await lab.read("n1", "cat /etc/passwd /etc/shadow /etc/group | sha256sum; ls -lA /root")
            for (task, cause) in [
                ("user: { name: ops, groups: [nosuch] }", "the group nosuch does not exist on the node"),
                ("user: { name: ops, shell: /bin/nosuch }", "/bin/nosuch is no program of the node"),
                ("user: { name: carol, uid: 0 }", "0 is no number for carol"),
                (
                    "authorized_key: { user: nosuch, key: \"\(Self.key)\" }",
                    "the user nosuch does not exist on the node"
                ),
                (
                    "authorized_key: { user: mallory, key: \"\(Self.key)\" }",
                    "/home/mallory/.ssh/authorized_keys is a symbolic link"
                ),
                ("authorized_key: { user: trudy, key: \"\(Self.key)\" }", "/home/trudy/.ssh is a symbolic link"),
            ] {
                let roles = try lab.roles(["demo": "role: demo\nhosts: all\ntasks:\n  - name: bad\n    \(task)\n"])
                let run = try await lab.kubani(
                    ["apply", "--yes", "-i", try lab.inventory(workers: [:]), "--roles", roles])
                #expect(run.status != 0, "\(run.stdout)")
                #expect("\(run.stdout)\(run.stderr)".contains(cause), "\(run.stdout)\(run.stderr)")
                #expect(!"\(run.stdout)\(run.stderr)".contains("root:"), "nothing of /etc/shadow is shown")
            }
            #expect(
                try await lab.read("n1", "cat /etc/passwd /etc/shadow /etc/group | sha256sum; ls -lA /root") == before)
        }

        @Test("keys in a home that others wrote to are put right with the user's own rights")
        func repaired() async throws {
            let lab = try await Lab.ready
            try await lab.reset("n1")
            // A directory and a file of root's, in a home of the user's, and a home that is root's.
            try await lab.read(
                "n1",
                """
                useradd -m carol; mkdir -m 755 /home/carol/.ssh; echo '# mine' >/home/carol/.ssh/authorized_keys
                useradd -M -d /srv/dave dave; mkdir /srv/dave
                """)
            let role = """
                role: demo
                hosts: all
                tasks:
                  - name: carol
                    authorized_key: { user: carol, key: "\(Self.key)" }
                  - name: dave
                    authorized_key: { user: dave, key: ["\(Self.key)", "\(Self.other)"] }
                  - name: root
                    authorized_key: { user: root, key: "\(Self.key)" }

                """
            try await lab.checkConverges(
                role, on: "n1",
                shows: [
                    "directory's owner: root → carol", "directory's mode: 0755 → 0700", "file's mode: 0644 → 0600",
                ],
                changes: 3)
            #expect(
                try await lab.read(
                    "n1",
                    """
                    cd /home/carol/.ssh; stat -c '%a %U:%G' . authorized_keys; cat authorized_keys
                    cd /srv/dave/.ssh; stat -c '%a %U:%G' . authorized_keys; cat authorized_keys; stat -c %U ..
                    stat -c '%a %U' /root/.ssh/authorized_keys
                    """) == """
                        700 carol:carol
                        600 carol:carol
                        # mine
                        \(Self.key)
                        700 dave:dave
                        600 dave:dave
                        \(Self.key)
                        \(Self.other)
                        root
                        600 root
                        """)
        }

        @Test("a user who is logged in is not removed, and the run says why")
        func busy() async throws {
            let lab = try await Lab.ready
            let roles = try lab.roles([
                "demo": "role: demo\nhosts: all\ntasks:\n  - name: no ops\n    user: { name: ops, state: absent }\n"
            ])
            let run = try await lab.kubani(
                ["apply", "--yes", "-i", try lab.inventory(workers: [:]), "--roles", roles])
            #expect(run.status == 3, "\(run.stdout)\(run.stderr)")
            #expect(run.stderr.contains("hint: end its sessions and processes first"), "\(run.stderr)")
            #expect(try await lab.read("n1", "id -un ops") == "ops")
        }
    }
}
