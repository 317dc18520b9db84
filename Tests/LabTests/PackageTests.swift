import TestSupport
import Testing

extension LabTests {
    @Suite("packages that hang together") struct PackageTests {
        private func role(_ tasks: String) -> String { "role: demo\nhosts: all\ntasks:\n\(tasks)\n" }

        @Test("what goes with a package stands in the plan; an install that removes others says so and does just that")
        func together() async throws {
            let lab = try await Lab.ready
            try await lab.reset("n1")
            try await lab.read("n1", "DEBIAN_FRONTEND=noninteractive apt-get install -y -qq jq nvidia-driver")
            try await lab.checkConverges(
                role("  - { name: library, package: { name: libjq1, state: absent } }"), on: "n1",
                shows: ["removes jq 1.", "which needs it"], changes: 1)
            #expect(try await lab.ssh("n1", "command -v jq").status != 0)
            try await lab.checkConverges(
                role("  - { name: driver, package: nvidia-driver-535 }"), on: "n1",
                shows: ["removes nvidia-driver 535.247.01-1~deb12u1, which stands in the way"], changes: 1)
            try await lab.checkConverges(
                role("  - { name: tool, package: jq }"), on: "n1", shows: ["installs with it", "libjq1 1."], changes: 1)
        }

        @Test("what lets kubani in or the system run is taken away by no task; a plan of it writes nothing")
        func needed() async throws {
            let lab = try await Lab.ready
            try await lab.reset("n1")
            try await lab.read("n1", "usermod -s /usr/bin/fish ops")
            let inventory = try lab.inventory(workers: [:])
            let before = try await Fingerprint(of: "n1", in: lab)
            for (name, other) in [
                ("libwrap0", "openssh-server"), ("sudo", "sudo"), ("bash", "bash"), ("fish", "fish"),
                ("fish-common", "fish"), ("systemd", "systemd"),
            ] {
                let roles = try lab.roles([
                    "demo": role("  - { name: gone, package: { name: \(name), state: absent } }")
                ])
                let plan = try await lab.kubani(["plan", "-i", inventory, "--limit", "n1", "--roles", roles])
                #expect(
                    plan.stdout.contains("\(other)") && plan.stdout.contains("must stay"), "\(name): \(plan.stdout)")
            }
            #expect(before.changes(to: try await Fingerprint(of: "n1", in: lab)) == [])
        }
    }
}
