import Applier
import Model
import Polling
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
///
/// A signal is answered by a thread that waits for nothing else, so that it ends the program whatever all others do.
final class Interrupts: Sendable {
    private let answer: Answer

    /// What a signal does: set once changes begin.
    private final class Answer: Sendable {
        let stop = Mutex<StopSignal?>(nil)
        let narrator: Narrator
        let lastWords: @Sendable () -> String

        init(_ narrator: Narrator, _ lastWords: @escaping @Sendable () -> String) {
            self.narrator = narrator
            self.lastWords = lastWords
        }

        func take() {
            guard let stop = stop.withLock({ $0 }) else { leave(lastWords) }
            if stop.set() {
                // The display may be waiting for its terminal: the next signal must be heard all the same.
                let narrator = narrator
                return startThread { narrator.tell(.stopping) }
            }
            leave {
                "Left at once: what was running ends on its node, unwatched. Run the same command again to go on."
            }
        }

        private func leave(_ word: () -> String) -> Never {
            // Nor does leaving wait for long to have its say.
            startThread {
                poll(nil, 0, 2000)
                _exit(ExitStatus.interrupted.rawValue)
            }
            narrator.leave(word())
            _exit(ExitStatus.interrupted.rawValue)
        }
    }

    /// - Parameter lastWords: what is said when the program ends before changes begin.
    init(
        _ narrator: Narrator, lastWords: @escaping @Sendable () -> String = { "Interrupted. Nothing was changed." }
    ) {
        let answer = Answer(narrator, lastWords)
        self.answer = answer
        var ends: [Int32] = [-1, -1]
        // Without a pipe the signals keep what they do by themselves: they end the program.
        guard pipe(&ends) == 0 else { return }
        for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        let hears = ends[0]
        bell.store(ends[1], ordering: .releasing)
        startThread {
            var byte: UInt8 = 0
            while true {
                let count = read(hears, &byte, 1)
                if count == 1 { answer.take() } else if count == 0 || errno != EINTR { break }
            }
            close(hears)
        }
        for number in [SIGINT, SIGTERM] { signal(number, ring) }
    }

    deinit {
        signal(SIGINT, SIG_DFL)
        signal(SIGTERM, SIG_DFL)
        let end = bell.exchange(-1, ordering: .acquiringAndReleasing)
        if end >= 0 { close(end) }
    }

    /// From here on there is something to bring to an end.
    func changesBegin(with stop: StopSignal) { answer.stop.withLock { $0 = stop } }
}

/// Where the handler writes to; -1 while nobody listens.
private let bell = Atomic<Int32>(-1)

/// The handler: it may do next to nothing, wherever it comes in between.
private func ring(_ number: Int32) {
    let saved = errno
    var byte: UInt8 = 1
    let end = bell.load(ordering: .acquiring)
    if end >= 0 { _ = write(end, &byte, 1) }
    errno = saved
}
