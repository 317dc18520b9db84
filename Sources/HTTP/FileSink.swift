import Model
import Synchronization
import SystemPackage

/// Writes a body into a file as it comes, after what is there or in its place.
final class FileSink: BodySink {
    enum End: Sendable {
        /// What was there and what came.
        case whole(FileDigest)
        /// All of it came.
        case anew(FileDigest)
        /// The server has nothing at that place of the file; how long it says the file is.
        case noSuchRange(Int?)
        case refused(HTTPHead)
    }

    /// Given the first bytes of a file; says why they are not those of what was asked for.
    typealias Inspection = @Sendable (UnsafeRawBufferPointer) -> Failure?

    private struct State {
        var digest: FileDigest
        /// Whether the file's old content gives way to the body.
        var isAnew = false
        var end: End?
        var total: Int?
        var told: ContinuousClock.Instant?
    }

    private let state: Mutex<State>
    private let file: FileDescriptor
    private let deed: String
    private let inspect: Inspection
    private let progress: (@Sendable (DownloadProgress) -> Void)?
    private let done: @Sendable (Result<End, Failure>) -> Void

    init(
        file: FileDescriptor, after there: FileDigest, deed: String, inspect: @escaping Inspection,
        progress: (@Sendable (DownloadProgress) -> Void)?, done: @escaping @Sendable (Result<End, Failure>) -> Void
    ) {
        state = Mutex(State(digest: there))
        self.file = file
        self.deed = deed
        self.inspect = inspect
        self.progress = progress
        self.done = done
    }

    func begin(_ head: HTTPHead) {
        state.withLock { state in
            switch head.status {
            case 206:
                let range = ContentRange(head.headers["Content-Range"] ?? "")
                state.total = range?.total
                if range?.first != state.digest.length { state.end = .noSuchRange(nil) }
            case 416: state.end = .noSuchRange(ContentRange(head.headers["Content-Range"] ?? "")?.total)
            case 200:
                state.isAnew = true
                state.digest = FileDigest()
                state.total = head.headers["Content-Length"].flatMap { Int($0) }
            default: state.end = .refused(head)
            }
        }
    }

    func take(_ bytes: UnsafeRawBufferPointer) throws(Failure) -> Bool {
        let told: Result<DownloadProgress?, Failure> = state.withLock { state in
            // An answer that is not the file, such as a page about an error, is read and forgotten.
            if state.end != nil { return .success(nil) }
            if state.isAnew, state.digest.length == 0 {
                if let failure = inspect(bytes) { return .failure(failure) }
                if let failure = write({ try file.resize(to: 0) }) { return .failure(failure) }
            }
            let offset = Int64(state.digest.length)
            if let failure = write({ _ = try file.writeAll(toAbsoluteOffset: offset, bytes) }) {
                return .failure(failure)
            }
            state.digest.add(bytes)
            return .success(toTell(&state))
        }
        if let told = try told.get() { progress?(told) }
        return true
    }

    func end(_ result: Result<HTTPHead, Failure>) {
        let (end, failure, told) = state.withLock { state -> (End, Failure?, DownloadProgress?) in
            if let end = state.end { return (end, nil, nil) }
            var failure: Failure?
            if state.isAnew, state.digest.length == 0 { failure = write { try file.resize(to: 0) } }
            let told = DownloadProgress(received: state.digest.length, total: state.total)
            return (state.isAnew ? .anew(state.digest) : .whole(state.digest), failure, told)
        }
        if case .success = result, let told { progress?(told) }
        done(result.flatMap { _ in failure.map { .failure($0) } ?? .success(end) })
    }

    private func toTell(_ state: inout State) -> DownloadProgress? {
        guard progress != nil else { return nil }
        let now = ContinuousClock.now
        if let told = state.told, now < told + .milliseconds(200) { return nil }
        state.told = now
        return DownloadProgress(received: state.digest.length, total: state.total)
    }

    private func write(_ body: () throws -> Void) -> Failure? {
        do { try body() } catch {
            return Failure(deed: deed, cause: "its file cannot be written: \(error)", hint: "is the disk full?")
        }
        return nil
    }
}

/// `bytes 100-199/1000`, `bytes */1000`.
struct ContentRange: Equatable {
    var first: Int?
    var total: Int?

    init?(_ text: String) {
        guard text.hasPrefix("bytes ") else { return nil }
        let parts = text.dropFirst(6).split(separator: "/")
        guard parts.count == 2 else { return nil }
        first = parts[0].split(separator: "-").first.flatMap { Int($0) }
        total = Int(parts[1])
    }
}
