import Model
import TestSupport
import Testing

@testable import Resources

@Suite("sysctl")
struct SysctlTests {
    @Test(
        "a key has one name and one place",
        arguments: [
            ("net.ipv4.ip_forward", "net.ipv4.ip_forward", "/proc/sys/net/ipv4/ip_forward"),
            ("net/ipv4/ip_forward", "net.ipv4.ip_forward", "/proc/sys/net/ipv4/ip_forward"),
            (
                "net/ipv4/conf/eth0.1/rp_filter", "net.ipv4.conf.eth0/1.rp_filter",
                "/proc/sys/net/ipv4/conf/eth0.1/rp_filter"
            ),
            (
                "net.ipv4.conf.eth0/1.rp_filter", "net.ipv4.conf.eth0/1.rp_filter",
                "/proc/sys/net/ipv4/conf/eth0.1/rp_filter"
            ),
        ])
    func keys(given: String, key: String, path: String) {
        #expect(SysctlKey.canonical(given) == key)
        #expect(SysctlKey.path(key) == path)
    }

    @Test(
        "what is no key is refused",
        arguments: ["ip_forward", "net..x", "../etc/passwd", "net.ipv4 .x", ".x", "net.x\n", "a.//.b"])
    func refused(key: String) {
        #expect(mistakes(Sysctl.self, ["key": .string(key), "value": 1]).contains("is no kernel parameter"))
    }

    private func found(_ value: Value, now: String, settings: String = "", file: String = "-") throws -> (
        Sysctl, Sysctl.Found
    ) {
        let sysctl = try resource(Sysctl.self, value)
        return (sysctl, try Sysctl.read(fields(now, settings, file), of: [sysctl])[0])
    }

    @Test("now and after a reboot differ one by one")
    func differences() throws {
        let forward: Value = ["key": "net.ipv4.ip_forward", "value": 1]
        let path = "/proc/sys/net/ipv4/ip_forward"
        var (sysctl, seen) = try found(forward, now: "\(path):0\n")
        #expect(
            details(sysctl.difference(from: seen)) == [
                .attribute("now", from: "0", to: "1"),
                .attribute("after a reboot (/etc/sysctl.d/99-zz-kubani-net.ipv4.ip_forward.conf)", from: nil, to: "1"),
            ])
        (sysctl, seen) = try found(forward, now: "\(path):1\n", file: "=")
        #expect(sysctl.difference(from: seen) == .none("1, now and after a reboot"))
        (sysctl, seen) = try found(forward, now: "\(path):1\n", file: "+net.ipv4.ip_forward = 0\n")
        #expect(details(sysctl.difference(from: seen)).count == 1)
        (sysctl, seen) = try found(
            ["key": "net.ipv4.tcp_rmem", "value": "4096  131072 6291456"],
            now: "/proc/sys/net/ipv4/tcp_rmem:4096\t131072\t6291456\n", file: "=")
        #expect(isSettled(sysctl.difference(from: seen)))
    }

    @Test("a file that is read later and says otherwise is warned of; an earlier one and an equal one are not")
    func overridden() throws {
        let forward: Value = ["key": "net.ipv4.ip_forward", "value": 1]
        let lines = """
            /etc/sysctl.d/99-sysctl.conf:net.ipv4.ip_forward=0
            /etc/sysctl.conf:net.ipv4.ip_forward=0
            /run/sysctl.d/99-zzz.conf:net/ipv4/ip_forward = 1
            """
        let now = "/proc/sys/net/ipv4/ip_forward:1\n"
        var (sysctl, seen) = try found(forward, now: now, settings: lines, file: "=")
        #expect(isSettled(sysctl.difference(from: seen)))
        (sysctl, seen) = try found(
            forward, now: now, settings: lines + "\n/etc/sysctl.d/zz.conf: - net.ipv4.ip_forward=0", file: "=")
        #expect(
            sysctl.difference(from: seen)
                == .warns("/etc/sysctl.d/zz.conf sets net.ipv4.ip_forward to 0 after a reboot, for it is read later"))
    }

    @Test("a parameter that the kernel has not fails with the module it comes with, and hangs on modules")
    func missing() throws {
        let (sysctl, seen) = try found(["key": "net.bridge.bridge-nf-call-iptables", "value": 1], now: "")
        guard case .fails(_, let hint) = sysctl.difference(from: seen) else {
            Issue.record("\(seen)")
            return
        }
        #expect(hint?.contains("br_netfilter") == true)
        #expect(sysctl.dependsOn(seen).contains(.modules))
    }

    @Test("a secret that is no kernel parameter is not shown")
    func refusedSecret() {
        let told = mistakes(Sysctl.self, ["key": Value.string("-hunter2 ").sensitive(), "value": "1"])
        #expect(told.contains("'(sensitive)' is no kernel parameter") && !told.contains("hunter2"), "\(told)")
    }

    @Test("each shell reads this machine's own", arguments: shells)
    func looks(shell: [String]) async throws {
        guard try await Program.run("sh", ["-c", "command -v \(shell[0])"]).status == 0 else { return }
        let all = try [["key": "kernel.ostype", "value": "Linux"], ["key": "kernel.no_such", "value": 1]].map {
            try resource(Sysctl.self, $0)
        }
        let found = try await look(all, by: shell)
        #expect(found.map(\.now) == ["Linux", nil])
        #expect(found.map(\.file) == [.absent, .absent])
    }
}

