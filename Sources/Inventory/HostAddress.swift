import Model

/// A host's name or address as Ansible writes it in an inventory, with its port, if it has one: `web1`, `web[01:10]:22`,
/// `[fd7a::1]:22`.
struct HostAddress: Equatable {
    var name: String
    var port: Int?

    /// The parts of a text, nil where it is no host's name.
    ///
    /// Ports and ranges are told apart as Ansible does: `a:22` has a port, `fe80::22` does not.
    init?(_ text: String) {
        var scalars = Array(text.unicodeScalars)
        if let colon = Self.portColon(scalars) {
            guard let number = Int(String(String.UnicodeScalarView(scalars[(colon + 1)...]))) else { return nil }
            port = number
            scalars = Array(scalars[..<colon])
            if scalars.first == "[", scalars.last == "]", scalars.count > 2,
                Self.isIPv6(Array(scalars[1..<(scalars.count - 1)])) || !scalars.dropFirst().dropLast().contains("]")
            {
                scalars = Array(scalars[1..<(scalars.count - 1)])
            }
        }
        name = String(String.UnicodeScalarView(scalars))
        guard Self.isHostName(scalars) || Self.isIPv6(scalars) else { return nil }
    }

    /// Where `:port` begins, if what precedes it has no other colon outside brackets.
    private static func portColon(_ all: [Unicode.Scalar]) -> Int? {
        guard let colon = all.lastIndex(of: ":"), colon + 1 < all.count,
            all[(colon + 1)...].allSatisfy({ ("0"..."9").contains($0) })
        else { return nil }
        if all.first == "[", all[colon - 1] == "]", colon > 2 { return colon }
        var inBrackets = false
        for scalar in all[..<colon] {
            switch scalar {
            case "[" where !inBrackets: inBrackets = true
            case "]" where inBrackets: inBrackets = false
            case "]": return nil
            case ":" where !inBrackets: return nil
            default: break
            }
        }
        return inBrackets ? nil : colon
    }

    /// Labels of letters, digits, `_`, `-` and ranges, parted by dots; none begins or ends with `-`.
    private static func isHostName(_ all: [Unicode.Scalar]) -> Bool {
        guard let plain = withoutRanges(all) else { return false }
        return plain.split(separator: ".", omittingEmptySubsequences: false).allSatisfy { label in
            guard let first = label.first, let last = label.last, first != "-", last != "-", last != "_" else {
                return false
            }
            return label.allSatisfy { $0 == "-" || isWord($0) }
        }
    }

    private static func isWord(_ scalar: Unicode.Scalar) -> Bool {
        if scalar.isASCII { return scalar == "_" || scalar.properties.isAlphabetic || ("0"..."9").contains(scalar) }
        return scalar.properties.isAlphabetic || scalar.properties.numericType != nil
    }

    /// The text with each range replaced by a digit; nil where a bracket encloses anything else.
    private static func withoutRanges(_ all: [Unicode.Scalar]) -> [Unicode.Scalar]? {
        var out: [Unicode.Scalar] = []
        var rest = all[...]
        while let scalar = rest.popFirst() {
            if scalar == "]" { return nil }
            guard scalar == "[" else {
                out.append(scalar)
                continue
            }
            guard let close = rest.firstIndex(of: "]"), isRange(Array(rest[..<close])) else { return nil }
            rest = rest[(close + 1)...]
            out.append("0")
        }
        return out
    }

    private static func isRange(_ inside: [Unicode.Scalar]) -> Bool {
        let bounds = inside.split(separator: ":", omittingEmptySubsequences: false)
        guard bounds.count == 2 || bounds.count == 3, bounds.allSatisfy({ !$0.isEmpty }) else { return false }
        func areDigits(_ part: ArraySlice<Unicode.Scalar>) -> Bool { part.allSatisfy { ("0"..."9").contains($0) } }
        func isLetter(_ part: ArraySlice<Unicode.Scalar>) -> Bool {
            part.count == 1 && part.allSatisfy { $0.isASCII && $0.properties.isAlphabetic }
        }
        if bounds.count == 3, !areDigits(bounds[2]) { return false }
        return areDigits(bounds[0]) && areDigits(bounds[1]) || isLetter(bounds[0]) && isLetter(bounds[1])
    }

    static func isIPv6(_ all: [Unicode.Scalar]) -> Bool {
        guard let plain = withoutRanges(all), plain.contains(":") else { return false }
        var text = String(String.UnicodeScalarView(plain)).lowercased()
        if text.contains(".") {
            guard let colon = text.lastIndex(of: ":"), IPv4Address(String(text[text.index(after: colon)...])) != nil
            else { return false }
            text = text[...colon] + "0:0"
        }
        let halves = text.split(separator: "::", omittingEmptySubsequences: false)
        func groups(_ half: Substring) -> Int? {
            if half.isEmpty { return 0 }
            let parts = half.split(separator: ":", omittingEmptySubsequences: false)
            let areHex = parts.allSatisfy {
                (1...4).contains($0.count) && $0.allSatisfy { $0.isASCII && $0.isHexDigit }
            }
            return areHex ? parts.count : nil
        }
        switch halves.count {
        case 1: return groups(halves[0]) == 8
        case 2:
            guard let before = groups(halves[0]), let after = groups(halves[1]) else { return false }
            return before <= 6 && after <= 6 && before + after <= 7
        default: return false
        }
    }
}
