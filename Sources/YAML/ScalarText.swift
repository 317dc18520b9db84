/// Scalars as YAML text. A text is left bare only where no reader of YAML 1.1 or 1.2 can take it for another type.
enum ScalarText {
    /// A number that stays one with a fraction: YAML 1.1 wants a point before the exponent.
    static func number(_ d: Double) -> String {
        if d.isNaN { return ".nan" }
        if d.isInfinite { return d < 0 ? "-.inf" : ".inf" }
        let text = String(d)
        guard let exponent = text.firstIndex(of: "e"), !text.contains(".") else { return text }
        return text[..<exponent] + ".0" + text[exponent...]
    }

    /// Text of several lines as a literal block, nil where that could not hold it exactly.
    static func block(_ s: String, indent: Int) -> String? {
        guard s.utf8.contains(UInt8(ascii: "\n")) else { return nil }
        let lines = s.unicodeScalars.split(separator: "\n", omittingEmptySubsequences: false)
        // The first line sets the block's indentation, and a line of blanks alone may be taken for an empty one.
        guard let first = lines[0].first, first != " ", first != "\t", s.unicodeScalars.allSatisfy(isPrintable),
            lines.allSatisfy({ $0.isEmpty || !$0.allSatisfy { $0 == " " || $0 == "\t" } })
        else { return nil }
        let ends = lines.reversed().prefix(while: \.isEmpty).count
        let body = lines.dropLast(min(ends, 1)).map {
            $0.isEmpty ? "" : String(repeating: " ", count: indent) + String(String.UnicodeScalarView($0))
        }
        return (ends == 0 ? "|-" : ends == 1 ? "|" : "|+") + "\n" + body.joined(separator: "\n")
    }

    static func isPrintable(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0x09, 0x0A, 0x20...0x7E: true
        case 0xFEFF, 0x2028, 0x2029, 0xFFFE, 0xFFFF: false
        case 0xA0...0x10FFFF: true
        default: false
        }
    }

    static func oneLine(_ s: String) -> String { isBare(s) ? s : quoted(s) }

    /// As people write it: addresses, networks and quantities are bare too.
    ///
    /// - Parameter flow: whether it stands within `{}` or `[]`.
    static func written(_ s: String, flow: Bool) -> String {
        let isBare = (isBare(s) || isMeasure(s)) && !(flow && s.utf8.contains(UInt8(ascii: ",")))
        return isBare ? s : quoted(s)
    }

    /// `100.64.0.5`, `10.42.0.0/16`, `4Gi`, `500m`: digits, and no reader's number.
    private static func isMeasure(_ s: String) -> Bool {
        s.wholeMatch(of: /\d{1,3}(\.\d{1,3}){3}(\/\d{1,2})?|[1-9]\d*([num]|[KMGTPE]i|[kMGTP])/) != nil
    }

    /// In single quotes; nil where those cannot hold it on one line.
    static func singleQuoted(_ s: String) -> String? {
        guard s.unicodeScalars.allSatisfy({ isPrintable($0) && $0 != "\n" && $0 != "\t" }) else { return nil }
        return "'" + s.split(separator: "'", omittingEmptySubsequences: false).joined(separator: "''") + "'"
    }

    /// Bare text begins with a letter or a slash, so that it is no number, and is none of the words for other types.
    private static func isBare(_ s: String) -> Bool {
        guard let first = s.utf8.first, let last = s.utf8.last, s.utf8.count <= 200 else { return false }
        guard isLetter(first) || first == UInt8(ascii: "/") || first == UInt8(ascii: "_") else { return false }
        if last == UInt8(ascii: " ") || last == UInt8(ascii: ":") { return false }
        var previous = first
        for byte in s.utf8 {
            let isSign = "./_-+=@%,~".utf8.contains(byte)
            guard isLetter(byte) || isDigit(byte) || isSign || byte == UInt8(ascii: " ") || byte == UInt8(ascii: ":")
            else { return false }
            if previous == UInt8(ascii: ":"), byte == UInt8(ascii: " ") { return false }
            previous = byte
        }
        return !reserved.contains(s.lowercased())
    }

    private static let reserved: Set<String> = ["y", "n", "yes", "no", "on", "off", "true", "false", "null"]

    private static func isLetter(_ byte: UInt8) -> Bool {
        (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte | 0x20)
    }

    private static func isDigit(_ byte: UInt8) -> Bool { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) }

    /// - Parameter json: whether a reader of JSON must understand it too.
    static func quoted(_ s: String, json: Bool = false) -> String {
        var out = "\""
        for scalar in s.unicodeScalars {
            switch scalar {
            case "\"": out += "\\\""
            case "\\": out += "\\\\"
            case "\n": out += "\\n"
            case "\t": out += "\\t"
            case "\r": out += "\\r"
            default:
                if isPrintable(scalar) {
                    out.unicodeScalars.append(scalar)
                } else {
                    let hex = String(scalar.value, radix: 16, uppercase: true)
                    let (mark, width) =
                        scalar.value <= 0xFF && !json ? ("x", 2) : scalar.value <= 0xFFFF ? ("u", 4) : ("U", 8)
                    out += "\\" + mark + String(repeating: "0", count: width - hex.count) + hex
                }
            }
        }
        return out + "\""
    }
}
