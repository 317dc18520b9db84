import Model
import Report
import Synchronization

/// Takes every event of a run in turn: to the journal, and to whoever watches, as text, as a live display or as JSON.
final class Narrator: Sendable {
    enum Form: Sendable { case text, live, json }

    private struct State: Sendable {
        var display: LiveDisplay
        var isTicking = false
    }

    private let console: Console
    private let form: Form
    private let lines: EventLines
    private let journal: Journal?
    private let start = ContinuousClock.now
    private let state: Mutex<State>

    init(console: Console, verbosity: Int, json: Bool, journal: Journal?) {
        self.console = console
        self.journal = journal
        form = json ? .json : console.isInteractive ? .live : .text
        lines = EventLines(style: console.errorStyle, verbosity: verbosity)
        state = Mutex(
            State(
                display: LiveDisplay(
                    lines: lines, style: console.errorStyle, width: console.width, height: console.height)))
    }

    var elapsed: Duration { ContinuousClock.now - start }

    func tell(_ event: Event) {
        let time = elapsed.components
        let milliseconds = Int(time.seconds) * 1000 + Int(time.attoseconds / 1_000_000_000_000_000)
        // One event at a time: the lock keeps lines whole and in order.
        state.withLock { state in
            if journal != nil || form == .json {
                let line = EventJSON.line(event, milliseconds: milliseconds)
                journal?.append(line)
                if form == .json { console.print(line) }
            }
            switch form {
            case .json: break
            case .text: console.draw(lines.render(event))
            case .live: console.draw(state.display.receive(event, at: .now))
            }
        }
    }

    /// Keeps the live display's times moving while the work is done.
    func during<T: Sendable>(_ work: () async throws -> T) async rethrows -> T {
        guard form == .live else { return try await work() }
        let ticking = Task { [self] in
            while !Task.isCancelled {
                try? await Task.sleep(for: .milliseconds(200))
                if Task.isCancelled { return }
                state.withLock { console.draw($0.display.tick(at: .now)) }
            }
        }
        defer {
            ticking.cancel()
            state.withLock { console.draw($0.display.clear()) }
        }
        return try await work()
    }
}
