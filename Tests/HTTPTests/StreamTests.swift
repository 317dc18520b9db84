import Foundation
import HTTP
import Model
import TestSupport
import Testing

@Suite("bodies that come piece by piece", Needs.program("python3"))
struct StreamTests {
    let client = HTTPClient()

    private func text(_ piece: [UInt8]?) -> String? { piece.map { String(decoding: $0, as: UTF8.self) } }

    @Test("a piece is there as soon as the server has sent it, before the next one is")
    func pieces() async throws {
        let server = try WebServer()
        let stream = try await client.stream(HTTPRequest("GET", server.url + "/pieces/one/two/three"))
        #expect(stream.head.status == 200)
        for name in ["one", "two", "three"] {
            try await server.signal(name)
            #expect(text(try await stream.next()) == name)
        }
        #expect(try await stream.next() == nil)
        #expect(try await stream.next() == nil)
    }

    @Test("what came before a cut is given, then the failure")
    func cut() async throws {
        let server = try WebServer()
        let stream = try await client.stream(HTTPRequest("GET", server.url + "/pieces/one/cut"))
        try await server.signal("one")
        #expect(text(try await stream.next()) == "one")
        let cut = await failure { _ = try await stream.next() }
        #expect(cut?.code == .unreachable)
    }

    @Test("a stream can be gone through as a sequence, and a bad status is no failure")
    func sequence() async throws {
        let server = try WebServer()
        let stream = try await client.stream(HTTPRequest("GET", server.url + "/file/300000"))
        var all: [UInt8] = []
        for try await piece in stream { all += piece }
        #expect(all == WebServer.content(300_000))
        let missing = try await client.stream(HTTPRequest("GET", server.url + "/status/404"))
        #expect(missing.head.status == 404)
        #expect(try await missing.rest(limit: 4) == Array("as a".utf8))
    }

    @Test("a slow reader makes the server wait")
    func slowReader() async throws {
        let server = try WebServer()
        var request = HTTPRequest("GET", server.url + "/flood/60")
        request.timeout = .seconds(300)
        let stream = try await client.stream(request)
        var count = try await stream.next()?.count ?? 0
        for _ in 0..<200 { _ = try await client.send(HTTPRequest("GET", server.url + "/hello")) }
        let sent = Int(try await server.text("/count/flooded")) ?? 0
        #expect(sent < 40)
        while let piece = try await stream.next() { count += piece.count }
        #expect(count == 60 << 20)
    }

    @Test("a cancelled reader gets its failure, and a stream that is dropped ends its transfer")
    func cancelled() async throws {
        let server = try WebServer()
        let stream = try await client.stream(HTTPRequest("GET", server.url + "/pieces/one/two"))
        let task = Task { await failure { _ = try await stream.next() } }
        task.cancel()
        #expect(await task.value?.code == .cancelled)
        #expect(await failure { _ = try await stream.next() }?.code == .cancelled)
        // More than a host's connections in all: each was let go of.
        for _ in 0..<80 { _ = try await client.stream(HTTPRequest("GET", server.url + "/pieces/never")) }
    }

    @Test("a stream outlives the client that made it")
    func outlives() async throws {
        let server = try WebServer()
        let stream = try await HTTPClient().stream(HTTPRequest("GET", server.url + "/pieces/one"))
        try await server.signal("one")
        #expect(text(try await stream.next()) == "one")
        #expect(try await stream.next() == nil)
    }

    @Test("a head that does not come ends with the deadline")
    func late() async throws {
        let server = try WebServer()
        let request = HTTPRequest("GET", server.url + "/never").with { $0.timeout = .milliseconds(200) }
        #expect(await failure { _ = try await client.stream(request) }?.code == .timedOut)
        let began = try await client.stream(
            HTTPRequest("GET", server.url + "/pieces/later").with { $0.timeout = .milliseconds(200) })
        #expect(await failure { _ = try await began.next() }?.code == .timedOut)
    }
}
