import ArgumentParser
import Inventory
import Model
import OrderedCollections
import YAML

/// The type of a value that is given as text.
enum ConfigType: String, CaseIterable, ExpressibleByArgument {
    case string, int, float, bool, json

    /// What a text stands for.
    ///
    /// - Throws: where it is none of the type. A message does not repeat a text that may be a secret.
    func value(of text: String, for key: ConfigKey, by names: SecretNames) throws(InputErrors) -> Value {
        let shown = key.isSecret(by: names) ? "(sensitive)" : "'\(text)'"
        func wrong(_ needed: String, hint: String? = nil) -> InputErrors {
            InputErrors(InputError("\(key): \(needed) is needed, not \(shown)", hint: hint))
        }
        switch self {
        case .string: return .string(text)
        case .int:
            guard let int = Int(text) else { throw wrong("a whole number") }
            return .int(int)
        case .float:
            guard let double = Double(text), double.isFinite else { throw wrong("a number") }
            return .double(double)
        case .bool:
            switch text.lowercased() {
            case "true", "yes", "on": return true
            case "false", "no", "off": return false
            default: throw wrong("true or false")
            }
        case .json:
            guard let value = JSON.read(text) else {
                throw wrong("JSON", hint: "such as '{\"env\": \"prod\"}': keys and texts stand in double quotes")
            }
            return value
        }
    }

    /// What a variable that kubani knows wants; text for all others.
    static func standard(for key: ConfigKey, _ text: String) -> ConfigType {
        guard let known = KnownVariables[key.name], key.path.count == 1 else { return .string }
        switch known.kind {
        case .bool: return .bool
        case .int, .port: return .int
        case .labels, .taints: return .json
        case .texts: return text.hasPrefix("[") ? .json : .string
        default: return .string
        }
    }
}

extension ConfigKey {
    /// Whether its name, or one on the way, tells a secret.
    func isSecret(by names: SecretNames) -> Bool { path.contains(where: names.isSecret) }
}
