import Crypto
import Model
import SystemPackage

/// A file that was fetched whole.
public struct Downloaded: Sendable, Hashable {
    public var length: Int
    /// Of the whole file, in lower-case hexadecimal.
    public var sha256: String
    /// How many bytes were there already and did not travel again.
    public var resumedFrom: Int
}

public struct DownloadProgress: Sendable, Hashable {
    /// Bytes of the file that are there now.
    public var received: Int
    /// nil where the server does not say.
    public var total: Int?

    public init(received: Int, total: Int?) {
        self.received = received
        self.total = total
    }
}

extension HTTPClient {
    /// Fetches a body into a file, made with mode 0600. What the file holds already is taken for a beginning of it, and
    /// only the rest is asked for; where the server does not know ranges, all of it comes again.
    ///
    /// - Parameter progress: called a few times a second at most, on the client's thread; it must not wait.
    /// - Throws: as `send`, and where the status is no success. What has come by then stays in the file.
    public func download(
        _ request: HTTPRequest, to path: String, progress: (@Sendable (DownloadProgress) -> Void)? = nil
    ) async throws(Failure) -> Downloaded {
        let file: FileDescriptor
        do {
            file = try FileDescriptor.open(
                FilePath(path), .readWrite, options: [.create, .closeOnExec], permissions: .ownerReadWrite)
        } catch {
            throw Failure(deed: request.deedText, cause: "\(path): \(error)")
        }
        defer { try? file.close() }
        return try await download(request, into: file, progress: progress)
    }

    /// - Parameter file: open for reading and writing; it stays open.
    public func download(
        _ request: HTTPRequest, into file: FileDescriptor, progress: (@Sendable (DownloadProgress) -> Void)? = nil
    ) async throws(Failure) -> Downloaded {
        switch try await fetch(request, into: file, inspect: { _ in nil }, progress: progress) {
        case .whole(let downloaded): return downloaded
        case .refused(let head):
            throw Failure(deed: request.deedText, cause: "the server answered \(head.statusText)")
        }
    }

    enum Fetched: Sendable {
        case whole(Downloaded)
        /// The server has no such file, or does not give it.
        case refused(HTTPHead)
    }

    /// - Parameter inspect: given the first bytes of a file that comes from its beginning; says why it is not wanted.
    func fetch(
        _ request: HTTPRequest, into file: FileDescriptor, inspect: @escaping FileSink.Inspection,
        progress: (@Sendable (DownloadProgress) -> Void)?
    ) async throws(Failure) -> Fetched {
        var request = request
        // A range counts in the bytes that travel: those must be the file's own.
        request.acceptsCompression = false
        var there = try FileDigest(of: file, deed: request.deedText)
        while true {
            request.headers["Range"] = there.length > 0 ? "bytes=\(there.length)-" : nil
            let end = try await transfer(request, into: file, after: there, inspect: inspect, progress: progress)
            switch end {
            case .whole(let all):
                return .whole(Downloaded(length: all.length, sha256: all.sha256, resumedFrom: there.length))
            case .anew(let all):
                return .whole(Downloaded(length: all.length, sha256: all.sha256, resumedFrom: 0))
            case .refused(let head): return .refused(head)
            case .noSuchRange(let total):
                // There is nothing after what is there; or what is there is not of this file.
                if total == there.length {
                    return .whole(
                        Downloaded(length: there.length, sha256: there.sha256, resumedFrom: there.length))
                }
                guard there.length > 0 else {
                    throw Failure(
                        deed: request.deedText, cause: "the server answered 416 though no range was asked for")
                }
                there = FileDigest()
            }
        }
    }

    private func transfer(
        _ request: HTTPRequest, into file: FileDescriptor, after there: FileDigest,
        inspect: @escaping FileSink.Inspection, progress: (@Sendable (DownloadProgress) -> Void)?
    ) async throws(Failure) -> FileSink.End {
        let id = loop.nextID()
        let result = await withTaskCancellationHandler {
            await withCheckedContinuation { (continuation: CheckedContinuation<Result<FileSink.End, Failure>, Never>) in
                let sink = FileSink(
                    file: file, after: there, deed: request.deedText, inspect: inspect, progress: progress
                ) {
                    continuation.resume(returning: $0)
                }
                loop.begin(TransferOrder(id: id, request: request, sink: sink))
                if Task.isCancelled { loop.cancel(id) }
            }
        } onCancel: {
            loop.cancel(id)
        }
        return try result.get()
    }
}
