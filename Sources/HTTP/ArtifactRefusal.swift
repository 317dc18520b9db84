import Model

/// Why an answer is not the file that was asked for, in words that help.
enum ArtifactRefusal {
    /// - Returns: nil for a success.
    static func of(_ head: HTTPHead, deed: String) -> Failure? {
        if head.isSuccess { return nil }
        let hint =
            switch head.status {
            case 404, 410: "is the version right, and does the mirror have it?"
            case 401, 403, 407: "the server wants to know who asks, or lets nobody in: is the mirror's URL right?"
            case 429, 500...599: "the server has trouble of its own; try again later"
            default: nil as String?
            }
        return Failure(deed: deed, cause: "the server answered \(head.statusText)", hint: hint)
    }

    /// - Returns: a failure where the bytes begin as a web page does.
    static func ofPage(_ bytes: UnsafeRawBufferPointer, deed: String) -> Failure? {
        guard isPage(bytes) else { return nil }
        return Failure(
            deed: deed, cause: "the server sent a web page in place of the file",
            hint: "does this network want a login first? is the mirror's URL right?")
    }

    static func isPage(_ bytes: UnsafeRawBufferPointer) -> Bool {
        var rest = bytes.prefix(1024)[...]
        if rest.starts(with: [0xEF, 0xBB, 0xBF]) { rest = rest.dropFirst(3) }
        rest = rest.drop { $0 == 0x20 || (0x09...0x0D).contains($0) }
        let start = String(decoding: rest.prefix(32), as: UTF8.self).lowercased()
        return ["<!doctype html", "<html", "<head", "<body"].contains { start.hasPrefix($0) }
    }
}
