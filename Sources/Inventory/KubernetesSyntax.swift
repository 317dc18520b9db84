import Model
import OrderedCollections

/// Names, labels, taints and quantities as Kubernetes' API server takes them.
enum KubernetesSyntax {
    typealias Mistake = VariableKind.Mistake

    /// RFC 1123 label: lower case letters, digits and `-`, at most 63.
    static func isDNSLabel(_ text: Substring) -> Bool {
        (1...63).contains(text.utf8.count) && text.utf8.allSatisfy { isLower($0) || isDigit($0) || $0 == dash }
            && text.utf8.first != dash && text.utf8.last != dash
    }

    /// Labels with dots between them, at most 253 characters.
    static func isSubdomain(_ text: Substring) -> Bool {
        text.utf8.count <= 253
            && text.split(separator: ".", omittingEmptySubsequences: false).allSatisfy { isDNSLabel($0) }
    }

    /// The part after a `/`, or a value: letters, digits, `-`, `_`, `.`; a letter or digit at both ends; at most 63.
    private static func isQualified(_ text: Substring) -> Bool {
        guard (1...63).contains(text.utf8.count), let first = text.utf8.first, let last = text.utf8.last else {
            return false
        }
        func isAlphanumeric(_ byte: UInt8) -> Bool { isLower(byte | 0x20) || isDigit(byte) }
        return isAlphanumeric(first) && isAlphanumeric(last)
            && text.utf8.allSatisfy {
                isAlphanumeric($0) || $0 == dash || $0 == UInt8(ascii: "_") || $0 == UInt8(ascii: ".")
            }
    }

    static func isLabelKey(_ text: String) -> Bool {
        let parts = text.split(separator: "/", omittingEmptySubsequences: false)
        switch parts.count {
        case 1: return isQualified(parts[0])
        case 2: return isSubdomain(parts[0]) && isQualified(parts[1])
        default: return false
        }
    }

    static func isLabelValue(_ text: String) -> Bool { text.isEmpty || isQualified(text[...]) }

    private static let keyHint =
        "at most 63 letters, digits, '-', '_' and '.', a letter or digit at both ends, and before it maybe a domain and '/'"
    private static let valueHint =
        "empty, or at most 63 letters, digits, '-', '_' and '.', with a letter or digit at both ends"

    static func labelMistakes(_ value: Value) -> [Mistake] {
        guard let map = value.map else {
            return [
                Mistake(
                    message: "a map of labels is needed, not \(value.typeName)", origin: value.origin,
                    hint: "write each as name: value, without dashes")
            ]
        }
        return map.flatMap { key, value -> [Mistake] in
            var mistakes: [Mistake] = []
            if !isLabelKey(key) {
                mistakes.append(Mistake(message: "'\(key)' is no label", origin: value.origin, hint: keyHint))
            }
            mistakes += valueMistakes(value, of: key)
            return mistakes
        }
    }

    /// A label's or taint's value is text; `true` is taken for "true" with a warning, since `yes` reads the same.
    private static func valueMistakes(_ value: Value, of key: String) -> [Mistake] {
        if let bool = value.bool {
            return [
                Mistake(
                    message: "the value of '\(key)' is text and reads as \"\(bool)\"", origin: value.origin,
                    hint: "put it in quotes: \"\(bool)\"", isWarning: true)
            ]
        }
        guard let text = VariableKind.text(of: value) else {
            return [
                Mistake(
                    message: "the value of '\(key)' is text, not \(value.typeName)", origin: value.origin,
                    hint: "put it in quotes")
            ]
        }
        if isLabelValue(text) { return [] }
        return [Mistake(message: "'\(text)' is no value for '\(key)'", origin: value.origin, hint: valueHint)]
    }

    /// Whether a kubelet may give itself the label when it joins; of Kubernetes' own domains only these
    /// (k8s.io/kubelet/pkg/apis). The API takes any.
    static func isKubeletLabel(_ key: String) -> Bool {
        let parts = key.split(separator: "/", maxSplits: 1)
        guard parts.count == 2 else { return true }
        func isIn(_ domain: String) -> Bool { parts[0] == domain || parts[0].hasSuffix("." + domain) }
        guard isIn("kubernetes.io") || isIn("k8s.io") else { return true }
        if isIn("node.kubernetes.io") || isIn("kubelet.kubernetes.io") { return true }
        switch parts[0] {
        case "kubernetes.io": return ["hostname", "os", "arch"].contains(parts[1])
        case "topology.kubernetes.io", "failure-domain.beta.kubernetes.io":
            return ["zone", "region"].contains(parts[1])
        case "beta.kubernetes.io": return ["instance-type", "os", "arch"].contains(parts[1])
        default: return false
        }
    }

    private static let effects = ["NoSchedule", "PreferNoSchedule", "NoExecute"]

