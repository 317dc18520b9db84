import Model

/// The handlers that wait on a node, durably: a file each, written before the change that notifies and removed when the
/// handler has succeeded, so that a run killed in between is finished by the next.
public enum PendingHandlers {
    static let folder = "/var/lib/kubani/pending"

    /// The file's name: role and handler, safe as one path component.
    public static func name(_ handler: TaskID) -> String { name(role: handler.role, handler: handler.name) }

    public static func name(role: String, handler: String) -> String {
        let safe = "\(role).\(handler)".utf8.map { byte -> String in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "."), UInt8(ascii: "_"), UInt8(ascii: "-"):
                String(UnicodeScalar(byte))
            default: "%" + String(byte, radix: 16, uppercase: true)
            }
        }
        return safe.joined()
    }

    /// Lists what is pending, a name a line; nothing where the folder is missing. It starts no process.
    public static let list: Script =
        "for name in \(folder)/*; do [ ! -e \"$name\" ] || printf '%s\\n' \"${name##*/}\"; done"

    public static func read(_ output: String) -> Set<String> { Set(output.split(separator: "\n").map(String.init)) }

    /// Writes the marks so that they outlive a power cut.
    public static func mark(_ names: [String]) -> Step {
        let paths = names.map { "\(folder)/\($0)" }
        return .run(
            "umask 077; mkdir -p \(folder) && touch -- \(paths) || exit; sync \(folder) 2>/dev/null || sync",
            deadline: .seconds(60))
    }

    public static func clear(_ name: String) -> Step {
        .run(
            "rm -f -- \("\(folder)/\(name)"); rmdir \(folder) /var/lib/kubani 2>/dev/null; :", deadline: .seconds(60))
    }
}
