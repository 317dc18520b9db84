extension Sequence where Element == UInt8 {
    /// The bytes as lower-case hexadecimal digits, as `sha256sum` prints them.
    public var hexadecimal: String {
        let bytes = Array(self)
        return String(unsafeUninitializedCapacity: 2 * bytes.count) { digits in
            var index = 0
            for byte in bytes {
                digits[index] = digit(byte >> 4)
                digits[index + 1] = digit(byte & 15)
                index += 2
            }
            return index
        }
    }

    private func digit(_ value: UInt8) -> UInt8 {
        value < 10 ? UInt8(ascii: "0") + value : UInt8(ascii: "a") + value - 10
    }
}
