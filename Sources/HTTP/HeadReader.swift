/// Puts a response's head together from its lines, and says when the one that counts is whole: not that of a `100
/// Continue`, nor of a redirect that is followed.
struct HeadReader {
    private(set) var head: HTTPHead?
    private(set) var isWhole = false
    let followsRedirects: Bool

    init(followsRedirects: Bool) { self.followsRedirects = followsRedirects }

    /// - Parameter line: with its line end, as libcurl hands it on.
    /// - Returns: whether the head that counts has just become whole.
    mutating func take(_ line: String) -> Bool {
        // Trailers come after the body.
        if isWhole { return false }
        let line = line.trimmed
        if line.isEmpty {
            guard let head, head.status >= 200, !isFollowed(head) else { return false }
            isWhole = true
            return true
        }
        if line.hasPrefix("HTTP/") {
            let words = line.split(separator: " ", maxSplits: 2, omittingEmptySubsequences: true)
            let status = words.count > 1 ? Int(words[1]) ?? 0 : 0
            head = HTTPHead(status: status, reason: words.count > 2 ? String(words[2]) : "")
        } else if let colon = line.firstIndex(of: ":") {
            head?.headers.add(String(line[..<colon]), String(line[line.index(after: colon)...]).trimmed)
        }
        return false
    }

    private func isFollowed(_ head: HTTPHead) -> Bool {
        followsRedirects && [301, 302, 303, 307, 308].contains(head.status) && head.headers["Location"] != nil
    }
}

extension String {
    /// Without blanks and line ends around it.
    fileprivate var trimmed: String {
        let isBlank: (UInt8) -> Bool = { $0 == 0x20 || $0 == 0x09 || $0 == 0x0D || $0 == 0x0A }
        let bytes = Array(utf8)
        guard let first = bytes.firstIndex(where: { !isBlank($0) }),
            let last = bytes.lastIndex(where: { !isBlank($0) })
        else { return "" }
        return String(decoding: bytes[first...last], as: UTF8.self)
    }
}
