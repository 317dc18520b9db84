import Model
import Testing

@Suite struct SecrecyTests {
    private let secrecy = Secrecy(
        of: ["path": Value(.string("/srv//hunter2/"), isSensitive: true), "plain": "visible"], isSensitive: true)

    @Test("a task's words carry the secrecy of its values, as kinds write them")
    func texts() {
        #expect(secrecy.shown("/srv/hunter2") == "(sensitive)")
        #expect(secrecy.shown("could not write /srv/hunter2: visible") == "could not write (sensitive): visible")
        let name = Secrecy(of: Value(.string("Web-Hunter2"), isSensitive: true), isSensitive: true)
        #expect(name.shown("web-hunter2.service") == "(sensitive).service")
    }

    @Test("what is replaced is as secret as what replaces it, and the other way round")
    func pairs() {
        let change = Change(
            .update,
            details: [
                .attribute("comment", from: "old", to: Shown("new", isSensitive: true)),
                .text("a", from: "K3S_TOKEN=hunter2\nA=b\n", to: "A=b\n"), .text("b", from: "x\n", to: "y\n"),
                .attribute("path", from: "/srv/hunter2", to: "/srv"), .note("once /srv/hunter2"),
                .text("c", from: "https://u:old@h/\n", to: "https://u:new@h/\n"),
                .text("d", from: "https://u:same@h/\n", to: "https://u:same@i/\n"),
            ], steps: [])
        let shown = secrecy.shown(change).details
        for (index, isSecret) in [true, true, false, true, false, true, false].enumerated() {
            switch shown[index] {
            case .attribute(_, let from, let to), .text(_, let from, let to):
                #expect(from?.isSensitive == isSecret && to?.isSensitive == isSecret, "\(index)")
            default: #expect(!isSecret)
            }
        }
        #expect(!"\(shown)".contains("hunter2") && !"\(shown)".contains("u:same"))
        #expect(shown[4] == .note("once (sensitive)"))
    }

    @Test("of a run, what is short is not looked for in every word")
    func run() {
        let run = Secrecy.ofRun([
            (["a_token": "abc", "b_token": "hunter2", "url": "https://u:opensesame@h/"] as Value).named(""),
            Value(.string("{{ template }}"), isSensitive: true), Value(.string("password"), isSensitive: true),
        ])
        #expect(
            run.shown("abc hunter2 opensesame {{ template }} the password")
                == "abc (sensitive) (sensitive) {{ template }} the password")
    }

    @Test("every event is gone through")
    func events() {
        let run = Secrecy.ofRun([Value(.string("hunter2"), isSensitive: true)])
        let id = TaskID(host: "n1", role: "r", position: 0, name: "make hunter2")
        let failure = Failure(deed: "hunter2", cause: "hunter2", detail: "hunter2", hint: "hunter2")
        let change = Change(.run, details: [.note("hunter2")], steps: [])
        let plan = Plan(hosts: [
            HostPlan(
                name: "n1", unreachable: failure,
                tasks: [
                    .change(change), .pending(because: "hunter2", expected: change), .unchanged("hunter2"),
                    .skipped("hunter2"), .failed(failure), .blocked(by: "hunter2"),
                ].map { PlannedTask(id: id, kind: "k", subject: "hunter2", verdict: $0, warning: "hunter2") })
        ])
        let start = RunStart(command: "kubani hunter2", by: "a", time: "t", program: "0")
        for event: Event in [
            .began(start), .unreachable(host: "n1", failure), .planned(plan), .started(id), .command(id, "hunter2"),
            .output(id, .stderr, "hunter2"), .retrying(id, attempt: 1, failure), .finished(id, .changed(change)),
            .finished(id, .failed(failure)), .finished(id, .ignored(failure)), .finished(id, .unchanged("hunter2")),
            .finished(id, .skipped("hunter2")), .finished(id, .blocked(by: "hunter2")),
        ] { #expect(!"\(run.shown(event))".contains("hunter2"), "\(event)") }
    }
}
