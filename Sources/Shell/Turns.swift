/// Lets one caller in at a time, in the order they came. Belongs to one actor, which guards it.
struct Turns {
    private var isTaken = false
    private var waiting: [(id: Int, continuation: CheckedContinuation<Bool, Never>)] = []
    private var cancelled: Set<Int> = []
    private var lastID = 0

    mutating func ticket() -> Int {
        lastID += 1
        return lastID
    }

    /// Resumes with true when it is the caller's turn, with false when the caller was cancelled while it waited.
    mutating func join(_ id: Int, _ continuation: CheckedContinuation<Bool, Never>) {
        if cancelled.remove(id) != nil {
            continuation.resume(returning: false)
        } else if isTaken {
            waiting.append((id, continuation))
        } else {
            isTaken = true
            continuation.resume(returning: true)
        }
    }

    mutating func leave() {
        if waiting.isEmpty { isTaken = false } else { waiting.removeFirst().continuation.resume(returning: true) }
    }

    /// - Parameter id: a ticket that may be waiting, or not yet, or no more.
    mutating func cancel(_ id: Int, isStillWanted: Bool) {
        if let index = waiting.firstIndex(where: { $0.id == id }) {
            waiting.remove(at: index).continuation.resume(returning: false)
        } else if isStillWanted {
            cancelled.insert(id)
        }
    }
}
