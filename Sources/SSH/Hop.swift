/// One stop of ProxyJump: `[user@]host[:port]`, an IPv6 address in brackets, perhaps as `ssh://…`.
struct Hop: Sendable, Hashable {
    var user: String?
    var host: String
    var port: Int?

    init?(_ text: some StringProtocol) {
        var rest = Substring(text)
        if rest.hasPrefix("ssh://") {
            rest = rest.dropFirst(6)
            if rest.hasSuffix("/") { rest = rest.dropLast() }
        }
        if let at = rest.lastIndex(of: "@") {
            user = String(rest[..<at])
            rest = rest[rest.index(after: at)...]
        }
        var portText: Substring?
        if rest.hasPrefix("["), let end = rest.firstIndex(of: "]") {
            host = String(rest[rest.index(after: rest.startIndex)..<end])
            let after = rest[rest.index(after: end)...]
            if !after.isEmpty {
                guard after.hasPrefix(":") else { return nil }
                portText = after.dropFirst()
            }
        } else if rest.filter({ $0 == ":" }).count == 1, let colon = rest.firstIndex(of: ":") {
            host = String(rest[..<colon])
            portText = rest[rest.index(after: colon)...]
        } else {
            host = String(rest)
        }
        if let portText {
            guard let number = Int(portText), (1...65535).contains(number) else { return nil }
            port = number
        }
        if host.isEmpty || host.hasPrefix("-") || user?.isEmpty ?? false { return nil }
    }

    /// All the hops of a list, in order; nil where one cannot be read.
    static func list(_ text: String) -> [Hop]? {
        var hops: [Hop] = []
        for part in text.split(separator: ",") {
            guard let hop = Hop(String(part).trimmingSpaces) else { return nil }
            hops.append(hop)
        }
        return hops
    }
}

extension String {
    fileprivate var trimmingSpaces: Substring {
        var rest = drop(while: \.isWhitespace)
        while rest.last?.isWhitespace ?? false { rest.removeLast() }
        return rest
    }
}
