import Model

/// What becomes of a rule among others: of the rules that a packet meets, the first that is about it decides.
struct FirewallOrder: Sendable, Equatable {
    /// One of the two lists that a backend keeps, of IPv4 and of IPv6.
    struct Place: Sendable, Equatable {
        var isIPv6: Bool
        /// The rule itself, in the list.
        var own: Int?
        /// The first before it (or anywhere, while it is not there) that decides the other way for all that it is about.
        var voidedBy: Int?
    }

    var places: [Place] = []
    /// What decides the other way for a part of it, before it.
    var exceptions: [FirewallState.Entry] = []
    /// What lets all of it in before it, but no more than so often.
    var limit: FirewallState.Entry?

    init(of rule: FirewallRule.Rule, among entries: [FirewallState.Entry]) {
        let families = rule.source.map { [$0.isIPv6] } ?? [false, true]
        let isAllowed = rule.action == "allow"
        for isIPv6 in families {
            let list = entries.filter { $0.isIPv6 == isIPv6 }
            var place = Place(isIPv6: isIPv6)
            place.own = list.firstIndex { $0.rule?.isAbout(rule) == true && $0.letsIn == isAllowed }
            for (index, entry) in list[..<(place.own ?? list.count)].enumerated() where entry.isIncoming {
                if entry.letsIn == isAllowed {
                    guard entry.traffic.covers(rule.traffic) else { continue }
                    // Whatever comes later is not met.
                    if entry.action == "limit" { limit = entry }
                    break
                }
                // One of our form is given another action in its place.
                if entry.profile == nil, entry.rule?.isAbout(rule) == true { continue }
                if entry.traffic.covers(rule.traffic) {
                    place.voidedBy = index
                    break
                }
                if entry.traffic.overlaps(rule.traffic) { exceptions.append(entry) }
            }
            places.append(place)
        }
        if places.contains(where: { $0.voidedBy != nil }) { limit = nil }
    }

    var isVoid: Bool { places.contains { $0.voidedBy != nil } }
}
