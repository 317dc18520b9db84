import Crypto
import Model
import SystemPackage

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif
#if canImport(Darwin)
    import Darwin
#elseif canImport(Musl)
    import Musl
#else
    import Glibc
#endif

/// Files of the network that are fetched once and kept in the user's cache: `files/` by their SHA-256, `texts/` by the
/// SHA-256 of their URL. Nothing gets its name there that was not verified; what was cut off is gone on with, by this run
/// or the next.
public struct ArtifactCache: Artifacts {
    /// Asked for no more than needed, and never for ever.
    public struct Limits: Sendable {
        /// For one file, other runs' work on it included.
        public var whole: Duration = .seconds(3600)
        /// How long a server may send nothing.
        public var stall: Duration = .seconds(60)
        public var connect: Duration = .seconds(20)
        /// Between two attempts.
        public var pause: Duration = .seconds(1)
        public init() {}
    }

    private let client: HTTPClient
    private let files: CacheFolder
    private let texts: CacheFolder
    private let limits: Limits
    private let progress: (@Sendable (_ url: String, DownloadProgress) -> Void)?
    private let fileWork = SharedWork<(path: String, length: Int)>()
    private let textWork = SharedWork<String>()

    /// - Parameters:
    ///   - folder: where the files are kept; nil for `kubani` in `$XDG_CACHE_HOME` or `~/.cache`.
    ///   - progress: of files that are fetched; it must not wait. The URL may be shown.
    public init(
        folder: String? = nil, client: HTTPClient = HTTPClient(), limits: Limits = Limits(),
        progress: (@Sendable (_ url: String, DownloadProgress) -> Void)? = nil
    ) {
        let folder = folder ?? CacheFolder.standard(ProcessInfo.processInfo.environment) ?? "/nowhere"
        files = CacheFolder(path: "\(folder)/files")
        texts = CacheFolder(path: "\(folder)/texts")
        self.client = client
        self.limits = limits
        self.progress = progress
    }

    /// - Throws: where the URL does not give a file of this sum; nothing is kept that has another.
    public func file(url: String, sha256: String) async throws(Failure) -> (path: String, length: Int) {
        let sum = sha256.lowercased()
        guard sum.utf8.count == 64, sum.allSatisfy(\.isHexDigit) else {
            throw Failure(deed: "fetch \(HTTPAddress.shown(url))", cause: "'\(sha256)' is no SHA-256")
        }
        return try await fileWork.output(of: sum) { () async throws(Failure) in try await fetch(url, sum) }
    }

    /// A text of 1 MiB at the most.
    public func text(url: String) async throws(Failure) -> String {
        try await textWork.output(of: url) { () async throws(Failure) in try await fetchText(url) }
    }

    public func forgetText(url: String) { texts.remove(SHA256.hash(data: Array(url.utf8)).hexadecimal) }

    // MARK: - Files

    private func fetch(_ url: String, _ sum: String) async throws(Failure) -> (path: String, length: Int) {
        try files.make()
        let deadline = ContinuousClock.now + limits.whole
        let deed = "fetch \(HTTPAddress.shown(url))"
        while true {
            if let length = verified(sum) { return (files.file(sum), length) }
            if let partial = try PartialFile(files.file("\(sum).partial"), deed: deed) {
                // Another run may have been done just before.
                if let length = verified(sum) {
                    files.remove("\(sum).partial")
                    return (files.file(sum), length)
                }
                let attempt = FileAttempt(
                    client: client, url: url, sum: sum, deed: deed, limits: limits, deadline: deadline,
                    progress: progress)
                let length: Int
                do throws(Failure) { length = try await attempt.run(into: partial.descriptor) } catch {
                    if partial.isEmpty { files.remove("\(sum).partial") }
                    throw error
                }
                fsync(partial.descriptor.rawValue)
                try files.rename(files.file("\(sum).partial"), to: sum)
                return (files.file(sum), length)
            }
            guard ContinuousClock.now < deadline else {
                throw Failure(
                    .timedOut, deed: deed, cause: "another run has been fetching it for \(limits.whole.shown)")
            }
            try await pause(.milliseconds(200), deed)
        }
    }

    /// The length of the file of that sum; nil where there is none. One that has become another is removed.
    private func verified(_ sum: String) -> Int? {
        guard let file = try? FileDescriptor.open(FilePath(files.file(sum)), .readOnly, options: .closeOnExec) else {
            return nil
        }
        defer { try? file.close() }
        guard let digest = try? FileDigest(of: file, deed: ""), digest.sha256 == sum else {
            files.remove(sum)
            return nil
        }
        return digest.length
    }

    // MARK: - Texts

    private func fetchText(_ url: String) async throws(Failure) -> String {
        let most = 1 << 20
        let name = SHA256.hash(data: Array(url.utf8)).hexadecimal
        try texts.make()
        if let bytes = texts.read(name, limit: most), let text = String(validating: bytes, as: UTF8.self) {
            return text
        }
        var request = HTTPRequest("GET", url)
        request.redirects = 10
        request.timeout = min(limits.whole, limits.stall)
        request.connectTimeout = limits.connect
        request.bodyLimit = most
        var response: HTTPResponse
        var failures = 0
        while true {
            do throws(Failure) {
                response = try await client.send(request)
                guard response.status >= 500, failures < 2 else { break }
            } catch {
                guard error.code == .unreachable, failures < 2 else { throw error }
            }
            failures += 1
            try await pause(limits.pause, request.deedText)
        }
        if let refusal = ArtifactRefusal.of(response.head, deed: request.deedText) { throw refusal }
        if let refusal = response.body.withUnsafeBytes({ ArtifactRefusal.ofPage($0, deed: request.deedText) }) {
            throw refusal
        }
        guard let text = String(validating: response.body, as: UTF8.self) else {
            throw Failure(deed: request.deedText, cause: "what the server sent is no text")
        }
        try texts.write(response.body, to: name)
        return text
    }

    private func pause(_ duration: Duration, _ deed: String) async throws(Failure) {
        do { try await Task.sleep(for: duration) } catch {
            throw Failure(.cancelled, deed: deed, cause: "cancelled")
        }
    }
}
