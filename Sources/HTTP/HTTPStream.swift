import Model
import Synchronization

/// A response whose body comes in pieces. A reader that is slow makes the sender wait; the transfer ends with the
/// stream, or when the task that reads it is cancelled.
public final class HTTPStream: AsyncSequence, Sendable {
    public typealias Element = [UInt8]
    public typealias Failure = Model.Failure

    private let sink: StreamSink
    private let onDrop: @Sendable () -> Void

    init(sink: StreamSink, onDrop: @escaping @Sendable () -> Void) {
        self.sink = sink
        self.onDrop = onDrop
    }

    deinit { onDrop() }

    /// Known before anybody outside has the stream.
    public var head: HTTPHead { sink.head ?? HTTPHead(status: 0) }

    /// The next piece of the body; nil at its end.
    public func next() async throws(Model.Failure) -> [UInt8]? {
        try await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                sink.read(continuation)
                if Task.isCancelled { onDrop() }
            }
        } onCancel: {
            onDrop()
        }.get()
    }

    /// The rest of the body, up to a limit of bytes; what is more is left out.
    public func rest(limit: Int) async throws(Model.Failure) -> [UInt8] {
        var body: [UInt8] = []
        while body.count < limit, let piece = try await next() { body += piece }
        return Array(body.prefix(limit))
    }

    func waitForHead() async throws(Model.Failure) {
        let result = await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                sink.awaitHead(continuation)
                if Task.isCancelled { onDrop() }
            }
        } onCancel: {
            onDrop()
        }
        try result.get()
    }

    public struct AsyncIterator: AsyncIteratorProtocol {
        let stream: HTTPStream

        public mutating func next() async throws(Model.Failure) -> [UInt8]? { try await stream.next() }

        public mutating func next(
            isolation actor: isolated (any Actor)?
        ) async throws(Model.Failure) -> [UInt8]? { try await stream.next() }
    }

    public func makeAsyncIterator() -> AsyncIterator { AsyncIterator(stream: self) }
}

/// Keeps a little of a body until somebody reads it.
final class StreamSink: BodySink {
    typealias Piece = Result<[UInt8]?, Failure>

    private struct State {
        var head: HTTPHead?
        var headReader: CheckedContinuation<Result<Void, Failure>, Never>?
        var pieces: [[UInt8]] = []
        var kept = 0
        var isPaused = false
        /// nil while the transfer goes on; then what comes after the last piece.
        var ending: Piece?
        var readers: [CheckedContinuation<Piece, Never>] = []
    }

    private static let mostKept = 1 << 20

    private let state = Mutex(State())
    private let resume: @Sendable () -> Void

    init(resume: @escaping @Sendable () -> Void) { self.resume = resume }

    var head: HTTPHead? { state.withLock { $0.head } }

    func begin(_ head: HTTPHead) {
        let reader = state.withLock { state in
            state.head = head
            return state.headReader.take()
        }
        reader?.resume(returning: .success(()))
    }

    func take(_ bytes: UnsafeRawBufferPointer) -> Bool {
        let (isTaken, reader) = state.withLock { state -> (Bool, CheckedContinuation<Piece, Never>?) in
            if !state.readers.isEmpty { return (true, state.readers.removeFirst()) }
            guard state.kept < Self.mostKept else {
                state.isPaused = true
                return (false, nil)
            }
            state.pieces.append(Array(bytes))
            state.kept += bytes.count
            return (true, nil)
        }
        reader?.resume(returning: .success(Array(bytes)))
        return isTaken
    }

    func end(_ result: Result<HTTPHead, Failure>) {
        let (readers, headReader) = state.withLock { state in
            state.ending = result.map { _ in nil }
            defer { state.readers = [] }
            return (state.readers, state.headReader.take())
        }
        headReader?.resume(returning: result.map { _ in })
        for reader in readers { reader.resume(returning: result.map { _ in nil }) }
    }

    func awaitHead(_ reader: CheckedContinuation<Result<Void, Failure>, Never>) {
        let known: Result<Void, Failure>? = state.withLock { state in
            if state.head != nil { return .success(()) }
            if let ending = state.ending { return ending.map { _ in } }
            state.headReader = reader
            return nil
        }
        if let known { reader.resume(returning: known) }
    }

    func read(_ reader: CheckedContinuation<Piece, Never>) {
        var resumes = false
        let piece: Piece? = state.withLock { state in
            if !state.pieces.isEmpty {
                let piece = state.pieces.removeFirst()
                state.kept -= piece.count
                if state.isPaused, state.kept < Self.mostKept / 2 {
                    state.isPaused = false
                    resumes = true
                }
                return .success(piece)
            }
            if let ending = state.ending { return ending }
            state.readers.append(reader)
            return nil
        }
        if resumes { resume() }
        if let piece { reader.resume(returning: piece) }
    }
}
