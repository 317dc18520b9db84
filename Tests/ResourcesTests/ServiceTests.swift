import Model
import Testing

@testable import Resources

@Suite("service")
struct ServiceTests {
    @Test(
        "fields that do not go together are refused",
        arguments: [
            (["name": "k3s*", "state": "running"] as Value, "is no unit name"),
            (["name": "-x", "state": "running"], "is no unit name"),
            (["name": "k3s"], "nothing is asked of k3s.service"),
            (["name": "k3s", "masked": true, "state": "running"], "a masked unit can neither run"),
            (["name": "k3s", "drop_ins": ["../x": ""]], "cannot name a file"),
            (["name": "k3s", "state": "on"], "one of running, stopped"),
        ] as [(Value, String)])
    func refused(value: Value, message: String) { #expect(mistakes(Service.self, value).contains(message)) }

    @Test("a name without a suffix is a service")
    func names() throws {
        #expect(try resource(Service.self, ["name": "ssh", "state": "running"]).unit == "ssh.service")
        #expect(try resource(Service.self, ["name": "fstrim.timer", "state": "running"]).unit == "fstrim.timer")
        #expect(
            try resource(Service.self, ["name": "wg-quick@wg0", "state": "running"]).unit == "wg-quick@wg0.service")
    }

    /// Recorded on Debian 12 (systemd 252).
    static let debian = """
        Id=ssh.service
        LoadState=loaded
        ActiveState=active
        SubState=running
        FragmentPath=/lib/systemd/system/ssh.service
        UnitFileState=enabled
        NeedDaemonReload=no

        Id=nosuch.service
        LoadState=not-found
        ActiveState=inactive
        SubState=dead
        FragmentPath=
        UnitFileState=
        NeedDaemonReload=no
        """

    @Test("systemd's words are read in the order in which they were asked for")
    func reading() throws {
        let all = try [["name": "sshd", "state": "running"], ["name": "nosuch", "enabled": true]].map {
            try resource(Service.self, $0)
        }
        let found = try Service.read(fields(Self.debian, "", ""), of: all)
        #expect(found.map(\.status.load) == ["loaded", "not-found"])
        #expect(all[0].difference(from: found[0]) == .none("running"))
        guard case .fails("there is no unit nosuch.service on the node", _) = all[1].difference(from: found[1]) else {
            Issue.record("\(found[1])")
            return
        }
        #expect(all[1].dependsOn(found[1]).contains(.packages))
        #expect(!all[0].dependsOn(found[0]).contains(.packages))
        #expect(throws: Failure.self) { try Service.read(fields("systemctl is not on the node"), of: all) }
    }

    private func status(
        _ active: String = "active", _ file: String = "enabled", load: String = "loaded", reload: Bool = false
    ) -> UnitStatus {
        UnitStatus(load: load, active: active, sub: "", file: file, fragment: "/lib/x", needsReload: reload)
    }

    @Test("each state of a unit gives the deed that it needs, and no other")
    func deeds() throws {
        let cases: [(Value, UnitStatus, String?)] = [
            (["name": "x", "state": "running"], status(), nil),
            (["name": "x", "state": "running"], status("failed"), "start"),
            (["name": "x", "state": "running"], status("activating"), "start"),
            (["name": "x", "state": "running"], status(reload: true), "daemon-reload"),
            (["name": "x", "state": "stopped"], status(), "stop"),
            (["name": "x", "state": "stopped"], status("failed"), nil),
            (["name": "x", "state": "stopped"], status(load: "not-found"), nil),
            (["name": "x", "enabled": true], status("active", "disabled"), "enable"),
            (["name": "x", "enabled": true], status("active", "enabled-runtime"), "enable"),
            (["name": "x", "enabled": true], status("active", "static"), nil),
            (["name": "x", "enabled": false], status("active", "static"), nil),
            (["name": "x", "enabled": false], status("inactive", ""), nil),
            (["name": "x", "enabled": false], status(), "disable"),
            (["name": "x", "masked": true], status(), "mask"),
            (["name": "x", "masked": true], status("inactive", "masked", load: "masked"), nil),
            (
                ["name": "x", "masked": false, "state": "running", "enabled": true],
                status("inactive", "masked", load: "masked"),
                "unmask enable start"
            ),
        ]
        for (asked, status, deeds) in cases {
            let service = try resource(Service.self, asked)
            let difference = service.difference(from: Service.Found(status: status))
            let done = script(difference).split(separator: "\n").compactMap { line -> Substring? in
                guard line.hasPrefix("systemctl "), !line.contains("reset-failed") else { return nil }
                return line.split(separator: " ")[1]
            }
            #expect(isSettled(difference) == (deeds == nil), "\(asked) \(status)")
            #expect(done.joined(separator: " ") == deeds ?? "", "\(asked) \(status)")
        }
    }

