import Model
import Synchronization

/// Takes a response as it comes. Called on the client's one thread, so it must not wait.
protocol BodySink: Sendable {
    /// The response's head, once.
    ///
    /// - Throws: to end the transfer with this failure.
    func begin(_ head: HTTPHead) throws(Failure)

    /// - Returns: false where there is no room now: the same bytes come again once the transfer is resumed.
    func take(_ bytes: UnsafeRawBufferPointer) throws(Failure) -> Bool

    /// The transfer is over; called once, whatever became of it.
    func end(_ result: Result<HTTPHead, Failure>)
}

/// Gathers a body in memory, up to a limit.
final class CollectingSink: BodySink {
    private let body = Mutex<[UInt8]>([])
    private let limit: Int
    private let deed: String
    private let done: @Sendable (Result<HTTPResponse, Failure>) -> Void

    init(limit: Int, deed: String, done: @escaping @Sendable (Result<HTTPResponse, Failure>) -> Void) {
        self.limit = limit
        self.deed = deed
        self.done = done
    }

    func begin(_ head: HTTPHead) throws(Failure) {
        guard let length = head.headers["Content-Length"].flatMap({ Int($0) }) else { return }
        if length > limit { throw tooLarge }
    }

    func take(_ bytes: UnsafeRawBufferPointer) throws(Failure) -> Bool {
        let fits = body.withLock { body in
            guard body.count + bytes.count <= limit else { return false }
            body.append(contentsOf: bytes)
            return true
        }
        if !fits { throw tooLarge }
        return true
    }

    func end(_ result: Result<HTTPHead, Failure>) {
        done(result.map { HTTPResponse(head: $0, body: body.withLock { $0 }) })
    }

    private var tooLarge: Failure { Failure(deed: deed, cause: "the answer is larger than \(limit) bytes") }
}
