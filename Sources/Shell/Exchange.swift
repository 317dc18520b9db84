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
    }

    /// What a handler has been given is kept up to this length in each stream, its end.
    static let keptForHandler = 1 << 20

    private var requests: [Request]
    private var current: Outcome?
    private var ended: (stdout: Bool, stderr: Bool) = (false, false)
    private var inside: (stdout: Bool, stderr: Bool) = (false, false)
    private let isHandled: Bool
    private(set) var outcomes: [Outcome] = []
    /// What the lock's answer was, where one was asked for.
    private(set) var lock: Outcome?

    init(_ requests: [Request], isHandled: Bool) {
        self.requests = requests.reversed()
        self.isHandled = isHandled
    }

    /// The request that is being answered, or that is to be answered next; nil when all is said.
    var awaited: Request? { requests.last }

    /// - Returns: true when the event ends an answer.
    mutating func take(_ event: AnswerReader.Event, from stream: OutputStream, elapsed: Duration) -> Bool {
        guard let request = requests.last else { return false }
        switch event {
        case .began(request.id):
            if current == nil { current = Outcome(status: -1) }
            if stream == .stdout { inside.stdout = true } else { inside.stderr = true }
        case .output(let bytes):
            // Output of an older answer that is still on its way after a lost deadline belongs to nobody.
            guard stream == .stdout ? inside.stdout : inside.stderr else { return false }
            if stream == .stdout { append(bytes, to: \.stdout) } else { append(bytes, to: \.stderr) }
        case .note(let text):
            current?.notes.append("process \(text), left running by a command, still holds the output")
        case .ended(request.id, let status):
            if stream == .stdout { ended.stdout = true } else { ended.stderr = true }
            current?.status = status
            guard ended == (true, true) else { return false }
            finish(request, elapsed: elapsed)
            return true
        default: break
        }
        return false
    }

    private mutating func append(_ bytes: [UInt8], to stream: WritableKeyPath<Outcome, [UInt8]>) {
        current?[keyPath: stream] += bytes
        if isHandled, let count = current?[keyPath: stream].count, count > 2 * Self.keptForHandler {
            current?[keyPath: stream].removeFirst(count - Self.keptForHandler)
        }
    }

    private mutating func finish(_ request: Request, elapsed: Duration) {
        var outcome = current ?? Outcome(status: -1)
        // timeout says 137 where TERM did not help and KILL did.
        if request.isScript, outcome.status == 137, elapsed >= request.deadline { outcome.status = 124 }
        if request.step == nil { lock = outcome } else { outcomes.append(outcome) }
        (current, ended, inside) = (nil, (false, false), (false, false))
        if outcome.succeeded { requests.removeLast() } else { requests = [] }
    }
}
