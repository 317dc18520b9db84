/// POSIX shell text, and the only way to make it: literals are taken as written, every interpolated string is quoted.
///
///     let script: Script = "chmod \(mode) -- \(path)"
///
/// There is no way to put an unquoted string in; a script that a role's author wrote comes in whole, by `init(written:)`.
public struct Script: Sendable, Hashable, ExpressibleByStringInterpolation {
    public let text: String

    public init(stringLiteral value: String) { text = value }
    public init(stringInterpolation: StringInterpolation) { text = stringInterpolation.text }

    /// A whole script as its author wrote it in a role or on the command line.
    public init(written text: String) { self.text = text }

    public struct StringInterpolation: StringInterpolationProtocol {
        var text = ""

        public init(literalCapacity: Int, interpolationCount: Int) {
            text.reserveCapacity(literalCapacity + 16 * interpolationCount)
        }

        public mutating func appendLiteral(_ literal: String) { text += literal }
        /// One word of the shell, whatever its characters.
        public mutating func appendInterpolation(_ word: String) { text += quoted(word) }
        /// Each string a word of its own.
        public mutating func appendInterpolation(_ words: [String]) {
            text += words.map(quoted).joined(separator: " ")
        }
        public mutating func appendInterpolation(_ number: Int) { text += String(number) }
        /// Another script, as it is.
        public mutating func appendInterpolation(_ script: Script) { text += script.text }
    }

    public static func + (a: Script, b: Script) -> Script { Script(written: a.text + b.text) }

    /// The scripts one after the other, each on lines of its own.
    public static func lines(_ scripts: [Script]) -> Script {
        Script(written: scripts.map(\.text).joined(separator: "\n"))
    }
}

/// A single-quoted word. No shell can carry NUL: input that holds one is refused where it is read (`Arguments`).
private func quoted(_ word: String) -> String {
    let plain = word.utf8.allSatisfy { byte in
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "/"), UInt8(ascii: "."), UInt8(ascii: "_"),
            UInt8(ascii: "-"), UInt8(ascii: ":"), UInt8(ascii: ","), UInt8(ascii: "+"), UInt8(ascii: "@"):
            true
        default: false
        }
    }
    if plain, !word.isEmpty { return word }
    var out = "'"
    for scalar in word.unicodeScalars {
        if scalar == "'" { out += "'\\''" } else { out.unicodeScalars.append(scalar) }
    }
    return out + "'"
}
