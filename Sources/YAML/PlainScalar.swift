import Model

/// The type of an unquoted scalar, by the rules of YAML 1.1 as PyYAML has them: `yes` is true, `0644` is 420, `1:30` is
/// 90, `1e3` is text. Timestamps stay text, and so does a whole number that 64 bits cannot hold.
enum PlainScalar {
    static func content(_ text: String) -> Value.Content {
        guard let first = text.utf8.first else { return .null }
        switch first {
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "+"), UInt8(ascii: "-"), UInt8(ascii: "."):
            if let number = number(Array(text.utf8)) { return number }
        default:
            if text.utf8.count <= 5, let word = words[text] { return word }
        }
        return .string(text)
    }

    private static let words: [String: Value.Content] = {
        var words: [String: Value.Content] = ["~": .null]
        func add(_ names: [String], _ content: Value.Content) {
            for name in names {
                words[name] = content
                words[name.uppercased()] = content
                words[name.prefix(1).uppercased() + name.dropFirst()] = content
            }
        }
        add(["null"], .null)
        add(["yes", "true", "on"], .bool(true))
        add(["no", "false", "off"], .bool(false))
        return words
    }()

    private static func number(_ all: [UInt8]) -> Value.Content? {
        var rest = all[...]
        var sign = 1
        if let first = rest.first, first == UInt8(ascii: "-") || first == UInt8(ascii: "+") {
            sign = first == UInt8(ascii: "-") ? -1 : 1
            rest = rest.dropFirst()
        }
        let signed = rest.count < all.count
        if rest.first == UInt8(ascii: ".") { return fraction(all, rest, sign: sign, signed: signed) }
        guard let first = rest.first, isDigit(first) else { return nil }
        if let number = based(rest, sign: sign) { return number }
        let parts = rest.split(separator: UInt8(ascii: ":"), omittingEmptySubsequences: false)
        if parts.count > 1 { return sexagesimal(parts, sign: sign) }
        if rest.allSatisfy({ isDigit($0) || $0 == UInt8(ascii: "_") }) {
            guard first != UInt8(ascii: "0") || rest.count == 1 else { return nil }
            return whole(rest, radix: 10, sign: sign)
        }
        return decimal(rest, sign: sign)
    }

    /// `0b1010`, `0644` and `0xff`.
    private static func based(_ rest: ArraySlice<UInt8>, sign: Int) -> Value.Content? {
        guard rest.first == UInt8(ascii: "0"), rest.count > 1 else { return nil }
        let second = rest[rest.startIndex + 1]
        if second == UInt8(ascii: "x") || second == UInt8(ascii: "b") {
            return whole(rest.dropFirst(2), radix: second == UInt8(ascii: "x") ? 16 : 2, sign: sign)
        }
        let isOctal = rest.allSatisfy { isDigit($0) && $0 < UInt8(ascii: "8") || $0 == UInt8(ascii: "_") }
        return isOctal ? whole(rest, radix: 8, sign: sign) : nil
    }

    private static func whole(_ digits: ArraySlice<UInt8>, radix: Int, sign: Int) -> Value.Content? {
        let bare = digits.filter { $0 != UInt8(ascii: "_") }
        // The standard library's own reader would take a sign here, which belongs before the prefix.
        guard let first = bare.first, first != UInt8(ascii: "-"), first != UInt8(ascii: "+") else { return nil }
        let text = (sign < 0 ? "-" : "") + String(decoding: bare, as: UTF8.self)
        return Int(text, radix: radix).map { .int($0) }
    }

    private static func sexagesimal(_ parts: [ArraySlice<UInt8>], sign: Int) -> Value.Content? {
        guard let first = parts.first, !first.isEmpty, first.allSatisfy({ isDigit($0) || $0 == UInt8(ascii: "_") })
        else { return nil }
        let last = parts[parts.count - 1].split(
            separator: UInt8(ascii: "."), maxSplits: 1, omittingEmptySubsequences: false)
        let isFraction = last.count == 2
        // A whole number of this form may not begin with 0: `01:30` is text.
        if !isFraction, first.first == UInt8(ascii: "0") { return nil }
        let minutes = parts[1..<(parts.count - 1)] + [last[0]]
        guard minutes.allSatisfy(isBelowSixty) else { return nil }
        var total = 0
        for part in [first] + minutes {
            guard case .int(let digit)? = whole(part, radix: 10, sign: 1) else { return nil }
            let (product, tooLarge) = total.multipliedReportingOverflow(by: 60)
            let (sum, tooLargeToo) = product.addingReportingOverflow(digit)
            if tooLarge || tooLargeToo { return nil }
            total = sum
        }
        guard isFraction else { return .int(sign * total) }
        guard last[1].allSatisfy({ isDigit($0) || $0 == UInt8(ascii: "_") }) else { return nil }
        let fraction = Double("0." + String(decoding: last[1].filter(isDigit), as: UTF8.self) + "0") ?? 0
        return .double(Double(sign) * (Double(total) + fraction))
    }

    private static func isBelowSixty(_ digits: ArraySlice<UInt8>) -> Bool {
        guard digits.allSatisfy(isDigit), let first = digits.first else { return false }
        return digits.count == 1 || digits.count == 2 && first < UInt8(ascii: "6")
    }

    /// What begins with a point, or has one after a sign: `.5`, `.inf`, `-.inf`, `.nan`.
    private static func fraction(
        _ all: [UInt8], _ rest: ArraySlice<UInt8>, sign: Int, signed: Bool
    ) -> Value.Content? {
        switch String(decoding: rest, as: UTF8.self) {
        case ".inf", ".Inf", ".INF": return .double(Double(sign) * .infinity)
        case ".nan", ".NaN", ".NAN": return signed ? nil : .double(.nan)
        default:
            guard !signed, rest.count > 1, isDigit(rest[rest.startIndex + 1]) else { return nil }
            return decimal([UInt8(ascii: "0")] + rest, sign: 1)
        }
    }

    /// Digits, a point, digits, and maybe an exponent with its sign.
    private static func decimal(_ rest: ArraySlice<UInt8>, sign: Int) -> Value.Content? {
        guard let point = rest.firstIndex(of: UInt8(ascii: ".")) else { return nil }
        let exponent = rest[point...].firstIndex { $0 == UInt8(ascii: "e") || $0 == UInt8(ascii: "E") } ?? rest.endIndex
        let before = rest[..<point]
        let after = rest[(point + 1)..<exponent]
        guard (before + after).allSatisfy({ isDigit($0) || $0 == UInt8(ascii: "_") }) else { return nil }
        var text = String(decoding: before.filter(isDigit), as: UTF8.self) + "."
        text += String(decoding: after.filter(isDigit), as: UTF8.self) + "0"
        if exponent < rest.endIndex {
            let power = rest[(exponent + 1)...]
            guard let mark = power.first, mark == UInt8(ascii: "+") || mark == UInt8(ascii: "-"), power.count > 1,
                power.dropFirst().allSatisfy(isDigit)
            else { return nil }
            text += "e" + String(decoding: power, as: UTF8.self)
        }
        return Double(text).map { .double(Double(sign) * $0) }
    }

    private static func isDigit(_ byte: UInt8) -> Bool { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) }
}
