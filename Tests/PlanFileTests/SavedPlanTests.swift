import Model
import OrderedCollections
import PlanFile
import Report
import Testing

@Suite("saved plans")
struct SavedPlanTests {
    private let seal = Seal(key: Array(repeating: 7, count: 32))
    private let request = PlanRequest(
        inventory: "/site/hosts.yml", limit: "workers", tags: ["a,b"], skipTags: ["c"], roles: ["/site/roles"],
        extraVars: [.given("a=1"), .withheld(seal: "5ea1")], variables: ["upgrade_drain": false])

    private func task(_ name: String, _ verdict: Verdict, subject: String = "/etc/motd") -> PlannedTask {
        PlannedTask(
            id: TaskID(host: "n1", role: "files", position: 0, name: name), kind: "file", subject: subject,
            verdict: verdict)
    }

    private func saved(_ plan: Plan, _ seal: Seal? = nil) -> SavedPlan {
        SavedPlan(
            plan, of: request, by: "ann@laptop", created: "2026-11-24T10:15:00Z", program: "0.1.0",
            seal: seal ?? self.seal)
    }

    /// Every verdict and every kind of detail and step.
    private var whole: Plan {
        let write = Step.write(FileWrite(path: "/etc/motd", content: .bytes(Array("hunter2".utf8)), mode: 0o600))
        let change = Change(
            .update,
            details: [
                .note("left to be done"), .attribute("mode", from: "0644", to: nil),
                .attribute("password", from: nil, to: Shown("hunter2", isSensitive: true)),
                .text("content", from: "a\nb\n", to: "a\nc\n"),
                .text("key", from: "old hunter2", to: Shown("new hunter2", isSensitive: true)),
            ],
            steps: [
                write, .run("echo \("hunter2")", deadline: .seconds(5)), .reboot(deadline: .seconds(9)),
                .cluster(.apply(["kind": "Secret", "data": ["p": "hunter2"]])),
            ])
        let failure = Failure(.timedOut, host: "n1", deed: "look", cause: "why", detail: "said", hint: "do")
        return Plan(hosts: [
            HostPlan(
                name: "n1",
                tasks: [
                    task("changes", .change(change)), task("waits", .pending(because: "it", expected: change)),
                    task("waits too", .pending(because: "it", expected: nil)), task("is so", .unchanged("present")),
                    task("skipped", .skipped("when")), task("fails", .failed(failure)),
                    task("after", .blocked(by: "fails")), task("changes", .change(Change(.run, steps: [write]))),
                ]),
            HostPlan(name: "n2", unreachable: failure),
        ])
    }

    @Test("what is read is what was written, and shows as it did before")
    func roundTrip() throws {
        let plan = saved(whole)
        let read = try SavedPlan(reading: Array(plan.text.utf8), file: "a.plan")
        #expect(read.text == plan.text)
        #expect(read.request == request && read.key == seal.name)
        let text = PlanText(listsAll: true)
        #expect(text.render(read.plan) == text.render(whole))
        #expect(PlanDrift(of: read, now: whole, seal: seal).differences.isEmpty)
    }

    @Test("no secret, script or content is in it")
    func secrets() { #expect(!saved(whole).text.contains("hunter2")) }

    @Test("a file that lacks something is refused by the name of what it lacks")
    func incomplete() throws {
        for (given, becomes, what) in [
            ("\"created\" :", "\"made\" :", "'created'"), ("\"verdict\" : \"change\"", "\"verdict\" : 5", "'verdict'"),
            ("\"action\" : \"update\"", "\"action\" : \"melt\"", "'action'"), ("\"hosts\" :", "\"hots\" :", "'hosts'"),
        ] {
            let text = saved(whole).text.replacing(given, with: becomes, maxReplacements: 1)
            #expect {
                _ = try SavedPlan(reading: Array(text.utf8), file: "a.plan")
            } throws: {
                "\($0)".contains("a.plan is not a saved plan: \(what) is missing or of another type")
            }
        }
    }

    /// The plan of one task, once as it is and once as it has become.
    private func drift(_ a: Change, _ b: Change) -> Int {
        let now = Plan(hosts: [HostPlan(name: "n1", tasks: [task("t", .change(b))])])
        return PlanDrift(
            of: saved(Plan(hosts: [HostPlan(name: "n1", tasks: [task("t", .change(a))])])), now: now, seal: seal
        ).differences.count
    }

