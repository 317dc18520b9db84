extension Unicode.Scalar {
    /// Control characters, also C1's (U+009B begins a terminal's sequences), marks that turn the direction of writing,
    /// what has no width and no looks, and line ends that only some readers know. The joiners of scripts and emoji are
    /// none of these, nor are tabs and newlines.
    var isShownByName: Bool {
        switch value {
        case 0x09, 0x0A, 0x20..<0x7F, 0x200C, 0x200D: false
        case 0..<0x20, 0x7F...0x9F: true
        default:
            switch properties.generalCategory {
            case .format, .lineSeparator, .paragraphSeparator: true
            default: false
            }
        }
    }

    /// Four digits at least.
    fileprivate var hexadecimal: String {
        let digits = String(value, radix: 16)
        return String(repeating: "0", count: max(0, 4 - digits.count)) + digits
    }

    /// As JSON writes what is not to stand there raw: `\u009b`, `\udb40\udc01`.
    var escapedForJSON: String {
        UTF16.width(self) == 1
            ? "\\u\(hexadecimal)"
            : "\\u\(String(UTF16.leadSurrogate(self), radix: 16))\\u\(String(UTF16.trailSurrogate(self), radix: 16))"
    }
}

extension String {
    /// The text with what steers a terminal or hides made visible, so that what a node or a file says is read as it is.
    /// Tabs and line ends stay.
    public var printable: String {
        // As a rule there is nothing but ASCII.
        if utf8.allSatisfy({ 0x20..<0x7F ~= $0 || $0 == 0x0A || $0 == 0x09 }) { return self }
        var out = ""
        for scalar in unicodeScalars {
            switch scalar.value {
            case 0..<0x20 where scalar.isShownByName: out += "^" + String(UnicodeScalar(UInt8(scalar.value + 0x40)))
            case 0x7F: out += "^?"
            case _ where scalar.isShownByName: out += "<U+\(scalar.hexadecimal.uppercased())>"
            default: out.unicodeScalars.append(scalar)
            }
        }
        return out
    }

    func indented(by spaces: Int) -> String {
        split(separator: "\n", omittingEmptySubsequences: false)
            .map { $0.isEmpty ? "" : String(repeating: " ", count: spaces) + $0 }
            .joined(separator: "\n")
    }
}
