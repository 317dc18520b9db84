import Model
import Report
import Synchronization

/// Takes every event of a run in turn: to the journal, and to whoever watches, as text, as a live display or as JSON.
final class Narrator: Sendable {
    enum Form: Sendable { case text, live, json }

    private struct State: Sendable {
        var display: LiveDisplay
        var hasBegun = false
        /// Set while a question stands on the terminal; what is said meanwhile waits here.
        var held: String?
        /// What the run knows and nobody is to read, and which names tell a secret.
        var secrecy = Secrecy.none
        var names = SecretNames.usual
        /// How long people took to answer.
        var asking = Duration.zero
        /// Done when the journal is lost.
        var onLoss: (@Sendable () -> Void)?
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
                    lines: lines, style: console.errorStyle, width: console.size.width, height: console.size.height)))
    }

    /// How long the run has taken, without the time that questions took.
    var elapsed: Duration { ContinuousClock.now - start - state.withLock { $0.asking } }

    /// From now on this is kept from whoever watches, and from the journal.
    func keep(_ secrecy: Secrecy, by names: SecretNames? = nil) {
        state.withLock { state in
            state.secrecy.add(secrecy)
            if let names { state.names = names }
        }
    }

    /// The plan as it may be shown.
    func shown(_ plan: Plan) -> Plan { state.withLock { $0.secrecy }.shown(plan) }

    /// What is to be done where the journal cannot be written, now or from now on.
    func onJournalLoss(_ act: @escaping @Sendable () -> Void) {
        let isLost = state.withLock { state in
            state.onLoss = act
            return journal?.trouble != nil
        }
        if isLost { act() }
    }

    func tell(_ event: Event) {
        let time = elapsed.components
        let milliseconds = Int(time.seconds) * 1000 + Int(time.attoseconds / 1_000_000_000_000_000)
        // One event at a time: the lock keeps lines whole and in order.
        state.withLock { state in
            let event = state.secrecy.shown(event)
            if !state.hasBegun {
                state.hasBegun = true
                record(state.secrecy.shown(.began(Invocation.start(state.names))), 0, &state)
            }
            record(event, milliseconds, &state)
            switch form {
            case .json: break
            case .text: show(lines.render(event), &state)
            case .live:
                state.display.resize(width: console.size.width, height: console.size.height)
                if state.held == nil {
                    console.draw(state.display.receive(event, at: .now))
                } else {
                    state.display.note(event, at: .now)
                    show(lines.render(event), &state)
                }
            }
        }
    }

    private func record(_ event: Event, _ milliseconds: Int, _ state: inout State) {
        guard journal != nil || form == .json else { return }
        let line = EventJSON.line(event, milliseconds: milliseconds)
        if let trouble = journal?.append(event, line: line, milliseconds: milliseconds) {
            let warning = "warning: \(trouble)\n"
            if form == .live, state.held == nil { console.draw(state.display.erase()) }
            show(warning, &state)
            state.onLoss?()
        }
        if form == .json { console.print(line) }
    }

    private func show(_ text: String, _ state: inout State) {
        if state.held == nil { console.draw(text) } else { state.held? += text }
    }

    /// Asks a person something, with nothing drawn over the question.
    func asking<T>(_ question: () throws -> T) rethrows -> T {
        let began = ContinuousClock.now
        state.withLock { state in
            console.draw(state.display.erase())
            state.held = ""
        }
        defer {
            state.withLock { state in
                console.draw(state.held ?? "")
                state.held = nil
                state.asking += ContinuousClock.now - began
            }
        }
        return try question()
    }

    /// Last words before the program is left in the middle of things: the rows go, the terminal is as it was.
    func leave(_ word: String) {
        // Whoever holds the lock may be waiting for the terminal; leaving does not wait for them.
        let isAsking = state.withLockIfAvailable { state in
            console.draw(state.display.clear())
            return state.held != nil
        }
        console.restoreTerminal()
        console.complain((isAsking == true ? "\n" : "") + word)
    }

    /// Keeps the live display's times moving while the work is done.
    func during<T: Sendable>(_ work: () async throws -> T) async rethrows -> T {
        guard form == .live else { return try await work() }
        let ticking = Task { [self] in
            while !Task.isCancelled {
                try? await Task.sleep(for: .milliseconds(200))
                if Task.isCancelled { return }
                state.withLock { state in
                    guard state.held == nil else { return }
                    state.display.resize(width: console.size.width, height: console.size.height)
                    console.draw(state.display.tick(at: .now))
                }
            }
        }
        defer {
            ticking.cancel()
            state.withLock { console.draw($0.display.clear()) }
        }
        return try await work()
    }
}
