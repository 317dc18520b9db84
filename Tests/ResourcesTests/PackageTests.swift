import Model
import Testing

@testable import Resources

@Suite("package")
struct PackageTests {
    @Test(
        "what is no package name is refused",
        arguments: ["-y", "a b", "", "curl=", "curl=1*2", "$(x)", "curl;ls", ".hidden"])
    func refused(name: String) {
        #expect(mistakes(Package.self, ["name": .string(name)]).contains("is no package name"))
    }

    /// What Debian 12 says of curl, libc6 of two architectures, a removed package and a half-configured one.
    private let debian = fields(
        "apt",
        """
        installed\tcurl\tamd64\t7.88.1-10+deb12u5
        installed\tlibc6\tamd64\t2.36-9+deb12u7
        installed\tlibc6\ti386\t2.36-9+deb12u7
        config-files\tnano\tamd64\t7.2-1
        half-configured\tufw\tall\t0.36.2-1
        triggers-pending\tman-db\tamd64\t2.11.2-2
        provided installed\tawk
        provided installed\tmail-transport-agent, default-mta (= 1.0)
        """, "")

    @Test(
        "dpkg's words decide what is missing",
        arguments: [
            (["curl"], nil), (["curl", "man-db"], nil), (["libc6:i386"], nil), (["awk"], nil), (["default-mta"], nil),
            (["curl=7.88*"], nil), (["curl=7.88.1-10+deb12u5"], nil), (["nano"], "+ nano"), (["ufw", "curl"], "+ ufw"),
            (["curl=8.0"], "~ curl"), (["jq", "curl", "nano"], "+ jq nano"), (["libc6:arm64"], "+ libc6:arm64"),
        ] as [([String], String?)])
    func present(names: [String], change: String?) throws {
        let package = try resource(Package.self, ["name": .list(names.map { .string($0) })])
        let difference = package.difference(from: try Package.read(debian, of: [package])[0])
        #expect(summary(difference) == change)
    }

    @Test("only what is installed is removed, in one call")
    func absent() throws {
        let package = try resource(Package.self, ["name": ["curl", "nano", "man-db", "awk"], "state": "absent"])
        let difference = package.difference(from: try Package.read(debian, of: [package])[0])
        #expect(summary(difference) == "- curl man-db")
        #expect(script(difference).hasSuffix("\nplanned='curl man-db'\nact remove curl man-db"))
    }

    @Test("what apt says goes and comes with a package stands in the plan, and may not be more")
    func simulated() throws {
        let simulation = """
            0
            Inst libc6 [2.36-9] (2.36-10 Debian:12 [amd64]) []
            Inst jq (1.6-2.1 Debian:12 [amd64])
            Inst libjq1 (1.6-2.1 Debian:12 [amd64])
            Remv yq [3.1] [other:amd64 ]
            """
        let package = try resource(Package.self, "jq")
        let found = try Package.read(debian.dropLast() + fields(simulation), of: [package])[0]
        let difference = package.difference(from: found)
        #expect(
            details(difference) == [
                .note("removes yq 3.1, which stands in the way"), .note("installs with it libjq1 1.6-2.1"),
                .note("upgrades with it libc6 2.36-9 → 2.36-10"), .attribute("jq", from: nil, to: "installed"),
            ])
        #expect(script(difference).hasSuffix("\nplanned=yq\nact install jq"))
    }

    @Test(
        "what the system or kubani cannot do without stays, asked for or not",
        arguments: [
            (
                "curl", "0\nRemv curl [1]\nRemv openssh-server [1]",
                "would remove openssh-server, which must stay: it lets"
            ),
            ("curl", "0\nRemv curl [1]\nRemv mine [1]\nprotected mine", "mine, which must stay: the system"),
            ("curl", "0\nRemv curl [1]\nRemv fish [1]\nsession fish", "fish, which must stay: kubani's own session"),
            ("curl", "0\nRemv curl [1]\nprotected curl", "curl must stay"),
            ("curl", "100\nE: Held packages were changed", "apt would not remove it: Held packages"),
        ])
    func protected(name: String, simulation: String, cause: String) throws {
        let package = try resource(Package.self, ["name": .string(name), "state": "absent"])
        let found = try Package.read(debian.dropLast() + fields(simulation), of: [package])[0]
        guard case .fails(let said, _) = package.difference(from: found) else {
            Issue.record("\(package.difference(from: found))")
            return
        }
        #expect(said.contains(cause))
    }

    @Test("all that is missing is installed by one apt-get that waits for its lock")
    func install() throws {
        let package = try resource(Package.self, ["name": ["jq", "curl=8.0", "nano"], "update": true])
        let text = script(package.difference(from: try Package.read(debian, of: [package])[0]))
        #expect(text.hasSuffix("\nact install --no-remove --allow-downgrades jq 'curl=8.0' nano"))
        #expect(text.contains("DEBIAN_FRONTEND=noninteractive"))
        #expect(text.contains("DPkg::Lock::Timeout="))
        #expect(text.contains("-mmin -60"))
    }

    @Test("rpm's words decide on Fedora and RHEL, with and without epoch and release")
    func dnf() throws {
        let output = fields(
            "dnf",
            """
            installed\tcurl\tx86_64\t0:8.6.0-8.fc40
            package jq is not installed
            installed\tvim-enhanced\tx86_64\t2:9.1.113-1.fc40
            package mta is not installed
            provided\tmta
            """, "", "", "", "", "", "", "")
        let all = try [
            ["curl"], ["jq"], ["mta"], ["vim-enhanced=9.1.113-1.fc40"], ["curl=8.6*"], ["curl.x86_64"], ["curl=8.7"],
        ]
        .map { names in try resource(Package.self, ["name": .list(names.map { .string($0) })]) }
        let found = try Package.read(output, of: all)
        #expect(
            zip(all, found).map { summary($0.difference(from: $1)) } == [nil, "+ jq", nil, nil, nil, nil, "~ curl"])
        #expect(script(all[1].difference(from: found[1])).hasSuffix("act install jq"))
        #expect(script(all[6].difference(from: found[6])).contains("act downgrade curl-8.7"))
    }

    @Test("a node without a package manager, or with another one, is told")
    func none() throws {
        let package = try resource(Package.self, "curl")
        let difference = package.difference(from: try Package.read(fields("none", ""), of: [package])[0])
        guard case .fails("neither apt nor dnf is on the node", _) = difference else {
            Issue.record("\(difference)")
            return
        }
        let dnf = try resource(Package.self, ["name": "curl", "manager": "dnf"])
        guard case .fails("dnf is not on the node", _) = dnf.difference(from: try Package.read(debian, of: [dnf])[0])
        else {
            Issue.record("dnf on Debian")
            return
        }
        #expect(throws: Failure.self) { try Package.read(fields("pacman", ""), of: [package]) }
    }

    private func summary(_ difference: Difference) -> String? {
        guard case .change(let change) = difference else { return nil }
        let names = change.details.map { if case .attribute(let name, _, _) = $0 { name } else { "?" } }
        return ([String(change.action.rawValue)] + names).joined(separator: " ")
    }
}
