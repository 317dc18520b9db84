/// A line of a file and what ends it: `\n`, `\r\n`, or nothing at the end of the file.
struct TextLine: Sendable, Equatable {
    var body: [UInt8]
    var end: [UInt8]

    static func split(_ content: [UInt8]) -> [TextLine] {
        var lines: [TextLine] = []
        var rest = content[...]
        while !rest.isEmpty {
            guard let newline = rest.firstIndex(of: UInt8(ascii: "\n")) else {
                lines.append(TextLine(body: Array(rest), end: []))
                break
            }
            let hasReturn = newline > rest.startIndex && rest[newline - 1] == UInt8(ascii: "\r")
            let end = hasReturn ? newline - 1 : newline
            lines.append(TextLine(body: Array(rest[..<end]), end: Array(rest[end...newline])))
            rest = rest[(newline + 1)...]
        }
        return lines
    }

    func matches(_ regex: Regex<AnyRegexOutput>) -> Bool {
        String(decoding: body, as: UTF8.self).firstMatch(of: regex) != nil
    }

    /// New lines end as their neighbour does; one before them that had no end gets one.
    static func insert(_ bodies: [[UInt8]], at index: Int, of lines: inout [TextLine]) {
        let neighbour = index > 0 ? lines[index - 1].end : lines.first?.end ?? []
        let end = neighbour.isEmpty ? Array("\n".utf8) : neighbour
        if index > 0, lines[index - 1].end.isEmpty { lines[index - 1].end = end }
        lines.insert(contentsOf: bodies.map { TextLine(body: $0, end: end) }, at: index)
    }
}
