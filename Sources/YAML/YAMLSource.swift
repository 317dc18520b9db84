import Model

/// A file's bytes and name, shared by its nodes so that an error can show the line it is about.
final class YAMLSource: Sendable {
    let file: String
    let bytes: [UInt8]

    init(file: String, bytes: [UInt8]) {
        self.file = file
        self.bytes = bytes
    }

    func origin(_ mark: YAMLNode.Mark) -> Origin {
        Origin(file: file, line: Int(mark.line), column: Int(mark.column))
    }

    /// A line as written, from 1, without its end.
    func line(_ number: Int) -> String? {
        var current = 1
        var start = bytes.startIndex
        while current < number {
            guard let end = bytes[start...].firstIndex(of: UInt8(ascii: "\n")) else { return nil }
            start = end + 1
            current += 1
        }
        let end = bytes[start...].firstIndex(of: UInt8(ascii: "\n")) ?? bytes.endIndex
        var text = String(decoding: bytes[start..<end], as: UTF8.self)
        if text.hasSuffix("\r") { text.removeLast() }
        return text
    }

    func error(_ message: String, at mark: YAMLNode.Mark, hint: String? = nil) -> InputError {
        InputError(message, at: origin(mark), sourceLine: SourceLine.shown(line(Int(mark.line))), hint: hint)
    }

    /// The line and column of a byte.
    func mark(ofByte offset: Int) -> YAMLNode.Mark {
        let before = bytes[..<min(offset, bytes.count)]
        let lineStart = (before.lastIndex(of: UInt8(ascii: "\n")) ?? -1) + 1
        let line = before.reduce(into: 1) { count, byte in if byte == UInt8(ascii: "\n") { count += 1 } }
        let column = String(decoding: before[lineStart...], as: UTF8.self).unicodeScalars.count + 1
        return YAMLNode.Mark(line: line, column: column)
    }

    /// The first byte that no YAML file may hold, if there is one.
    func encodingError() -> InputError? {
        if let zero = bytes.firstIndex(of: 0) {
            return error("the file holds a NUL byte", at: mark(ofByte: zero), hint: "is this a text file in UTF-8?")
        }
        guard String(validating: bytes, as: UTF8.self) == nil else { return nil }
        return error(
            "the file is not UTF-8", at: mark(ofByte: firstInvalidByte() ?? 0),
            hint: "convert it, such as with: iconv -f ISO-8859-1 -t UTF-8")
    }

    private func firstInvalidByte() -> Int? {
        var decoder = UTF8()
        var rest = bytes.makeIterator()
        var good = 0
        while true {
            switch decoder.decode(&rest) {
            case .scalarValue(let scalar): good += UTF8.width(scalar)
            case .emptyInput: return nil
            case .error: return good
            }
        }
    }
}
