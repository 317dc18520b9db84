import Model
import TestSupport
import Testing

@testable import Resources

@Suite("reboot")
struct RebootTests {
    @Test("two reasons at once are refused, and none is for handlers only")
    func reasons() throws {
        #expect(mistakes(Reboot.self, ["when_exists": "/run/a", "check": "true"]).contains("only one of"))
        #expect(mistakes(Reboot.self, ["when_exists": "run/a"]).contains("when_exists"))
        #expect(try !resource(Reboot.self, ["timeout": "1m"]).canTellBeforehand)
        #expect(try resource(Reboot.self, "/run/reboot-required").canTellBeforehand)
        #expect(try resource(Reboot.self, ["check": "true"]).canTellBeforehand)
    }

    @Test("each shell tells whether a reboot is due, and why", arguments: shells)
    func looks(shell: [String]) async throws {
        guard try await Program.run("sh", ["-c", "command -v \(shell[0])"]).status == 0 else { return }
        let found = try await look(
            [
                resource(Reboot.self, "/etc/passwd"),
                resource(Reboot.self, "/no/such it's"),
                resource(Reboot.self, ["check": "true"]),
                resource(Reboot.self, ["check": "echo the kernel is old; exit 3"]),
                resource(Reboot.self, ["check": "exit 3"]),
            ], by: shell)
        #expect(
            found == [
                .due("/etc/passwd is there"), .nothingToDo("/no/such it's is not there"),
                .nothingToDo("its check is content"), .due("the kernel is old"), .due("its check exits with 3"),
            ])
    }

    @Test("the change says why, and waits as long as it is told: ten minutes, or its timeout")
    func change() throws {
        let kind = try resource(Reboot.self, "/run/reboot-required")
        let difference = kind.difference(from: .due("/run/reboot-required is there"))
        #expect(details(difference) == [.note("boot id changes"), .note("/run/reboot-required is there")])
        guard case .change(let change) = difference else { return }
        #expect(change.steps == [.reboot(deadline: .seconds(600))])
        #expect(change.action == .run)
        #expect(isSettled(kind.difference(from: .nothingToDo("it is not there"))))
        #expect(
            try resource(Reboot.self, ["timeout": "90s"]).whenNotified
                == Change(.run, details: [.note("boot id changes")], steps: [.reboot(deadline: .seconds(90))]))
    }

    @Test("a check that does not end is a failure, not a reason to reboot")
    func unclear() throws {
        let kind = try resource(Reboot.self, ["check": "sleep 100"])
        let found = try Reboot.read(fields("124", "", ""), of: [kind])[0]
        guard case .fails(let cause, _) = kind.difference(from: found) else {
            Issue.record("\(found)")
            return
        }
        #expect(cause == "its check did not end within 30 s")
    }

    @Test("anything may be otherwise after it; packages and its own path may bring it about")
    func effects() throws {
        let kind = try resource(Reboot.self, "/run/reboot-required")
        #expect(kind.touches == [.everything])
        let causes = kind.dependsOn(.nothingToDo(""))
        #expect(causes.contains { $0.overlaps(.package("linux-image-amd64")) })
        #expect(causes.contains { $0.overlaps(.path("/run/reboot-required")) })
        #expect(!causes.contains { $0.overlaps(.path("/etc/hosts")) })
        #expect(try resource(Reboot.self, ["check": "true"]).dependsOn(.nothingToDo("")) == [.everything])
    }

    @Test("a secret in its check is not shown")
    func secrets() throws {
        let kind = try resource(Reboot.self, ["check": Value.string("echo hunter2; false").sensitive()])
        let found = try Reboot.read(fields("1", "hunter2", ""), of: [kind])[0]
        #expect(found == .due("(sensitive)"))
    }
}
