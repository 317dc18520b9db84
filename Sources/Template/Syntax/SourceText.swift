import Model

/// A template's own text and where it was written, so that every part of it can name its line and column.
final class SourceText: Sendable {
    let text: String
    let start: Origin?
    /// The text of a secret is never quoted in a message.
    let isSensitive: Bool

    init(_ text: String, at start: Origin?, isSensitive: Bool = false) {
        self.text = text
        self.start = start
        self.isSensitive = isSensitive
    }

    /// The place of a byte of the text. The first line goes on from the column where the text begins; later lines
    /// count their own.
    func origin(at offset: Int) -> Origin? {
        guard var origin = start else { return nil }
        let (line, column) = position(of: offset)
        origin.column = line == 0 ? origin.column + column : column + 1
        origin.line += line
        return origin
    }

    func error(_ message: String, at offset: Int, hint: String? = nil) -> InputErrors {
        InputErrors(InputError(message, at: origin(at: offset), sourceLine: line(at: offset), hint: hint))
    }

    func unknown(_ what: String, _ name: String, among known: some Collection<String>, at offset: Int) -> InputErrors {
        let near = nearestName(to: name, among: known)
        return error("unknown \(what) '\(name)'", at: offset, hint: near.map { "did you mean '\($0)'?" })
    }

    /// The line as written, where the text is a file of its own: elsewhere it is only a part of its file's line.
    private func line(at offset: Int) -> String? {
        guard let start, start.line == 1, start.column == 1, !isSensitive else { return nil }
        let lines = text.utf8.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
        let index = position(of: offset).line
        guard index < lines.count else { return nil }
        let line = lines[index].last == UInt8(ascii: "\r") ? lines[index].dropLast() : lines[index]
        let shown = String(decoding: line, as: UTF8.self)
        return SecretText.masked(shown) == shown ? shown : nil
    }

    /// Lines and columns from 0, columns in scalars.
    private func position(of offset: Int) -> (line: Int, column: Int) {
        var line = 0
        var column = 0
        for byte in text.utf8.prefix(offset) {
            if byte == UInt8(ascii: "\n") {
                line += 1
                column = 0
            } else if byte & 0xC0 != 0x80 {
                column += 1
            }
        }
        return (line, column)
    }
}
