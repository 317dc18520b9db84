import Foundation
import Model
import TestSupport
import Testing

@testable import Resources

@Suite struct HostnameTests {
    @Test(
        "what is no name of a machine is refused",
        arguments: ["", "-a", "a-", "a..b", "a b", "a_b", String(repeating: "a", count: 65)])
    func refused(name: String) {
        #expect(mistakes(Hostname.self, ["name": .string(name)]).contains("is no name of a machine"))
    }

    @Test("the kept name, the running one and /etc/hosts are told apart")
    func difference() throws {
        let host = try resource(Hostname.self, ["name": "new", "hosts": true])
        let hosts = "127.0.0.1 localhost\n127.0.1.1 old\n"
        let change = host.difference(from: .init(kept: "old", running: "older", hosts: hosts))
        #expect(
            details(change) == [
                .attribute("/etc/hostname", from: "old", to: "new"), .attribute("now", from: "older", to: "new"),
                .text("/etc/hosts", from: Shown(hosts), to: "127.0.0.1 localhost\n127.0.1.1\tnew\n"),
            ])
        #expect(host.difference(from: .init(kept: "new", running: "new", hosts: "127.0.1.1 new\n")).isNone)
        let now = try resource(Hostname.self, "new").difference(from: .init(kept: "new", running: "old"))
        #expect(details(now) == [.attribute("now", from: "old", to: "new")])
        #expect(!script(now).contains("write"))
    }

    @Test(
        "a line of /etc/hosts gets the name, and no other line changes",
        arguments: [
            ("127.0.0.1 localhost\n::1 x\n", "127.0.0.1 localhost\n127.0.1.1\tnew.lab new\n::1 x\n"),
            ("127.0.1.1  old.lab old nas # mine\n", "127.0.1.1\tnew.lab new nas # mine\n"),
            ("10.0.0.1 new.lab", "10.0.0.1 new.lab"), ("# new.lab\n", "# new.lab\n127.0.1.1\tnew.lab new\n"),
            ("", "127.0.1.1\tnew.lab new\n"),
        ])
    func hosts(old: String, new: String) {
        #expect(HostsFile.naming("new.lab", insteadOf: "old.lab", in: old) == new)
        #expect(HostsFile.naming("new.lab", insteadOf: "new.lab", in: new) == new)
    }
}

@Suite struct TimezoneTests {
    @Test("what is no name of a zone is refused", arguments: ["", "../x", "/etc/passwd", "a//b", "Europe/", "a b"])
    func refused(name: String) {
        #expect(mistakes(Timezone.self, ["name": .string(name)]).contains("is no name of a time zone"))
    }

    @Test("a zone that the node lacks is an error; link and file are held")
    func difference() throws {
        let zone = try resource(Timezone.self, "Europe/Berlin")
        #expect(
            zone.difference(from: .init(link: "", written: nil, isKnown: false)).cause
                == "the node has no time zone Europe/Berlin")
        let change = zone.difference(
            from: .init(link: "/usr/share/zoneinfo/Etc/UTC", written: "Etc/UTC", isKnown: true))
        #expect(
            details(change) == [
                .attribute("/etc/localtime", from: "Etc/UTC", to: "Europe/Berlin"),
                .attribute("/etc/timezone", from: "Etc/UTC", to: "Europe/Berlin"),
            ])
        let there = "../usr/share/zoneinfo/Europe/Berlin"
        #expect(zone.difference(from: .init(link: there, written: "Europe/Berlin", isKnown: true)).isNone)
        #expect(zone.difference(from: .init(link: there, written: nil, isKnown: true)).isNone)
        #expect(details(zone.difference(from: .init(link: there, written: "", isKnown: true))).count == 1)
    }

    @Test("each shell tells the zone and which ones there are", arguments: shells)
    func looks(shell: [String]) async throws {
        guard try await Program.run("sh", ["-c", "command -v \(shell[0])"]).status == 0 else { return }
        let found = try await look(
            [resource(Timezone.self, "Etc/UTC"), resource(Timezone.self, "Moon/Base")], by: shell)
        #expect(!found[1].isKnown)
        #expect(found[0].link == found[1].link)
    }
}

@Suite struct CronTests {
    static let task: Value = ["name": "job", "schedule": "30 3 * * *", "job": "date +%F >/tmp/x"]

