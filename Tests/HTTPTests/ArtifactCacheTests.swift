import Crypto
import Foundation
import HTTP
import Model
import TestSupport
import Testing

@Suite("the cache of fetched files", Needs.program("python3"))
struct ArtifactCacheTests {
    private let folder: TemporaryFolder
    private let size = 2_000_000
    private let sum = SHA256.hash(data: WebServer.content(2_000_000)).hexadecimal

    init() throws { folder = try TemporaryFolder() }

    private var path: String { folder.path + "/cache/kubani" }

    private func cache(stall: Duration = .seconds(10)) -> ArtifactCache {
        var limits = ArtifactCache.Limits()
        limits.pause = .milliseconds(10)
        limits.stall = stall
        return ArtifactCache(folder: path, limits: limits)
    }

    /// What is in the cache, and how much of it.
    private func kept() -> [String: Int] {
        var out: [String: Int] = [:]
        for part in ["files", "texts"] {
            for name in (try? FileManager.default.contentsOfDirectory(atPath: "\(path)/\(part)")) ?? [] {
                let attributes = try? FileManager.default.attributesOfItem(atPath: "\(path)/\(part)/\(name)")
                out[name] = attributes?[.size] as? Int
            }
        }
        return out
    }

    @Test("a file is fetched once, whatever the runs, and lies where only its owner reads it")
    func once() async throws {
        let server = try WebServer()
        for _ in 0..<3 {
            let file = try await cache().file(url: server.url + "/file/\(size)", sha256: sum.uppercased())
            #expect(file.length == size)
            #expect(file.path == "\(path)/files/\(sum)")
            #expect([UInt8](try Data(contentsOf: URL(filePath: file.path))) == WebServer.content(size))
        }
        #expect(try await server.text("/count/file/\(size)") == "1")
        #expect(kept() == [sum: size])
        for (name, mode) in [("files", 0o700), ("files/\(sum)", 0o600)] {
            let attributes = try FileManager.default.attributesOfItem(atPath: "\(path)/\(name)")
            #expect(attributes[.posixPermissions] as? Int == mode)
        }
    }

    @Test("a file in the cache that has become another is fetched anew")
    func rotten() async throws {
        let server = try WebServer()
        let url = server.url + "/file/\(size)"
        let file = try await cache().file(url: url, sha256: sum)
        let handle = try FileHandle(forWritingTo: URL(filePath: file.path))
        try handle.seek(toOffset: 1000)
        try handle.write(contentsOf: Data([0]))
        try handle.close()
        let again = try await cache().file(url: url, sha256: sum)
        #expect([UInt8](try Data(contentsOf: URL(filePath: again.path))) == WebServer.content(size))
        #expect(try await server.text("/count/file/\(size)") == "2")
    }

    @Test("many that want one file share one download, in one run and in several")
    func shared() async throws {
        let server = try WebServer()
        let url = server.url + "/file/\(size)"
        let caches = [cache(), cache(), cache()]
        try await withThrowingTaskGroup(of: Int.self) { group in
            for number in 0..<12 {
                group.addTask { try await caches[number % 3].file(url: url, sha256: sum).length }
            }
            for try await length in group { #expect(length == size) }
        }
        #expect(try await server.text("/count/file/\(size)") == "1")
        #expect(kept() == [sum: size])
    }

    @Test("one that gives up does not take the download from the others")
    func givingUp() async throws {
        let server = try WebServer()
        let url = server.url + "/held/\(size)"
        let cache = cache()
        let first = Task { try await cache.file(url: url, sha256: sum).length }
        try await server.wait(for: "held")
        let second = Task { try await cache.file(url: url, sha256: sum).length }
        first.cancel()
        #expect(await failure { _ = try await first.value }?.code == .cancelled)
        try await server.signal("go")
        #expect(try await second.value == size)
        #expect(try await server.text("/count/held/\(size)") == "1")
    }

    @Test("a download that is cut goes on where it stopped, in the same run")
    func cutAndResumed() async throws {
        let server = try WebServer()
        let file = try await cache().file(url: server.url + "/file/\(size)?cut=900000", sha256: sum)
        #expect(file.length == size)
        let ranges = try await server.text("/ranges")
        #expect(ranges.hasPrefix("[null, \"bytes=") && !ranges.hasSuffix("null]"), "\(ranges)")
    }

    @Test("what a run had to leave, the next one goes on with")
    func nextRun() async throws {
        var server: WebServer? = try WebServer()
        let port = server?.port ?? 0
        let url = "http://127.0.0.1:\(port)/first/\(size)?cut=900000"
        let cut = await failure { _ = try await cache().file(url: url, sha256: sum) }
        #expect(cut?.code == .unreachable)
        let there = try #require(kept()["\(sum).partial"])
        #expect(there > 0 && there <= 900_000 && kept().count == 1)
        #expect(cut?.hint?.contains("\(there) bytes are kept: the next run goes on from there") == true)
        server = nil
        let next = try WebServer(port: port)
        let file = try await cache().file(url: next.url + "/file/\(size)", sha256: sum)
        #expect(file.length == size)
        #expect(try await next.text("/ranges") == "[\"bytes=\(there)-\"]")
        #expect(kept() == [sum: size])
    }

    @Test("a beginning that is of another file is thrown away, once")
    func otherBeginning() async throws {
        let server = try WebServer()
        try FileManager.default.createDirectory(atPath: "\(path)/files", withIntermediateDirectories: true)
        try "something else".write(toFile: "\(path)/files/\(sum).partial", atomically: true, encoding: .utf8)
        let file = try await cache().file(url: server.url + "/file/\(size)", sha256: sum)
        #expect(file.length == size)
        #expect(try await server.text("/ranges") == "[\"bytes=14-\", null]")
    }

    @Test("a file of another sum is refused, and nothing of it is kept")
    func wrongSum() async throws {
        let server = try WebServer()
        let refused = await failure {
            _ = try await cache().file(url: server.url + "/file/\(size)?other=1", sha256: sum)
        }
        #expect(refused?.code == .failed)
        #expect(refused?.cause.hasPrefix("its SHA-256 is ") == true)
        #expect(refused?.cause.hasSuffix(", not \(sum) (\(size) bytes)") == true)
        #expect(kept() == [:])
        let short = await failure { _ = try await cache().file(url: server.url + "/file/1000", sha256: sum) }
        #expect(short?.cause.hasSuffix("(1000 bytes)") == true)
        #expect(kept() == [:])
    }

    @Test(
        "a web page is not the file, nor the text, that was asked for",
        arguments: ["<!DOCTYPE html><p>Log in", " \n<html lang=en>", "\u{FEFF}<HTML>"])
    func page(text: String) async throws {
        let server = try WebServer()
        let query = try #require(
            text.addingPercentEncoding(
                withAllowedCharacters: .alphanumerics))
        let url = server.url + "/text?text=\(query)"
        for refused in [
            await failure { _ = try await cache().file(url: url, sha256: sum) },
            await failure { _ = try await cache().text(url: url) },
        ] {
            #expect(refused?.cause == "the server sent a web page in place of the file")
            #expect(refused?.deed == "fetch \(server.url)/text")
        }
        #expect(kept() == [:])
    }

