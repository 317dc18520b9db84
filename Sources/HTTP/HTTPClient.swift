import Model

/// An HTTP client over libcurl: one thread for all its requests, connections kept and used again.
///
/// Every failure names the request by its `deed` or URL, never by a query, a password or a header.
public final class HTTPClient: Sendable {
    let loop = TransferLoop()

    public init() {}

    /// The response, whatever its status.
    ///
    /// - Throws: where there is none, or only part of it: `unreachable` where the other side cannot be reached or was
    ///   lost, `timedOut` past a deadline, `cancelled`, and `failed` for all else, such as a certificate that is not
    ///   trusted or a body over the limit.
    public func send(_ request: HTTPRequest) async throws(Failure) -> HTTPResponse {
        let id = loop.nextID()
        let result = await withTaskCancellationHandler {
            await withCheckedContinuation { (continuation: CheckedContinuation<Result<HTTPResponse, Failure>, Never>) in
                let sink = CollectingSink(limit: request.bodyLimit, deed: request.deedText) {
                    continuation.resume(returning: $0)
                }
                loop.begin(TransferOrder(id: id, request: request, sink: sink))
                // A cancellation that came before had nothing to cancel.
                if Task.isCancelled { loop.cancel(id) }
            }
        } onCancel: {
            loop.cancel(id)
        }
        return try result.get()
    }

    /// The response's head as soon as it is there, and its body piece by piece.
    ///
    /// - Throws: as `send`; what happens later is thrown by the stream.
    public func stream(_ request: HTTPRequest) async throws(Failure) -> HTTPStream {
        let id = loop.nextID()
        let sink = StreamSink(resume: { [loop] in loop.resume(id) })
        let stream = HTTPStream(sink: sink, onDrop: { [loop] in loop.cancel(id) })
        loop.begin(TransferOrder(id: id, request: request, sink: sink))
        try await stream.waitForHead()
        return stream
    }
}
