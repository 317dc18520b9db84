import Foundation
import Model
import Shell
import TestSupport
import Testing

extension LabTests {
    /// What `NodeShells` reaches through a real sshd, a login shell and sudo.
    @Suite("the node shell over a real sshd") struct NodeShellTests {
        static let password = "a b'c$d"
        static let users: [(name: String, shell: String, sudo: String)] = [
            ("inbash", "/bin/bash", free("inbash")), ("indash", "/bin/dash", free("indash")),
            ("inash", "/usr/local/bin/ash", free("inash")), ("infish", "/usr/bin/fish", free("infish")),
            ("innoise", "/usr/local/bin/noisy", free("innoise")),
            ("nopty", "/bin/bash", "Defaults:nopty !use_pty\n" + free("nopty")),
            ("asked", "/bin/bash", "asked ALL=(ALL) ALL"), ("fishasked", "/usr/bin/fish", "fishasked ALL=(ALL) ALL"),
            ("wantstty", "/bin/bash", "Defaults:wantstty requiretty\n" + free("wantstty")),
            ("nobodys", "/bin/bash", ""),
            ("shutout", "/usr/sbin/nologin", free("shutout")),
        ]
        private static func free(_ user: String) -> String { "\(user) ALL=(ALL) NOPASSWD: ALL" }

