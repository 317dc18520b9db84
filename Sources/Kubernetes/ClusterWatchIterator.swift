import HTTP
import Model
import YAML

/// Where a watch has got to.
public struct ClusterWatchIterator: AsyncIteratorProtocol, Sendable {
    public typealias Failure = Model.Failure

    private let watch: ClusterWatch
    private(set) var resourceVersion: String?
    /// The last refusal was that the API serves no such kind.
    private(set) var lacksKind = false
    private var stream: HTTPStream?
    private var lines = LineSplitter()
    private var pause = Duration.milliseconds(200)

    init(_ watch: ClusterWatch) {
        self.watch = watch
        resourceVersion = watch.resourceVersion
    }

    /// - Throws: what the server refuses. That it cannot be reached is waited out.
    public mutating func next() async throws(Model.Failure) -> ClusterEvent? {
        while ContinuousClock.now < watch.deadline {
            do throws(Model.Failure) {
                if let line = lines.next() {
                    if let event = try read(line) { return event }
                    continue
                }
                if let event = try await advance() { return event }
            } catch {
                guard error.code == .unreachable || error.code == .timedOut else { throw error }
                close()
                try await rest()
            }
        }
        close()
        return nil
    }

    public mutating func next(
        isolation actor: isolated (any Actor)?
    ) async throws(Model.Failure) -> ClusterEvent? { try await next() }

    /// A list where nothing is known, a connection where there is none, or else more of what comes over it.
    private mutating func advance() async throws(Model.Failure) -> ClusterEvent? {
        guard let version = resourceVersion else {
            switch try await watch.client.pages(watch.path, watch.query, until: watch.deadline) {
            case .all(let listing):
                resourceVersion = listing.resourceVersion
                pause = .milliseconds(200)
                return .listed(listing.items)
            case .noSuchKind(let failure):
                lacksKind = true
                throw failure
            }
        }
        guard let stream else {
            try await open(after: version)
            return nil
        }
        if let piece = try await stream.next() {
            lines.add(piece)
            pause = .milliseconds(200)
        } else {
            close()
            // A server that ends watches at once is not asked without a pause.
            try await rest()
        }
        return nil
    }

    private mutating func open(after version: String) async throws(Model.Failure) {
        let left = ContinuousClock.now.duration(to: watch.deadline)
        let seconds = max(1, min(300, Int(left.components.seconds) + 1))
        var call = ClusterClient.Call(path: watch.path, query: watch.query, deed: "watch \(watch.path)")
        call.query += [
            ("watch", "true"), ("allowWatchBookmarks", "true"), ("resourceVersion", version),
            ("timeoutSeconds", "\(seconds)"),
        ]
        call.timeout = min(left, .seconds(seconds + 30))
        let stream = try await watch.client.stream(call)
        if stream.head.isSuccess {
            self.stream = stream
            return
        }
        let status = APIStatus(stream.head, try await stream.rest(limit: 1 << 20))
        if status.code == 410 {
            resourceVersion = nil
            return
        }
        if status.isPassing(call) || status.code == 500 {
            throw Model.Failure(.unreachable, deed: call.deed, cause: status.message)
        }
        lacksKind = status.code == 404
        throw watch.client.failure(status, call)
    }

    /// - Returns: nil for what only moves the version on.
    private mutating func read(_ line: [UInt8]) throws(Model.Failure) -> ClusterEvent? {
        let deed = "watch \(watch.path)"
        guard let event = try? JSON.read(line), let object = event["object"] else {
            throw Model.Failure(.unreachable, deed: deed, cause: "the server sent half an event")
        }
        if event["type"]?.string == "ERROR" {
            let status = APIStatus(object)
            close()
            // Its history is gone: what there is now is listed anew.
            if status.code == 410 {
                resourceVersion = nil
            } else if status.code < 500, status.code != 429 {
                throw status.failure(deed, context: watch.client.endpoint.context)
            }
            return nil
        }
        if let version = object["metadata"]?["resourceVersion"]?.string { resourceVersion = version }
        switch event["type"]?.string {
        case "ADDED": return .added(object)
        case "MODIFIED": return .modified(object)
        case "DELETED": return .deleted(object)
        default: return nil
        }
    }

    private mutating func close() {
        stream = nil
        lines = LineSplitter()
    }

    private mutating func rest() async throws(Model.Failure) {
        let left = ContinuousClock.now.duration(to: watch.deadline)
        do { try await Task.sleep(for: max(.zero, min(pause, left))) } catch {
            throw Model.Failure(.cancelled, deed: "watch \(watch.path)", cause: "cancelled")
        }
        pause = min(pause * 2, .seconds(5))
    }
}
