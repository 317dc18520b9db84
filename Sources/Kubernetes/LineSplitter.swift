/// Cuts what comes in pieces into lines.
struct LineSplitter: Sendable {
    private var bytes: [UInt8] = []
    private var searched = 0
    private var start = 0

    mutating func add(_ piece: [UInt8]) {
        if start > 0 {
            bytes.removeFirst(start)
            searched -= start
            start = 0
        }
        bytes += piece
    }

    /// The next whole line without its end; empty ones are passed over.
    mutating func next() -> [UInt8]? {
        while let end = bytes[searched...].firstIndex(of: UInt8(ascii: "\n")) {
            let line = bytes[start..<end]
            start = end + 1
            searched = start
            if !line.isEmpty { return Array(line) }
        }
        searched = bytes.count
        return nil
    }
}
