import Model
import OrderedCollections

/// Filters that use regular expressions.
extension Filters {
    static let patterns: [String: Filter] = [
        "regex_replace": Filter(
            ["pattern", "replacement", "ignorecase", "multiline", "count", "mandatory_count"], value: replacePattern),
        "regex_search": Filter(
            ["regex"], required: 1, keywords: ["ignorecase", "multiline"], more: true, value: searchPattern),
        "regex_findall": Filter(["regex", "multiline", "ignorecase"], required: 1, value: findPattern),
        "regex_escape": Filter(value: escapePattern),
    ]

    private static func replacePattern(_ call: Call) throws(InputErrors) -> Value {
        let text = Array(call.text.unicodeScalars)
        let pattern = try call.pattern("pattern")
        let count = try call.int("count", 0)
        let replacement = try call.string("replacement") ?? ""
        return try call.matching { () throws(Pattern.Mistake) in
            let replacement = try Replacement(replacement, for: pattern)
            var out: [Unicode.Scalar] = []
            var position = 0
            for match in try pattern.matches(in: text, most: count) {
                out += text[position..<match.range.lowerBound]
                out += replacement.applied(to: match, in: text)
                position = match.range.upperBound
            }
            return .string(PythonString.join(out + text[position...]))
        }
    }

    private static func searchPattern(_ call: Call) throws(InputErrors) -> Value {
        let text = Array(call.text.unicodeScalars)
        let pattern = try call.pattern("regex")
        var wanted: [Int] = []
        for argument in call.rest {
            let name = argument.string ?? ""
            let group: Int?
            if PythonString.hasPrefix(name, "\\g<"), PythonString.hasSuffix(name, ">") {
                let inner = String(name.dropFirst(3).dropLast())
                group = Int(inner) ?? pattern.names[inner]
            } else {
                group = PythonString.hasPrefix(name, "\\") ? Int(name.dropFirst()) : nil
            }
            guard let group, (0...pattern.groups).contains(group) else {
                throw call.error("an argument names no group of the pattern", hint: "write '\\\\1' or '\\\\g<name>'")
            }
            wanted.append(group)
        }
        guard let match = try call.matching({ () throws(Pattern.Mistake) in try pattern.search(in: text) }) else {
            return .null
        }
        func group(_ index: Int) -> Value { match.ranges[index].map { .string(PythonString.join(text[$0])) } ?? .null }
        return wanted.isEmpty ? group(0) : .list(wanted.map(group))
    }

    private static func findPattern(_ call: Call) throws(InputErrors) -> Value {
        let text = Array(call.text.unicodeScalars)
        let pattern = try call.pattern("regex")
        let matches = try call.matching { () throws(Pattern.Mistake) in try pattern.matches(in: text) }
        return .list(
            matches.map { match in
                let groups = match.ranges.map { Value.string($0.map { PythonString.join(text[$0]) } ?? "") }
                return groups.count == 1 ? groups[0] : groups.count == 2 ? groups[1] : .list(Array(groups.dropFirst()))
            })
    }

    private static func escapePattern(_ call: Call) throws(InputErrors) -> Value {
        let special = Set("()[]{}?*+-|^$\\.&~# \t\n\r\u{b}\u{c}".unicodeScalars)
        return .string(
            PythonString.join(call.text.unicodeScalars.flatMap { special.contains($0) ? ["\\", $0] : [$0] }))
    }
}

extension Call {
    /// The pattern that an argument holds, with the flags of `ignorecase` and `multiline`.
    func pattern(_ argument: String) throws(InputErrors) -> Pattern {
        let text = try string(argument) ?? ""
        let options = Pattern.Options(ignoresCase: flag("ignorecase"), isMultiline: flag("multiline"))
        return try matching { () throws(Pattern.Mistake) in try Pattern(text, options) }
    }

    func matching<R>(_ body: () throws(Pattern.Mistake) -> R) throws(InputErrors) -> R {
        do throws(Pattern.Mistake) { return try body() } catch {
            throw self.error("the regular expression: \(error.message)")
        }
    }
}
