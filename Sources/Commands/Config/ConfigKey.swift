import Inventory
import Model
import YAML

/// A variable, or a part of one: `k3s_version`, `flux.namespace`, `node_taints.0.effect`,
/// `node_labels."nvidia.com/gpu"`.
struct ConfigKey: CustomStringConvertible {
    let description: String
    /// The variable's name, then keys and indices.
    private(set) var path: [String]

    var name: String { path[0] }

    init(_ text: String) throws(InputErrors) {
        description = text
        path = []
        var rest = text[...]
        repeat {
            if let quote = rest.first, quote == "\"" || quote == "'" {
                guard let end = rest.dropFirst().firstIndex(of: quote) else {
                    throw Self.wrong(text, "a quote that is never closed")
                }
                path.append(String(rest[rest.index(after: rest.startIndex)..<end]))
                rest = rest[rest.index(after: end)...]
                guard rest.isEmpty || rest.first == "." else { throw Self.wrong(text, "a '.' has to follow a quote") }
            } else {
                let step = rest.prefix { $0 != "." }
                guard !step.isEmpty else { throw Self.wrong(text, "there is nothing between two points") }
                path.append(String(step))
                rest = rest[step.endIndex...]
            }
            guard rest.first == "." else { break }
            rest = rest.dropFirst()
        } while true
        guard path[0].wholeMatch(of: /[A-Za-z_][A-Za-z0-9_]*/) != nil else {
            throw Self.wrong(text, "'\(path[0])' is no name of a variable")
        }
    }

    private static func wrong(_ text: String, _ why: String) -> InputErrors {
        InputErrors(
            InputError(
                "the key '\(text)' cannot be read: \(why)",
                hint: "such as k3s_version, flux.namespace or 'node_labels.\"nvidia.com/gpu\"'"))
    }

    /// Joins what points have parted that is one key: of labels all, and elsewhere a key that is there.
    mutating func join(within variable: Value?) {
        if case .labels? = KnownVariables[name]?.kind, path.count > 2 {
            path = [name, path.dropFirst().joined(separator: ".")]
        }
        var depth = 1
        while depth < path.count, let here = variable?.value(at: path[1..<depth]) {
            for end in stride(from: path.count, to: depth + 1, by: -1) {
                let joined = path[depth..<end].joined(separator: ".")
                guard here[joined] != nil else { continue }
                path.replaceSubrange(depth..<end, with: [joined])
                break
            }
            depth += 1
        }
    }
}
