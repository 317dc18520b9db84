@preconcurrency import Dispatch
import Model
import Synchronization

/// What is to be transferred, and who takes it.
struct TransferOrder: Sendable {
    let id: UInt64
    let request: HTTPRequest
    let sink: any BodySink
    let begun = ContinuousClock.now
}

/// The client's one thread. All of libcurl's handles are made, used and freed on it; other threads leave word and wake it.
final class TransferLoop: Sendable {
    enum Word: Sendable {
        case begin(TransferOrder)
        case cancel(UInt64)
        /// A paused one is to go on.
        case resume(UInt64)
        case stop
    }

    /// Words not yet heard.
    final class Inbox: Sendable {
        private let words = Mutex<[Word]>([])

        func put(_ word: Word) { words.withLock { $0.append(word) } }

        func take() -> [Word] {
            words.withLock { words in
                defer { words = [] }
                return words
            }
        }
    }

    private let inbox = Inbox()
    private let multi = MultiHandle()
    private let lastID = Atomic<UInt64>(0)

    init() {
        // A queue's block has a thread to itself for as long as it runs; `stop` ends it.
        DispatchQueue(label: "kubani.http").async { [inbox, multi] in
            TransferThread(inbox: inbox, multi: multi).run()
        }
    }

    deinit { tell(.stop) }

    func nextID() -> UInt64 { lastID.add(1, ordering: .relaxed).newValue }

    func begin(_ order: TransferOrder) { tell(.begin(order)) }

    /// One that is over, or was never begun, is left alone.
    func cancel(_ id: UInt64) { tell(.cancel(id)) }

    func resume(_ id: UInt64) { tell(.resume(id)) }

    private func tell(_ word: Word) {
        inbox.put(word)
        multi.wake()
    }
}
