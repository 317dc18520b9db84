/// What the work gives, or nil when the moment has come first. The work is then cancelled and not waited for: a process
/// whose children keep its output open has no end of its own.
package func withinDeadline<T: Sendable>(
    _ deadline: ContinuousClock.Instant, _ work: @escaping @Sendable () async -> T?
) async -> T? {
    let (answers, answer) = AsyncStream<T?>.makeStream()
    let working = Task {
        answer.yield(await work())
        answer.finish()
    }
    let waiting = Task {
        _ = await EventLoop.shared.park(until: deadline) { _ in }
        answer.finish()
    }
    defer {
        working.cancel()
        waiting.cancel()
    }
    var first = answers.makeAsyncIterator()
    return await first.next() ?? nil
}
