import Model

/// The answers to one chain of steps, as they come in. A value without I/O.
struct Exchange: Sendable {
    /// One request of the chain.
    struct Request: Sendable, Hashable {
        var id: Int
        /// The step's index; nil for the lock.
        var step: Int?
        var deadline: Duration
        var isScript: Bool
        /// Whether it is a look for whoever comes later, that may stay unanswered.
        var isAhead = false
    }

    /// What a handler has been given is kept up to this length in each stream, its end.
    static let keptForHandler = 1 << 20

    /// What is left to be answered, the next one last.
    private var requests: [Request]
    private let all: [Int: Request]
    /// The streams go ahead of one another: while one still ends an answer, the other may have begun the next.
    private var inside: [OutputStream: Int] = [:]
    private var parts: [Int: Part] = [:]
    private struct Part: Sendable {
        var outcome = Outcome(status: -1)
        var ended: Set<OutputStream> = []
    }
    private let isHandled: Bool
    private(set) var outcomes: [Outcome] = []
    /// What the lock's answer was, where one was asked for.
    private(set) var lock: Outcome?

    init(_ requests: [Request], isHandled: Bool) {
        self.requests = requests.reversed()
        all = Dictionary(uniqueKeysWithValues: requests.map { ($0.id, $0) })
        self.isHandled = isHandled
    }

    /// The request that is being answered, or that is to be answered next; nil when all is said.
    var awaited: Request? { requests.last }

    /// The step whose output this stream gives now.
    func step(of stream: OutputStream) -> Int? { inside[stream].flatMap { all[$0]?.step } }

    /// - Returns: true when the event ends an answer.
    mutating func take(_ event: AnswerReader.Event, from stream: OutputStream, elapsed: Duration) -> Bool {
        switch event {
        case .began(let id) where all[id] != nil:
            inside[stream] = id
        case .output(let bytes):
            // Output of a request that is not of this chain belongs to nobody.
            guard let id = inside[stream] else { return false }
            append(bytes, to: stream == .stdout ? \.stdout : \.stderr, of: id)
        case .note(let text):
            guard let id = inside[stream] else { return false }
            parts[id, default: Part()].outcome.notes.append(
                "process \(text), left running by a command, still holds the output")
        case .ended(let id, let status) where inside[stream] == id:
            inside[stream] = nil
            parts[id, default: Part()].ended.insert(stream)
            parts[id]?.outcome.status = status
            guard let request = requests.last, request.id == id, let part = parts[id], part.ended.count == 2 else {
                return false
            }
            finish(request, part.outcome, elapsed: elapsed)
            return true
        default: break
        }
        return false
    }

    private mutating func append(_ bytes: [UInt8], to stream: WritableKeyPath<Outcome, [UInt8]>, of id: Int) {
        parts[id, default: Part()].outcome[keyPath: stream] += bytes
        if isHandled, all[id]?.isAhead != true, let count = parts[id]?.outcome[keyPath: stream].count,
            count > 2 * Self.keptForHandler
        {
            parts[id]?.outcome[keyPath: stream].removeFirst(count - Self.keptForHandler)
        }
    }

    private mutating func finish(_ request: Request, _ answer: Outcome, elapsed: Duration) {
        parts[request.id] = nil
        var outcome = answer
        // timeout says 137 where TERM did not help and KILL did.
        if request.isScript, outcome.status == 137, elapsed >= request.deadline { outcome.status = 124 }
        if request.step == nil { lock = outcome } else { outcomes.append(outcome) }
        if outcome.succeeded { requests.removeLast() } else { requests = [] }
    }
}
