import Model
import SystemPackage

/// Brings a file in, whatever it takes: goes on after a cut, begins anew once where what was there is of another file.
struct FileAttempt: Sendable {
    let client: HTTPClient
    let url: String
    /// The SHA-256 that it must have.
    let sum: String
    let deed: String
    let limits: ArtifactCache.Limits
    let deadline: ContinuousClock.Instant
    let progress: (@Sendable (_ url: String, DownloadProgress) -> Void)?

    /// Attempts without a byte of progress, one after the other.
    private static let mostFruitless = 3

    /// - Returns: the length of the whole file.
    /// - Throws: where it cannot be had; a beginning of it stays, anything else is emptied.
    func run(into file: FileDescriptor) async throws(Failure) -> Int {
        var fruitless = 0
        while true {
            let before = length(of: file)
            var failure: Failure
            do throws(Failure) {
                switch try await client.fetch(request, into: file, inspect: inspect, progress: tell) {
                case .whole(let done) where done.sha256 == sum: return done.length
                case .whole(let done):
                    empty(file)
                    // What an earlier run left may have been of another file.
                    if done.resumedFrom > 0 { continue }
                    throw Failure(
                        deed: deed, cause: "its SHA-256 is \(done.sha256), not \(sum) (\(done.length) bytes)",
                        hint: "is the list of checksums of the same version, and the mirror whole? nothing was kept")
                case .refused(let head):
                    failure = ArtifactRefusal.of(head, deed: deed) ?? Failure(deed: deed, cause: head.statusText)
                    guard head.status >= 500 || head.status == 429 else { throw failure }
                }
            } catch {
                guard error.code == .unreachable || error.code == .timedOut else { throw error }
                failure = error
            }
            fruitless = length(of: file) > before ? 0 : fruitless + 1
            guard fruitless < Self.mostFruitless, ContinuousClock.now < deadline else { throw kept(failure, file) }
            do { try await Task.sleep(for: limits.pause) } catch {
                throw Failure(.cancelled, deed: deed, cause: "cancelled")
            }
        }
    }

    private var request: HTTPRequest {
        var request = HTTPRequest("GET", url)
        request.redirects = 10
        request.deed = deed
        request.timeout = max(.seconds(1), ContinuousClock.now.duration(to: deadline))
        request.connectTimeout = limits.connect
        request.stallTimeout = limits.stall
        return request
    }

    private var inspect: FileSink.Inspection {
        { [deed] bytes in ArtifactRefusal.ofPage(bytes, deed: deed) }
    }

    private var tell: (@Sendable (DownloadProgress) -> Void)? {
        guard let progress else { return nil }
        let shown = HTTPAddress.shown(url)
        return { progress(shown, $0) }
    }

    private func kept(_ failure: Failure, _ file: FileDescriptor) -> Failure {
        let there = length(of: file)
        guard there > 0 else { return failure }
        var failure = failure
        let hint = "\(there) bytes are kept: the next run goes on from there"
        failure.hint = failure.hint.map { "\($0); \(hint)" } ?? hint
        return failure
    }

    private func length(of file: FileDescriptor) -> Int { (try? file.seek(offset: 0, from: .end)).map(Int.init) ?? 0 }

    private func empty(_ file: FileDescriptor) { try? file.resize(to: 0) }
}