    @Test("a change of anything that would be done is noticed, shown or not")
    func noticed() {
        func write(_ text: String, mode: UInt16? = nil, owner: String? = nil) -> Change {
            Change(
                .update,
                steps: [.write(FileWrite(path: "/a", content: .bytes(Array(text.utf8)), mode: mode, owner: owner))])
        }
        func run(_ script: Script, _ seconds: Int = 5) -> Step { .run(script, deadline: .seconds(seconds)) }
        func hidden(_ text: String) -> Change {
            Change(.update, details: [.attribute("password", from: nil, to: Shown(text, isSensitive: true))], steps: [])
        }
        func apply(_ object: Value) -> Change { Change(.update, steps: [.cluster(.apply(object))]) }
        let pairs: [(Change, Change)] = [
            (write("one"), write("two")), (write("one"), write("one", mode: 0o600)),
            (write("one", owner: "a"), write("one", owner: "b")), (hidden("one"), hidden("two")),
            (Change(.run, steps: [run("a")]), Change(.run, steps: [run("b")])),
            (Change(.run, steps: [run("a"), run("b")]), Change(.run, steps: [run("b"), run("a")])),
            (Change(.run, steps: [run("a")]), Change(.run, steps: [run("a", 6)])),
            (Change(.run, steps: [run("a")]), Change(.run, steps: [])),
            (Change(.run, steps: []), Change(.update, steps: [])),
            (apply(["a": 1]), apply(["a": 2])), (apply(["a": 1]), apply(["a": "1"])),
            (apply(["a": 0]), apply(["a": false])),
            (apply(["a": .null]), apply([:])),
        ]
        for (a, b) in pairs {
            #expect(drift(a, a) == 0)
            #expect(drift(a, b) == 1, "\(a) \(b)")
        }
        // The order of an object's keys means nothing; where the laptop keeps a file, neither.
        #expect(drift(apply(["a": 1, "b": 2]), apply(["b": 2, "a": 1])) == 0)
        func local(_ path: String) -> Change {
            Change(.update, steps: [.write(FileWrite(path: "/a", content: .local(path: path, length: 1, sha256: "x")))])
        }
        #expect(drift(local("/cache/a"), local("/cache/b")) == 0)
    }

    @Test("tasks that came, went or changed, and hosts that came into or out of reach, are each told")
    func differences() {
        let failure = Failure(.unreachable, host: "n3", deed: "connect", cause: "no route")
        let change = Change(.create, steps: [])
        let before = Plan(hosts: [
            HostPlan(
                name: "n1",
                tasks: [
                    task("stays", .unchanged("a")), task("goes", .change(change)), task("is made so", .change(change)),
                ]),
            HostPlan(name: "n2", unreachable: failure), HostPlan(name: "n3"),
            HostPlan(name: "n4", unreachable: failure),
        ])
        let after = Plan(hosts: [
            HostPlan(
                name: "n1",
                tasks: [
                    task("comes", .change(change)), task("stays", .unchanged("b")), task("is made so", .unchanged("a")),
                ]),
            HostPlan(name: "n2"), HostPlan(name: "n3", unreachable: failure),
            HostPlan(name: "n4", unreachable: failure),
        ])
        let drift = PlanDrift(of: saved(before), now: after, seal: seal)
        #expect(
            DriftText(style: .plain).render(drift) == """
                n1 › files › comes
                  planned: no such task
                  now:
                    + comes  file /etc/motd
                n1 › files › is made so
                  planned:
                    + is made so  file /etc/motd
                  now:
                    = is made so  file /etc/motd
                        a
                n1 › files › goes
                  planned:
                    + goes  file /etc/motd
                  now: there is no such task
                n2: it was out of reach when the plan was made, and is not now
                n3: it is out of reach now: no route
                """)
    }

    @Test("another key gives other seals, and has another name")
    func keys() {
        let other = Seal(key: Array(repeating: 8, count: 32))
        #expect(other.name != seal.name && other.of(text: "a") != seal.of(text: "a"))
        #expect(!PlanDrift(of: saved(whole), now: whole, seal: other).differences.isEmpty)
    }
}
