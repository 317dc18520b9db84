import TestSupport
import Testing

extension LabTests {
    @Suite("swap that comes with the next boot") struct SwapTests {
        @Test("units that wait for it, and those that a generator has yet to make, stay off after a reboot")
        func reboot() async throws {
            let lab = try await Lab.ready
            try await lab.reset("n1")
            // A node of the lab may not swap; that a unit was tried shows in its state all the same.
            try await lab.read(
                "n1",
                """
                cat >/etc/systemd/system/swap-own.swap <<END
                [Swap]
                What=/swap/own
                [Install]
                WantedBy=multi-user.target
                END
                systemctl -q enable swap-own.swap
                mkdir -p /usr/lib/systemd/system-generators
                cat >/usr/lib/systemd/system-generators/zram-generator <<"END"
                #!/bin/sh
                printf "[Swap]\\nWhat=/dev/zram0\\n" >"$1/dev-zram0.swap"
                mkdir -p "$1/multi-user.target.wants" && ln -s ../dev-zram0.swap "$1/multi-user.target.wants/"
                END
                chmod 755 /usr/lib/systemd/system-generators/zram-generator
                printf "[zram0]\\nzram-size = ram\\n" >/etc/systemd/zram-generator.conf
                """)
            try await lab.checkConverges(
                "role: demo\nhosts: all\ntasks:\n  - { name: swap, swap: { state: off } }\n", on: "n1",
                shows: ["dev-zram0.swap", "→ masked", "swap-own.swap: enabled", "→ disabled"], changes: 1)
            try await lab.nodes("stop", "n1")
            try await lab.nodes("start", "n1")
            let states = try await lab.read(
                "n1",
                "systemctl show -p Id,ActiveState,LoadState dev-zram0.swap swap-own.swap; systemctl is-enabled swap-own.swap || :"
            )
            #expect(states.contains("LoadState=masked") && !states.contains("=failed"), "\(states)")
            #expect(states.hasSuffix("disabled"), "\(states)")
        }
    }
}
