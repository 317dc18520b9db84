import Model
import OrderedCollections

/// Mistakes in what a person wrote, for programs.
public enum MistakesJSON {
    /// A list of maps: `severity` (error or warning), `message`, and, where they are known, `file`, `line`, `column`
    /// (from 1) and `hint`.
    public static func value(_ mistakes: [InputError]) -> Value {
        .list(
            mistakes.map { mistake in
                var entries: OrderedDictionary<String, Value> = [
                    "severity": .string(mistake.severity.rawValue), "message": .string(mistake.message),
                ]
                if let origin = mistake.origin {
                    entries["file"] = .string(origin.file)
                    entries["line"] = .int(origin.line)
                    entries["column"] = .int(origin.column)
                }
                if let hint = mistake.hint { entries["hint"] = .string(hint) }
                return .map(entries)
            })
    }
}