        /// n1 with the users above; they are made once.
        private static let prepared = Task {
            let lab = try await Lab.ready
            try await lab.reset("n1")
            try await lab.read(
                "n1",
                #"""
                ln -sf /bin/busybox /usr/local/bin/ash
                printf '#!/bin/bash\nprintf "\\nWelcome!\\0\\377 kubani-driver 3\\n$HOME"; echo oh no >&2\nexec /bin/bash "$@"\n' \
                    >/usr/local/bin/noisy
                chmod 755 /usr/local/bin/noisy
                """#)
            try await lab.users(on: "n1", users)
            return lab
        }
        private var lab: Lab { get async throws { try await Self.prepared.value } }

        @Test(
            "bytes, statuses, standard input and processes left behind come right, whatever the login shell",
            arguments: ["inbash", "indash", "inash", "infish", "innoise", "nopty"])
        func loginShells(user: String) async throws {
            try await lab.withShell(on: "n1", user: user) { shell in
                #expect(try await shell.run("id -u").output == "0\n")
                let bytes = (0..<300_000).map { UInt8(truncatingIfNeeded: $0 &* 31 ^ ($0 >> 8)) }
                let path = "/tmp/\(user) it's \"odd\".bin"
                let steps: [Step] = [
                    .write(FileWrite(path: path, content: .bytes(bytes), mode: 0o640, owner: user)),
                    .run("cat \(path); cat \(path) >&2; stat -c '%a %U' \(path)", deadline: .seconds(20)),
                    .run("cat; echo read; exit 7", deadline: .seconds(20)), .run("echo never", deadline: .seconds(5)),
                ]
                let outcomes = try await shell.perform(steps)
                #expect(outcomes.map(\.status) == [0, 0, 7])
                #expect(outcomes[1].stdout == bytes + Array("640 \(user)\n".utf8))
                #expect(outcomes[1].stderr == bytes)
                #expect(outcomes[2].output == "read\n", "a command reads nothing of what is sent to others")

                // A process that goes on in the background holds nobody up, and is told of.
                let began = ContinuousClock.now
                let left = try await shell.run("sleep 30 & echo here")
                #expect(left.output == "here\n")
                #expect(ContinuousClock.now - began < .seconds(15))
                #expect(left.notes.contains { $0.contains("left running by a command") }, "\(left.notes)")
                #expect(try await shell.run("echo next").output == "next\n")
                let late = try await shell.run("sleep 20", deadline: .seconds(1))
                #expect(late.timedOut)
                #expect(try await shell.run("pkill -x sleep; echo alive").output == "alive\n")
            }
        }

        @Test("100 MB of output and a file of 100 MB", arguments: ["inbash", "infish"])
        func much(user: String) async throws {
            let lab = try await lab
            let length = 100_000_000
            let path = "\(lab.folder)/large"
            try await lab.large(length, at: path)
            let sum = try await Program.run("sha256sum", [path]).stdout.prefix(64)
            try await lab.withShell(on: "n1", user: user) { shell in
                let outcomes = try await shell.perform([
                    .write(
                        FileWrite(
                            path: "/root/large",
                            content: .local(path: path, length: length, sha256: String(sum)))),
                    .run("sha256sum /root/large | cut -c1-64", deadline: .seconds(60)),
                    .run("cat /root/large; rm /root/large", deadline: .seconds(60)),
                ])
                #expect(outcomes.map(\.status) == [0, 0, 0])
                #expect(outcomes[1].output == sum + "\n")
                #expect(outcomes[2].stdout.count == length)
                let arrived = Data(outcomes[2].stdout)
                #expect(try arrived == Data(contentsOf: URL(filePath: path)))
            }
            try FileManager.default.removeItem(atPath: path)
        }

        @Test("sudo is given the password it asks for", arguments: ["asked", "fishasked"])
        func passwords(user: String) async throws {
            try await lab.withShell(on: "n1", user: user, password: Self.password) { shell in
                #expect(try await shell.run("id -u; cat").output == "0\n")
                let bytes = [UInt8](0...255)
                let path = "/tmp/\(user)"
                let outcomes = try await shell.perform([
                    .write(FileWrite(path: path, content: .bytes(bytes))), .run("cat \(path)", deadline: .seconds(5)),
                ])
                #expect(outcomes.last?.stdout == bytes)
            }
            // It is in no process's arguments and environment.
            let seen = try await lab.withShell(on: "n1", user: user, password: Self.password) {
                // The pattern does not match itself.
                let look: Script =
                    "cat /proc/[0-9]*/cmdline /proc/[0-9]*/environ 2>/dev/null | tr '\\0' '\\n' | grep -c \("[a] b'c")"
                return try await $0.run(look)
            }
            #expect(seen.output == "0\n")
        }

        @Test("sudo that wants a terminal works, or says what it wants")
        func terminal() async throws {
            let failure = await failure(user: "wantstty")
            #expect(failure?.cause == "sudo wants a terminal")
            #expect(failure?.hint?.contains("requiretty") == true)
        }

        @Test(
            "who may not become root is told why",
            arguments: [
                ("asked", nil, "sudo wants a password", "--ask-become-pass"),
                ("asked", "wrong", "sudo did not take the become password", "ansible_become_password"),
                ("fishasked", "wrong", "sudo did not take the become password", "ansible_become_password"),
                ("nobodys", password, "this user may not use sudo", "/etc/sudoers.d"),
                ("shutout", nil, "the login shell lets nobody in", "login shell"),
            ] as [(String, String?, String, String)])
        func refusals(user: String, password: String?, cause: String, hint: String) async throws {
            let began = ContinuousClock.now
            let failure = await failure(user: user, password: password)
            #expect(failure?.cause == cause, "\(String(describing: failure))")
            #expect(failure?.hint?.contains(hint) == true, "\(String(describing: failure))")
            #expect(failure?.code == .unreachable)
            #expect(ContinuousClock.now - began < .seconds(20))
        }

        private func failure(user: String, password: String? = nil) async -> Failure? {
            do {
                try await lab.withShell(on: "n1", user: user, password: password) { _ = try await $0.run("true") }
                Issue.record("\(user) became root")
                return nil
            } catch {
                return error as? Failure
            }
        }

        @Test("the program takes the password from the inventory, or asks for it on the terminal, and never shows it")
        func passwordsOfTheProgram() async throws {
            let lab = try await lab
            let roles = try lab.roles([
                "demo": """
                role: demo
                hosts: n1
                tasks:
                  - name: a file
                    file: { path: /etc/asked.conf, content: hello }
                """
            ])
            let given = try lab.inventory(n1: "ansible_user: asked, ansible_become_password: \"a b'c$d\"")
            let plan = try await lab.kubani(["plan", "-i", given, "--roles", roles, "--limit", "n1", "-vvv"])
            #expect(plan.status == 0 && plan.stdout.contains("+ a file"), "\(plan.stdout)\(plan.stderr)")
            #expect(!(plan.stdout + plan.stderr).contains(Self.password))
            let asked = try lab.inventory(n1: "ansible_user: asked")
            let none = try await lab.kubani(["plan", "-i", asked, "--roles", roles, "--limit", "n1"])
            #expect(none.status == 4)
            #expect(none.stdout.contains("sudo wants a password"))

            let expect = try await Program.run(
                "expect", ["-"],
                stdin: """
                    set timeout 60
                    spawn \(Lab.kubani) apply -i \(asked) --roles \(roles) --limit n1 --ask-become-pass
                    expect "sudo password: "
                    send "a b'c\\$d\\r"
                    expect "Make these changes?"
                    send "y\\r"
                    expect eof
                    exit [lindex [wait] 3]
                    """, environment: ["TERM": "xterm"], directory: lab.folder)
            #expect(expect.status == 0, "\(expect.stdout)\(expect.stderr)")
            #expect(!expect.stdout.contains(Self.password))
            #expect(try await lab.read("n1", "cat /etc/asked.conf") == "hello")
        }
    }
}

extension Lab {
    /// A file of bytes that repeat nowhere near.
    func large(_ length: Int, at path: String) async throws {
        let made = try await Program.run("sh", ["-c", "head -c \(length) /dev/urandom >\(path)"])
        try #require(made.status == 0, "\(made.stderr)")
    }
}