    /// Each taint is a map of key, value and effect, or `key=value:effect` as kubectl writes it; a text instead of
    /// a list may hold several, with commas between them.
    static func taintMistakes(_ value: Value) -> [Mistake] {
        let items: [Value]
        switch value.content {
        case .list(let list): items = list
        case .string(""): return []
        case .string(let text):
            items = text.split(separator: ",", omittingEmptySubsequences: false)
                .map { $0.drop(while: \.isWhitespace) }.map { Value(.string(String($0)), origin: value.origin) }
        default:
            return [
                Mistake(
                    message: "a list of taints is needed, not \(value.typeName)", origin: value.origin,
                    hint: "write each as - {key: …, value: …, effect: NoSchedule}")
            ]
        }
        var seen: Set<String> = []
        return items.flatMap { item -> [Mistake] in
            let (taint, mistakes) = taint(item)
            guard mistakes.isEmpty, let taint, !seen.insert(taint).inserted else { return mistakes }
            return [Mistake(message: "the taint \(taint) is there twice", origin: item.origin)]
        }
    }

    /// - Returns: the taint's identity, `key:effect`, and what is wrong with it.
    private static func taint(_ item: Value) -> (String?, [Mistake]) {
        func wrong(_ message: String, at origin: Origin? = nil, hint: String? = nil) -> Mistake {
            Mistake(message: message, origin: origin ?? item.origin, hint: hint)
        }
        var mistakes: [Mistake] = []
        let key: String
        let effect: String
        if let text = item.string {
            let halves = text.split(separator: ":", omittingEmptySubsequences: false)
            guard halves.count == 2 else {
                return (nil, [wrong("'\(text)' is no taint", hint: "write key=value:effect or key:effect")])
            }
            let pair = halves[0].split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            (key, effect) = (String(pair.first ?? ""), String(halves[1]))
            if pair.count == 2 {
                mistakes += valueMistakes(Value(.string(String(pair[1])), origin: item.origin), of: key)
            }
        } else if let map = item.map {
            for (name, value) in map where !["key", "value", "effect"].contains(name) {
                let near = nearestName(to: name, among: ["key", "value", "effect"])
                mistakes.append(
                    wrong("a taint has no '\(name)'", at: value.origin, hint: near.map { "did you mean '\($0)'?" }))
            }
            guard let name = map["key"].flatMap(VariableKind.text) else {
                return (nil, mistakes + [wrong("a taint needs a key")])
            }
            key = name
            guard let found = map["effect"]?.string else {
                // A misspelt `effect` says enough.
                let missing = wrong("the taint '\(key)' needs an effect", hint: effects.joined(separator: ", "))
                return (nil, mistakes.isEmpty ? [missing] : mistakes)
            }
            effect = found
            if let value = map["value"], !value.isNull { mistakes += valueMistakes(value, of: key) }
        } else {
            return (nil, [wrong("a taint is a map of key, value and effect, not \(item.typeName)")])
        }
        if !isLabelKey(key) { mistakes.append(wrong("'\(key)' is no taint's key", hint: keyHint)) }
        if !effects.contains(effect) {
            let near = nearestName(to: effect, among: effects)
            mistakes.append(
                wrong(
                    "'\(effect)' is no effect of a taint", at: item["effect"]?.origin,
                    hint: near.map { "did you mean '\($0)'?" } ?? "one of \(effects.joined(separator: ", "))"))
        }
        return ("\(key):\(effect)", mistakes)
    }

    /// `2`, `500m`, `1.5`, `4Gi`, `4e9`: a number and a suffix, as resource.Quantity reads them; not below zero.
    static func quantityMistake(_ text: String, isMemory: Bool, at origin: Origin?) -> Mistake? {
        let what = isMemory ? "a quantity of memory" : "a quantity of CPUs"
        let examples = isMemory ? "such as 4Gi or 512Mi" : "such as 2, 1.5 or 500m"
        func wrong(_ hint: String) -> Mistake {
            Mistake(message: "\(what) is needed, not '\(text)'", origin: origin, hint: hint)
        }
        guard let match = text.wholeMatch(of: /\+?(\d+\.?\d*|\.\d+)(.*)/) else {
            return wrong(text.hasPrefix("-") ? "it cannot be below zero" : examples)
        }
        let suffix = String(match.2)
        let units = ["", "n", "u", "m", "k", "M", "G", "T", "P", "E", "Ki", "Mi", "Gi", "Ti", "Pi", "Ei"]
        guard units.contains(suffix) || suffix.wholeMatch(of: /[eE][-+]?\d+/) != nil else {
            let bare = suffix.lowercased().filter { $0 != "b" && $0 != " " }
            let meant = units.first { $0.lowercased() == bare || $0.lowercased() == bare + "i" && bare.count == 1 }
            return wrong(
                meant.map { "did you mean '\(match.1)\($0.count == 1 && isMemory ? $0 + "i" : $0)'?" } ?? examples)
        }
        if isMemory, ["n", "u", "m"].contains(suffix) {
            return wrong("'\(suffix)' is a fraction of a byte; \(examples)")
        }
        if !isMemory, !["", "n", "u", "m"].contains(suffix) { return wrong(examples) }
        return nil
    }

    private static let dash = UInt8(ascii: "-")
    private static func isLower(_ byte: UInt8) -> Bool { (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte) }
    private static func isDigit(_ byte: UInt8) -> Bool { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) }
}
