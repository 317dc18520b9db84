import Model
import Report
import TestSupport
import Testing

@Suite struct ReportGoldenTests {
    @Test("a plan shows changes, what hangs on them, failures, and counts all")
    func plan() throws { try Golden.check(PlanText().render(SamplePlan.plan), "plan.txt") }

    @Test("-v lists unchanged and skipped tasks with how they were found")
    func fullPlan() throws { try Golden.check(PlanText(listsAll: true).render(SamplePlan.plan), "plan-v.txt") }

    @Test("on a terminal a plan is coloured")
    func colors() throws {
        try Golden.check(PlanText(style: Style(color: true)).render(SamplePlan.plan), "plan-color.txt")
    }

    @Test("a plan as JSON")
    func json() throws { try Golden.check(JSONText.pretty(PlanJSON.value(SamplePlan.plan)) + "\n", "plan.json") }

    @Test("the recap is a line a host")
    func recap() throws {
        try Golden.check(RecapText(showsRoundTrips: true).render(SamplePlan.recap), "recap.txt")
    }

    @Test("events as lines", arguments: 0...3)
    func events(verbosity: Int) throws {
        let lines = EventLines(verbosity: verbosity)
        try Golden.check(SamplePlan.events.map(lines.render).joined(), "events-\(verbosity).txt")
    }

    @Test("events as lines of JSON, each whole")
    func eventJSON() throws {
        let text = SamplePlan.events.enumerated().map { EventJSON.line($1, milliseconds: $0 * 10) }.joined()
        try Golden.check(text, "events.jsonl")
        #expect(text.split(separator: "\n").count == SamplePlan.events.count)
    }

    @Test("a secret is in no form of the plan")
    func secrets() {
        let forms = [
            PlanText(listsAll: true).render(SamplePlan.plan), JSONText.line(PlanJSON.value(SamplePlan.plan)),
            "\(SamplePlan.plan)", String(reflecting: SamplePlan.plan),
        ]
        for form in forms { #expect(!form.contains("hunter2")) }
        #expect(forms[0].contains("content: (sensitive)"))
    }
}

@Suite struct LiveDisplayTests {
    @Test("rows come with a host's work, are redrawn in place, and are gone at the end")
    func rows() {
        var display = LiveDisplay(lines: EventLines(), style: .plain, width: 60)
        let start = ContinuousClock.now
        #expect(display.receive(.connecting(host: "n1"), at: start) == "  n1  0.0 s  connecting\n")
        #expect(
            display.receive(.started(SamplePlan.config), at: start.advanced(by: .seconds(1)))
                == "\r\u{1B}[1A\u{1B}[J  n1  0.0 s  k3s-server › config.yaml\n")
        #expect(
            display.tick(at: start.advanced(by: .seconds(13)))
                == "\r\u{1B}[1A\u{1B}[J  n1  12 s  k3s-server › config.yaml\n")
        #expect(
            display.receive(.finished(SamplePlan.config, .changed(Change(.update, steps: []))), at: start)
                == "\r\u{1B}[1A\u{1B}[J~ n1 › k3s-server › config.yaml\n")
        #expect(display.clear() == "")
    }

    @Test("more hosts than lines are counted")
    func many() {
        var display = LiveDisplay(lines: EventLines(), style: .plain, width: 60, height: 5)
        var last = ""
        for i in 1...9 { last = display.receive(.connecting(host: "n\(i)"), at: .now) }
        #expect(last.split(separator: "\n").count == 4)
        #expect(last.contains("… and 6 more"))
    }

    @Test("a line never wraps")
    func width() {
        var display = LiveDisplay(lines: EventLines(), style: .plain, width: 20)
        let id = SamplePlan.id("n1", "role", 0, String(repeating: "x", count: 100))
        let line = display.receive(.started(id), at: .now)
        #expect(line.dropLast().count == 19)
    }
}