@Suite("kernel_module")
struct KernelModuleTests {
    @Test(
        "what is there is left alone, what can be loaded is loaded, what cannot is told",
        arguments: [
            ("loaded", "=", "none"), ("loaded", "-", "~ write /etc/modules-load.d/kubani-br_netfilter.conf"),
            ("built-in", "-", "none"),
            ("loadable", "-", "+ modprobe -- br_netfilter\nwrite /etc/modules-load.d/kubani-br_netfilter.conf"),
            ("missing", "-", "fails"),
        ])
    func differences(state: String, file: String, outcome: String) throws {
        let module = try resource(KernelModule.self, "br-netfilter")
        let found = try KernelModule.read(fields("6.1.0-18-amd64", state, file), of: [module])[0]
        let difference = module.difference(from: found)
        switch difference {
        case .none: #expect(outcome == "none")
        case .change(let change): #expect("\(change.action.rawValue) \(script(difference))" == outcome)
        case .fails, .warns: #expect(outcome == "fails")
        }
        #expect(module.dependsOn(found).contains(.packages) == (state == "missing"))
    }

    @Test("what is no module name is refused", arguments: ["-r", "a b", "", "../x"])
    func refused(name: String) {
        #expect(mistakes(KernelModule.self, ["name": .string(name)]).contains("is no module name"))
    }

    @Test("each shell sees a file system of the kernel as its module", arguments: shells)
    func looks(shell: [String]) async throws {
        guard try await Program.run("sh", ["-c", "command -v \(shell[0])"]).status == 0 else { return }
        let found = try await look(
            [resource(KernelModule.self, "proc"), resource(KernelModule.self, "no_such_module")], by: shell)
        #expect([.loaded, .builtIn].contains(found[0].state))
        #expect(found[1].state == .missing)
    }
}

@Suite("swap")
struct SwapTests {
    @Test("only off can be asked for")
    func refused() throws {
        #expect(mistakes(Swap.self, ["state": "on"]).contains("only switches swap off"))
        #expect(mistakes(Swap.self, .bool(false)) == "")
        #expect(mistakes(Swap.self, "off") == "")
    }

    @Test(
        "lines of fstab that make swap at boot are commented out, and nothing else",
        arguments: [
            ("/dev/sda2 none swap sw 0 0\n", "# kubani, swap off: /dev/sda2 none swap sw 0 0\n"),
            (
                "UUID=1 / ext4 x 0 1\n\t/swapfile\tswap\tswap defaults",
                "UUID=1 / ext4 x 0 1\n# kubani, swap off: \t/swapfile\tswap\tswap defaults"
            ),
            ("# /dev/sda2 none swap sw 0 0\n\n", "# /dev/sda2 none swap sw 0 0\n\n"),
            ("/dev/sda2 none swap noauto,pri=1 0 0\n", "/dev/sda2 none swap noauto,pri=1 0 0\n"),
            ("/dev/swap /swap ext4 defaults 0 0\n", "/dev/swap /swap ext4 defaults 0 0\n"),
            (
                "LABEL=s none swap noauto,x-systemd.wanted-by=multi-user.target 0 0\n",
                "# kubani, swap off: LABEL=s none swap noauto,x-systemd.wanted-by=multi-user.target 0 0\n"
            ),
            (
                "/dev/mapper/cswap none swap sw,nofail,x-systemd.device-timeout=5 0 0",
                "# kubani, swap off: /dev/mapper/cswap none swap sw,nofail,x-systemd.device-timeout=5 0 0"
            ),
        ])
    func fstab(before: String, after: String) {
        #expect(Fstab.withoutSwap(before) == after)
        #expect(Fstab.withoutSwap(after) == after)
    }