    @Test("a masked unit is not started behind the back of whoever masked it")
    func masked() throws {
        let service = try resource(Service.self, ["name": "x", "state": "running"])
        let found = Service.Found(status: status("inactive", "masked", load: "masked"))
        #expect(
            service.difference(from: found) == .fails(cause: "x.service is masked", hint: "`masked: false` unmasks it"))
    }

    @Test("a changed unit is written, reloaded, enabled anew and restarted, and its diff shown")
    func unit() throws {
        let service = try resource(
            Service.self, ["name": "x", "unit": "[Service]\nExecStart=/new", "enabled": true, "drop_ins": ["a": "b\n"]])
        let old = "[Service]\nExecStart=/old\n"
        let found = try Service.read(
            fields("Id=x.service\nLoadState=loaded\nActiveState=active\nUnitFileState=enabled", "", "", "+" + old, "="),
            of: [service])[0]
        let difference = service.difference(from: found)
        #expect(
            details(difference) == [
                .text("/etc/systemd/system/x.service", from: Shown(old), to: "[Service]\nExecStart=/new\n"),
                .note("restarts, for its files have changed"),
            ])
        let text = script(difference)
        #expect(
            text.hasPrefix(
                "write /etc/systemd/system/x.service\nsystemctl daemon-reload || exit\nsystemctl reenable -- x.service || exit\n"
            ))
        #expect(text.contains("systemctl restart -- x.service ||"))
        #expect(text.contains("journalctl"))
    }

    @Test("files that systemd has not read restart the service, for a run may have been killed before it did")
    func interrupted() throws {
        let service = try resource(Service.self, ["name": "x", "drop_ins": ["a": "b"]])
        let difference = service.difference(from: Service.Found(status: status(reload: true), dropIns: [.same]))
        #expect(script(difference).contains("systemctl restart"))
    }

    @Test(
        "a service that began before its files were written is restarted, whoever has told systemd of them meanwhile",
        arguments: [
            // The file's time, systemd's stamp, its clock since the boot; whether it is older. The node's clock says
            // 2026-11-28 14:40:00, up for 1000 s.
            ("2026-11-28 14:30:01", "Sat 2026-11-28 14:30:00 UTC", 400, true),
            ("2026-11-28 14:30:00", "Sat 2026-11-28 14:30:00 UTC", 400, false),
            ("2026-11-28 14:29:00", "Sat 2026-11-28 14:30:00 UTC", 400, false),
            // A board without a clock had started it "last year"; a laptop slept since the boot; a file of tomorrow.
            ("2026-11-28 14:29:00", "Fri 2025-01-31 00:00:00 UTC", 400, false),
            ("2026-11-28 14:29:00", "Sat 2026-11-28 14:30:00 UTC", 10, false),
            ("2026-11-29 00:00:00", "Sat 2026-11-28 14:30:00 UTC", 400, false),
            ("2026-11-28 14:30:01", "", 0, false),
        ])
    func outdated(written: String, stamp: String, sinceBoot: Int, isOlder: Bool) throws {
        let service = try resource(Service.self, ["name": "x", "drop_ins": ["a": "b"]])
        func time(_ text: String) throws -> Int { try #require(UnitStatus.Start.seconds("Sat \(text) UTC")) }
        let found = try Service.read(
            fields(
                """
                Id=x.service
                LoadState=loaded
                ActiveState=active
                ExecMainStartTimestamp=\(stamp)
                ExecMainStartTimestampMonotonic=\(sinceBoot)000000
                """, "",
                "\(try time("2026-11-28 14:40:00")) 1000.25\n\(try time(written)) /etc/systemd/system/x.service.d/a.conf",
                "="), of: [service])[0]
        #expect(found.isOutdated == isOlder)
        let difference = service.difference(from: found)
        #expect(script(difference).contains("systemctl restart") == isOlder)
        #expect(script(difference).contains("daemon-reload") == isOlder)
    }

    @Test("systemd's stamps are read for each month and leap year")
    func stamps() {
        #expect(UnitStatus.Start.seconds("Thu 1970-01-01 00:00:00 UTC") == 0)
        #expect(UnitStatus.Start.seconds("Tue 2000-02-29 12:00:00 UTC") == 951_825_600)
        #expect(UnitStatus.Start.seconds("Wed 2000-03-01 00:00:00 UTC") == 951_868_800)
        #expect(UnitStatus.Start.seconds("Thu 2026-12-31 23:59:59 UTC") == 1_798_761_599)
        #expect(UnitStatus.Start.seconds("n/a") == nil)
    }

    @Test("a oneshot that does not stay is refused where it is to run, before it is written; one that stays is not")
    func oneshots() throws {
        let asked: Value = ["name": "x", "state": "running"]
        var once = status("inactive")
        once.type = "oneshot"
        #expect(try resource(Service.self, asked).difference(from: Service.Found(status: once)).isFailure)
        once.remains = true
        #expect(try !resource(Service.self, asked).difference(from: Service.Found(status: once)).isFailure)
        let absent = UnitStatus()
        for (text, isRefused) in [
            ("[Service]\nType = oneshot\n", true), ("[Service]\nType=oneshot\nRemainAfterExit=true\n", false),
            ("[Service]\nType=simple\n", false),
        ] {
            let service = try resource(Service.self, asked.with(["unit": .string(text)]))
            #expect(
                service.difference(from: Service.Found(status: absent, unitFile: .absent)).isFailure == isRefused,
                "\(text)")
        }
        let enabled = try resource(Service.self, ["name": "x", "enabled": true])
        once.remains = false
        #expect(isSettled(enabled.difference(from: Service.Found(status: once))))
    }

    @Test("a unit whose conditions do not hold is told of and left, until its files change")
    func conditions() throws {
        let service = try resource(Service.self, ["name": "x", "state": "running", "unit": "[Service]\n"])
        let said =
            "x.service\n x.service: ConditionPathExists=/b failed.\n x.service: ConditionHost=n9 failed.\n Conditions failed."
        func found(_ file: String) throws -> Service.Found {
            try Service.read(
                fields("Id=x.service\nLoadState=loaded\nActiveState=inactive", said, "", file), of: [service])[0]
        }
        #expect(
            service.difference(from: try found("="))
                == .warns("x.service does not start: ConditionHost=n9, ConditionPathExists=/b does not hold"))
        #expect(service.dependsOn(try found("=")) == [.everything])
        #expect(script(service.difference(from: try found("-"))).contains("systemctl restart"))
    }

    @Test("a secret drop-in shows itself in no detail and is for root alone")
    func secret() throws {
        let service = try resource(
            Service.self, ["name": "x", "drop_ins": ["a": Value.string("TOKEN=hunter2").sensitive()]])
        let difference = service.difference(from: Service.Found(status: status(), dropIns: [.differs("TOKEN=old")]))
        #expect(!"\(details(difference))".contains("hunter2"))
        #expect(!"\(details(difference))".contains("old"))
        guard case .change(let change) = difference, case .write(let file) = change.steps[1] else {
            Issue.record("\(difference)")
            return
        }
        #expect(file.mode == 0o600)
    }

    @Test(
        "as a handler it restarts, reloads or starts",
        arguments: [("restarted", "restart"), ("reloaded", "reload-or-restart"), ("running", "start")])
    func handler(state: String, deed: String) throws {
        let service = try resource(Service.self, ["name": "x", "state": .string(state)])
        #expect(service.canTellBeforehand == (state == "running"))
        let change = try #require(service.whenNotified)
        #expect(script(.change(change)).contains("systemctl \(deed) -- x.service"))
        #expect(try resource(Service.self, ["name": "x", "enabled": true]).whenNotified == nil)
    }
}
