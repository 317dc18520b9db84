import Model

/// The packets that a rule of a firewall is about.
struct Traffic: Sendable, Hashable {
    /// nil for any.
    var `protocol`: String?
    /// nil for all.
    var ports: [ClosedRange<Int>]?
    /// nil for anywhere.
    var source: Network?
    /// Only on an interface, to an address, from a port: what else has to hold, for people; empty where nothing.
    var condition = ""

    func covers(_ other: Traffic, ifCondition: Bool = false) -> Bool {
        guard condition.isEmpty || ifCondition, `protocol` == nil || `protocol` == other.`protocol` else {
            return false
        }
        if let ports {
            guard let others = other.ports, others.allSatisfy({ range in ports.contains { $0.contains(range) } }) else {
                return false
            }
        }
        guard let source else { return true }
        return other.source.map { source.contains($0) } ?? false
    }

    func overlaps(_ other: Traffic) -> Bool {
        if let a = `protocol`, let b = other.`protocol`, a != b { return false }
        if let a = ports, let b = other.ports, !a.contains(where: { range in b.contains { $0.overlaps(range) } }) {
            return false
        }
        guard let a = source, let b = other.source else { return true }
        return a.contains(b) || b.contains(a)
    }
}

extension ClosedRange<Int> {
    fileprivate func contains(_ other: ClosedRange<Int>) -> Bool {
        lowerBound <= other.lowerBound && other.upperBound <= upperBound
    }
}

extension FirewallRule.Rule {
    var traffic: Traffic {
        Traffic(protocol: self.protocol, ports: port.flatMap { Traffic.ports($0) }, source: source)
    }
}

extension Traffic {
    /// `80,443,8000:8010`; nil for `any` and for what is none.
    static func ports(_ text: String) -> [ClosedRange<Int>]? {
        let ranges = text.split(separator: ",").map { part -> ClosedRange<Int>? in
            let ends = part.split { $0 == ":" || $0 == "-" }.map { Int($0) }
            guard let low = ends.first ?? nil, let high = ends.last ?? nil, low <= high else { return nil }
            return low...high
        }
        let all = ranges.compactMap { $0 }
        return all.isEmpty || all.count != ranges.count ? nil : all
    }
}
