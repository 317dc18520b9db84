import HTTP
import Model

extension ClusterClient {
    /// Waits until an object is as it should be, however often the API goes away meanwhile.
    ///
    /// - Parameter tell: what is there instead, whenever that changes.
    /// - Returns: how the goal was met.
    /// - Throws: `timedOut` with what was last seen.
    @discardableResult
    public func wait(
        for goal: ClusterGoal, timeout: Duration, tell: @Sendable (String) -> Void = { _ in }
    ) async throws(Failure) -> String {
        let deadline = ContinuousClock.now + timeout
        let (collection, name) = Self.place(of: goal.path)
        let watch = watch(collection, [("fieldSelector", "metadata.name=\(name)")], for: timeout)
        var iterator = watch.makeAsyncIterator()
        var seen = "the API was not reached"
        while ContinuousClock.now < deadline {
            do throws(Failure) {
                guard let event = try await iterator.next() else { break }
                switch goal.look(at: Self.object(after: event)) {
                case .met(let how): return how
                case .notYet(let now) where now != seen:
                    seen = now
                    tell(now)
                case .notYet: break
                }
            } catch {
                // The kind itself may be on its way: a CustomResourceDefinition that is being established.
                guard iterator.lacksKind else { throw error }
                if case .met(let how) = goal.look(at: nil) { return how }
                seen = "the API does not know its kind yet"
                try await pause(deadline)
                iterator = watch.makeAsyncIterator()
            }
        }
        throw Failure(.timedOut, deed: "wait for \(goal.path)", cause: "after \(timeout.seconds) s: \(seen)")
    }

    private func pause(_ deadline: ContinuousClock.Instant) async throws(Failure) {
        do { try await Task.sleep(until: min(deadline, .now + .seconds(1))) } catch {
            throw Failure(.cancelled, deed: "wait", cause: "cancelled")
        }
    }

    /// The object as an event leaves it; of a list of one name there is one at the most.
    private static func object(after event: ClusterEvent) -> Value? {
        switch event {
        case .listed(let objects): objects.first
        case .added(let object), .modified(let object): object
        case .deleted: nil
        }
    }

    /// `/api/v1/nodes/n1` is `n1` of `/api/v1/nodes`.
    static func place(of path: String) -> (collection: String, name: String) {
        guard let slash = path.lastIndex(of: "/") else { return (path, "") }
        return (String(path[..<slash]), String(path[path.index(after: slash)...]))
    }
}

extension Duration {
    var seconds: Int { Int(components.seconds) }
}
