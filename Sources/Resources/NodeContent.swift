import Model

/// What `sha256sum` printed of some files of a node, whose names are asked for in the order in which it was given them.
struct NodeHashes {
    private var rest: ArraySlice<UInt8>

    init(_ lines: ArraySlice<UInt8>) { rest = lines }

    /// Whether nothing is left that was not asked for.
    var isEmpty: Bool { rest.allSatisfy { $0 == UInt8(ascii: "\n") } }

    /// nil where the next line is another's: the file could not be read.
    mutating func next(of path: String) -> String? {
        // GNU's sha256sum marks a line whose name it had to escape by a backslash; busybox escapes nothing.
        let isEscaped = rest.first == UInt8(ascii: "\\")
        let line = isEscaped ? rest.dropFirst() : rest
        let name = "  " + (isEscaped ? Self.escaped(path) : path) + "\n"
        guard line.count > 64, line.dropFirst(64).starts(with: name.utf8) else { return nil }
        rest = line.dropFirst(64 + name.utf8.count)
        return String(decoding: line.prefix(64), as: UTF8.self)
    }

    private static func escaped(_ path: String) -> String {
        var out = ""
        for scalar in path.unicodeScalars {
            switch scalar {
            case "\\": out += "\\\\"
            case "\n": out += "\\n"
            case "\r": out += "\\r"
            default: out.unicodeScalars.append(scalar)
            }
        }
        return out
    }
}

/// The content of files of a node, as `content` of `PathsLook` prints it.
enum NodeContent {
    /// The content of a file with that hash; nil where it was not sent, or was changed between the two looks.
    static func read(_ record: ArraySlice<UInt8>, sha256 hash: String?) -> [UInt8]? {
        guard let hash, let bytes = Base64.decode(record), sha256(bytes) == hash else { return nil }
        return bytes
    }

    /// The bytes as text that a terminal can show line by line; nil where they are none.
    static func text(_ bytes: [UInt8]) -> String? {
        guard let text = String(validating: bytes, as: UTF8.self) else { return nil }
        return isPlain(text) ? text : nil
    }

    static func isPlain(_ text: String) -> Bool {
        text.utf8.allSatisfy { $0 >= 0x20 && $0 != 0x7f || $0 == 0x09 || $0 == 0x0a || $0 == 0x0d }
    }
}
