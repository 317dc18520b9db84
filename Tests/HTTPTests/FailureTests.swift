import Foundation
import HTTP
import Model
import TestSupport
import Testing

@Suite("what goes wrong on the way", Needs.program("python3"))
struct FailureTests {
    let client = HTTPClient()

    private func failure(of request: HTTPRequest) async -> Failure? {
        await failure { _ = try await client.send(request) }
    }

    private func failure(_ body: () async throws -> Void) async -> Failure? { await HTTPTests.failure(body) }

    @Test("a closed port, a name that is none and a URL of another kind are told apart")
    func nowhere() async throws {
        let refused = await failure(of: HTTPRequest("GET", "http://127.0.0.1:1/a"))
        #expect(refused?.code == .unreachable)
        #expect(
            refused?.description == """
                could not fetch http://127.0.0.1:1/a: connection refused by 127.0.0.1:1
                hint: is something listening there? is the port right?
                """)
        let name = await failure(of: HTTPRequest("GET", "https://no-such-host.invalid/a"))
        #expect(name?.code == .unreachable && name?.cause == "the name no-such-host.invalid could not be resolved")
        let scheme = await failure(of: HTTPRequest("GET", "file:///etc/passwd"))
        #expect(scheme?.cause == "'file:///etc/passwd' is neither http nor https")
        let garbage = await failure(of: HTTPRequest("GET", "http://"))
        #expect(garbage?.cause == "'http://' is no URL")
    }

    @Test("no failure and no description shows a password, a query or a token")
    func secrets() async throws {
        let request = HTTPRequest("GET", "http://anna:pa55@127.0.0.1:1/a/b?token=s3cret#frag").with {
            $0.bearer = Secret("t0ken")
            $0.body = Array("b0dy".utf8)
            $0.tls.clientKey = Secret("k3y")
        }
        let refused = try #require(await failure(of: request))
        #expect(refused.deed == "fetch http://127.0.0.1:1/a/b")
        var dumped = ""
        dump(request, to: &dumped)
        for text in [refused.description, "\(request)", dumped] {
            for secret in ["pa55", "anna", "s3cret", "frag", "t0ken", "k3y", "98, 48"] {
                #expect(!text.contains(secret), "\(text)")
            }
        }
        let bad = await failure(of: HTTPRequest("GET", "http://anna:pa55@[x/a?token=s3cret"))
        #expect(bad?.description == "could not fetch http://[x/a: 'http://[x/a' is no URL")
    }

    @Test("a line end in a header is refused, for it would begin another one")
    func headers() async throws {
        let server = try WebServer()
        for request in [
            HTTPRequest("GET", server.url + "/echo").with { $0.headers["X-A"] = "b\r\nX-C: d" },
            HTTPRequest("GET", server.url + "/echo").with { $0.bearer = Secret("b\n") },
        ] {
            #expect(await failure(of: request)?.cause == "a header of the request holds a control character")
        }
    }

    @Test("a body that ends early is no body", arguments: ["/truncated", "/pieces/cut"])
    func truncated(path: String) async throws {
        let server = try WebServer()
        let cut = await failure(of: HTTPRequest("GET", server.url + path))
        #expect(cut?.code == .unreachable)
        #expect(cut?.cause.hasPrefix("the connection to 127.0.0.1:\(server.port) ended early: ") == true)
        if path == "/truncated" { #expect(cut?.cause.hasSuffix("500 of 1000 bytes came") == true) }
        let closed = await failure(of: HTTPRequest("GET", server.url + "/close"))
        #expect(closed?.cause == "127.0.0.1:\(server.port) closed the connection without an answer")
    }

    @Test("what is not HTTP is called that", Needs.program("openssl"))
    func otherProtocol() async throws {
        let server = try WebServer()
        let plain = await failure(of: HTTPRequest("GET", server.url.replacingOccurrences(of: "http:", with: "https:")))
        #expect(plain?.cause == "127.0.0.1:\(server.port) does not speak TLS")
    }

    // MARK: - Deadlines

    @Test("a server that never answers is waited for until the deadline, and no longer")
    func never() async throws {
        let server = try WebServer()
        let began = ContinuousClock.now
        let late = await failure(of: HTTPRequest("GET", server.url + "/never").with { $0.timeout = .milliseconds(300) })
        #expect(late?.code == .timedOut)
        #expect(late?.cause == "127.0.0.1:\(server.port) did not answer within 0.3 s")
        #expect(ContinuousClock.now - began >= .milliseconds(300))
    }

    @Test("a body that stops coming ends with the deadline for silence, or for the whole")
    func stall() async throws {
        let server = try WebServer()
        let request = HTTPRequest("GET", server.url + "/stall").with { $0.stallTimeout = .milliseconds(200) }
        let silent = await failure(of: request)
        #expect(silent?.code == .timedOut)
        #expect(silent?.cause == "nothing more came for 0.2 s after 500 of 1000 bytes")
        let slow = await failure(of: HTTPRequest("GET", server.url + "/stall").with { $0.timeout = .milliseconds(200) })
        #expect(slow?.cause == "it was not done within 0.2 s: 500 of 1000 bytes came")
    }

    @Test("a connection that is never taken up ends with the deadline for connecting")
    func connecting() async throws {
        // The kernel completes TCP's handshake for a socket that listens; nobody there answers TLS's.
        let mute = try MuteListener()
        let request = HTTPRequest("GET", "https://127.0.0.1:\(mute.port)/").with {
            $0.connectTimeout = .milliseconds(200)
        }
        let late = await failure(of: request)
        #expect(late?.code == .timedOut && late?.cause == "no connection to 127.0.0.1:\(mute.port) within 0.2 s")
    }

    // MARK: - Cancellation

    @Test("a cancelled request ends at once, and its client goes on")
    func cancelled() async throws {
        let server = try WebServer()
        let task = Task { await failure(of: HTTPRequest("GET", server.url + "/never")) }
        try await server.wait(for: "never")
        task.cancel()
        #expect(await task.value?.code == .cancelled)
        let before = Task { await failure(of: HTTPRequest("GET", server.url + "/never")) }
        before.cancel()
        #expect(await before.value?.code == .cancelled)
        #expect(try await client.send(HTTPRequest("GET", server.url + "/hello")).status == 200)
    }
}

/// A socket of loopback that listens and never accepts.
final class MuteListener: Sendable {
    private let descriptor: Int32
    let port: Int

    init() throws {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        self.descriptor = descriptor
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
        port = try withUnsafeMutablePointer(to: &address) { pointer in
            try pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { pointer in
                var size = socklen_t(MemoryLayout<sockaddr_in>.size)
                guard bind(descriptor, pointer, size) == 0, listen(descriptor, 8) == 0,
                    getsockname(descriptor, pointer, &size) == 0
                else { throw POSIXError(.EADDRNOTAVAIL) }
            }
            return Int(UInt16(bigEndian: pointer.pointee.sin_port))
        }
    }

    deinit { close(descriptor) }
}
