import Model

/// The SHA-256 of some files of a node, from one `sha256sum`; links are followed, and what is no regular file, such as
/// a device that never ends, is left alone.
struct NodeHashes {
    private var hashes: [String?]

    /// The dot keeps the line ends that `$(…)` would take away: a name may end with one.
    ///
    /// Leaves the hashes in `$hashes` for `NodeContent.probeUnless`.
    static func probe(_ paths: [String]) -> Script {
        """
        hashes() {
        for p do shift; if [ -f "$p" ]; then set -- "$@" "$p"; fi; done
        [ $# -eq 0 ] || sha256sum -- "$@" 2>/dev/null
        }
        hashes=$(hashes \(paths); echo .)
        hashes=${hashes%.}
        printf '%s\\0' "$hashes"
        """
    }

    /// - Parameter paths: those given to the probe, in the same order.
    init(_ output: inout ProbeOutput, of paths: [String]) throws(Failure) {
        var rest = try output.record()
        hashes = []
        for path in paths {
            // GNU's sha256sum marks a line whose name it had to escape by a backslash; busybox escapes nothing.
            let isEscaped = rest.first == UInt8(ascii: "\\")
            let line = isEscaped ? rest.dropFirst() : rest
            let name = "  " + (isEscaped ? Self.escaped(path) : path) + "\n"
            guard line.count > 64, line.dropFirst(64).starts(with: name.utf8) else {
                hashes.append(nil)
                continue
            }
            hashes.append(String(decoding: line.prefix(64), as: UTF8.self))
            rest = line.dropFirst(64 + name.utf8.count)
        }
        if !rest.allSatisfy({ $0 == UInt8(ascii: "\n") }) { throw output.unreadable("unexpected lines of sha256sum") }
    }

    /// The hash of the path with that index; nil for what is no regular file or could not be read.
    subscript(index: Int) -> String? { hashes[index] }

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

/// The content of files of a node, no larger than a limit.
enum NodeContent {
    /// Defines what the probes below use: `content PATH LIMIT` prints a file as base64, for its own length may change
    /// while it is read, and so cannot frame it. How long it is now is told by `NodeEntries.probe`, which comes before.
    static func functions() -> Script {
        """
        content() {
        [ -f "$1" ] && if [ -L "$1" ]; then size=$(stat -L -c %s -- "$1"); else
        size=${entries%%"/$1//"*} size=${size##*"$nl"} size=${size#*/*/*/} size=${size%%/*}
        fi && [ "$size" -le "$2" ] 2>/dev/null && base64 <"$1"
        printf '\\0'
        }
        contentUnless() {
        case $hashes in *"$3  $1$nl"*) printf '\\0' ;; *) content "$1" "$2" ;; esac
        }
        """
    }

    static func probe(_ path: String, limit: Int) -> Script { "content \(path) \(limit)" }

    /// Sends the content only where its hash is not the one wanted; needs `NodeHashes.probe` before it.
    static func probe(_ path: String, limit: Int, unless sha256: String) -> Script {
        "contentUnless \(path) \(limit) \(sha256)"
    }

    /// The content of a file with that hash; nil where it was not sent, or was changed between the two looks.
    static func read(_ output: inout ProbeOutput, sha256 hash: String?) throws(Failure) -> [UInt8]? {
        let record = try output.record()
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
