import Model
import TestSupport
import Testing

@testable import Resources

@Suite("command")
struct CommandTests {
    @Test(
        "fields that do not go together are refused",
        arguments: [
            (["script": "x", "creates": "/a", "unless": "true"] as Value, "only one of"),
            (["script": "x", "environment": ["A-B": "1"]], "'A-B' cannot name a variable"),
            (["script": "x", "user": "-c"], "is no user name"),
            (["creates": "/a"], "'script' is missing"),
        ] as [(Value, String)])
    func refused(value: Value, message: String) {
        #expect(mistakes(Command.self, value).contains(message))
    }

    @Test("a command without a way to tell beforehand is for handlers only")
    func handlersOnly() throws {
        #expect(try !resource(Command.self, "true").canTellBeforehand)
        #expect(try resource(Command.self, ["script": "true", "creates": "/a"]).canTellBeforehand)
        #expect(try resource(Command.self, "systemctl restart x").whenNotified?.action == .run)
    }

    @Test("each shell tells apart what is needed, what is not and what is unclear", arguments: shells)
    func looks(shell: [String]) async throws {
        guard try await Program.run("sh", ["-c", "command -v \(shell[0])"]).status == 0 else { return }
        let found = try await look(
            [
                resource(Command.self, ["script": "x", "creates": "/etc"]),
                resource(Command.self, ["script": "x", "creates": "/no/such"]),
                resource(Command.self, ["script": "x", "unless": "exit 7"]),
                resource(
                    Command.self, ["script": "x", "check": "echo to stderr >&2; echo 'old'; echo 'lines'; false"]),
                resource(Command.self, ["script": "x", "check": "if then ( \" '"]),
                resource(Command.self, ["script": "x", "check": "cat; printf 'a\\0b'; exit 0"]),
                resource(
                    Command.self, ["script": "x", "check": "test \"$A\" = \"it's ü\"", "environment": ["A": "it's ü"]]),
                resource(Command.self, ["script": "x", "check": "pwd; exit 1", "chdir": "/usr"]),
                resource(Command.self, ["script": "x", "check": "pwd; exit 0", "chdir": "/no/such"]),
                resource(Command.self, ["script": "x", "check": "echo only stderr >&2; exit 1"]),
            ], by: shell)
        #expect(found[0] == .nothingToDo("/etc is there"))
        #expect(found[1] == .needed("/no/such is not there"))
        #expect(found[2] == .needed("its 'unless' exits with 7"))
        #expect(found[3] == .needed("old\nlines"))
        guard case .needed = found[4] else { throw Failure(deed: "test", cause: "\(found[4])") }
        #expect(found[5] == .nothingToDo("its check is content"))
        #expect(found[6] == .nothingToDo("its check is content"))
        #expect(found[7] == .needed("/usr"))
        #expect(found[8] == .needed("no directory to go to"))
        #expect(found[9] == .needed("only stderr"))
    }

    @Test("a check that does not end is a failure, not a reason to run")
    func unclear() throws {
        let command = try resource(Command.self, ["script": "x", "check": "sleep 100"])
        let found = try Command.read(fields("124", "", ""), of: [command])[0]
        guard case .fails(let cause, _) = command.difference(from: found) else {
            Issue.record("\(found)")
            return
        }
        #expect(cause == "its check did not end within 30 s")
    }

    @Test("a secret shows neither in the subject, nor in the details, nor in any process's arguments")
    func secrets() async throws {
        let secret = Value.string("hunter2").sensitive()
        let command = try resource(
            Command.self,
            [
                "script": "x", "check": "echo $A; ps -eo args | grep -c '[h]unter2'; exit 1",
                "environment": ["A": secret],
            ])
        #expect(command.subject == "(sensitive)")
        #expect(
            details(command.difference(from: try Command.read(fields("1", "hunter2", ""), of: [command])[0])) == [
                .note("(sensitive)")
            ])
        // The probe itself comes by standard input, as the node's driver has it.
        let ran = try await Program.run("sh", [], stdin: Command.probe([command]).text)
        #expect(ran.stdout.contains("hunter2\n0"), "\(ran)")
    }

    @Test("an answer that breaks off, goes on or is no answer is a failure")
    func garbled() throws {
        let command = try resource(Command.self, ["script": "x", "creates": "/a"])
        for output in [[], Array("1".utf8), fields("1", "", "", ""), fields("one", "", "")] {
            #expect(throws: Failure.self) { try Command.read(output, of: [command]) }
        }
    }

    @Test("the subject is the first line that says something")
    func subject() throws {
        #expect(try resource(Command.self, "set -e\n# why\n  update-grub\nreboot").subject == "update-grub")
    }
}

@Suite("assert")
struct AssertTests {
    private func condition(_ text: Value, _ holds: Bool) -> Value { ["text": text, "holds": .bool(holds)] }

    @Test("conditions and checks give nothing, a failure or a warning")
    func outcomes() async throws {
        let asserts = [
            try resource(Assert.self, ["that": [condition("a", true), condition("b > 2", false)]]),
            try resource(Assert.self, ["that": condition("a", true)]),
            try resource(
                Assert.self,
                ["that": condition("c", false), "message": "no c", "hint": "get one", "severity": "warning"]),
            try resource(Assert.self, ["check": "echo it is bad; false", "hint": "mend it"]),
            try resource(Assert.self, ["check": "true"]),
        ]
        let found = try await look(asserts, by: ["sh", "-c"])
        let differences = zip(asserts, found).map { $0.difference(from: $1) }
        #expect(
            differences == [
                .fails(cause: "b > 2 does not hold", hint: nil), .none("holds"), .warns("no c (get one)"),
                .fails(cause: "it is bad", hint: "mend it"), .none("holds"),
            ])
    }

    @Test("an assert of nothing is refused")
    func empty() { #expect(mistakes(Assert.self, ["message": "x"]).contains("'that' or 'check' is needed")) }
}
