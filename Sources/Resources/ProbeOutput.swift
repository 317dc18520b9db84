import Model

/// A probe's standard output, read record by record: each ends with NUL, which no text, name or number can hold.
struct ProbeOutput {
    private var rest: ArraySlice<UInt8>
    /// What the probe was for, as "could not …" reads.
    private let deed: String

    init(_ output: [UInt8], deed: String) {
        rest = output[...]
        self.deed = deed
    }

    /// The bytes up to the next NUL.
    mutating func record() throws(Failure) -> ArraySlice<UInt8> {
        guard let end = rest.firstIndex(of: 0) else { throw unreadable("the output ends early") }
        defer { rest = rest[(end + 1)...] }
        return rest[..<end]
    }

    mutating func text() throws(Failure) -> String { String(decoding: try record(), as: UTF8.self) }

    /// A whole number; an empty record is 0.
    mutating func number() throws(Failure) -> Int {
        let text = try text().filter { !$0.isWhitespace }
        guard let number = text.isEmpty ? 0 : Int(text) else { throw unreadable("a number is needed") }
        return number
    }

    /// - Throws: where the probe printed more than was read.
    func end() throws(Failure) {
        if !rest.isEmpty { throw unreadable("\(rest.count) bytes too many") }
    }

    func unreadable(_ why: String) -> Failure {
        Failure(deed: deed, cause: "the answer is not what the probe prints: \(why)")
    }
}
