#if canImport(Darwin)
    import Darwin
#elseif canImport(Musl)
    import Musl
#else
    import Glibc
#endif

/// Numbers as Python reads and prints them.
enum PythonNumber {
    /// `repr(float)`: the shortest digits that read back the same, with an exponent below 1e-4 and from 1e16 on.
    static func text(_ number: Double) -> String {
        if number.isNaN { return "nan" }
        if number.isInfinite { return number < 0 ? "-inf" : "inf" }
        let (digits, exponent) = decimal(abs(number))
        let sign = number.sign == .minus ? "-" : ""
        if exponent < -4 || exponent >= 16 {
            let fraction = digits.count > 1 ? "." + digits.dropFirst() : ""
            let size = String(abs(exponent))
            return sign + digits.prefix(1) + fraction + "e" + (exponent < 0 ? "-" : "+")
                + (size.count < 2 ? "0" + size : size)
        }
        if exponent < 0 { return sign + "0." + String(repeating: "0", count: -exponent - 1) + digits }
        if digits.count <= exponent + 1 {
            return sign + digits + String(repeating: "0", count: exponent + 1 - digits.count) + ".0"
        }
        return sign + digits.prefix(exponent + 1) + "." + digits.dropFirst(exponent + 1)
    }

    /// The shortest digits without zeros at either end, and the power of ten of the first.
    private static func decimal(_ number: Double) -> (digits: String, exponent: Int) {
        if number == 0 { return ("0", 0) }
        let parts = number.description.split(separator: "e")
        let mantissa = parts[0].split(separator: ".")
        let whole = mantissa[0]
        let fraction = mantissa.count > 1 ? mantissa[1] : ""
        var exponent = (parts.count > 1 ? Int(parts[1]) ?? 0 : 0) + whole.count - 1
        var digits = Substring(whole + fraction)
        while digits.first == "0", digits.count > 1 {
            digits = digits.dropFirst()
            exponent -= 1
        }
        while digits.last == "0", digits.count > 1 { digits = digits.dropLast() }
        return (String(digits), exponent)
    }

    /// `int(text, base)`: spaces around, a sign, underscores between digits, and the base's own prefix.
    static func int(_ text: String, base: Int = 10) -> Int? {
        var digits = PythonString.stripped(text)[...]
        guard (2...36).contains(base) || base == 0 else { return nil }
        var isNegative = false
        if digits.hasPrefix("-") || digits.hasPrefix("+") {
            isNegative = digits.hasPrefix("-")
            digits = digits.dropFirst()
        }
        var radix = base
        let prefixes = ["0x": 16, "0o": 8, "0b": 2]
        let start = digits.prefix(2).lowercased()
        if let own = prefixes[start], base == own || base == 0 {
            radix = own
            digits = digits.dropFirst(2)
            if digits.hasPrefix("_") { digits = digits.dropFirst() }
        } else if base == 0 {
            radix = 10
        }
        guard let plain = withoutUnderscores(digits), plain.utf8.first.map({ $0 != 43 && $0 != 45 }) == true else {
            return nil
        }
        return Int((isNegative ? "-" : "") + plain, radix: radix)
    }

    /// `float(text)`.
    static func double(_ text: String) -> Double? {
        let trimmed = PythonString.stripped(text)
        let lower = trimmed.lowercased()
        let unsigned = lower.hasPrefix("-") || lower.hasPrefix("+") ? String(lower.dropFirst()) : lower
        if unsigned == "inf" || unsigned == "infinity" { return lower.hasPrefix("-") ? -.infinity : .infinity }
        if unsigned == "nan" { return .nan }
        guard unsigned.utf8.allSatisfy({ (48...57).contains($0) || [46, 95, 101, 43, 45].contains($0) }),
            unsigned.utf8.contains(where: { (48...57).contains($0) }), let plain = withoutUnderscores(trimmed[...])
        else { return nil }
        var padded = plain
        if padded.hasSuffix(".") { padded += "0" }
        return Double(padded.replacing(".e", with: ".0e").replacing(".E", with: ".0E")) ?? Double("0" + padded)
    }

    private static func withoutUnderscores(_ text: Substring) -> String? {
        let bytes = Array(text.utf8)
        for (i, byte) in bytes.enumerated() where byte == 95 {
            let isBetween =
                i > 0 && i + 1 < bytes.count && Lexer.isNamePart(bytes[i - 1]) && bytes[i - 1] != 95
                && Lexer.isNamePart(bytes[i + 1]) && bytes[i + 1] != 95
            if !isBetween { return nil }
        }
        return String(decoding: bytes.filter { $0 != 95 }, as: UTF8.self)
    }

    /// `"%.*f" % (digits, number)`, correctly rounded.
    static func fixed(_ number: Double, digits: Int) -> String {
        var buffer = [CChar](repeating: 0, count: 400 + max(0, digits))
        let written = withVaList([Int32(digits), number]) { vsnprintf(&buffer, buffer.count, "%.*f", $0) }
        return String(decoding: buffer.prefix(max(0, Int(written))).map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    /// `round(number, digits)`: correctly rounded, halves to even.
    static func rounded(_ number: Double, digits: Int) -> Double {
        if !number.isFinite || digits > 300 { return number }
        if digits >= 0 { return Double(fixed(number, digits: digits)) ?? number }
        if digits < -300 { return 0 }
        let scale = pow(10, Double(-digits))
        return (number / scale).rounded(.toNearestOrEven) * scale
    }

    static func power(_ base: Double, _ exponent: Double) -> Double { pow(base, exponent) }
}