    @Test("what the server does not have is told with a hint, and asked for once")
    func missing() async throws {
        let server = try WebServer()
        let url = server.url + "/missing/k3s"
        for refused in [
            await failure { _ = try await cache().file(url: url, sha256: sum) },
            await failure { _ = try await cache().text(url: url) },
        ] {
            #expect(
                refused?.description == """
                    could not fetch \(url): the server answered 404 Not Found
                    hint: is the version right, and does the mirror have it?
                    """)
        }
        #expect(try await server.text("/count/missing/k3s") == "2")
        #expect(kept() == [:])
    }

    @Test("a server in trouble is asked three times")
    func trouble() async throws {
        let server = try WebServer()
        let url = server.url + "/status/503"
        #expect(await failure { _ = try await cache().file(url: url, sha256: sum) }?.cause.contains("503") == true)
        #expect(try await server.text("/count/status/503") == "3")
        #expect(await failure { _ = try await cache().text(url: url) }?.cause.contains("503") == true)
        #expect(try await server.text("/count/status/503") == "6")
    }

    @Test("a download that stands still is given up")
    func stalled() async throws {
        let server = try WebServer()
        let late = await failure {
            _ = try await cache(stall: .milliseconds(100)).file(url: server.url + "/stall", sha256: sum)
        }
        #expect(late?.code == .timedOut)
    }

    @Test("a text is fetched once, whatever the runs")
    func text() async throws {
        let server = try WebServer()
        let url = server.url + "/text?text=abc%20%20k3s%0A"
        for _ in 0..<3 { #expect(try await cache().text(url: url) == "abc  k3s\n") }
        #expect(try await server.text("/count/text") == "1")
        #expect(try await cache().text(url: server.url + "/text?text=other") == "other")
    }

    @Test("a text that is large, or none, is refused")
    func noText() async throws {
        let server = try WebServer()
        let large = await failure { _ = try await cache().text(url: server.url + "/file/2000000") }
        #expect(large?.cause == "the answer is larger than 1048576 bytes")
        let binary = await failure { _ = try await cache().text(url: server.url + "/text?text=%FF%FE") }
        #expect(binary?.cause == "what the server sent is no text")
        #expect(kept() == [:])
    }

    @Test("a sum that is none is refused before anything is asked")
    func noSum() async throws {
        let server = try WebServer()
        let refused = await failure { _ = try await cache().file(url: server.url + "/file/1", sha256: "../../x") }
        #expect(refused?.cause == "'../../x' is no SHA-256")
    }

    @Test("a cache of somebody else's is not used", Needs.root)
    func foreign() async throws {
        let server = try WebServer()
        try FileManager.default.createDirectory(atPath: "\(path)/files", withIntermediateDirectories: true)
        try FileManager.default.setAttributes([.ownerAccountID: 65534], ofItemAtPath: "\(path)/files")
        let refused = await failure { _ = try await cache().file(url: server.url + "/file/\(size)", sha256: sum) }
        #expect(refused?.cause == "it is not yours")
    }

    @Test("XDG_CACHE_HOME names the cache")
    func standardFolder() async throws {
        let server = try WebServer()
        let home = folder.path + "/xdg"
        setenv("XDG_CACHE_HOME", home, 1)
        defer { unsetenv("XDG_CACHE_HOME") }
        let file = try await ArtifactCache().file(url: server.url + "/file/\(size)", sha256: sum)
        #expect(file.path == "\(home)/kubani/files/\(sum)")
        let attributes = try FileManager.default.attributesOfItem(atPath: "\(home)/kubani")
        #expect(attributes[.posixPermissions] as? Int == 0o700)
    }
}
