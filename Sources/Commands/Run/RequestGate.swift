/// Requests go in side by side; who wants to be alone waits until all have left, and nobody enters meanwhile. Belongs to
/// one actor, which guards it.
struct RequestGate {
    private var inside = 0
    private var isClosed = false
    private var waiting: [CheckedContinuation<Void, Never>] = []

    mutating func enter() -> Bool {
        if isClosed { return false }
        inside += 1
        return true
    }

    mutating func leave() {
        inside -= 1
        wake()
    }

    /// Nobody enters any more; whoever is inside may still have to leave.
    mutating func close() -> Bool {
        if isClosed { return false }
        isClosed = true
        return true
    }

    var isEmpty: Bool { inside == 0 }

    mutating func reopen() {
        isClosed = false
        wake()
    }

    /// To try again after every change.
    mutating func wait(_ continuation: CheckedContinuation<Void, Never>) { waiting.append(continuation) }

    private mutating func wake() {
        let all = waiting
        waiting = []
        for continuation in all { continuation.resume() }
    }
}
