import Credentials
import HTTP
import Model
import Synchronization
import YAML

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// A cluster's API. Failures carry the server's own message; what comes to nothing because the server is restarting is
/// tried again for a while, where trying twice does no harm.
public final class ClusterClient: Sendable {
    public let endpoint: ClusterEndpoint
    let http: HTTPClient
    let patience: Duration
    /// Which of the endpoint's servers answered last.
    private let current = Mutex(0)
    let resources = Mutex<[String: [APIResource]]>([:])

    /// - Parameter patience: how long a server that refuses connections, or says it is not well, is asked again.
    public init(_ endpoint: ClusterEndpoint, http: HTTPClient = HTTPClient(), patience: Duration = .seconds(20)) {
        self.endpoint = endpoint
        self.http = http
        self.patience = patience
    }

    /// As whom a cluster kind asks: what a node told of the way in, which opens no file here.
    public convenience init(
        _ access: ClusterAccess, http: HTTPClient = HTTPClient(), patience: Duration = .seconds(20)
    ) throws(InputErrors) {
        self.init(ClusterEndpoint(try NodeKubeconfig(access.kubeconfig)), http: http, patience: patience)
    }

    /// One question to the API, as a method, a path and what goes with them.
    struct Call: Sendable {
        var method = "GET"
        /// Below the server's address: `/api/v1/nodes`.
        var path: String
        var query: [(String, String)] = []
        var body: Value?
        var contentType = "application/json"
        /// What is being done, as "could not …" reads.
        var deed: String
        /// Whether asking twice gives what asking once does.
        var isIdempotent = true
        var timeout: Duration = .seconds(60)
        /// When nobody waits for it any more.
        var deadline: ContinuousClock.Instant?

        var timeLeft: Duration {
            guard let deadline else { return timeout }
            return max(.milliseconds(1), min(timeout, ContinuousClock.now.duration(to: deadline)))
        }
    }

    enum Answer: Sendable {
        case success(Value)
        case status(APIStatus)
    }

    /// - Throws: where the API cannot be asked; what it says is an answer.
    func ask(_ call: Call) async throws(Failure) -> Answer {
        let deadline = min(ContinuousClock.now + patience, call.deadline ?? .now + patience)
        var pause = Duration.milliseconds(200)
        while true {
            let server = current.withLock { $0 }
            var wait = pause
            do throws(Failure) {
                let response = try await http.send(request(call, server: server))
                if response.head.isSuccess { return .success(try value(response, call)) }
                let status = APIStatus(response.head, response.body)
                guard status.isPassing(call), ContinuousClock.now + (status.retryAfter ?? wait) < deadline else {
                    return .status(status)
                }
                wait = status.retryAfter ?? wait
            } catch {
                guard isPassing(error), call.isIdempotent else { throw error }
                // Another server of the cluster is asked at once, if there is time.
                if moveOn(from: server), call.deadline.map({ ContinuousClock.now < $0 }) ?? true { continue }
                guard ContinuousClock.now + wait < deadline else { throw error }
            }
            do { try await Task.sleep(for: wait) } catch {
                throw Failure(.cancelled, deed: call.deed, cause: "cancelled")
            }
            pause = min(pause * 2, .seconds(2))
        }
    }

    /// A call whose answer comes piece by piece; tried once.
    func stream(_ call: Call) async throws(Failure) -> HTTPStream {
        let server = current.withLock { $0 }
        do throws(Failure) { return try await http.stream(request(call, server: server)) } catch {
            if isPassing(error) { _ = moveOn(from: server) }
            throw error
        }
    }

    /// The answer of a call that must succeed.
    func value(of call: Call) async throws(Failure) -> Value {
        switch try await ask(call) {
        case .success(let value): return value
        case .status(let status): throw failure(status, call)
        }
    }

    func failure(_ status: APIStatus, _ call: Call) -> Failure { status.failure(call.deed, context: endpoint.context) }

    private func value(_ response: HTTPResponse, _ call: Call) throws(Failure) -> Value {
        // `/readyz` and the like answer in plain text.
        guard response.headers["Content-Type"]?.contains("json") == true else { return .string(response.text) }
        do throws(JSON.Mistake) { return try JSON.read(response.body) } catch {
            throw Failure(
                deed: call.deed, cause: "the server's answer is no JSON: \(error.message), at byte \(error.offset)")
        }
    }

    private func request(_ call: Call, server: Int) -> HTTPRequest {
        let base = endpoint.servers[server]
        let query = call.query.map { "\(Self.escaped($0.0))=\(Self.escaped($0.1))" }.joined(separator: "&")
        var request = HTTPRequest(call.method, base + call.path + (query.isEmpty ? "" : "?" + query))
        request.deed = call.deed
        request.tls = endpoint.tls
        request.proxy = endpoint.proxy
        request.bearer = endpoint.token
        request.timeout = call.timeLeft
        // One that drops what it is sent must leave the others their part of the time.
        request.connectTimeout = min(request.connectTimeout, call.timeLeft / endpoint.servers.count)
        request.bodyLimit = 512 << 20
        request.headers["Accept"] = "application/json"
        if let body = call.body {
            request.headers["Content-Type"] = call.contentType
            request.body = Array(JSON.line(body).utf8)
        }
        if endpoint.token == nil, let basic = endpoint.basic {
            let words = Data("\(basic.user):\(basic.password.reveal())".utf8).base64EncodedString()
            request.headers["Authorization"] = "Basic \(words)"
        }
        return request
    }

    static func escaped(_ text: String) -> String {
        var out = ""
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"):
                out.unicodeScalars.append(Unicode.Scalar(byte))
            default: out += "%" + [byte].hexadecimal.uppercased()
            }
        }
        return out
    }

    /// Whether it may pass by itself: a server that is down, or that was lost in the middle.
    private func isPassing(_ failure: Failure) -> Bool {
        failure.code == .unreachable || failure.code == .timedOut && endpoint.servers.count > 1
    }

    /// Turns to the next server; false where all have been tried since the last that answered.
    private func moveOn(from server: Int) -> Bool {
        guard endpoint.servers.count > 1 else { return false }
        current.withLock { if $0 == server { $0 = (server + 1) % endpoint.servers.count } }
        return (server + 1) % endpoint.servers.count != 0
    }
}

extension APIStatus {
    /// Whether the server says that it will be well again, and asking again does no harm.
    func isPassing(_ call: ClusterClient.Call) -> Bool {
        // It refuses before it begins anything. An eviction that a budget forbids is an answer of its own.
        if code == 429 { return !call.path.hasSuffix("/eviction") }
        guard call.isIdempotent else { return false }
        return [502, 503, 504].contains(code) || code == 500 && message.contains("etcdserver")
    }
}
