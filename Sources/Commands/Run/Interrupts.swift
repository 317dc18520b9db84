import Applier
@preconcurrency import Dispatch
import Model
import Synchronization

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// Ctrl-C and SIGTERM. As long as nothing is changed they end the program; from then on the first asks to stop, and the
/// second leaves at once. Either way the terminal is left as it was.
final class Interrupts: Sendable {
    private let sources: [any DispatchSourceSignal]
    private let answer: Answer

    /// What a signal does: set once changes begin.
    private final class Answer: Sendable {
        let stop = Mutex<StopSignal?>(nil)
    }

    /// - Parameter lastWords: what is said when the program ends before changes begin.
    init(
        _ narrator: Narrator, lastWords: @escaping @Sendable () -> String = { "Interrupted. Nothing was changed." }
    ) {
        let answer = Answer()
        let queue = DispatchQueue(label: "kubani.interrupts")
        sources = [SIGINT, SIGTERM].map { number in
            signal(number, SIG_IGN)
            let source = DispatchSource.makeSignalSource(signal: number, queue: queue)
            source.setEventHandler {
                guard let stop = answer.stop.withLock({ $0 }) else {
                    Self.leave(narrator, lastWords())
                }
                if stop.set() { return narrator.tell(.stopping) }
                Self.leave(
                    narrator,
                    "Left at once: what was running ends on its node, unwatched. Run the same command again to go on.")
            }
            source.resume()
            return source
        }
        self.answer = answer
    }

    deinit {
        for source in sources { source.cancel() }
        signal(SIGINT, SIG_DFL)
        signal(SIGTERM, SIG_DFL)
    }

    /// From here on there is something to bring to an end.
    func changesBegin(with stop: StopSignal) { answer.stop.withLock { $0 = stop } }

    private static func leave(_ narrator: Narrator, _ word: String) -> Never {
        narrator.leave(word)
        _exit(ExitStatus.interrupted.rawValue)
    }
}
