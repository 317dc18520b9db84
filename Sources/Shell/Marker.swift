#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// The random words that tell the driver's own lines from whatever a command prints; new for each connection, and sent
/// to the driver on its standard input, where no other process sees them.
struct Marker: Sendable, Hashable {
    /// Begins each of the driver's lines.
    var line: [UInt8]
    /// Written by itself, anywhere in standard output, before a request is run.
    var beat: [UInt8]

    static func random() -> Marker {
        Marker(line: word(first: 0x1E), beat: word(first: 0x1F))
    }

    /// A control character that is rare in text, which makes the search for it quick, and 32 hexadecimal digits.
    private static func word(first: UInt8) -> [UInt8] {
        let digits = Array("0123456789abcdef".utf8)
        return [first] + (0..<32).map { _ in digits[Int.random(in: 0..<16)] }
    }
}

extension [UInt8] {
    /// Where `word` begins at or after `first`; or, where only its beginning fits at the end of the bytes, that place,
    /// with `isWhole` false.
    func place(of word: [UInt8], from first: Int) -> (index: Int, isWhole: Bool)? {
        withUnsafeBufferPointer { bytes in
            word.withUnsafeBufferPointer { word -> (Int, Bool)? in
                guard let base = bytes.baseAddress, let start = word.baseAddress, !bytes.isEmpty else { return nil }
                var index = first
                while index < bytes.count {
                    guard let found = memchr(base + index, Int32(start.pointee), bytes.count - index) else {
                        return nil
                    }
                    index = UnsafeRawPointer(base).distance(to: UnsafeRawPointer(found))
                    let length = Swift.min(word.count, bytes.count - index)
                    if memcmp(base + index, start, length) == 0 { return (index, length == word.count) }
                    index += 1
                }
                return nil
            }
        }
    }
}
