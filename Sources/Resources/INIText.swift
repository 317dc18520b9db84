import Model
import OrderedCollections

/// A map as INI, in the order it was written: plain values first, then each section.
enum INIText {
    /// - Throws: `InputError` for what INI cannot hold: a line break, a map within a section, a key that reads as
    ///   something else.
    static func text(_ value: Value) throws(InputError) -> String {
        let entries = value.map ?? [:]
        var out = ""
        for (key, value) in entries where value.map == nil { try append(key, value, to: &out) }
        for (name, section) in entries {
            guard let keys = section.map else { continue }
            if name.isEmpty || name.unicodeScalars.contains(where: { $0 == "]" || isBreak($0) }) {
                throw InputError("'\(name)' cannot be the name of an INI section", at: section.origin)
            }
            out += (out.isEmpty ? "" : "\n") + "[\(name)]\n"
            for (key, value) in keys { try append(key, value, to: &out) }
        }
        return out
    }

    private static func append(_ key: String, _ value: Value, to out: inout String) throws(InputError) {
        let isOdd = key.unicodeScalars.contains { $0 == "=" || isBreak($0) }
        guard let first = key.unicodeScalars.first, !isOdd, !"[;# ".unicodeScalars.contains(first) else {
            throw InputError("'\(key)' cannot be a key of INI", at: value.origin)
        }
        for item in value.list ?? [value] {
            if item.isNull {
                out += key + "\n"
                continue
            }
            switch item.content {
            case .bool, .int, .double, .string: break
            default: throw InputError("INI cannot hold \(item.typeName) at '\(key)'", at: item.origin ?? value.origin)
            }
            // The content itself: `description` would hide a secret from the file, too.
            let text = Value(item.content).description
            if text.unicodeScalars.contains(where: isBreak) {
                throw InputError("INI cannot hold a line break at '\(key)'", at: item.origin ?? value.origin)
            }
            out += "\(key)=\(text)\n"
        }
    }

    private static func isBreak(_ scalar: Unicode.Scalar) -> Bool { scalar == "\n" || scalar == "\r" || scalar == "\0" }
}
