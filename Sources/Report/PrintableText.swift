extension String {
    /// The text with whatever steers a terminal, or hides or turns round what is read, made visible: what a node or a file
    /// says is shown as it is. Tabs and line ends stay.
    public var printable: String { harmless(but: .nothing) }

    /// What kubani draws with itself, and may stay in what is made printable.
    public enum Drawing: Sendable {
        case nothing
        /// `ESC [ 31 m`
        case colors
        /// These, and the moves of the live display.
        case everything
    }

    public func harmless(but drawing: Drawing) -> String {
        // As a rule there is nothing but ASCII.
        if utf8.allSatisfy({ 0x20..<0x7F ~= $0 || $0 == 0x0A || $0 == 0x09 }) { return self }
        var out = String.UnicodeScalarView()
        var rest = unicodeScalars[...]
        while let scalar = rest.first {
            if let kept = Self.drawn(rest, drawing) {
                out.append(contentsOf: kept)
                rest = rest[kept.endIndex...]
                continue
            }
            rest = rest.dropFirst()
            if Self.steers(scalar) {
                out.append(contentsOf: "^\(String(UnicodeScalar(UInt8(scalar.value + 0x40))))".unicodeScalars)
            } else if Self.deceives(scalar) {
                out.append(contentsOf: Self.escape(scalar).unicodeScalars)
            } else {
                out.append(scalar)
            }
        }
        return String(out)
    }

    /// A sequence of kubani's own at the beginning of a text.
    private static func drawn(_ text: Substring.UnicodeScalarView, _ drawing: Drawing) -> Substring.UnicodeScalarView? {
        if drawing == .nothing { return nil }
        if text.first == "\r" { return drawing == .everything ? text.prefix(1) : nil }
        guard text.first == "\u{1B}", text.dropFirst().first == "[" else { return nil }
        let numbers = text.dropFirst(2).prefix { ("0"..."9").contains($0) || $0 == ";" }
        guard numbers.count < 12, let end = text[numbers.endIndex...].first else { return nil }
        guard end == "m" || drawing == .everything && (end == "A" || end == "J") else { return nil }
        return text[..<text.index(after: numbers.endIndex)]
    }

    /// As JSON writes it, so that within JSON it is still the same text.
    private static func escape(_ scalar: Unicode.Scalar) -> String {
        String(scalar).utf16.map { unit in
            let digits = String(unit, radix: 16)
            return "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
        }.joined()
    }

    /// C0 but for tabs and line ends.
    private static func steers(_ scalar: Unicode.Scalar) -> Bool {
        scalar.value < 0x20 && scalar != "\t" && scalar != "\n"
    }

    /// DEL and C1; what turns the direction of writing; what is not seen: it has no place in what anybody reads.
    private static func deceives(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0..<0x7F: false
        case 0x7F...0x9F, 0xAD, 0x34F, 0x61C, 0x115F...0x1160, 0x17B4...0x17B5, 0x180B...0x180F: true
        // Scripts and emoji are joined by U+200C and U+200D.
        case 0x200B, 0x200E...0x200F, 0x2028...0x202E, 0x2060...0x206F, 0x3164, 0xFEFF, 0xFFA0, 0xFFF0...0xFFFB: true
        case 0x1BCA0...0x1BCA3, 0x1D173...0x1D17A, 0xE0000...0xE0FFF: true
        default: false
        }
    }

    func indented(by spaces: Int) -> String {
        split(separator: "\n", omittingEmptySubsequences: false)
            .map { $0.isEmpty ? "" : String(repeating: " ", count: spaces) + $0 }
            .joined(separator: "\n")
    }
}
