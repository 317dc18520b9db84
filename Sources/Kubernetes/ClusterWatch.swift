import Model

public enum ClusterEvent: Sendable {
    /// All that there is: first of all, and whenever the server no longer knows what happened in between.
    case listed([Value])
    case added(Value)
    case modified(Value)
    case deleted(Value)
}

extension ClusterClient {
    /// What there is, and what happens to it from then on, whatever happens to the connection. It ends when its time is
    /// up.
    ///
    /// - Parameters:
    ///   - path: of a kind's objects: `/api/v1/nodes`.
    ///   - since: begins after this version, without a list.
    ///   - duration: how long it lasts at the most.
    public func watch(
        _ path: String, _ query: [(String, String)] = [], since resourceVersion: String? = nil, for duration: Duration
    ) -> ClusterWatch {
        ClusterWatch(
            client: self, path: path, query: query, resourceVersion: resourceVersion,
            deadline: .now + duration)
    }
}

public struct ClusterWatch: AsyncSequence, Sendable {
    public typealias Element = ClusterEvent
    public typealias Failure = Model.Failure

    let client: ClusterClient
    let path: String
    let query: [(String, String)]
    let resourceVersion: String?
    let deadline: ContinuousClock.Instant

    public func makeAsyncIterator() -> ClusterWatchIterator { ClusterWatchIterator(self) }
}
