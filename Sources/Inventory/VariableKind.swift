import Model

/// What a known variable's value has to look like.
public enum VariableKind: Sendable, Equatable {
    case any, text, texts, arguments, map, k3sConfig, bool, int, port, address, network, cpu, memory, labels, taints,
        version, domain,
        namespace,
        url
    /// Of these names, or others that are known for them.
    case oneOf([String], or: [String] = [])

    /// For people and the table of the docs.
    public var name: String {
        switch self {
        case .any: "anything"
        case .text: "text"
        case .texts, .arguments: "text or a list of texts"
        case .map, .k3sConfig: "a map"
        case .bool: "true or false"
        case .int: "a whole number"
        case .port: "a port"
        case .address: "an IPv4 address"
        case .network: "an IPv4 network"
        case .cpu: "a quantity of CPUs"
        case .memory: "a quantity of memory"
        case .labels: "a map of labels"
        case .taints: "taints, as maps or texts"
        case .version: "a k3s release"
        case .domain: "a DNS domain"
        case .namespace: "a Kubernetes name"
        case .url: "an https URL"
        case .oneOf(let names, _): names.joined(separator: " or ")
        }
    }

    /// What is wrong with a value: nothing, or messages that follow the variable's name and a colon.
    func mistakes(in value: Value) -> [Mistake] {
        if case .any = self { return [] }
        switch self {
        case .labels: return KubernetesSyntax.labelMistakes(value)
        case .taints: return KubernetesSyntax.taintMistakes(value)
        case .texts:
            guard let items = value.list else { return VariableKind.text.mistakes(in: value) }
            return items.flatMap { VariableKind.text.mistakes(in: $0) }
        case .arguments: return K3sSyntax.argumentMistakes(value) ?? VariableKind.texts.mistakes(in: value)
        case .map: return value.map == nil ? [wrong(value)] : []
        case .k3sConfig: return value.map.map(K3sSyntax.configMistakes) ?? [wrong(value)]
        case .bool: return isBool(value) ? [] : [wrong(value)]
        case .cpu, .memory:
            if case .double(let number) = value.content { return check(String(number), value) }
        default: break
        }
        guard let text = Self.text(of: value) else {
            let isLossy = value.bool != nil || value.typeName == "a number"
            return [wrong(value, hint: isLossy ? "put it in quotes" : nil)]
        }
        return check(text, value)
    }

    private func check(_ text: String, _ value: Value) -> [Mistake] {
        switch self {
        case .int: return Int(text) == nil ? [wrong(value)] : []
        case .port:
            return Int(text).map { (1...65535).contains($0) } == true ? [] : [wrong(value, hint: "from 1 to 65535")]
        case .address: return IPv4Address(text) == nil ? [wrong(value)] : []
        case .network:
            guard let network = IPv4Network(text) else { return [wrong(value, hint: "such as 10.42.0.0/16")] }
            return network.isAligned
                ? [] : [wrong(value, hint: "the network's own address is \(network.first)/\(network.length)")]
        case .cpu: return KubernetesSyntax.quantityMistake(text, isMemory: false, at: value.origin).map { [$0] } ?? []
        case .memory: return KubernetesSyntax.quantityMistake(text, isMemory: true, at: value.origin).map { [$0] } ?? []
        case .version:
            let isRelease = text.wholeMatch(of: /v\d+\.\d+\.\d+(-[0-9A-Za-z.]+)?\+k3s\d+/) != nil
            return isRelease ? [] : [wrong(value, hint: "such as v1.35.6+k3s1: https://github.com/k3s-io/k3s/releases")]
        case .domain: return KubernetesSyntax.isSubdomain(text[...]) ? [] : [wrong(value)]
        case .namespace: return KubernetesSyntax.isDNSLabel(text[...]) ? [] : [wrong(value)]
        case .url: return text.hasPrefix("https://") && text.count > 8 ? [] : [wrong(value)]
        case .oneOf(let names, let others):
            guard !names.contains(text), !others.contains(text) else { return [] }
            return [wrong(value, hint: nearestName(to: text, among: names).map { "did you mean '\($0)'?" })]
        default: return []
        }
    }

    /// What Ansible's `bool` filter takes for one: INI inventories hold text.
    private func isBool(_ value: Value) -> Bool {
        if value.bool != nil || value.int == 0 || value.int == 1 { return true }
        return ["yes", "no", "true", "false", "on", "off"].contains(value.string?.lowercased() ?? "")
    }

    /// Text, or a whole number that someone left without quotes.
    static func text(of value: Value) -> String? { value.string ?? value.int.map { String($0) } }

    private func wrong(_ value: Value, hint: String? = nil) -> Mistake {
        let shown = value.containsSensitive ? "(sensitive)" : value.string.map { "'\($0)'" } ?? "\(value)"
        return Mistake(message: "\(name) is needed, not \(shown)", origin: value.origin, hint: hint)
    }

    struct Mistake: Equatable {
        var message: String
        var origin: Origin?
        var hint: String?
        var isWarning = false
    }
}
