import Model

extension Arguments {
    /// Refuses what cannot stand in a line of a file or of a program's arguments: control characters, among them tabs,
    /// newlines and escapes, and the characters that end a field there. Found when a role is read, not when a node
    /// chokes on it.
    ///
    /// - Parameters:
    ///   - forbidden: further characters, by which the line's own syntax would be broken.
    ///   - allowed: control characters that the field's kind deals with itself.
    func checkLine(
        _ field: String, kind: String, without forbidden: String = "", allowing allowed: String = "",
        into errors: inout [InputError]
    ) {
        let texts = strings(field) ?? string(field).map { [$0] } ?? []
        let names: [UInt32: String] = [0x09: "a tab", 0x0a: "a newline", 0x0d: "a carriage return", 0x1b: "an escape"]
        for text in texts {
            let bad = text.unicodeScalars.first { scalar in
                if allowed.unicodeScalars.contains(scalar) { return false }
                return scalar.properties.generalCategory == .control || scalar.value == 0x2028 || scalar.value == 0x2029
                    || forbidden.unicodeScalars.contains(scalar)
            }
            guard let bad else { continue }
            let what =
                forbidden.unicodeScalars.contains(bad)
                ? "'\(Character(bad))'" : names[bad.value] ?? "a control character"
            errors.append(error("\(kind).\(field): \(what) cannot be in it", at: field))
        }
    }
}
