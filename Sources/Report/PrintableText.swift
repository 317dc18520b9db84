extension String {
    /// The text with control characters made visible, so that what a node or a file says cannot steer a terminal.
    /// Tabs and line ends stay.
    public var printable: String {
        guard unicodeScalars.contains(where: { Self.steers($0) }) else { return self }
        var out = ""
        for scalar in unicodeScalars {
            if Self.steers(scalar) {
                out += scalar.value < 0x20 ? "^" + String(UnicodeScalar(UInt8(scalar.value + 0x40))) : "\u{FFFD}"
            } else {
                out.unicodeScalars.append(scalar)
            }
        }
        return out
    }

    private static func steers(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0x09, 0x0A: false
        case 0..<0x20, 0x7F...0x9F: true
        default: false
        }
    }

    func indented(by spaces: Int) -> String {
        split(separator: "\n", omittingEmptySubsequences: false)
            .map { $0.isEmpty ? "" : String(repeating: " ", count: spaces) + $0 }
            .joined(separator: "\n")
    }
}
