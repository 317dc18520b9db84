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

    /// What a handler has been given is kept up to this length in each stream: head and tail.
    static let keptHead = 1 << 18
    static let keptTail = 1 << 20
    /// What a look may say in each stream, which counts only whole.
    static let longestLook = 256 << 20
    private static let mostNotes = 20

    /// What is left to be answered, the next one last.
    private var requests: [Request]
    private let all: [Int: Request]
    /// The streams go ahead of one another: while one still ends an answer, the other may have begun the next.
    private var inside: [OutputStream: Int] = [:]
    private var parts: [Int: Part] = [:]
    private struct Part: Sendable {
        var status: Int32 = -1
        var notes: [String] = []
        var output: [OutputStream: KeptOutput] = [:]
        var ended: Set<OutputStream> = []
    }
    /// The request that said more than anybody takes.
    private(set) var flooded: Request?
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
            append(bytes, to: stream, of: id)
        case .note(let text):
            guard let id = inside[stream] else { return false }
            guard parts[id]?.notes.count ?? 0 < Self.mostNotes else { return false }
            parts[id, default: Part()].notes.append(
                "process \(text), left running by a command, still holds the output")
        case .ended(let id, let status) where inside[stream] == id:
            inside[stream] = nil
            parts[id, default: Part()].ended.insert(stream)
            parts[id]?.status = status
            guard let request = requests.last, request.id == id, let part = parts[id], part.ended.count == 2 else {
                return false
            }
            finish(request, part, elapsed: elapsed)
            return true
        default: break
        }
        return false
    }

    private mutating func append(_ bytes: [UInt8], to stream: OutputStream, of id: Int) {
        let isWhole = !isHandled || all[id]?.isAhead == true
        let new =
            isWhole
            ? KeptOutput(head: Self.longestLook, tail: 0) : KeptOutput(head: Self.keptHead, tail: Self.keptTail)
        parts[id, default: Part()].output[stream, default: new].append(bytes[...])
        if isWhole, parts[id]?.output[stream]?.omitted != 0 { flooded = all[id] }
    }

    private mutating func finish(_ request: Request, _ part: Part, elapsed: Duration) {
        parts[request.id] = nil
        var outcome = Outcome(
            status: part.status, stdout: part.output[.stdout]?.bytes ?? [], stderr: part.output[.stderr]?.bytes ?? [])
        outcome.notes = part.notes
        for (stream, output) in part.output.sorted(by: { $0.key.rawValue < $1.key.rawValue }) where output.omitted > 0 {
            outcome.notes.append("of its \(stream.rawValue), \(output.omitted) of \(output.count) bytes are left out")
        }
        // timeout says 137 where TERM did not help and KILL did.
        if request.isScript, outcome.status == 137, elapsed >= request.deadline { outcome.status = 124 }
        if request.step == nil { lock = outcome } else { outcomes.append(outcome) }
        if outcome.succeeded { requests.removeLast() } else { requests = [] }
    }
}
