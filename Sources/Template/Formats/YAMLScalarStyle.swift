/// How a text is written in YAML: plain where it would be read back as the same text, else in quotes. The rules are
/// PyYAML's, for YAML 1.1.
enum YAMLScalarStyle {
    case plain
    case singleQuoted
    case doubleQuoted

    init(_ text: String, inFlow: Bool, isKey: Bool) {
        let scalars = Array(text.unicodeScalars)
        guard let first = scalars.first, let last = scalars.last else {
            self = .singleQuoted
            return
        }
        let shape = Shape(scalars)
        let edgeSpace = first == " " || last == " " || first == "\n" || last == "\n"
        let isQuotable = !shape.hasSpecials && !shape.hasSpaceAtBreak && !(isKey && shape.hasBreaks)
        let isForbidden = inFlow ? shape.hasFlowIndicators : shape.hasBlockIndicators
        if !isForbidden, !edgeSpace, !shape.hasBreaks, !shape.hasSpecials, Self.isReadAsText(text) {
            self = .plain
        } else {
            self = isQuotable ? .singleQuoted : .doubleQuoted
        }
    }

    /// What a text holds that bears on its style.
    private struct Shape {
        var hasFlowIndicators = false
        var hasBlockIndicators = false
        var hasBreaks = false
        var hasSpaceAtBreak = false
        var hasSpecials = false

        init(_ scalars: [Unicode.Scalar]) {
            if scalars.starts(with: "---".unicodeScalars) || scalars.starts(with: "...".unicodeScalars) {
                (hasFlowIndicators, hasBlockIndicators) = (true, true)
            }
            var previous: Unicode.Scalar = " "
            for (i, scalar) in scalars.enumerated() {
                let next = i + 1 < scalars.count ? scalars[i + 1] : " "
                note(scalar, isFirst: i == 0, afterSpace: Self.isSpace(previous), beforeSpace: Self.isSpace(next))
                if scalar == "\n" { hasBreaks = true }
                if scalar == "\n", previous == " ", i > 0 { hasSpaceAtBreak = true }
                if scalar == " ", previous == "\n" { hasSpaceAtBreak = true }
                if scalar != "\n", !YAMLScalarStyle.isPrintable(scalar) { hasSpecials = true }
                previous = scalar
            }
        }

        private mutating func note(_ scalar: Unicode.Scalar, isFirst: Bool, afterSpace: Bool, beforeSpace: Bool) {
            switch scalar {
            case "#" where isFirst || afterSpace, "-" where isFirst && beforeSpace,
                "&" where isFirst, "*" where isFirst, "!" where isFirst, "|" where isFirst, ">" where isFirst,
                "'" where isFirst, "\"" where isFirst, "%" where isFirst, "@" where isFirst, "`" where isFirst:
                (hasFlowIndicators, hasBlockIndicators) = (true, true)
            case ",", "[", "]", "{", "}":
                hasFlowIndicators = true
                if isFirst { hasBlockIndicators = true }
            case "?", ":":
                hasFlowIndicators = true
                if beforeSpace, isFirst || scalar == ":" { hasBlockIndicators = true }
            default: break
            }
        }

        private static func isSpace(_ scalar: Unicode.Scalar) -> Bool {
            scalar == " " || scalar == "\n" || scalar == "\t" || scalar == "\r" || scalar == "\0"
        }
    }

    static func isPrintable(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0x20...0x7E, 0xA0...0x2027, 0x202A...0xD7FF, 0xE000...0xFEFE, 0xFF00...0xFFFD, 0x10000...0x10FFFE: true
        default: false
        }
    }

    /// Whether YAML 1.1 reads the plain text as text, and not as a number, a boolean, null or a date.
    static func isReadAsText(_ text: String) -> Bool {
        if words.contains(text) { return false }
        guard let first = text.utf8.first, "-+.0123456789".utf8.contains(first) else { return true }
        let scalars = Array(text.unicodeScalars)
        return !numbers.contains { pattern in (try? pattern.search(in: scalars, anchored: true)) != nil }
    }

    private static let words: Set<String> = {
        var words: Set<String> = ["", "~", "<<", "="]
        for word in ["yes", "no", "true", "false", "on", "off", "null"] {
            words.formUnion([word, word.uppercased(), PythonString.capitalized(word)])
        }
        return words
    }()

    private static let numbers: [Pattern] = [
        #"(?:[-+]?0b[0-1_]+|[-+]?0[0-7_]+|[-+]?(?:0|[1-9][0-9_]*)|[-+]?0x[0-9a-fA-F_]+|[-+]?[1-9][0-9_]*(?::[0-5]?[0-9])+)\Z"#,
        #"(?:[-+]?(?:[0-9][0-9_]*)\.[0-9_]*(?:[eE][-+][0-9]+)?|\.[0-9][0-9_]*(?:[eE][-+][0-9]+)?)\Z"#,
        #"(?:[-+]?[0-9][0-9_]*(?::[0-5]?[0-9])+\.[0-9_]*|[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN))\Z"#,
        #"(?:\d{4}-\d\d-\d\d|\d{4}-\d\d?-\d\d?(?:[Tt]|[ \t]+)\d\d?:\d\d:\d\d(?:\.\d*)?(?:[ \t]*(?:Z|[-+]\d\d?(?::\d\d)?))?)\Z"#,
    ].compactMap { try? Pattern($0) }
}
