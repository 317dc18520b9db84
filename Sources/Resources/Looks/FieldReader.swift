import Model

/// Reads what a probe printed as a row of fields, each ended by a NUL: no text of a node can hold one, so whatever else
/// a field holds cannot be taken for the end of it.
struct FieldReader {
    private let bytes: [UInt8]
    private var position = 0
    /// What was being looked at, for the failure: "look at services".
    private let deed: String

    init(_ output: [UInt8], deed: String) {
        bytes = output
        self.deed = deed
    }

    /// - Throws: `Failure` where the output ends before the field does.
    mutating func nextBytes() throws(Failure) -> [UInt8] {
        guard let end = bytes[position...].firstIndex(of: 0) else {
            throw unreadable("the answer breaks off")
        }
        defer { position = end + 1 }
        return Array(bytes[position..<end])
    }

    /// The next field as text, without the newlines at its end.
    mutating func nextLineText() throws(Failure) -> String {
        var text = try nextBytes()
        while text.last == UInt8(ascii: "\n") { text.removeLast() }
        return String(decoding: text, as: UTF8.self)
    }

    mutating func next() throws(Failure) -> String { String(decoding: try nextBytes(), as: UTF8.self) }

    mutating func nextInt() throws(Failure) -> Int {
        let text = try nextLineText()
        guard let number = Int(text) else { throw unreadable("a number is needed") }
        return number
    }

    /// What has not been read yet, for another reader.
    var rest: [UInt8] { Array(bytes[position...]) }

    /// Everything must have been read: more than that means that a probe and its reader do not fit.
    func end() throws(Failure) {
        if position != bytes.count { throw unreadable("the answer goes on where it should end") }
    }

    /// Without the answer itself: what a look brings may be secret.
    func unreadable(_ cause: String) -> Failure { Failure(deed: deed, cause: cause) }
}