    @Test(
        "what cron would pass over is refused",
        arguments: [
            (["name": "a.sh"], "'a.sh' cannot name a file of cron's"), (["name": "../a"], "cannot name a file"),
            (["schedule": "30 3 * *"], "five parts are needed, not 4"),
            (["schedule": "60 3 * * *"], "'60' is no minute"),
            (["schedule": "* 24 * * *"], "'24' is no hour"), (["schedule": "* * 0 * *"], "'0' is no day"),
            (["schedule": "* * * dez *"], "'dez' is no month"), (["schedule": "* * * * 8"], "'8' is no weekday"),
            (["schedule": "5-1 * * * *"], "'5-1' is no minute"), (["schedule": "*/0 * * * *"], "'*/0' is no minute"),
            (["schedule": "5/2 * * * *"], "'5/2' is no minute"), (["schedule": "@dayly"], "cron knows no such time"),
            (["job": "a\nb"], "one line is needed"), (["user": "a b"], "is no name of an account"),
            (["environment": ["A-B": "x"]], "'A-B' cannot name a variable"),
            (["environment": ["A": "x\ny"]], "cannot be written in cron's way"),
        ] as [(Value, String)])
    func refused(changes: Value, message: String) {
        let said = mistakes(Cron.self, Self.task.with(changes))
        #expect(said.contains(message), "\(said)")
    }

    @Test(
        "what cron takes is taken",
        arguments: [
            "*/5 0-23/2 1,15 jan-Mar sun", "@reboot", "0 0 31 12 7", "1-5,10,20-30/5 * * * mon-fri", "  5\t4 * * * ",
        ])
    func schedules(schedule: String) {
        #expect(mistakes(Cron.self, Self.task.with(["schedule": .string(schedule)])) == "")
    }

    @Test("the file is as cron reads it, and what is there decides")
    func difference() throws {
        let cron = try resource(
            Cron.self, Self.task.with(["user": "alice", "environment": ["PATH": "/bin", "MAILTO": "a\"b"]]))
        let text = """
            # Kept by kubani.
            PATH="/bin"
            MAILTO='a"b'
            30 3 * * * alice date +\\%F >/tmp/x

            """
        let nothing = EditedFile(entry: nil, target: "/etc/cron.d/job")
        func file(_ text: String, _ mode: UInt16 = 0o644) -> EditedFile {
            let entry = NodeEntry(kind: .file, mode: mode, uid: 0, gid: 0, owner: "root", group: "root", size: 9)
            return EditedFile(entry: entry, target: "/etc/cron.d/job", content: Array(text.utf8))
        }
        #expect(
            details(cron.difference(from: .init(file: nothing, hasCron: true, hasUser: true)))
                == [.text("/etc/cron.d/job", from: nil, to: Shown(text))])
        #expect(cron.difference(from: .init(file: file(text), hasCron: true, hasUser: true)).isNone)
        #expect(
            details(cron.difference(from: .init(file: file(text, 0o664), hasCron: true, hasUser: true)))
                == [.attribute("mode", from: "0664", to: "0644")])
        #expect(
            cron.difference(from: .init(file: nothing, hasCron: false, hasUser: true)).cause
                == "cron is not on the node")
        #expect(
            cron.difference(from: .init(file: nothing, hasCron: true, hasUser: false)).cause
                == "the user alice does not exist on the node")
        let gone = try resource(Cron.self, ["name": "job", "state": "absent"])
        #expect(gone.difference(from: .init(file: nothing, hasCron: false, hasUser: true)).isNone)
        #expect(
            details(gone.difference(from: .init(file: file(""), hasCron: false, hasUser: true))) == [
                .note("removes /etc/cron.d/job")
            ])
    }

    @Test("a secret is shown nowhere, and its file is root's alone")
    func secret() throws {
        let cron = try resource(
            Cron.self, Self.task.with(["environment": ["TOKEN": Value.string("hunter2").sensitive()]]))
        let change = cron.difference(
            from: .init(file: .init(entry: nil, target: "/etc/cron.d/job"), hasCron: true, hasUser: true)
        ).change
        #expect(change?.isSensitive == true && !"\(String(describing: change?.details))".contains("hunter2"))
        guard case .write(let file)? = change?.steps.first else {
            Issue.record("no file is written")
            return
        }
        #expect(file.mode == 0o600)
    }
}

@Suite struct MountTests {
    static let task: Value = ["path": "/srv/a b/", "source": "tmpfs", "fstype": "tmpfs", "options": "size=1m,nosuid"]

    @Test(
        "fields that do not go together are refused",
        arguments: [
            (["source": nil], "'source' is missing"), (["options": "a, b"], "cannot stand in /etc/fstab"),
            (["state": "absent"], "'source' has no meaning with state: absent"),
            (["fstype": "swap"], "swap is mounted nowhere"),
            (["pass": 3], "0, 1 or 2 is needed"), (["source": "#x"], "cannot stand in /etc/fstab"),
            (["path": "/a/../b"], "holds '..'"),
            (["options": Value.string("password=x").sensitive()], "everybody on the node can read /etc/fstab"),
        ] as [(Value, String)])
    func refused(changes: Value, message: String) {
        let said = mistakes(Mount.self, Self.task.with(changes))
        #expect(said.contains(message), "\(said)")
        #expect(mistakes(Mount.self, ["path": "/", "state": "absent"]).contains("the node's root stays"))
    }

