import OrderedCollections

/// The fields of one task, checked against its kind's list and brought to their types; a resource kind decodes itself
/// from these without looking at raw values.
public struct Arguments: Sendable {
    public let origin: Origin?
    private let values: OrderedDictionary<String, Value>

    /// - Parameters:
    ///   - value: the task's rendered value: a map of fields, or a plain value where the kind has a shorthand.
    ///   - kind: the kind's name, for messages.
    /// - Throws: every unknown key (with the nearest name), missing field and wrong type at once.
    public init(_ value: Value, kind: String, fields: [Field], shorthand: String? = nil) throws(InputErrors) {
        origin = value.origin
        var entries: OrderedDictionary<String, Value>
        if case .map(let map) = value.content {
            entries = map
        } else if let shorthand {
            entries = [shorthand: value]
        } else if value.isNull {
            entries = [:]
        } else {
            throw InputErrors(InputError("\(kind): a map of fields is needed, not \(value.typeName)", at: value.origin))
        }
        var errors: [InputError] = []
        values = Self.check(
            entries, of: value.isSensitive, at: value.origin, within: kind, fields: fields, into: &errors)
        if !errors.isEmpty { throw InputErrors(errors) }
    }

    public func value(_ name: String) -> Value? { values[name] }
    public func string(_ name: String) -> String? { values[name]?.string }
    public func int(_ name: String) -> Int? { values[name]?.int }
    public func bool(_ name: String) -> Bool? { values[name]?.bool }
    public func list(_ name: String) -> [Value]? { values[name]?.list }
    public func strings(_ name: String) -> [String]? { values[name]?.list?.compactMap(\.string) }
    public func map(_ name: String) -> OrderedDictionary<String, Value>? { values[name]?.map }
    /// Permission bits, as 0o644.
    public func mode(_ name: String) -> UInt16? { values[name]?.int.map { UInt16($0) } }
    public func duration(_ name: String) -> Duration? { values[name]?.int.map { .milliseconds($0) } }
    public func script(_ name: String) -> Script? { values[name]?.string.map { Script(written: $0) } }
    public func isSensitive(_ name: String) -> Bool { values[name]?.containsSensitive ?? false }
    public func has(_ name: String) -> Bool { values[name] != nil }

    /// A field's value for a message, or a part of it; `(sensitive)` where any of it is secret.
    public func shown(_ name: String, _ part: String? = nil) -> String {
        isSensitive(name) ? "(sensitive)" : part ?? values[name]?.description ?? ""
    }

    /// A mistake at one field, or at the task where the field is absent.
    public func error(_ message: String, at name: String? = nil, hint: String? = nil) -> InputError {
        InputError(message, at: name.flatMap { values[$0]?.origin } ?? origin, hint: hint)
    }

    private static func check(
        _ entries: OrderedDictionary<String, Value>, of isSecret: Bool, at origin: Origin?, within: String,
        fields: [Field],
        into errors: inout [InputError]
    ) -> OrderedDictionary<String, Value> {
        var out: OrderedDictionary<String, Value> = [:]
        for (name, value) in entries {
            guard let field = fields.first(where: { $0.name == name }) else {
                let near = nearestName(to: name, among: fields.map(\.name))
                errors.append(
                    InputError(
                        "\(within): unknown field '\(name)'", at: value.origin ?? origin,
                        hint: near.map { "did you mean '\($0)'?" }
                            ?? "it has: \(fields.map(\.name).joined(separator: ", "))"))
                continue
            }
            if value.isNull { continue }
            out[name] = coerce(
                value.sensitive(isSecret), to: field.kind, within: "\(within).\(name)", at: origin, into: &errors)
            // Nothing can be done in no time; who writes 0 means something else.
            if name == "timeout", field.kind == .duration, out[name]?.int == 0 {
                errors.append(
                    InputError(
                        "\(within).timeout: a time longer than 0 is needed", at: value.origin ?? origin,
                        hint: "leave it out for the usual one"))
            }
        }
        for field in fields where field.isRequired && out[field.name] == nil {
            if let given = entries[field.name], !given.isNull { continue }
            errors.append(InputError("\(within): '\(field.name)' is missing", at: origin, hint: field.help))
        }
        return out
    }

