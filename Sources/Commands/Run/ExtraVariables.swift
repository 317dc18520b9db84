import Inventory
import Model
import OrderedCollections
import YAML

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// Reads `--extra-vars`: `k=v k2=v2`, a JSON or YAML map, or `@file` with one; later ones win.
enum ExtraVariables {
    private static let example = "such as --extra-vars key=value, '{\"key\": \"value\"}' or @file"

    /// - Parameter names: which of them hold secrets, by their names; with those of `kubani_secrets` among them.
    static func read(
        _ texts: [String], by names: SecretNames = .usual
    ) throws(InputErrors) -> OrderedDictionary<String, Value> {
        var variables: OrderedDictionary<String, Value> = [:]
        for text in texts { variables.merge(try read(text)) { $1 } }
        // A map without a name of its own, whose keys mark what is secret.
        let own = variables[SecretVariables.name].map(SecretVariables.patterns) ?? []
        return Value.map(variables).named("", by: SecretNames(names.patterns + own)).map ?? variables
    }

    /// Whether what was typed holds a secret; a file's name is none.
    static func holdSecret(_ text: String, by names: SecretNames = .usual) -> Bool {
        // What cannot be read may be anything.
        !text.hasPrefix("@")
            && (!SecretText.urlPasswords(text).isEmpty
                || ((try? read([text], by: names)).map { Value.map($0).containsSensitive } ?? true))
    }

    /// The names that they say hold secrets. What cannot be read is told by whoever reads it for good.
    static func secretPatterns(_ texts: [String]) -> [String] {
        (try? read(texts))?[SecretVariables.name].map(SecretVariables.patterns) ?? []
    }

    private static func read(_ text: String) throws(InputErrors) -> OrderedDictionary<String, Value> {
        if text.hasPrefix("@") {
            let path = String(text.dropFirst())
            guard let data = FileManager.default.contents(atPath: path) else {
                let isThere = FileManager.default.fileExists(atPath: path)
                throw InputErrors(
                    InputError(
                        isThere ? "--extra-vars: \(path) cannot be read" : "--extra-vars: there is no file \(path)",
                        hint: "@ is followed by the path of a YAML or JSON file with a map of variables"))
            }
            return try map([UInt8](data), file: path)
        }
        if text.hasPrefix("{") {
            do throws(InputErrors) { return try map([UInt8](text.utf8), file: "--extra-vars") } catch {
                // One line was typed: where in it matters less than what was meant, and it may hold a secret.
                throw InputErrors(
                    error.errors.map { InputError("--extra-vars is no JSON: \($0.message)", hint: example) })
            }
        }
        return try pairs(text)
    }

    private static func map(_ bytes: [UInt8], file: String) throws(InputErrors) -> OrderedDictionary<String, Value> {
        guard let document = try YAML.parse(bytes, file: file).first else { return [:] }
        guard let map = try document.value().map else {
            throw InputErrors(document.error("a map of variables is needed"))
        }
        return map
    }

    /// `k=v` pairs, split at spaces outside quotes as a shell would; values stay text, as Ansible has it.
    private static func pairs(_ text: String) throws(InputErrors) -> OrderedDictionary<String, Value> {
        var variables: OrderedDictionary<String, Value> = [:]
        for word in words(text) {
            guard let equals = word.firstIndex(of: "="), equals != word.startIndex else {
                // What follows a secret may be the rest of it.
                let isKnown = !Value.map(variables).named("").containsSensitive
                throw InputErrors(
                    InputError(
                        "--extra-vars: \(isKnown ? "'\(word)'" : "what follows a secret") is no k=v", hint: example))
            }
            variables[String(word[..<equals])] = .string(String(word[word.index(after: equals)...]))
        }
        return variables
    }

    private static func words(_ text: String) -> [String] {
        var words: [String] = []
        var word: String?
        var quote: Character?
        for character in text {
            if let open = quote {
                if character == open { quote = nil } else { word = (word ?? "") + String(character) }
            } else if character == "'" || character == "\"" {
                quote = character
                word = word ?? ""
            } else if character.isWhitespace {
                if let done = word { words.append(done) }
                word = nil
            } else {
                word = (word ?? "") + String(character)
            }
        }
        if let done = word { words.append(done) }
        return words
    }
}