    @Test("an entry is put in place, kept and removed, and every other line keeps its bytes")
    func fstab() throws {
        let entry = FstabEntry(source: "tmpfs", path: "/srv/a b", type: "tmpfs", options: "size=1m")
        let rest = "# /etc/fstab\nUUID=1\t/   ext4  defaults 0 1\n"
        let text = rest + "tmpfs /srv/a\\040b tmpfs size=1m 0 0\n"
        #expect(entry.put(into: rest) == text)
        #expect(
            entry.put(into: rest + "tmpfs\t/srv/a\\040b/ tmpfs size=1m # mine\n") == rest
                + "tmpfs\t/srv/a\\040b/ tmpfs size=1m # mine\n")
        #expect(
            entry.put(into: "other /srv/a\\040b ext4 ro\n" + rest) == "tmpfs /srv/a\\040b tmpfs size=1m 0 0\n" + rest)
        #expect(FstabEntry.removing("/srv/a b", from: text) == rest)
        #expect(FstabEntry.removing("/srv", from: text) == text)
        #expect(FstabEntry.unescaped("a\\134\\040b\\") == "a\\ b\\")
    }

    private func difference(_ task: Value, fstab: String, mounts: String = "") throws -> Difference {
        let mount = try resource(Mount.self, task)
        let entry = NodeEntry(kind: .file, mode: 0o644, uid: 0, gid: 0, owner: "root", group: "root", size: 9)
        return mount.difference(
            from: .init(
                fstab: EditedFile(entry: entry, target: "/etc/fstab", sha256: "0", content: Array(fstab.utf8)),
                now: MountedNow.at(mount.path, in: mounts)))
    }

    @Test("what is written and what is mounted decide")
    func difference() throws {
        let line = "tmpfs /srv/a\\040b tmpfs size=1m,nosuid 0 0\n"
        let now = "36 35 0:30 / /srv/a\\040b rw,nosuid,relatime shared:1 - tmpfs tmpfs rw,size=1024k\n"
        #expect(try difference(Self.task, fstab: line, mounts: now) == .none("mounted, tmpfs"))
        #expect(
            try details(difference(Self.task, fstab: "")) == [
                .text("/etc/fstab", from: "", to: Shown(line)), .attribute("mounted", from: nil, to: "tmpfs"),
            ])
        #expect(try details(difference(Self.task, fstab: line)) == [.attribute("mounted", from: nil, to: "tmpfs")])
        #expect(try difference(Self.task.with(["state": "present"]), fstab: line).isNone)
        let readOnly = try difference(Self.task.with(["options": "ro,size=1m"]), fstab: line, mounts: now)
        #expect(details(readOnly).last == .attribute("mounted with", from: nil, to: "ro"))
        #expect(script(readOnly).contains("mount -o remount -- '/srv/a b'"))
        let writable = try difference(Self.task, fstab: line, mounts: now.replacing("rw", with: "ro"))
        #expect(details(writable) == [.attribute("mounted with", from: nil, to: "rw")])
        let larger = try difference(Self.task.with(["options": "size=2m,nosuid"]), fstab: line, mounts: now)
        #expect(details(larger).last == .note("remounts /srv/a b"))
        let other = try difference(Self.task.with(["source": "/dev/sda1", "fstype": "ext4"]), fstab: line, mounts: now)
        #expect(script(other).contains("umount -- '/srv/a b' && mount -- '/srv/a b'"))
        let gone: Value = ["path": "/srv/a b", "state": "absent"]
        #expect(try difference(gone, fstab: line, mounts: now).change?.action == .delete)
        #expect(try difference(gone, fstab: "# none\n").isNone)
        let unmounted: Value = ["path": "/srv/a b", "state": "unmounted"]
        #expect(try difference(unmounted, fstab: line).isNone)
        #expect(
            try details(difference(unmounted, fstab: line, mounts: now)) == [
                .attribute("mounted", from: "tmpfs", to: nil)
            ])
    }
}

@Suite struct SystemLooksTests {
    @Test("each shell tells this machine's name, jobs and mounts", arguments: shells)
    func looks(shell: [String]) async throws {
        guard try await Program.run("sh", ["-c", "command -v \(shell[0])"]).status == 0 else { return }
        let names = try await look([resource(Hostname.self, ["name": "x", "hosts": true])], by: shell)
        #expect(try names[0].running == read("/proc/sys/kernel/hostname"))
        #expect(names[0].hosts?.contains("localhost") == true)
        let jobs = try await look(
            [
                resource(Cron.self, CronTests.task),
                resource(Cron.self, CronTests.task.with(["user": "kubani-nobody"])),
            ], by: shell)
        #expect(jobs.map(\.hasUser) == [true, false])
        #expect(jobs.allSatisfy { $0.file.entry == nil })
        let mounts = try await look(
            ["/proc", "/no/such"].map { try resource(Mount.self, ["path": .string($0), "state": "unmounted"]) },
            by: shell)
        #expect(mounts[0].now?.type == "proc")
        #expect(mounts[1].now == nil)
    }

    private func read(_ path: String) throws -> String {
        try String(contentsOfFile: path, encoding: .utf8).trimmingCharacters(in: .newlines)
    }
}
