import Model

/// A run's log: every event as `-vvv` shows it, with the time since the run began before each line.
public enum LogText {
    private static let events = EventLines(style: .plain, verbosity: 3)
    private static let plans = PlanText(style: .plain, listsAll: true)
    private static let recaps = RecapText(style: .plain, showsRoundTrips: true)

    /// - Returns: whole lines; empty for an event that has nothing to say.
    public static func lines(of event: Event, milliseconds: Int) -> String {
        let text =
            switch event {
            case .began(let start):
                "\(start.command)\nby \(start.by) at \(start.time), kubani \(start.program)\n".printable
            case .planned(let plan): plans.render(plan)
            case .ended(let recap): recaps.render(recap)
            default: events.render(event)
            }
        let thousandths = String(milliseconds % 1000)
        let seconds = "\(milliseconds / 1000).\(String(repeating: "0", count: 3 - thousandths.count))\(thousandths)"
        let time = String(repeating: " ", count: max(0, 9 - seconds.count)) + seconds
        return text.split(separator: "\n").map { "\(time)  \($0)\n" }.joined()
    }
}
