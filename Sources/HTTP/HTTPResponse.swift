import Model

/// A response's status and header fields.
public struct HTTPHead: Sendable, Hashable {
    public var status: Int
    /// What the server calls the status; empty where it says nothing.
    public var reason: String
    public var headers: HTTPHeaders

    public init(status: Int, reason: String = "", headers: HTTPHeaders = [:]) {
        self.status = status
        self.reason = reason
        self.headers = headers
    }

    public var isSuccess: Bool { (200..<300).contains(status) }

    /// `404 Not Found`.
    public var statusText: String { reason.isEmpty ? "\(status)" : "\(status) \(reason)" }
}

public struct HTTPResponse: Sendable {
    public var head: HTTPHead
    public var body: [UInt8]

    public var status: Int { head.status }
    public var headers: HTTPHeaders { head.headers }
    public var text: String { String(decoding: body, as: UTF8.self) }
}

extension HTTPResponse: CustomStringConvertible, CustomReflectable {
    /// A body may hold a secret: it is not shown.
    public var description: String { "\(head.statusText), \(body.count) bytes" }
    public var customMirror: Mirror { Mirror(self, children: ["response": description]) }
}
