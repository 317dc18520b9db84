import Model
import YAML

extension InventoryEditor.Change {
    /// Both texts for people to see: the values of secrets, by the names of their keys, are hidden, in comments too.
    ///
    /// - Parameter mask: what stands for a hidden value.
    public func masked(by names: SecretNames, _ mask: (String) -> String) -> (before: String, after: String) {
        (hidden(before, names, mask), hidden(after, names, mask))
    }

    private func hidden(_ bytes: [UInt8], _ names: SecretNames, _ mask: (String) -> String) -> String {
        let isYAML = InventorySource.isYAML(bytes, file: path) || path.contains("_vars/")
        let edit = isYAML ? try? YAMLEdit(bytes, file: path) : nil
        let text = edit?.masked(names.isSecret, mask) ?? String(decoding: bytes, as: UTF8.self)
        var lines = text.unicodeScalars.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
        for index in lines.indices {
            // Of what is not YAML all, and of YAML the comments.
            let start = edit == nil ? lines[index].startIndex : lines[index].firstIndex(of: "#")
            if let start {
                lines[index] = lines[index][..<start] + Self.pairsHidden(String(lines[index][start...]), names, mask)
            }
        }
        // Arguments such as `--token x`, and passwords in URLs, whatever the variable is called.
        return SecretText.masked(lines.joined(separator: "\n"), with: mask)
    }

    /// `name=value` and `name: value`, where the name tells a secret: what is in quotes, or else the rest of the line.
    private static func pairsHidden(_ text: String, _ names: SecretNames, _ mask: (String) -> String) -> String {
        var out = ""
        var rest = text[...]
        while let match = rest.firstMatch(
            of: #/(?<name>[A-Za-z_][\w.-]*)["']?\s*[=:]\s*(?<value>"[^"]*"|'[^']*'|\S.*)/#)
        {
            guard names.isSecret(String(match.name)) else {
                out += rest[..<match.value.startIndex]
                rest = rest[match.value.startIndex...]
                continue
            }
            out += rest[..<match.value.startIndex] + mask(String(match.value))
            rest = rest[match.value.endIndex...]
        }
        return out + rest
    }
}
