import Foundation
import HTTP
import Model
import TestSupport
import Testing

@Suite("requests to a real server", Needs.program("python3"))
struct HTTPClientTests {
    let client = HTTPClient()

    @Test("status, headers and body come as the server sent them")
    func response() async throws {
        let server = try WebServer()
        let response = try await client.send(HTTPRequest("GET", server.url + "/hello"))
        #expect(response.status == 200)
        #expect(response.head.statusText == "200 OK")
        #expect(response.text == "hello\n")
        #expect(response.headers["content-type"] == "text/plain")
        #expect(response.headers.fields.filter { $0.name.lowercased() == "x-greeting" }.map(\.value) == ["one", "two"])
        for status in [201, 404, 409, 500] {
            let response = try await client.send(HTTPRequest("GET", server.url + "/status/\(status)"))
            #expect(response.status == status && response.text == "as asked\n")
        }
        #expect(try await client.send(HTTPRequest("HEAD", server.url + "/hello")).body.isEmpty)
    }

    @Test(
        "method, headers and body reach the server, and nothing that nobody asked for",
        arguments: [
            ("GET", nil), ("POST", nil), ("POST", ""), ("POST", "a=b"), ("PUT", "x"), ("PATCH", "[1]"), ("DELETE", nil),
            ("DELETE", "{}"),
        ])
    func sent(method: String, body: String?) async throws {
        let server = try WebServer()
        let request = HTTPRequest(method, server.url + "/echo?a=1").with {
            $0.headers = ["Accept": "application/json", "X-Empty": "", "X-One": "a b"]
            $0.body = body.map { Array($0.utf8) }
            $0.bearer = Secret("s3cret")
        }
        struct Told: Decodable {
            var method: String
            var path: String
            var body: String
            var headers: [String: String]
        }
        let told = try JSONDecoder().decode(Told.self, from: Data(try await client.send(request).body))
        #expect(told.method == method)
        #expect(told.path == "/echo?a=1")
        #expect(told.body == body ?? "")
        var headers = told.headers
        #expect(headers.removeValue(forKey: "host") == "127.0.0.1:\(server.port)")
        #expect(
            headers.removeValue(forKey: "content-length")
                == (body == nil && method != "POST" ? nil : "\(body?.count ?? 0)"))
        #expect(headers.removeValue(forKey: "accept-encoding")?.contains("gzip") == true)
        #expect(
            headers == [
                "accept": "application/json", "x-empty": "", "x-one": "a b", "authorization": "Bearer s3cret",
                "user-agent": "kubani",
            ])
    }

    @Test("a large body goes both ways", arguments: [1 << 20, 30 << 20])
    func large(count: Int) async throws {
        let server = try WebServer()
        let body = WebServer.content(count)
        let got = try await client.send(HTTPRequest("GET", server.url + "/file/\(count)"))
        #expect(got.body == body)
        let zipped = try await client.send(HTTPRequest("GET", server.url + "/zip/\(count)"))
        #expect(zipped.body == body)
        let sent = try await client.send(
            HTTPRequest("PUT", server.url + "/status/200").with { $0.body = body })
        #expect(sent.status == 200)
    }

    @Test(
        "a body over the limit is refused, whether or not its length is told", arguments: ["/file/1001", "/zip/100000"])
    func limit(path: String) async throws {
        let server = try WebServer()
        let refused = await failure {
            _ = try await client.send(HTTPRequest("GET", server.url + path).with { $0.bodyLimit = 1000 })
        }
        #expect(refused?.cause == "the answer is larger than 1000 bytes")
        let response = try await client.send(
            HTTPRequest("GET", server.url + "/file/1000").with { $0.bodyLimit = 1000 })
        #expect(response.body.count == 1000)
    }

    @Test("redirects are followed as far as the request says, and to HTTP only")
    func redirects() async throws {
        let server = try WebServer()
        func get(_ path: String, _ redirects: Int) async throws -> HTTPResponse {
            try await client.send(HTTPRequest("GET", server.url + path).with { $0.redirects = redirects })
        }
        #expect(try await get("/redirect/3", 3).text == "hello\n")
        let response = try await get("/redirect/3", 0)
        #expect(response.status == 302 && response.headers["Location"] == "/redirect/2")
        let tooMany = await failure { _ = try await get("/redirect/3", 2) }
        #expect(tooMany?.cause == "more than 2 redirects, one after the other")
        for target in ["file:///etc/passwd", "ftp://127.0.0.1/x", "gopher://127.0.0.1:1/x"] {
            let elsewhere = await failure { _ = try await get("/lead?to=\(target)", 3) }
            #expect(elsewhere?.cause == "a redirect leads to what is neither http nor https", "\(target)")
        }
    }

    @Test("a token stays with the host that it is for")
    func tokenStays() async throws {
        let server = try WebServer()
        let other = try WebServer()
        let request = HTTPRequest("GET", server.url + "/lead?to=http://localhost:\(other.port)/echo").with {
            $0.redirects = 1
            $0.bearer = Secret("s3cret")
        }
        let response = try await client.send(request)
        #expect(response.status == 200 && response.text.contains("localhost") && !response.text.contains("s3cret"))
    }

    @Test("one connection serves many requests, one after the other")
    func reuse() async throws {
        let server = try WebServer()
        for _ in 0..<20 { _ = try await client.send(HTTPRequest("GET", server.url + "/hello")) }
        #expect(try await client.send(HTTPRequest("GET", server.url + "/count/connections")).text == "1")
    }

    @Test("64 requests at once are all answered")
    func atOnce() async throws {
        let server = try WebServer()
        let answers = try await withThrowingTaskGroup(of: String.self) { group in
            for number in 0..<64 {
                group.addTask {
                    try await client.send(HTTPRequest("GET", server.url + "/text?text=\(number)")).text
                }
            }
            return try await group.reduce(into: Set<String>()) { $0.insert($1) }
        }
        #expect(answers == Set((0..<64).map(String.init)))
    }

    @Test("a server on a unix socket is reached like any other")
    func unixSocket() async throws {
        let folder = try TemporaryFolder()
        let socket = folder.path + "/web.sock"
        let server = try WebServer(unixSocket: socket)
        let request = HTTPRequest("POST", server.url + "/echo").with {
            $0.unixSocket = socket
            $0.headers = ["Host": "local-tailscaled.sock"]
            $0.body = Array("hi".utf8)
        }
        let response = try await client.send(request)
        #expect(
            response.text.contains("\"body\": \"hi\"") && response.text.contains("\"host\": \"local-tailscaled.sock\""))
        let nowhere = await failure { _ = try await client.send(request.with { $0.unixSocket = socket + "x" }) }
        #expect(nowhere?.code == .unreachable && nowhere?.cause == "there is no socket \(socket)x")
    }

    @Test("what the environment says of proxies does not count for this machine")
    func noProxy() async throws {
        let server = try WebServer()
        setenv("http_proxy", "http://127.0.0.1:1", 1)
        defer { unsetenv("http_proxy") }
        #expect(try await client.send(HTTPRequest("GET", server.url + "/hello")).status == 200)
        let request = HTTPRequest("GET", "http://example.invalid/hello")
        let refused = await failure { _ = try await client.send(request) }
        #expect(refused?.code == .unreachable && refused?.cause.contains("refused") == true)
        let direct = await failure { _ = try await client.send(request.with { $0.proxy = .none }) }
        #expect(direct?.cause == "the name example.invalid could not be resolved")
        let through = try await client.send(request.with { $0.proxy = .url(Secret(server.url)) })
        #expect(through.status == 404 || through.status == 200)
    }
}