    /// The value as the field's kind has it; a wrong one is reported and left out. A secret list or map hands its mark on
    /// to all within.
    private static func coerce(
        _ value: Value, to kind: Field.Kind, within: String, at outer: Origin?, into errors: inout [InputError]
    ) -> Value? {
        let origin = value.origin ?? outer
        let isSecret = value.isSensitive
        func wrong(_ wanted: String, hint: String? = nil) -> Value? {
            let shown = value.containsSensitive ? "(sensitive)" : "\(value)"
            errors.append(InputError("\(within): \(wanted) is needed, not '\(shown)'", at: origin, hint: hint))
            return nil
        }
        func kept(_ content: Value.Content) -> Value {
            Value(content, isSensitive: value.isSensitive, origin: origin)
        }
        func text(_ wanted: String) -> String? {
            switch value.content {
            case .string(let s):
                if s.utf8.contains(0) {
                    _ = wrong("text without NUL")
                    return nil
                }
                return s
            case .int(let i): return String(i)
            case .double(let d): return String(d)
            case .bool(let b): return b ? "true" : "false"
            default:
                _ = wrong(wanted)
                return nil
            }
        }
        switch kind {
        case .any, .condition, .sourceFile, .remoteText: return value
        case .string, .script, .templateFile: return text("text").map { kept(.string($0)) }
        case .credential: return text("text").map { kept(.string($0)).sensitive() }
        case .path:
            guard let path = text("an absolute path") else { return nil }
            guard path.hasPrefix("/") else { return wrong("an absolute path") }
            return kept(.string(path.count > 1 && path.hasSuffix("/") ? String(path.dropLast()) : path))
        case .mode:
            if let bits = value.int, (0...0o7777).contains(bits) {
                if isDecimalMistake(bits) {
                    return wrong("permission bits in octal", hint: "write the mode in quotes: \"0\(bits)\"")
                }
                return kept(.int(bits))
            }
            if let s = value.string, (3...5).contains(s.count), let bits = Int(s, radix: 8), bits <= 0o7777 {
                return kept(.int(bits))
            }
            return wrong("permission bits such as \"0644\"", hint: "write the mode in quotes: \"0644\"")
        case .bool:
            if value.bool != nil { return value }
            switch value.string?.lowercased() {
            case "true", "yes", "on": return kept(.bool(true))
            case "false", "no", "off": return kept(.bool(false))
            default: return wrong("true or false")
            }
        case .int:
            if value.int != nil { return value }
            if let number = value.string.flatMap({ Int($0) }) { return kept(.int(number)) }
            return wrong("a whole number")
        case .duration:
            guard let milliseconds = milliseconds(value) else { return wrong("a duration such as 90s, 5m or 1h") }
            return kept(.int(milliseconds))
        case .oneOf(let names):
            guard let name = text("one of \(names.joined(separator: ", "))") else { return nil }
            if names.contains(name) { return kept(.string(name)) }
            return wrong(
                "one of \(names.joined(separator: ", "))",
                hint: nearestName(to: name, among: names).map { "did you mean '\($0)'?" })
        case .list(let element):
            guard let items = value.list else { return wrong("a list") }
            return kept(
                .list(
                    items.enumerated().compactMap { i, item in
                        coerce(
                            item.sensitive(isSecret), to: element, within: "\(within)[\(i)]", at: origin, into: &errors)
                    }))
        case .oneOrMany(let element):
            let items = value.list ?? [value]
            return kept(
                .list(
                    items.compactMap {
                        coerce($0.sensitive(isSecret), to: element, within: within, at: origin, into: &errors)
                    }))
        case .map(let element):
            guard let entries = value.map else { return wrong("a map") }
            var out: OrderedDictionary<String, Value> = [:]
            for (key, entry) in entries {
                out[key] = coerce(
                    entry.sensitive(isSecret), to: element, within: "\(within).\(key)", at: origin, into: &errors)
            }
            return kept(.map(out))
        case .record(let fields):
            guard let entries = value.map else { return wrong("a map") }
            return kept(.map(check(entries, of: isSecret, at: origin, within: within, fields: fields, into: &errors)))
        }
    }

    /// `mode: 644` without quotes is the number 644, which is 01204. YAML's octal `0644` comes as 420, so only numbers whose
    /// bits nobody asks for can be told to be such: all three digits octal, and beyond 0777, or one of the few below.
    private static func isDecimalMistake(_ bits: Int) -> Bool {
        let digits = String(bits)
        guard digits.count == 3, digits.allSatisfy({ ("0"..."7").contains($0) }) else { return false }
        return bits > 0o777 || [400, 440, 444, 500].contains(bits)
    }

    private static func milliseconds(_ value: Value) -> Int? {
        func whole(_ milliseconds: Double) -> Int? {
            // Ten years: whoever writes more means something else.
            (0...315_360_000_000).contains(milliseconds) ? Int(milliseconds) : nil
        }
        if let seconds = value.int { return whole(Double(seconds) * 1000) }
        if case .double(let seconds) = value.content { return whole(seconds * 1000) }
        guard let text = value.string else { return nil }
        let units: [(String, Double)] = [("ms", 1), ("s", 1000), ("m", 60_000), ("h", 3_600_000), ("", 1000)]
        for (suffix, scale) in units where text.hasSuffix(suffix) {
            if let number = Double(text.dropLast(suffix.count)) { return whole(number * scale) }
        }
        return nil
    }
}