    @Test(
        "a partition that systemd would discover stays off: a line of fstab for swap, with noauto, keeps it from looking"
    )
    func discovered() {
        let before = "UUID=1 / ext4 x 0 1\nUUID=2 none swap sw 0 0\n"
        let after = Fstab.withoutSwap(before, discoverable: ["0a-1b"])
        #expect(
            after.hasPrefix(
                "UUID=1 / ext4 x 0 1\n# kubani, swap off: UUID=2 none swap sw 0 0\n# kubani, swap off: where"))
        #expect(after.hasSuffix("\nPARTUUID=0a-1b none swap noauto 0 0\n"))
        #expect(Fstab.withoutSwap(after, discoverable: ["0a-1b"]) == after)
        let named = "LABEL=s none swap noauto 0 0"
        #expect(Fstab.withoutSwap(named, discoverable: ["0a-1b"]) == named)
    }

    @Test("what a generator makes at the next boot is masked before it is there")
    func zram() throws {
        let swap = try resource(Swap.self, "off")
        func difference(_ load: String) throws -> Difference {
            let units = unit("dev-zram0.swap", load, "inactive", file: load == "masked" ? "masked" : "", fragment: "")
            return swap.difference(from: try Swap.read(fields("", "", units, "", "dev-zram0.swap", ""), of: [swap])[0])
        }
        #expect(try script(difference("not-found")) == "systemctl mask -- dev-zram0.swap || exit")
        #expect(try isSettled(difference("masked")))
    }

    private func unit(
        _ id: String, _ load: String, _ active: String, file: String, fragment: String, source: String = ""
    ) -> String {
        "Id=\(id)\nLoadState=\(load)\nActiveState=\(active)\nUnitFileState=\(file)\nFragmentPath=\(fragment)\nSourcePath=\(source)\n"
    }

    @Test("whoever switches swap on is kept from it")
    func units() throws {
        let swap = try resource(Swap.self, "off")
        let units = [
            unit(
                "dev-zram0.swap", "loaded", "active", file: "generated",
                fragment: "/run/systemd/generator/dev-zram0.swap"),
            unit(
                "swapfile.swap", "loaded", "active", file: "generated",
                fragment: "/run/systemd/generator/swapfile.swap", source: "/etc/fstab"),
            unit("dev-sda3.swap", "loaded", "active", file: "", fragment: ""),
            unit("own.swap", "loaded", "inactive", file: "enabled", fragment: "/etc/systemd/system/own.swap"),
            unit(
                "dphys-swapfile.service", "loaded", "active", file: "enabled",
                fragment: "/lib/systemd/system/dphys-swapfile.service"),
            unit("zramswap.service", "not-found", "inactive", file: "", fragment: ""),
        ].joined(separator: "\n")
        let found = try Swap.read(
            fields(
                "/dev/zram0 partition 1 0 100\n/swapfile file 1 0 -2\n", "/swapfile none swap sw 0 0\n", units, "", "",
                ""),
            of: [swap])[0]
        let difference = swap.difference(from: found)
        #expect(
            script(difference) == """
                write /etc/fstab
                systemctl mask -- dev-zram0.swap || exit
                systemctl disable --now -- own.swap || exit
                systemctl disable --now -- dphys-swapfile.service || exit
                swapoff -a || { echo 'hint: is there enough free memory for what is swapped out?' >&2; exit 1; }
                if command -v systemctl >/dev/null; then systemctl daemon-reload; fi
                """)
        #expect(details(difference).contains(.attribute("swap", from: "/dev/zram0, /swapfile", to: "off")))
    }

    @Test("a node without swap is left alone")
    func none() throws {
        let swap = try resource(Swap.self, "off")
        #expect(
            swap.difference(from: try Swap.read(fields("", "UUID=1 / ext4 x 0 1\n", "", "", "", ""), of: [swap])[0])
                == .none("off, now and after a reboot"))
    }

    @Test("the swap of a container's host is not the container's to switch off; what is its own is")
    func container() throws {
        let swap = try resource(Swap.self, "off")
        let active = "/dev/sda3 partition 1000 0 -2\n"
        func difference(_ fstab: String, _ kind: String) throws -> Difference {
            swap.difference(from: try Swap.read(fields(active, fstab, "", kind, "", ""), of: [swap])[0])
        }
        #expect(try difference("", "container") == .none("off; the swap that shows is the container's host's"))
        #expect(try script(difference("", "")).contains("swapoff -a"))
        let own = try difference("/swapfile none swap sw 0 0\n", "container")
        #expect(!isSettled(own) && !script(own).contains("swapoff"))
    }
}
